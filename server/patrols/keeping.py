"""The verbs of places: add, change, retire, bring back, look behind the operator's mask."""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound, Stale
from server.kernel.ids import new_id
from server.patrols import codes, facts, kinds, past
from server.patrols import place as places
from server.patrols.facts import Facts
from server.patrols.place import Changed, PlaceRow

REASON_LONGEST = 500
_PERSONAL = ("operator", "operator_phone")


class Operator(msgspec.Struct, frozen=True):
    """Who runs a place, unmasked."""

    name: str
    phone: str


async def add_place(told: Facts, *, by: Actor, place_id: UUID | None = None) -> Changed:
    """Add a place where the actor looks after; raise `Invalid` naming the fields. `place_id` may come from a phone."""
    async with database.transaction():
        if not any(post.role in places.ROLES for post in by.posts) and by.system is None:
            raise NotFound()
        kind = await _kind(told.kind_id)
        checked = await facts.check(told, kind, by)
        made, code = place_id or new_id(), codes.new_code()
        names = list(checked.columns)
        await _write(
            f"INSERT INTO places (id, code, since, {', '.join(names)})"
            f" VALUES ($1, $2, $3, {', '.join(f'${number}' for number in range(4, len(names) + 4))})",
            [made, code, clock.now(), *_values(checked.columns)],
        )
        data = {"version": 1, "name": told.name.strip(), "kind": kind.name}
        await events.record(places.stream_of(made), "place.added", data, by, post_id=_post(by, checked.columns))
        return Changed(made, code, 1)


async def change_place(place: UUID | str, told: Facts, *, by: Actor, seen: int | None) -> Changed:
    """Say anew what a place is; the same again changes nothing. Raise `Stale` where somebody was quicker."""
    async with database.transaction():
        before = await _load(place, by, seen)
        places.must_live(before)
        kind = await _kind(told.kind_id)
        changes = (await facts.check(told, kind, by, before)).changes(before)
        if not changes:
            return Changed(before.id, before.code, before.version)
        # Who runs it is nobody's business in a history that is read more widely than the place.
        said = {name: None if name in _PERSONAL else value for name, value in changes.items()}
        return await _change(before, by, "place.changed", {"changes": _plain(said)}, changes)


async def retire_place(place: UUID | str, *, by: Actor, seen: int | None, reason: str) -> Changed:
    """Take a place out of use, with a reason; its past stays."""
    async with database.transaction():
        before = await _load(place, by, seen)
        places.must_keep(before, by)
        places.must_live(before)
        said = own_words(reason, "请写明为什么停用,例:已经关门。")
        return await _change(before, by, "place.retired", {"reason": said}, {"until": clock.now()})


async def restore_place(place: UUID | str, *, by: Actor, seen: int | None) -> Changed:
    """Bring a retired place back into use; one that was merged is unmerged instead."""
    async with database.transaction():
        before = await _load(place, by, seen)
        places.must_keep(before, by)
        if before.merged_into is not None:
            raise NotAllowed("这个对象并入了另一处,请用“撤销合并”。")
        if before.live:
            raise NotAllowed("这个对象正在使用。")
        return await _change(before, by, "place.restored", {}, {"until": None})


async def merge_places(place: UUID | str, into: UUID | str, *, by: Actor, seen: int | None) -> Changed:
    """Say that a place is the same as another. Nothing moves: its past is found through `merged_into`."""
    async with database.transaction():
        one, other = await _both(place, into, by, seen)
        for each in (one, other):
            places.must_keep(each, by)
            places.must_live(each)
        if one.id == other.id:
            raise Invalid({"into": "不能并入自己,请填另一个对象的编码。"})
        moment = clock.now()
        changed = await _change(
            one, by, "place.merged", {"into": other.code}, {"merged_into": other.id, "until": moment}
        )
        await _change(other, by, "place.absorbed", {"other": one.code, "name": one.name}, {})
        return changed


