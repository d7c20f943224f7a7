"""The verbs of households: add, change, move, close, merge and unmerge. Made by the community's own."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from server.households import facts as said
from server.households import household as households
from server.households.care import register
from server.households.facts import Facts, Person
from server.households.household import Changed, HouseholdRow, Known
from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed
from server.kernel.ids import new_id
from server.patrols.keeping import own_words

WHY_CLOSED = {"moved_away": "搬走了", "asked": "不愿再联系", "nobody": "没有人住了", "mistake": "登记错了"}


async def add(told: Facts, contact: Person, *, by: Actor, household_id: UUID | None = None) -> Changed:
    """Add a household with who to ask for there. Raises `Invalid` naming the fields, also where the door is known."""
    async with database.transaction():
        columns = await said.check(told, by)
        person = said.check_person(contact)
        if same := await at_the_door(columns):
            raise Invalid({"room": f"这一户已经登记过了({len(same)} 户),请先看看是不是同一户。"})
        return await write_new(columns, person, by=by, household_id=household_id)


async def write_new(
    columns: dict[str, Any], person: dict[str, str], *, by: Actor, household_id: UUID | None = None
) -> Changed:
    """Write a household whose columns were checked, in the open transaction; an import finds doubles itself."""
    made, moment = household_id or new_id(), clock.now()
    data = {"version": 1, "words": _where(columns)}
    post = households.post_of(by, columns)
    head = await events.record(households.stream_of(made), "household.added", data, by, post_id=post)
    names = [*columns, "history_sequence", "history_link"]
    await _write(
        f"INSERT INTO households (id, since, {', '.join(names)})"
        f" VALUES ($1, $2, {', '.join(f'${at}' for at in range(3, len(names) + 3))})",
        [made, moment, *columns.values(), head.sequence, head.link],
    )
    await database.execute(
        """INSERT INTO household_people (id, household, name, phone, relation, contact, since)
           VALUES ($1, $2, $3, $4, $5, TRUE, $6)""",
        new_id(),
        made,
        person["name"],
        person["phone"],
        person["relation"],
        moment,
    )
    return Changed(made, 1)


async def change(household_id: UUID, told: Facts, *, by: Actor, seen: int | None) -> Changed:
    """Correct what was written of where it is; the same again changes nothing. Who moved is `move`d."""
    async with database.transaction():
        before = (await kept(household_id, by, seen)).household
        columns = await said.check(told, by)
        changes = {name: value for name, value in columns.items() if getattr(before, name) != value}
        if not changes:
            return Changed(before.id, before.version)
        _must_stay(before, columns)
        return await _change(before, by, "household.changed", {"fields": sorted(changes)}, changes)


async def move(household_id: UUID, told: Facts, *, by: Actor, seen: int | None) -> Changed:
    """They live elsewhere in this community now: links, tags and visits go along, where they lived stays known."""
    async with database.transaction():
        before = (await kept(household_id, by, seen)).household
        columns = await said.check(told, by)
        if _where(columns) == before.words and columns["community"] == before.community:
            raise Invalid({"place": "新地址和现在的一样。"})
        _must_stay(before, columns)
        if [one for one in await at_the_door(columns) if one != before.id]:
            raise Invalid({"room": "那一户已经登记过了,请先看看是不是同一户。"})
        moment = clock.now()
        since = await database.fetch_value("SELECT max(until) FROM household_addresses WHERE household = $1", before.id)
        await database.execute(
            "INSERT INTO household_addresses (household, words, community, since, until) VALUES ($1, $2, $3, $4, $5)",
            before.id,
            before.words,
            before.community,
            since or before.since,
            moment,
        )
        columns |= {"external_code": before.external_code, "private": before.private}
        return await _change(before, by, "household.moved", {"to": _where(columns)}, columns)


async def close(household_id: UUID, *, by: Actor, seen: int | None, why: str) -> Changed:
    """It is no longer looked after: its links end; its past stays until its retention is over."""
    async with database.transaction():
        before = (await kept(household_id, by, seen)).household
        if why not in WHY_CLOSED:
            raise Invalid({"why": "请选一个原因。"})
        return await end(before, by, why)


async def end(before: HouseholdRow, by: Actor, why: str) -> Changed:
    """End a locked household with its links and tags, for a reason of `WHY_CLOSED`."""
    moment = clock.now()
    await database.execute(
        "UPDATE household_links SET until = $2, reason = $3 WHERE household = $1 AND until IS NULL",
        before.id,
        moment,
        WHY_CLOSED[why],
    )
    await database.execute(
        "UPDATE household_tags SET until = $2 WHERE household = $1 AND until IS NULL", before.id, moment
    )
    await register.end_all(before.id, "closed")
    return await _change(before, by, "household.closed", {"why": why}, {"until": moment, "next_visit_on": None})


async def reopen(household_id: UUID, *, by: Actor, seen: int | None) -> Changed:
    """Take a closed household up again; links are made anew."""
    async with database.transaction():
        known = await households.load(household_id, by, lock=True)
        households.must_keep(known, by)
        before = known.household
        households.must_be_seen(before, seen)
        if before.merged_into is not None:
            raise NotAllowed("这户并入了另一户,请用“撤销合并”。")
        if before.until is None:
            raise NotAllowed("这户一直在联系。")
        return await _change(before, by, "household.reopened", {}, {"until": None})


async def merge(household_id: UUID, into: UUID, *, by: Actor, seen: int | None, reason: str = "") -> Changed:
    """Say that a household is the same as another. Nothing moves: its past is read through `merged_into`."""
    async with database.transaction():
        both = await households.load_many([household_id, into], by, lock=True)
        if household_id not in both:
            await households.load(household_id, by)  # raises for who may not know of it
        if into not in both or household_id == into:
            raise Invalid({"into": "请选另一户。"})
        one, other = both[household_id].household, both[into].household
        households.must_be_seen(one, seen)
        for known in (both[household_id], both[into]):
            households.must_keep(known, by)
            households.must_live(known.household)
        if await register.watches_of([one.id]):
            raise NotAllowed("这户有关爱约定。请把另一户并入这户,或者先结束关爱。")
        data = {"into": str(other.id), "words": other.words}
        if reason.strip():
            data["reason"] = own_words(reason, "")
        changed = await _change(one, by, "household.merged", data, {"merged_into": other.id, "until": clock.now()})
        await _change(other, by, "household.absorbed", {"other": str(one.id), "words": one.words}, {})
        return changed


async def unmerge(household_id: UUID, *, by: Actor, seen: int | None) -> Changed:
    """Undo a merge: the household is there again, with all that was always its own."""
    async with database.transaction():
        known = await households.load(household_id, by, lock=True)
        households.must_keep(known, by)
        before = known.household
        households.must_be_seen(before, seen)
        if before.merged_into is None:
            raise NotAllowed("这户没有并入别处。")
        other = (await households.load(before.merged_into, by, lock=True)).household
        changed = await _change(before, by, "household.unmerged", {}, {"merged_into": None, "until": None})
        await _change(other, by, "household.released", {"other": str(before.id), "words": before.words}, {})
        return changed


async def kept(household_id: UUID, by: Actor, seen: int | None) -> Known:
    """A living household that the actor may change, locked for the open transaction."""
    known = await households.load(household_id, by, lock=True)
    households.must_keep(known, by)
    households.must_live(known.household)
    households.must_be_seen(known.household, seen)
    return known


async def at_the_door(columns: dict[str, Any]) -> list[UUID]:
    """Living households at exactly this door: by the register's address and the room, else by the words."""
    rows = await database.fetch(
        """SELECT id FROM households WHERE until IS NULL AND community = $1 AND room = $2 AND room <> '' AND (
               (address IS NOT NULL AND address = $3 AND unit = $6)
               OR (place = $4 AND building = $5 AND unit = $6)) ORDER BY id""",
        columns["community"],
        columns["room"],
        columns["address"],
        columns["place"],
        columns["building"],
        columns["unit"],
    )
    return [row["id"] for row in rows]


