"""Tags: why a household is looked in on. Each kind names the purpose it serves and lapses unless it is set again.

Kinds are data. None of them may name an illness, petitioning or a record: what the purpose does not need is not kept.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from server.areas.scope import administers_a_district
from server.households import household as households
from server.households import keeping, offered
from server.households.household import Changed
from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed
from server.kernel.jobs import schedule


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of tag."""

    id: int
    code: str
    name: str
    purpose: str
    days: int
    active: bool


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A tag that a household carries."""

    kind: int
    name: str
    purpose: str
    since: datetime
    lapses_at: datetime


async def kinds(*, active: bool = True) -> tuple[Kind, ...]:
    """The kinds, those in use unless all are asked for."""
    rows = await database.fetch(
        "SELECT id, code, name, purpose, days, active FROM household_tag_kinds WHERE active OR NOT $1 ORDER BY id",
        active,
    )
    return tuple(msgspec.convert(dict(row), Kind) for row in rows)


async def save_kind(
    code: str, name: str, purpose: str, days: int, *, by: Actor, active: bool = True, new: bool = False
) -> int:
    """Make a kind, or say anew what one is; the district's administrators do. `new`: one that is there is refused."""
    if by.system is None and not await administers_a_district(by):
        raise NotAllowed("标签由区一级的管理员设置。")
    name, purpose, code = name.strip(), purpose.strip(), code.strip()
    known = {one.code for one in await kinds(active=False)}
    wrong = offered.wrong(code, name, purpose, known=known, new=new, instead="行动不便、独居")
    if not 1 <= days <= 3660:
        wrong["days"] = "请填 1 到 3660 天。"
    if wrong:
        raise Invalid(wrong)
    async with database.transaction():
        kind: int = await database.fetch_value(
            """INSERT INTO household_tag_kinds (code, name, purpose, days, active) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (code) DO UPDATE SET name = $2, purpose = $3, days = $4, active = $5 RETURNING id""",
            code,
            name,
            purpose,
            days,
            active,
        )
        data = {"name": name, "purpose": purpose, "days": days, "active": active}
        await events.record(f"household_tag_kind:{kind}", "household_tag_kind.saved", data, by)
    return kind


async def of(household_id: UUID) -> tuple[Tag, ...]:
    """The tags of a household that the caller has loaded."""
    rows = await database.fetch(
        """SELECT t.kind, k.name, k.purpose, t.since, t.lapses_at FROM household_tags t
           JOIN household_tag_kinds k ON k.id = t.kind
           WHERE t.household = $1 AND t.until IS NULL AND t.lapses_at > $2 ORDER BY k.id""",
        household_id,
        clock.now(),
    )
    return tuple(msgspec.convert(dict(row), Tag) for row in rows)


async def put(household_id: UUID, kind_id: int, *, by: Actor, seen: int | None) -> Changed:
    """Set a tag; one that is there lasts for its whole time again."""
    async with database.transaction():
        before = (await keeping.kept(household_id, by, seen)).household
        kind = next((one for one in await kinds() if one.id == kind_id), None)
        if kind is None:
            raise Invalid({"tag": "请选一个标签。"})
        moment = clock.now()
        await database.execute(
            """INSERT INTO household_tags (household, kind, by, since, lapses_at) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (household, kind) WHERE until IS NULL DO UPDATE SET lapses_at = excluded.lapses_at""",
            before.id,
            kind.id,
            by.account_id,
            moment,
            moment + timedelta(days=kind.days),
        )
        return await households.write(before, by, "household.tagged", {"tag": kind.name})


async def take_off(household_id: UUID, kind_id: int, *, by: Actor, seen: int | None) -> Changed:
    """Take a tag off; one that is not there changes nothing."""
    async with database.transaction():
        before = (await keeping.kept(household_id, by, seen)).household
        row = await database.fetch_one(
            """UPDATE household_tags t SET until = $3 FROM household_tag_kinds k
               WHERE t.household = $1 AND t.kind = $2 AND t.until IS NULL AND k.id = t.kind RETURNING k.name""",
            before.id,
            kind_id,
            clock.now(),
        )
        if row is None:
            return Changed(before.id, before.version)
        return await households.write(before, by, "household.untagged", {"tag": row["name"]})


@schedule("households.lapse", "31 3 * * *")
async def lapse() -> None:
    """End the tags whose time is over."""
    await database.execute(
        "UPDATE household_tags SET until = lapses_at WHERE until IS NULL AND lapses_at <= $1", clock.now()
    )