async def unmerge_place(place: UUID | str, *, by: Actor, seen: int | None) -> Changed:
    """Undo a merge: the place is in use again, with all that was always its own."""
    async with database.transaction():
        before = await _load(place, by, seen)
        places.must_keep(before, by)
        if before.merged_into is None:
            raise NotAllowed("这个对象没有并入别处。")
        other = await places.find(before.merged_into, lock=True)
        changed = await _change(before, by, "place.unmerged", {}, {"merged_into": None, "until": None})
        if other is not None:
            await _change(other, by, "place.released", {"other": before.code, "name": before.name}, {})
        return changed


async def reveal_operator(place: UUID | str, *, by: Actor, reason: str = "") -> Operator:
    """Show who runs a place, and keep who looked and why. For the worker of the grid the round is the reason."""
    async with database.transaction():
        found = await places.load(place, by, lock=True)
        said = reason.strip()
        if not said and places.walks(by, found.areas):
            said = "巡查这个网格"
        said = own_words(said, "请写明为什么要查看联系方式,会留下记录。")
        await events.record(
            found.stream, "place.revealed", {"reason": said}, by, post_id=_post(by, found.areas), internal=True
        )
        return Operator(found.operator, found.operator_phone)


def own_words(text: str, missing: str, field: str = "reason") -> str:
    """What somebody typed, trimmed; `Invalid` where it is empty or too long."""
    trimmed = text.replace("\x00", "").strip()
    if not trimmed:
        raise Invalid({field: missing})
    if len(trimmed) > REASON_LONGEST:
        raise Invalid({field: f"太长了({len(trimmed)} 字),请缩短到 {REASON_LONGEST} 字以内。"})
    return trimmed


async def _both(place: UUID | str, into: UUID | str, by: Actor, seen: int | None) -> tuple[PlaceRow, PlaceRow]:
    """Both places, locked in the order of their ids, so that two who merge crosswise do not wait for each other."""
    first = await places.load(place, by)
    try:
        second = await places.load(into, by)
    except NotFound:
        raise Invalid({"into": "没有找到要并入的对象,请检查编码。"}) from None
    locked = {one: await places.find(one, lock=True) for one in sorted({first.id, second.id})}
    one, other = locked[first.id], locked[second.id]
    if one is None or other is None:
        raise NotFound(places.MISSING)
    await _must_be_seen(one, seen)
    return one, other


async def _load(place: UUID | str, by: Actor, seen: int | None) -> PlaceRow:
    found = await places.load(place, by, lock=True)
    await _must_be_seen(found, seen)
    return found


async def _must_be_seen(found: PlaceRow, seen: int | None) -> None:
    if seen is not None and seen != found.version:
        raise Stale(await past.meanwhile(found.id, seen) or ["这个对象被改动过"])


async def _kind(kind_id: int) -> kinds.Kind:
    try:
        return await kinds.kind(kind_id)
    except NotFound:
        raise Invalid({"kind": "请选一类。"}) from None


async def _change(before: PlaceRow, by: Actor, kind: str, data: dict[str, Any], columns: dict[str, Any]) -> Changed:
    version = before.version + 1
    named = {**columns, "version": version}
    await _write(
        f"UPDATE places SET {', '.join(f'{name} = ${number}' for number, name in enumerate(named, 2))} WHERE id = $1",
        [before.id, *_values(named)],
    )
    post = _post(by, before.areas)
    await events.record(before.stream, kind, {"version": version, **data}, by, post_id=post)
    return Changed(before.id, before.code, version)


async def _write(statement: str, values: list[Any]) -> None:
    try:
        async with database.transaction():
            await database.execute(statement, *values)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "places_external_code":
            raise
        raise Invalid({"external_code": "这一类里已经有这个原编码。"}) from None


def _values(columns: dict[str, Any]) -> list[Any]:
    return [database.to_jsonb(value) if name == "answers" else value for name, value in columns.items()]


def _plain(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name not in ("kind_version", "datum")}


def _post(by: Actor, areas: dict[str, Any]) -> int | None:
    """The post through which the actor acts: the first that knows places there."""
    return next((post.id for post in by.posts if places.covers(post, areas)), None)
