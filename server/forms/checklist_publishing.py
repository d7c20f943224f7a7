"""The verbs of administration: a new checklist, its next version, its name, its end."""

from collections.abc import Mapping
from typing import Any

import msgspec

from server.areas.scope import administers_a_district
from server.forms.checklist_changes import changes
from server.forms.checklist_definitions import check_items, sentence
from server.forms.checklist_versions import NOT_THERE, Version, current
from server.forms.checklists import Items, read_items
from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound, Stale
from server.kernel.sheets import wrong_text

NAME_LONGEST = 40
_FIELD_WORDS = {"code": "编码", "name": "名称", "department": "部门"}


class Publication(msgspec.Struct, frozen=True):
    """The number of the version and what it changes, in words; no words where nothing changes."""

    number: int
    changes: tuple[str, ...]


async def create(code: str, name: str, department: str, unit_id: int | None = None, *, by: Actor) -> int:
    """Begin a checklist, without items yet; its id. Raise `Invalid` naming the fields."""
    code, name, department = code.strip(), name.strip(), department.strip()
    async with database.transaction():
        await must_administer_checklists(by)
        fields = await _wrong_fields({"code": code, "name": name, "department": department}, unit_id)
        if await database.fetch_value("SELECT true FROM checklists WHERE code = $1", code):
            fields["code"] = f"编码 {code} 已经有了"
        if fields:
            raise Invalid(fields)
        checklist_id: int = await database.fetch_value(
            "INSERT INTO checklists (code, name, department, unit, since) VALUES ($1, $2, $3, $4, $5) RETURNING id",
            code,
            name,
            department,
            unit_id,
            clock.now(),
        )
        data = {"code": code, "name": name, "department": department, "unit": unit_id}
        await events.record(_stream(checklist_id), "checklist.created", data, by)
        return checklist_id


async def rename(checklist_id: int, name: str, department: str, unit_id: int | None, *, by: Actor) -> None:
    """Give it another name, department or unit; the same again changes nothing. Raise `Invalid` naming the fields."""
    name, department = name.strip(), department.strip()
    async with database.transaction():
        await must_administer_checklists(by)
        row = await _lock(checklist_id)
        if (row["name"], row["department"], row["unit"]) == (name, department, unit_id):
            return
        if fields := await _wrong_fields({"name": name, "department": department}, unit_id):
            raise Invalid(fields)
        await database.execute(
            "UPDATE checklists SET name = $2, department = $3, unit = $4 WHERE id = $1",
            checklist_id,
            name,
            department,
            unit_id,
        )
        data = {"before": row["name"], "name": name, "department": department, "unit": unit_id}
        await events.record(_stream(checklist_id), "checklist.renamed", data, by)


async def publish(
    checklist_id: int, items: list[dict[str, Any]], *, by: Actor, seen: int | None = None, dry_run: bool = False
) -> Publication:
    """Make the next version of a checklist; the same items again make none.

    `seen` is the version number the editor was opened with, 0 before the first. Raise `Invalid` naming every item
    that cannot be, `Stale` where somebody published meanwhile. Work that was done by an older version keeps it.
    """
    async with database.transaction():
        await must_administer_checklists(by)
        await _lock(checklist_id)
        before = await _latest(checklist_id)
        number = before.version if before else 0
        if seen is not None and seen != number:
            raise Stale([f"这份检查表已经发布了第 {number} 版"])
        if wrong := check_items(items):
            raise Invalid({"items": ";".join(sentence(one) for one in wrong)})
        written = read_items(items)
        found = _changes(before, written)
        if found and not dry_run:
            await database.execute(
                "INSERT INTO checklist_versions (checklist, version, items, since) VALUES ($1, $2, $3, $4)",
                checklist_id,
                number + 1,
                database.to_jsonb(written),
                clock.now(),
            )
            data = {"version": number + 1, "items": len(written), "changes": found}
            await events.record(_stream(checklist_id), "checklist.published", data, by)
        return Publication(number + bool(found), found)


async def retire(checklist_id: int, *, by: Actor) -> None:
    """Take it on no more rounds; what was done by it stays readable. Raise `NotAllowed` where it is retired.

    Whether plans still work by it only the room of rounds knows: `patrols.checklist_use.retire` asks first.
    """
    async with database.transaction():
        await must_administer_checklists(by)
        row = await _lock(checklist_id)
        await database.execute("UPDATE checklists SET until = $2 WHERE id = $1", checklist_id, clock.now())
        await events.record(_stream(checklist_id), "checklist.retired", {"name": row["name"]}, by)


async def must_administer_checklists(by: Actor) -> None:
    """Checklists count for the whole district, as categories do: its administrators write them, and the system's."""
    if not await administers_a_district(by):
        raise NotAllowed("检查表由区一级的管理员设置。")


def _changes(before: Version | None, written: Items) -> tuple[str, ...]:
    return tuple(one.words for one in changes(before.read, written)) if before else (f"共 {len(written)} 项",)


async def _latest(checklist_id: int) -> Version | None:
    there = await database.fetch_value("SELECT true FROM checklist_versions WHERE checklist = $1 LIMIT 1", checklist_id)
    return await current(checklist_id) if there else None


async def _lock(checklist_id: int) -> Mapping[str, Any]:
    row = await database.fetch_one("SELECT * FROM checklists WHERE id = $1 FOR UPDATE", checklist_id)
    if row is None:
        raise NotFound(NOT_THERE)
    if row["until"] is not None:
        raise NotAllowed(f"检查表“{row['name']}”已经停用。")
    return dict(row)


async def _wrong_fields(given: Mapping[str, str], unit_id: int | None) -> dict[str, str]:
    fields = {
        field: f"{_FIELD_WORDS[field]}{words}"
        for field, value in given.items()
        if (words := wrong_text(value, NAME_LONGEST))
    }
    if unit_id is not None and not await database.fetch_value(
        "SELECT true FROM units WHERE id = $1 AND until IS NULL", unit_id
    ):
        fields["unit"] = "没有这个处置单位,或者它已经停用"
    return fields


def _stream(checklist_id: int) -> str:
    return f"checklist:{checklist_id}"
