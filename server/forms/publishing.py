"""The verbs of administration: a new version of a category, a default unit, a category's name and end."""

from collections.abc import Mapping
from typing import Any

import msgspec

from server.areas import tree
from server.areas.scope import administers_a_district, must_administer
from server.forms.categories import DEFAULT_ALLOWANCES, LEVEL_WORDS, LEVELS, UNIT_WORDS, Allowance, Version, current
from server.forms.definitions import check_form
from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound, Stale
from server.kernel.sheets import wrong_text

NAME_LONGEST = 40
_MOST = {"working_days": 250, "hours": 720}
_DEMANDS = {
    "photo_before": "处理前照片",
    "photo_after": "处理后照片",
    "needs_check": "他人核查",
    "private": "一律不公开",
}


class Publication(msgspec.Struct, frozen=True):
    """The version in force afterwards (in a dry run: still), and what the new one changes, in words."""

    version: Version
    changes: tuple[str, ...]


async def publish(
    category_id: int,
    *,
    by: Actor,
    allowances: Mapping[str, Allowance],
    photo_before: bool,
    photo_after: bool,
    needs_check: bool,
    private: bool,
    questions: list[dict[str, Any]],
    seen: int | None = None,
    dry_run: bool = False,
) -> Publication:
    """Make the next version of a category; the same demands again make none.

    `seen` is the version number the form was opened with. Raise `Invalid` naming the fields, `Stale` where somebody
    published meanwhile. Cases that are open keep the version they have.
    """
    async with database.transaction():
        await must_administer_categories(by)
        await _lock(category_id)
        before = await current(category_id)
        if seen is not None and seen != before.version:
            raise Stale([f"这个类别已经发布了第 {before.version} 版"])
        if fields := _wrong_demands(allowances, questions):
            raise Invalid(fields)
        demands = {
            "allowances": dict(allowances),
            "photo_before": photo_before,
            "photo_after": photo_after,
            "needs_check": needs_check,
            "private": private,
            "questions": questions,
        }
        changes = _changes(before, demands)
        if changes and not dry_run:
            await _write(category_id, before.version + 1, demands)
            data = {"version": before.version + 1, "changes": changes}
            await events.record(f"category:{category_id}", "category.published", data, by)
        return Publication(await current(category_id), changes)


async def set_default_unit(category_id: int, area_id: int, unit_id: int | None, *, by: Actor) -> None:
    """Offer this unit first for the category (and those below it) within the area; None takes it away."""
    async with database.transaction():
        area = await tree.get(area_id)
        must_administer(by, area.path)
        await _lock(category_id)
        if unit_id is not None and not await database.fetch_value(
            "SELECT true FROM units WHERE id = $1 AND until IS NULL", unit_id
        ):
            raise Invalid({"unit": "没有这个处置单位,或者它已经停用"})
        before = await database.fetch_value(
            "SELECT unit FROM default_units WHERE category = $1 AND area = $2", category_id, area_id
        )
        if before == unit_id:
            return
        await database.execute("DELETE FROM default_units WHERE category = $1 AND area = $2", category_id, area_id)
        if unit_id is not None:
            await database.execute(
                "INSERT INTO default_units (category, area, unit) VALUES ($1, $2, $3)", category_id, area_id, unit_id
            )
        data = {"area": area_id, "from": before, "to": unit_id}
        await events.record(f"category:{category_id}", "category.default_unit_set", data, by)


async def retire(category_id: int, *, by: Actor) -> None:
    """Offer the category no more; cases keep it. Refused while categories below it are in use."""
    async with database.transaction():
        await must_administer_categories(by)
        row = await _lock(category_id)
        if row["until"] is not None:
            raise NotAllowed(f"类别“{row['name']}”已经停用。")
        below = await database.fetch_value(
            "SELECT count(*) FROM categories WHERE parent = $1 AND until IS NULL", category_id
        )
        if below:
            raise NotAllowed(f"下面还有 {below} 个类别在用,请先停用它们。")
        await database.execute("UPDATE categories SET until = $2 WHERE id = $1", category_id, clock.now())
        await events.record(f"category:{category_id}", "category.retired", {"name": row["name"]}, by)


async def create(standard: str, code: str, name: str, parent_id: int | None = None, *, by: Actor) -> Version:
    """Add a category that cases can be given, with the default demands; raise `Invalid` naming the fields.

    A parent must be a group: what cases can be given has nothing below it.
    """
    async with database.transaction():
        category_id = await _create(standard.strip(), code.strip(), name.strip(), parent_id, True, by)
        await _write(category_id, 1, DEFAULT_DEMANDS)
        return await current(category_id)


