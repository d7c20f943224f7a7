"""What is kept of people: declared beside the columns that keep it, and erased when its time is over.

A table names its personal columns by `kept = keeps(KIND, "name")`, and by `plain = names("code")` what says nothing
of anybody; a test fails where a column is neither. A kind says what it is, why it is kept, on what basis and how long:
/privacy prints them. A room erases its kinds by `erases`; the worker does so every night, a dry run at any time
(server.kernel.retention). Personal Information Protection Law, Art. 5 to 9, 13, 17, 19 and 47.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of what is kept of people."""

    code: str
    what: str
    why: str
    basis: str
    days: int
    """Kept so many days after `counted`; 0: erased with what it belongs to."""
    counted: str
    """From when, in words that go before the days: 结案后."""
    then: str
    """What is done when the time is over."""
    swept_by: tuple[str, ...] = ()
    """The schedules that delete rows of it as they expire, where no eraser does."""

    @property
    def how_long(self) -> str:
        """结案后 3 年."""
        if not self.days:
            return self.counted
        whole = {365 * years: f"{years} 年" for years in (1, 2, 3, 5)}.get(self.days, f"{self.days} 天")
        return f"{self.counted} {whole}"

    @property
    def time(self) -> timedelta:
        return timedelta(days=self.days)


class Kept(msgspec.Struct, frozen=True):
    """Columns of one table that keep a kind."""

    kind: Kind
    columns: tuple[str, ...]


class Eraser(msgspec.Struct, frozen=True):
    """How a kind is erased: what is due before a moment ($1), as ids, and the erasing of some of them."""

    kind: Kind
    due: str
    erase: Callable[[Sequence[Any]], Awaitable[None]]


erasers: list[Eraser] = []
"""Every eraser, as the rooms enlist them; the worker loads them all."""


def keeps(kind: Kind, *columns: str) -> tuple[Kept, ...]:
    """That these columns of a table keep a kind; several kinds of one table are added up."""
    return (Kept(kind, columns),)


def names(*columns: str) -> tuple[str, ...]:
    """That these columns say nothing of anybody."""
    return columns


Erase = Callable[[Sequence[Any]], Awaitable[None]]


def erases(kind: Kind, due: str) -> Callable[[Erase], Erase]:
    """Make a function what erases a kind. `due` selects the ids of what was over before $1 and is not erased yet; the
    function gets some of them and runs in a transaction of its own. What was erased must not be due again."""

    def enlist(erase: Erase) -> Erase:
        erasers.append(Eraser(kind, due, erase))
        return erase

    return enlist


STAFF_BASIS = "履行公共管理职责所必需(个人信息保护法第十三条第三项)"
CONSENT = "住户本人同意,随时可以撤回(个人信息保护法第十三条第一项、第十五条)"
DUTY = "处理群众诉求的法定职责(个人信息保护法第十三条第三项)"

ACCOUNTS = Kind(
    code="accounts",
    what="手机号、姓名、登录密码(加密)",
    why="登录、知道是谁办的、把结果告诉本人",
    basis=STAFF_BASIS,
    days=30,
    counted="注销后",
    then="手机号和姓名删去,只留“有过这个账号”",
)
SIGN_INS = Kind(
    code="sign_ins",
    what="登录过的设备名称、网络地址、验证码",
    why="本人能看到并退出陌生设备,挡住冒用",
    basis="网络安全法要求留存的登录记录(第二十一条)",
    days=190,
    counted="退出或到期后",
    then="整条删除",
    swept_by=("people.forget_sessions", "people.forget_codes"),
)
HISTORY = Kind(
    code="history",
    what="经办记录:谁、什么时候、做了什么",
    why="事后能查清楚,结果经得起核对",
    basis=DUTY,
    days=0,
    counted="随所属的事一起",
    then="内容删去,只留“有过这一步”,记录仍可核对",
)
RECEIPTS = Kind(
    code="receipts",
    what="手机发来每一步的回执",
    why="重复发送不会办两次",
    basis=DUTY,
    days=400,
    counted="收到后",
    then="整条删除",
)
FILES = Kind(
    code="files",
    what="导入导出时暂存的文件",
    why="先检查再写入",
    basis=STAFF_BASIS,
    days=1,
    counted="放入后不超过",
    then="整条删除",
    swept_by=("kernel.forget_files",),
)
