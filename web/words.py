"""How times, phones and names are said on a page: near in words, exact on demand, masked unless revealed."""

from datetime import datetime, timedelta

from server.kernel import clock
from server.kernel.clock import BEIJING

STATES: dict[str, tuple[str, str]] = {
    "reported": ("waiting", "待受理"),
    "accepted": ("hand", "已受理"),
    "dispatched": ("hand", "已派发"),
    "in_hand": ("hand", "处理中"),
    "finished": ("hand", "待核查"),
    "checked": ("hand", "待结案"),
    "closed": ("done", "已结案"),
    "asked": ("need", "等居民补充"),
    "withdrawn": ("plain", "已撤回"),
    "rejected": ("plain", "不予受理"),
}
"""A case's state as a chip: which of the four meanings (its colour and icon), and its word."""

_DAYS = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}


def near(moment: datetime | None) -> str:
    """A time as a neighbour says it: 刚刚, 今天 18:02, 昨天 9:30, 11月3日; the year only where it is another."""
    if moment is None:
        return ""
    here, today = moment.astimezone(BEIJING), clock.now().astimezone(BEIJING)
    if timedelta() <= today - here < timedelta(minutes=2):
        return "刚刚"
    word = _DAYS.get((here.date() - today.date()).days)
    if word is not None:
        return f"{word} {here.hour}:{here.minute:02}"
    day = f"{here.month}月{here.day}日"
    return day if here.year == today.year else f"{here.year}年{day}"


def exact(moment: datetime | None) -> str:
    """The same time to the minute, in Beijing: 2026年11月3日 18:02."""
    if moment is None:
        return ""
    here = moment.astimezone(BEIJING)
    return f"{here.year}年{here.month}月{here.day}日 {here.hour}:{here.minute:02}"


def due(moment: datetime | None) -> str:
    """How long until a deadline, or how long past it: 还有 3 小时, 超 1 天. Whole units, never rounded up."""
    if moment is None:
        return ""
    left = moment - clock.now()
    return f"还有 {_length(left)}" if left >= timedelta() else f"超 {_length(-left)}"


def due_state(moment: datetime | None) -> str:
    """What a deadline means for its colour: `over`, `soon` (within four hours) or `later`; empty without one."""
    if moment is None:
        return ""
    left = moment - clock.now()
    if left < timedelta():
        return "over"
    return "soon" if left < timedelta(hours=4) else "later"


def mask_phone(phone: str | None) -> str:
    """The first three and last four digits: 138****5678; anything shorter is hidden whole."""
    if not phone:
        return ""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "****"


def mask_name(name: str | None) -> str:
    """The first character, the rest starred; never more than two stars, so that length tells nothing more."""
    if not name:
        return ""
    return name[0] + "*" * min(max(len(name) - 1, 1), 2)


def _length(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} 分钟"
    if minutes < 48 * 60:
        return f"{minutes // 60} 小时" if minutes < 24 * 60 else "1 天"
    return f"{minutes // (24 * 60)} 天"


def one_line(text: str, longest: int) -> str:
    """Text that came from an address or a code: one line, only what can be seen, at most `longest` characters."""
    seen = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(seen.split())[:longest].rstrip()