async def create_group(standard: str, code: str, name: str, parent_id: int | None = None, *, by: Actor) -> int:
    """Add a group of categories; its id. One that is there under this code, with this name, is answered as it is."""
    async with database.transaction():
        there: int | None = await database.fetch_value(
            "SELECT id FROM categories WHERE standard = $1 AND code = $2 AND name = $3 AND NOT is_leaf",
            standard.strip(),
            code.strip(),
            name.strip(),
        )
        return there or await _create(standard.strip(), code.strip(), name.strip(), parent_id, False, by)


DEFAULT_DEMANDS: dict[str, Any] = {
    "allowances": DEFAULT_ALLOWANCES,
    "photo_before": False,
    "photo_after": False,
    "needs_check": True,
    "private": False,
    "questions": [],
}
_FIELD_WORDS = {"standard": "标准", "code": "编码", "name": "名称"}


async def must_administer_categories(by: Actor) -> None:
    """Categories count for the whole district: its administrators set them, and the system's."""
    if not await administers_a_district(by):
        raise NotAllowed("类别由区一级的管理员设置。")


async def _create(standard: str, code: str, name: str, parent_id: int | None, is_leaf: bool, by: Actor) -> int:
    await must_administer_categories(by)
    parent = await _lock(parent_id) if parent_id is not None else None
    if fields := await _wrong_category(standard, code, name, parent):
        raise Invalid(fields)
    category_id: int = await database.fetch_value(
        """INSERT INTO categories (standard, code, name, path, parent, is_leaf, since)
           VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id""",
        standard,
        code,
        name,
        f"{parent['path']} / {name}" if parent else name,
        parent_id,
        is_leaf,
        clock.now(),
    )
    data = {"standard": standard, "code": code, "name": name, "parent": parent_id}
    await events.record(f"category:{category_id}", "category.created", data, by)
    return category_id


async def _wrong_category(standard: str, code: str, name: str, parent: Mapping[str, Any] | None) -> dict[str, str]:
    fields = {}
    for field, value in (("standard", standard), ("code", code), ("name", name)):
        if words := wrong_text(value, NAME_LONGEST):
            fields[field] = f"{_FIELD_WORDS[field]}{words}"
    if parent is not None and (parent["is_leaf"] or parent["until"] is not None or parent["standard"] != standard):
        fields["parent"] = "上级应是同一标准里在用的一组"
    if await database.fetch_value("SELECT true FROM categories WHERE standard = $1 AND code = $2", standard, code):
        fields["code"] = f"编码 {code} 已经有了"
    return fields


async def _lock(category_id: int) -> Mapping[str, Any]:
    row = await database.fetch_one("SELECT * FROM categories WHERE id = $1 FOR UPDATE", category_id)
    if row is None:
        raise NotFound("没有这个类别。")
    return dict(row)


def _wrong_demands(allowances: Mapping[str, Allowance], questions: list[dict[str, Any]]) -> dict[str, str]:
    fields = {}
    for level in LEVELS:
        given = allowances.get(level)
        if given is None:
            fields[f"allowances.{level}"] = f"没有写{LEVEL_WORDS[level]}的期限"
        elif given.unit not in _MOST:
            fields[f"allowances.{level}"] = "期限的单位只能是 working_days 或 hours"
        elif not 1 <= given.amount <= _MOST[given.unit]:
            fields[f"allowances.{level}"] = f"期限应在 1 到 {_MOST[given.unit]} {UNIT_WORDS[given.unit]}之间"
    if unknown := set(allowances) - set(LEVELS):
        fields["allowances"] = "不认识等级 " + "、".join(sorted(unknown))
    if wrong := check_form(questions):
        fields["questions"] = ";".join(wrong)
    return fields


def _changes(before: Version, demands: Mapping[str, Any]) -> tuple[str, ...]:
    found = []
    for level in LEVELS:
        was, will = before.allowances[level], demands["allowances"][level]
        if was != will:
            found.append(f"{LEVEL_WORDS[level]}期限:{was.words} → {will.words}")
    for field, words in _DEMANDS.items():
        if getattr(before, field) != demands[field]:
            found.append(f"{words}:{'要' if demands[field] else '不要'}")
    if before.questions != demands["questions"]:
        found.append(f"附加问题:{len(before.questions)} 题 → {len(demands['questions'])} 题")
    return tuple(found)


async def _write(category_id: int, number: int, demands: Mapping[str, Any]) -> None:
    await database.execute(
        """INSERT INTO category_versions (category, version, allowances, photo_before, photo_after, needs_check,
                                          private, questions, since)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        category_id,
        number,
        database.to_jsonb(demands["allowances"]),
        demands["photo_before"],
        demands["photo_after"],
        demands["needs_check"],
        demands["private"],
        database.to_jsonb(demands["questions"]),
        clock.now(),
    )
