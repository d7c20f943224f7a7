"""Areas as their administrators look for them: within what they administer; what lies outside is not found."""

from collections.abc import Sequence

import msgspec

from server.areas import tree
from server.areas.scope import administered, administers, administers_all
from server.areas.tree import COLUMNS, LEVELS, AreaRow
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.errors import NotFound

_ORDER = "array_position(ARRAY['district', 'street', 'community', 'grid'], level), code"


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """An area in a tree: `below` counts the areas in use directly under it, `branches` holds those that are shown."""

    area: AreaRow
    below: int = 0
    branches: tuple["Branch", ...] = ()


async def one(area_id: int, by: Actor) -> AreaRow:
    """The area, retired ones too; `NotFound` where the actor does not administer it."""
    area = await tree.get(area_id)
    if not administers(by, area.path):
        raise NotFound("没有这个区域。")
    return area


async def tops(by: Actor) -> list[AreaRow]:
    """Where the actor's administration begins: the districts, or the areas of their posts."""
    if administers_all(by):
        return await tree.districts()
    rows = await database.fetch(
        f"SELECT {COLUMNS} FROM areas WHERE id = ANY ($1::int[]) ORDER BY {_ORDER}", sorted(administered(by))
    )
    found = [msgspec.convert(dict(row), AreaRow) for row in rows]
    return [row for row in found if not any(row.path != top.path and row.path.startswith(top.path) for top in found)]


async def branches(top: AreaRow, down_to: str = "community") -> Branch:
    """The tree under an area, areas in use, down to a level; what lies deeper is counted."""
    rows = await tree.under(top.id)
    below: dict[int | None, list[AreaRow]] = {}
    for row in rows:
        if row.id != top.id:
            below.setdefault(row.parent_id, []).append(row)
    return _branch(top, below, LEVELS.index(down_to))


async def search(text: str, by: Actor, most: int = 100) -> list[AreaRow]:
    """Areas in scope whose name or code holds `text`, retired ones last."""
    paths = [row.path for row in await tops(by)]
    rows = await database.fetch(
        f"""SELECT {COLUMNS} FROM areas
            WHERE EXISTS (SELECT FROM unnest($1::text[]) AS own WHERE starts_with(path, own))
              AND (strpos(name, $2) > 0 OR starts_with(code, $2))
            ORDER BY until IS NOT NULL, {_ORDER} LIMIT $3""",
        paths,
        text,
        most,
    )
    return [msgspec.convert(dict(row), AreaRow) for row in rows]


async def of_levels(levels: Sequence[str], by: Actor) -> list[AreaRow]:
    """Areas in use of these levels in scope, by path: to choose from."""
    paths = [row.path for row in await tops(by)]
    rows = await database.fetch(
        f"""SELECT {COLUMNS} FROM areas
            WHERE EXISTS (SELECT FROM unnest($1::text[]) AS own WHERE starts_with(path, own))
              AND level = ANY ($2::text[]) AND until IS NULL ORDER BY {_ORDER} LIMIT 2000""",
        paths,
        list(levels),
    )
    return [msgspec.convert(dict(row), AreaRow) for row in rows]


async def counts(by: Actor) -> dict[str, int]:
    """Level -> areas in use in scope; and `drawn`, how many grids have a polygon."""
    rows = await database.fetch(
        """SELECT level, count(*) AS areas, count(polygon) AS drawn FROM areas
           WHERE EXISTS (SELECT FROM unnest($1::text[]) AS own WHERE starts_with(path, own)) AND until IS NULL
           GROUP BY level""",
        [row.path for row in await tops(by)],
    )
    found = dict.fromkeys(LEVELS, 0) | {row["level"]: row["areas"] for row in rows}
    return found | {"drawn": next((row["drawn"] for row in rows if row["level"] == "grid"), 0)}


def _branch(area: AreaRow, below: dict[int | None, list[AreaRow]], deepest: int) -> Branch:
    under = below.get(area.id, [])
    shown = under if LEVELS.index(area.level) < deepest else []
    return Branch(area=area, below=len(under), branches=tuple(_branch(row, below, deepest) for row in shown))
