"""Who to sign in as: one account of each role, with what there is to try."""

from typing import NamedTuple

from server.kernel import database
from server.kernel.actor import ROLE_WORDS, Role
from server.people.demo import PASSWORD

RESIDENT = "找书记上报一件事,看进度,评价;验证码显示在登录页"
TRY: dict[Role, str] = {
    Role.COMMUNITY_STAFF: "受理、派发、直接答复、请上报人补充",
    Role.SECRETARY: "不公开的诉求、社区的全部事件、结案",
    Role.UNIT_LEAD: "接单、退单、转给同事",
    Role.UNIT_HANDLER: "接单、办结,上传处理前后的照片",
    Role.CENTRE_OFFICER: "看全区的事件,核查,评价并结案",
    Role.GRID_WORKER: "看本网格的事件,到现场核查",
    Role.PARTY_MEMBER: "联户党员",
    Role.AREA_ADMIN: "区域、单位、岗位、类别的管理",
    Role.SYSTEM_ADMIN: "账号和岗位;看不到任何诉求",
}


class DemoSignIn(NamedTuple):
    """One way to sign in; residents have no password, they get a code."""

    role: str
    phone: str
    password: str | None
    what: str
    title: str
    name: str


async def accounts() -> list[DemoSignIn]:
    """The first of each role, and a resident; empty where there is no demo."""
    rows = await database.fetch(
        """SELECT DISTINCT ON (p.role) p.role, p.title, a.phone, a.name
             FROM posts p JOIN holdings h ON h.post = p.id AND h.until IS NULL
             JOIN accounts a ON a.id = h.account AND a.closed_at IS NULL AND a.password_hash IS NOT NULL
            WHERE p.until IS NULL AND a.phone LIKE '1380000____'
            ORDER BY p.role, p.id"""
    )
    found = {row["role"]: row for row in rows}
    staff = [
        DemoSignIn(ROLE_WORDS[role], row["phone"], PASSWORD, TRY[role], row["title"], row["name"])
        for role in TRY
        if (row := found.get(role)) is not None
    ]
    resident = await database.fetch_one(
        "SELECT phone, name FROM accounts WHERE phone LIKE '13800000___' AND closed_at IS NULL ORDER BY phone LIMIT 1"
    )
    if resident is None:
        return staff
    return [DemoSignIn("居民", resident["phone"], None, RESIDENT, "居民", resident["name"]), *staff]
