"""The ways of looking in that a district offers; kinds are data."""

from datetime import timedelta

import msgspec

from server.areas.scope import administers_a_district
from server.households import offered
from server.households.care.rule import WAYS
from server.kernel import database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed

LONGEST_DAYS = 100


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A way of looking in."""

    id: int
    code: str
    name: str
    purpose: str
    way: str
    every_hours: int
    active: bool

    @property
    def every(self) -> str:
        """每天, 每 7 天, 12 小时."""
        days, hours = divmod(timedelta(hours=self.every_hours), timedelta(days=1))
        if hours:
            return f"每 {self.every_hours} 小时"
        return "每天" if days == 1 else f"每 {days} 天"


async def every(*, active: bool = True) -> tuple[Kind, ...]:
    """The kinds, those in use unless all are asked for."""
    rows = await database.fetch(
        """SELECT id, code, name, purpose, way, every_hours, active FROM care_kinds
           WHERE active OR NOT $1 ORDER BY id""",
        active,
    )
    return tuple(msgspec.convert(dict(row), Kind) for row in rows)


async def save(
    code: str, name: str, purpose: str, way: str, hours: int, *, by: Actor, active: bool = True, new: bool = False
) -> int:
    """Make a kind, or say anew what one is; the district's administrators do. What was agreed to keeps its `way`."""
    if by.system is None and not await administers_a_district(by):
        raise NotAllowed("关爱方式由区一级的管理员设置。")
    code, name, purpose = code.strip(), name.strip(), purpose.strip()
    there = {one.code: one for one in await every(active=False)}
    wrong = offered.wrong(code, name, purpose, known=there, new=new, instead="每天一个电话")
    if way not in WAYS:
        wrong["way"] = "请选怎样才算。"
    elif code in there and there[code].way != way:
        wrong["way"] = "已经有人同意了这种方式,不能换成别的。请另加一种。"
    if not 1 <= hours <= LONGEST_DAYS * 24:
        wrong["hours"] = f"请填 1 小时到 {LONGEST_DAYS} 天。"
    if wrong:
        raise Invalid(wrong)
    async with database.transaction():
        kind: int = await database.fetch_value(
            """INSERT INTO care_kinds (code, name, purpose, way, every_hours, active) VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (code) DO UPDATE SET name = $2, purpose = $3, every_hours = $5, active = $6 RETURNING id""",
            code,
            name,
            purpose,
            way,
            hours,
            active,
        )
        data = {"name": name, "purpose": purpose, "way": way, "hours": hours, "active": active}
        await events.record(f"care_kind:{kind}", "care_kind.saved", data, by)
    return kind
