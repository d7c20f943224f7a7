"""Households from a CSV or XLSX: all or nothing, the same file twice changes nothing.

A row is known by its `external_code` within the community. A cell that is empty leaves what is known as it is. A door
that is registered under another code is a double, and named: whether it is the same household somebody has to see.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from server.households import facts as said
from server.households import keeping, people, tags
from server.households.facts import Facts, Person
from server.households.household import KEEPERS, words_of
from server.kernel import database, sheets
from server.kernel.actor import Actor
from server.kernel.errors import HuyingError, Invalid, NotFound
from server.kernel.sheets import Imported, Problem, Row

COLUMNS = ("external_code", "place", "room", "name")
OPTIONAL = ("building", "unit", "area_code", "phone", "relation", "tags", "private")
MOST = 5000
"""Rows of one file: each is looked up in the address register, and a page waits for it."""
_YES, _NO = ("是", "1", "yes", "y", "true"), ("", "否", "0", "no", "n", "false")


class _Undone(Exception):
    """Ends what was only tried."""


class _Known(msgspec.Struct, frozen=True):
    """What the rows are held against."""

    areas: Mapping[str, int]
    """Code of a community or grid that the actor keeps -> id."""
    own: int | None
    """The actor's community, where there is only one: what an empty area_code means."""
    kinds: Mapping[str, int]
    """Code or name of a tag -> id."""


async def import_households(content: bytes, *, by: Actor, dry_run: bool = False) -> Imported:
    """Bring the households of a file in; with problems, or with `dry_run`, nothing is written."""
    if by.system is None and not by.has(*KEEPERS):
        raise NotFound()
    rows, problems = sheets.read(content, COLUMNS, OPTIONAL)
    if len(rows) > MOST:
        problems.append(Problem(MOST + 2, f"一个文件最多 {MOST} 户,请分几次导入"))
    if problems:
        return Imported(problems=tuple(problems))
    done = Counter[str]()
    try:
        async with database.transaction():
            known, seen = await _known(by), dict[tuple[str, str], int]()
            for row in rows:
                try:
                    async with database.transaction():
                        done[await _one(row, known, seen, by)] += 1
                except HuyingError as refused:
                    problems.append(Problem(row.line, _words(refused), row.cells["external_code"]))
            if problems or dry_run:
                raise _Undone
    except _Undone:
        pass
    return (
        Imported(problems=tuple(problems))
        if problems
        else Imported(done["created"], done["changed"], done["unchanged"])
    )


async def _one(row: Row, known: _Known, seen: dict[tuple[str, str], int], by: Actor) -> str:
    """Do what one row says; `created`, `changed` or `unchanged`."""
    cells = row.cells
    if not cells["external_code"]:
        raise Invalid({"external_code": "原编号是空的"})
    first = seen.setdefault((cells["area_code"], cells["external_code"]), row.line)
    if first != row.line:
        raise Invalid({"external_code": f"与第 {first} 行是同一户"})
    area = known.areas.get(cells["area_code"]) if cells["area_code"] else known.own
    if area is None:
        raise Invalid({"area": f"没有编码是 {cells['area_code'][:30] or '(空)'} 的社区或网格"})
    wanted = _tags(cells["tags"], known)
    before = await database.fetch_one(
        """SELECT h.* FROM households h JOIN areas a ON a.id = $1
           WHERE h.community = CASE WHEN a.level = 'grid' THEN a.parent ELSE a.id END AND h.external_code = $2""",
        area,
        cells["external_code"],
    )
    if before is None:
        return await _new(cells, area, wanted, by)
    if before["until"] is not None:
        raise Invalid({"external_code": "这户已经结束联系,或者并入了另一户"})
    return await _changed(before, cells, area, wanted, by)


async def _new(cells: Mapping[str, str], area: int, wanted: list[int], by: Actor) -> str:
    columns = await said.check(_facts(cells, area), by)
    person = said.check_person(_person(cells))
    if same := await keeping.at_the_door(columns):
        row = await database.fetch_one("SELECT * FROM households WHERE id = $1", same[0])
        assert row is not None
        words = words_of(row["place"], row["building"], row["unit"], row["room"])
        raise Invalid({"room": f"“{words}”已经登记过,原编号 {row['external_code'] or '没有'}"})
    made = await keeping.write_new(columns, person, by=by)
    for kind in wanted:
        await tags.put(made.household_id, kind, by=by, seen=None)
    return "created"


async def _changed(before: Any, cells: Mapping[str, str], area: int, wanted: list[int], by: Actor) -> str:
    household_id: UUID = before["id"]
    version = before["version"]
    given = {name: cells[name] or before[name] for name in ("place", "building", "unit", "room")}
    private = _private(cells["private"]) if cells["private"] else before["private"]
    # What the file does not say of the grid stays as the desk has it.
    where = area if cells["area_code"] else before["grid"] or before["community"]
    told = Facts(**given, area_id=where, external_code=before["external_code"], private=private)
    after = (await keeping.change(household_id, told, by=by, seen=None)).version
    contact = (await people.of(household_id))[0]
    person = {name: cells[name] or getattr(contact, name) for name in ("name", "phone", "relation")}
    after = max(after, (await people.change(household_id, contact.id, by=by, seen=None, **person)).version)
    carried = {one.kind for one in await tags.of(household_id)}
    for kind in wanted:
        if kind not in carried:
            after = (await tags.put(household_id, kind, by=by, seen=None)).version
    return "changed" if after != version else "unchanged"


def _facts(cells: Mapping[str, str], area: int) -> Facts:
    return Facts(
        **{name: cells[name] for name in ("place", "building", "unit", "room", "external_code")},
        area_id=area,
        private=_private(cells["private"]),
    )


def _person(cells: Mapping[str, str]) -> Person:
    return Person(name=cells["name"], phone=cells["phone"], relation=cells["relation"])


def _private(text: str) -> bool:
    if text.lower() not in (*_YES, *_NO):
        raise Invalid({"private": "private 请填“是”或“否”"})
    return text.lower() in _YES


def _tags(text: str, known: _Known) -> list[int]:
    found = []
    for name in filter(None, (part.strip() for part in text.replace("、", "|").split("|"))):
        if name not in known.kinds:
            raise Invalid({"tags": f"没有“{name[:20]}”这个标签"})
        found.append(known.kinds[name])
    return found


async def _known(by: Actor) -> _Known:
    own = [
        post.area_id
        for post in by.posts
        if post.role in KEEPERS and post.area_level == "community" and post.area_id is not None
    ]
    rows = await database.fetch(
        """SELECT id, code FROM areas WHERE until IS NULL AND level IN ('community', 'grid')
           AND ($2 OR id = ANY($1::int[]) OR parent = ANY($1::int[]))""",
        own,
        by.system is not None,
    )
    every = await tags.kinds()
    return _Known(
        areas={row["code"]: row["id"] for row in rows},
        own=own[0] if len(set(own)) == 1 else None,
        kinds={one.code: one.id for one in every} | {one.name: one.id for one in every},
    )


def _words(refused: HuyingError) -> str:
    words = refused.fields.values() if isinstance(refused, Invalid) else [refused.words]
    return ";".join(one.rstrip("。") for one in words)