class Lived(msgspec.Struct, frozen=True):
    """Where a household lived, from–until."""

    words: str
    since: datetime
    until: datetime


async def lived(household_id: UUID) -> tuple[Lived, ...]:
    """Where a household that the caller has loaded lived before, latest first."""
    rows = await database.fetch(
        "SELECT words, since, until FROM household_addresses WHERE household = $1 ORDER BY until DESC", household_id
    )
    return tuple(msgspec.convert(dict(row), Lived) for row in rows)


class Double(msgspec.Struct, frozen=True):
    """A household that may be the same as another, and why one thinks so."""

    id: UUID
    words: str
    why: str


async def doubles(household: HouseholdRow, most: int = 5) -> tuple[Double, ...]:
    """Living households of the community at the same door, or with the same number to call."""
    rows = await database.fetch(
        """SELECT DISTINCT ON (h.id) h.id, h.place, h.building, h.unit, h.room,
                  CASE WHEN p.phone IS NULL THEN '同一个门牌' ELSE '同一个电话' END AS why
           FROM households h
           LEFT JOIN household_people p ON p.household = h.id AND p.until IS NULL AND p.phone <> '' AND p.phone IN (
               SELECT phone FROM household_people WHERE household = $1 AND until IS NULL)
           WHERE h.community = $2 AND h.until IS NULL AND h.id <> $1 AND (p.phone IS NOT NULL OR (
               h.room <> '' AND h.room = $5 AND h.unit = $6 AND (
                   (h.place = $3 AND h.building = $4) OR (h.address IS NOT NULL AND h.address = $7))))
           ORDER BY h.id LIMIT $8""",
        household.id,
        household.community,
        household.place,
        household.building,
        household.room,
        household.unit,
        household.address,
        most,
    )
    return tuple(
        Double(row["id"], households.words_of(row["place"], row["building"], row["unit"], row["room"]), row["why"])
        for row in rows
    )


def _must_stay(before: HouseholdRow, columns: dict[str, Any]) -> None:
    if columns["community"] != before.community:
        raise Invalid({"area": "不在本社区了:请在这里结束联系,由新社区重新登记。"})


def _where(columns: dict[str, Any]) -> str:
    return households.words_of(*(columns[name] for name in ("place", "building", "unit", "room")))


async def _change(before: HouseholdRow, by: Actor, kind: str, data: dict[str, Any], columns: dict[str, Any]) -> Changed:
    try:
        async with database.transaction():
            return await households.write(before, by, kind, data, columns)
    except asyncpg.UniqueViolationError as error:
        raise _taken(error) from None


async def _write(statement: str, values: list[Any]) -> None:
    try:
        async with database.transaction():
            await database.execute(statement, *values)
    except asyncpg.UniqueViolationError as error:
        raise _taken(error) from None


def _taken(error: Exception) -> Exception:
    """What a value that is there already means to whoever typed it."""
    if isinstance(error, asyncpg.UniqueViolationError) and error.constraint_name == "households_external_code":
        return Invalid({"external_code": "本社区已经有这个原编号。"})
    return error
