"""Kinds of places: what there is to look after, and what is asked about each, in versions."""

from collections.abc import Mapping
from typing import Any

import msgspec

from server.areas.scope import administers_a_district
from server.forms.definitions import check_form
from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound, Stale
from server.kernel.sheets import wrong_text

NAME_LONGEST = 20
CODE_LONGEST = 40


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind with its version in force."""

    id: int
    code: str
    name: str
    active: bool
    needs_operator: bool
    version_id: int
    version: int
    questions: list[dict[str, Any]]
    """A form, for `questions.read_form`."""


class Publication(msgspec.Struct, frozen=True):
    """The kind afterwards (in a dry run: as it is), and what the new version changes, in words."""

    kind: Kind
    changes: tuple[str, ...]


_KIND = """SELECT k.id, k.code, k.name, k.active, k.needs_operator, v.id AS version_id, v.version, v.questions
           FROM place_kinds k JOIN LATERAL (
               SELECT id, version, questions FROM place_kind_versions WHERE kind = k.id
               ORDER BY version DESC LIMIT 1) v ON true"""


async def kinds(*, active: bool = True) -> list[Kind]:
    """The kinds in use by code; with `active=False` all of them."""
    rows = await database.fetch(f"{_KIND} WHERE k.active OR NOT $1 ORDER BY k.code", active)
    return [_read(row) for row in rows]


async def kind(kind_id: int) -> Kind:
    """One kind, in use or not; raise `NotFound`."""
    row = await database.fetch_one(f"{_KIND} WHERE k.id = $1", kind_id)
    if row is None:
        raise NotFound("没有这一类对象。")
    return _read(row)


async def questions_of(version_id: int) -> list[dict[str, Any]]:
    """The questions of one version, however old."""
    found = await database.fetch_value("SELECT questions FROM place_kind_versions WHERE id = $1", version_id)
    decoded: list[dict[str, Any]] = msgspec.json.decode(found or "[]")
    return decoded


async def create_kind(code: str, name: str, *, needs_operator: bool = False, by: Actor) -> Kind:
    """Add a kind that asks nothing yet; raise `Invalid` naming the fields."""
    async with database.transaction():
        await _must_administer(by)
        code, name = code.strip(), name.strip()
        fields = _wrong_name(name)
        if words := wrong_text(code, CODE_LONGEST):
            fields["code"] = f"编码{words}"
        elif await database.fetch_value("SELECT true FROM place_kinds WHERE code = $1", code):
            fields["code"] = f"编码 {code} 已经有了"
        if fields:
            raise Invalid(fields)
        kind_id: int = await database.fetch_value(
            "INSERT INTO place_kinds (code, name, active, needs_operator) VALUES ($1, $2, true, $3) RETURNING id",
            code,
            name,
            needs_operator,
        )
        await _write(kind_id, 1, [])
        data = {"code": code, "name": name, "needs_operator": needs_operator}
        await events.record(stream_of(kind_id), "place_kind.created", data, by)
        return await kind(kind_id)


async def change_kind(kind_id: int, *, by: Actor, name: str, needs_operator: bool, active: bool) -> Kind:
    """Its name, whether somebody runs it, whether new places can be of it. The same again changes nothing."""
    async with database.transaction():
        await _must_administer(by)
        before = await _lock(kind_id)
        name = name.strip()
        if fields := _wrong_name(name):
            raise Invalid(fields)
        now = {"name": name, "needs_operator": needs_operator, "active": active}
        changed = {field: value for field, value in now.items() if getattr(before, field) != value}
        if changed:
            await database.execute(
                "UPDATE place_kinds SET name = $2, needs_operator = $3, active = $4 WHERE id = $1",
                kind_id,
                name,
                needs_operator,
                active,
            )
            await events.record(stream_of(kind_id), "place_kind.changed", changed, by)
        return await kind(kind_id)


async def publish_kind(
    kind_id: int, *, by: Actor, questions: list[dict[str, Any]], seen: int | None = None, dry_run: bool = False
) -> Publication:
    """Make the next version of what is asked; the same questions again make none. Places keep the version they have.

    `seen` is the version number the form was opened with. Raise `Invalid` naming the fields, `Stale` where somebody
    published meanwhile.
    """
    async with database.transaction():
        await _must_administer(by)
        before = await _lock(kind_id)
        if seen is not None and seen != before.version:
            raise Stale([f"这一类已经发布了第 {before.version} 版问题"])
        if wrong := check_form(questions):
            raise Invalid({"questions": ";".join(wrong)})
        changes = _changes(before.questions, questions)
        if changes and not dry_run:
            await _write(kind_id, before.version + 1, questions)
            data = {"version": before.version + 1, "changes": changes}
            await events.record(stream_of(kind_id), "place_kind.published", data, by)
        return Publication(await kind(kind_id), changes)


def stream_of(kind_id: int) -> str:
    """The name of a kind's history."""
    return f"place_kind:{kind_id}"


async def _must_administer(by: Actor) -> None:
    if not await administers_a_district(by):
        raise NotAllowed("对象的种类由区一级的管理员设置。")


async def _lock(kind_id: int) -> Kind:
    await database.execute("SELECT FROM place_kinds WHERE id = $1 FOR UPDATE", kind_id)
    return await kind(kind_id)


def _wrong_name(name: str) -> dict[str, str]:
    words = wrong_text(name, NAME_LONGEST)
    return {"name": f"名称{words}"} if words else {}


def _changes(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> tuple[str, ...]:
    was, will = {one["id"]: one for one in before}, {one["id"]: one for one in now}
    found = [f"新问:{one['label']}" for name, one in will.items() if name not in was]
    found += [f"不再问:{one['label']}" for name, one in was.items() if name not in will]
    found += [f"改问法:{one['label']}" for name, one in will.items() if name in was and was[name] != one]
    if not found and before != now:
        found = ["改变问题的顺序"]
    return tuple(found)


async def _write(kind_id: int, number: int, questions: list[dict[str, Any]]) -> None:
    await database.execute(
        "INSERT INTO place_kind_versions (kind, version, questions, since) VALUES ($1, $2, $3, $4)",
        kind_id,
        number,
        database.to_jsonb(questions),
        clock.now(),
    )


def _read(row: Mapping[str, Any]) -> Kind:
    return msgspec.convert({**dict(row), "questions": msgspec.json.decode(row["questions"])}, Kind)
