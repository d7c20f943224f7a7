"""The tree of areas: district > street > community > grid, and the verbs that change it.

Paths are ids from the district down; an area lies under every area whose path its own begins with. Every verb takes
the lock of `epoch`, so that paths are right whoever else is at it.
"""

from collections.abc import Collection
from typing import Any

import msgspec

from server.areas import epoch
from server.areas.scope import administers_all, must_administer
from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.kernel.sheets import wrong_text

LEVELS = ("district", "street", "community", "grid")
LEVEL_WORDS = {"district": "区", "street": "镇街", "community": "社区", "grid": "网格"}
CODE_LONGEST = 30
NAME_LONGEST = 40
ANSWERS_LONGEST = 100

COLUMNS = """id, code, name, level, parent AS parent_id, path, answers, polygon IS NOT NULL AS has_polygon,
             until IS NOT NULL AS retired"""
_ORDER = "array_position(ARRAY['district', 'street', 'community', 'grid'], level), code"


class AreaRow(msgspec.Struct, frozen=True, kw_only=True):
    """An area as lists and trees show it; its polygon comes from `polygons.shapes`."""

    id: int
    code: str
    name: str
    level: str
    parent_id: int | None
    path: str
    answers: str
    has_polygon: bool
    retired: bool


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Where an area stands: ids and names of the levels from the district down to it, None and "" below it."""

    district_id: int | None = None
    street_id: int | None = None
    community_id: int | None = None
    grid_id: int | None = None
    district_name: str = ""
    street_name: str = ""
    community_name: str = ""
    grid_name: str = ""

    @property
    def ids(self) -> tuple[int, ...]:
        """From the lowest level up."""
        line = (self.grid_id, self.community_id, self.street_id, self.district_id)
        return tuple(area_id for area_id in line if area_id is not None)

    @property
    def known_as(self) -> str:
        """The name people know the place by: the community's, else the street's, else the district's."""
        return self.community_name or self.street_name or self.district_name

    @property
    def words(self) -> str:
        """As an address begins, e.g. 龙华区民治街道民乐社区."""
        return self.district_name + self.street_name + self.community_name + self.grid_name


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a verb did, or with `dry_run` would do: the area as it is now, and every area whose place or life changes.

    What hangs on these areas in rooms below (posts, units, open cases) the page counts by the ids in `touches`.
    """

    area: AreaRow | None
    touches: tuple[AreaRow, ...] = ()


async def get(area_id: int) -> AreaRow:
    """The area, retired ones too; raise `NotFound`."""
    row = await database.fetch_one(f"SELECT {COLUMNS} FROM areas WHERE id = $1", area_id)
    if row is None:
        raise NotFound("没有这个区域。")
    return msgspec.convert(dict(row), AreaRow)


async def by_code(code: str) -> AreaRow | None:
    """The area with this code, retired ones too, or None."""
    row = await database.fetch_one(f"SELECT {COLUMNS} FROM areas WHERE code = $1", code)
    return msgspec.convert(dict(row), AreaRow) if row else None


async def districts() -> list[AreaRow]:
    """The tops of the tree that are in use."""
    return await _rows("parent IS NULL AND until IS NULL")


async def children(area_id: int) -> list[AreaRow]:
    """The areas directly below that are in use, by code."""
    return await _rows("parent = $1 AND until IS NULL", area_id)


async def under(area_id: int) -> list[AreaRow]:
    """The area itself and everything below it that is in use, higher levels first, then by code."""
    return await _rows("path LIKE (SELECT path FROM areas WHERE id = $1) || '%' AND until IS NULL", area_id)


async def line(area_id: int) -> Line:
    """Ids and names of the levels from the district down to the area; raise `NotFound`."""
    found = await lines([area_id])
    if area_id not in found:
        raise NotFound("没有这个区域。")
    return found[area_id]


async def lines(area_ids: Collection[int]) -> dict[int, Line]:
    """The same for many areas in one statement, by area; those that do not exist are not among them."""
    rows = await database.fetch(
        """SELECT areas.id AS of, above.level, above.id, above.name FROM areas
           JOIN areas AS above ON above.id = ANY (string_to_array(trim(areas.path, '/'), '/')::int[])
           WHERE areas.id = ANY($1)""",
        list(area_ids),
    )
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row["of"], {}).update({f"{row['level']}_id": row["id"], f"{row['level']}_name": row["name"]})
    return {area_id: Line(**levels) for area_id, levels in found.items()}


async def create(
    *, code: str, name: str, level: str, parent_id: int | None = None, by: Actor, dry_run: bool = False
) -> Change:
    """Add an area below its parent; raise `Invalid` naming the fields that cannot be taken."""
    async with database.transaction():
        await epoch.lock()
        parent = await get(parent_id) if parent_id is not None else None
        if parent is not None:
            must_administer(by, parent.path)
        elif not administers_all(by):
            raise NotAllowed("区一级只能由系统管理员添加。")
        code, name = code.strip(), name.strip()
        fields = _wrong_code(code) | _wrong_name(name) | wrong_parent(level, parent)
        if "code" not in fields and await by_code(code):
            fields["code"] = f"编码 {code} 已经有了"
        if fields:
            raise Invalid(fields)
        if dry_run:
            return Change(area=None, touches=(parent,) if parent else ())
        area_id = await database.fetch_value(
            """WITH new AS (SELECT nextval(pg_get_serial_sequence('areas', 'id'))::int AS id)
               INSERT INTO areas (id, code, name, level, parent, path, answers, since)
               SELECT id, $1, $2, $3, $4, $5 || id || '/', '', $6 FROM new RETURNING id""",
            code,
            name,
            level,
            parent_id,
            parent.path if parent else "/",
            clock.now(),
        )
        await _tell(area_id, "area.created", {"code": code, "name": name, "level": level, "parent": parent_id}, by)
        return Change(area=await get(area_id), touches=(parent,) if parent else ())


async def rename(area_id: int, name: str, *, by: Actor, dry_run: bool = False) -> Change:
    """Give the area another name; its code stays. The same name changes nothing."""
    async with database.transaction():
        area = await _load(area_id, by)
        name = name.strip()
        if fields := _wrong_name(name):
            raise Invalid(fields)
        if not dry_run and name != area.name:
            await database.execute("UPDATE areas SET name = $2 WHERE id = $1", area_id, name)
            await _tell(area_id, "area.renamed", {"from": area.name, "to": name}, by)
        return Change(area=await get(area_id), touches=tuple(await under(area_id)))


async def set_answers(area_id: int, answers: str, *, by: Actor, dry_run: bool = False) -> Change:
    """Say when the secretary of this area answers, e.g. 工作日 9:00–18:00; empty takes it away."""
    async with database.transaction():
        area = await _load(area_id, by)
        answers = answers.strip()
        if answers and (words := wrong_text(answers, ANSWERS_LONGEST)):
            raise Invalid({"answers": f"答复时间{words}"})
        if not dry_run and answers != area.answers:
            await database.execute("UPDATE areas SET answers = $2 WHERE id = $1", area_id, answers)
            await _tell(area_id, "area.answers_set", {"from": area.answers, "to": answers}, by)
        return Change(area=await get(area_id), touches=(area,))


async def move(area_id: int, parent_id: int, *, by: Actor, dry_run: bool = False) -> Change:
    """Put the area, with all below it, under another parent of the same level."""
    async with database.transaction():
        area = await _load(area_id, by)
        parent = await get(parent_id)
        must_administer(by, parent.path)
        if fields := wrong_parent(area.level, parent):
            raise Invalid(fields)
        touches = tuple(await under(area_id))
        if not dry_run and parent_id != area.parent_id:
            await database.execute("UPDATE areas SET parent = $2 WHERE id = $1", area_id, parent_id)
            await mend_paths()
            await _tell(area_id, "area.moved", {"from": area.parent_id, "to": parent_id}, by)
        return Change(area=await get(area_id), touches=touches)


async def retire(area_id: int, *, by: Actor, dry_run: bool = False) -> Change:
    """Take the area out of use; what happened in it stays. Refused while areas below it are in use."""
    async with database.transaction():
        area = await _load(area_id, by)
        below = tuple(row for row in await under(area_id) if row.id != area_id)
        if dry_run:
            return Change(area=area, touches=(area, *below))
        if below:
            raise NotAllowed(f"下面还有 {len(below)} 个区域在用,请先移走或停用它们。")
        await database.execute("UPDATE areas SET until = $2 WHERE id = $1", area_id, clock.now())
        await _tell(area_id, "area.retired", {"code": area.code, "name": area.name}, by)
        return Change(area=await get(area_id), touches=(area,))


async def mend_paths() -> None:
    """Write every path that does not follow from the parents anew; the caller holds the lock of `epoch`."""
    await database.execute(
        """WITH RECURSIVE right_path AS (
               SELECT id, '/' || id || '/' AS path FROM areas WHERE parent IS NULL
               UNION ALL
               SELECT areas.id, above.path || areas.id || '/' FROM areas JOIN right_path AS above ON above.id = parent)
           UPDATE areas SET path = right_path.path FROM right_path
           WHERE areas.id = right_path.id AND areas.path <> right_path.path"""
    )


def wrong_parent(level: str, parent: AreaRow | None) -> dict[str, str]:
    """Whether an area of this level can stand below `parent`: nothing, or the field and the words."""
    if level not in LEVELS:
        return {"level": "层级只能是 " + "、".join(LEVELS)}
    above = LEVELS[LEVELS.index(level) - 1] if level != "district" else None
    if (parent.level if parent else None) != above:
        words = f"{LEVEL_WORDS[level]}的上级应是{LEVEL_WORDS[above]}" if above else "区没有上级"
        return {"parent": words}
    if parent is not None and parent.retired:
        return {"parent": f"上级 {parent.name} 已经停用"}
    return {}


def wrong_code(code: str) -> str | None:
    """What is wrong with an area's code, in words."""
    if words := wrong_text(code, CODE_LONGEST):
        return f"编码{words}"
    if not all(character.isascii() and (character.isalnum() or character in "-_.") for character in code):
        return "编码只能用数字、字母和 - _ ."
    return None


def _wrong_code(code: str) -> dict[str, str]:
    words = wrong_code(code)
    return {"code": words} if words else {}


def _wrong_name(name: str) -> dict[str, str]:
    words = wrong_text(name, NAME_LONGEST)
    return {"name": f"名称{words}"} if words else {}


async def _load(area_id: int, by: Actor) -> AreaRow:
    await epoch.lock()
    area = await get(area_id)
    must_administer(by, area.path)
    if area.retired:
        raise NotAllowed(f"{area.name} 已经停用。")
    return area


async def _rows(condition: str, *values: object) -> list[AreaRow]:
    rows = await database.fetch(f"SELECT {COLUMNS} FROM areas WHERE {condition} ORDER BY {_ORDER}", *values)
    return [msgspec.convert(dict(row), AreaRow) for row in rows]


async def _tell(area_id: int, kind: str, data: dict[str, object], by: Actor) -> None:
    await epoch.advance()
    await events.record(f"area:{area_id}", kind, data, by)
