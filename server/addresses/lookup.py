"""The one statement by which candidates are found: exact keys on normalised names and figures, no searching in text.

Each key is an index look-up of its own (lateral, limited), so that the time does not grow with the register. Rooms of
one building in one grid come back as one row where the text does not name the room.
"""

import asyncpg
import msgspec

from server.addresses.spelling import Parts
from server.kernel import database

MOST = 2000
"""Rows that one name may give; a compound has hundreds of rooms."""


class Wanted(msgspec.Struct, frozen=True):
    """What is looked for: the normalised whole, names of roads and compounds, the figures."""

    whole: str
    roads: tuple[str, ...]
    compounds: tuple[str, ...]
    parts: Parts


async def look_up(wanted: Wanted) -> list[asyncpg.Record]:
    """Groups of addresses: parts, `first` and `last` text, `id` (None where several), community, grid, a point.

    `unsaid` names the parts that they have and the text does not.

    Where nothing has all the figures of the text, names alone are looked up.
    """
    parts = wanted.parts
    rows = await _rows(wanted, parts)
    if not rows and (parts.building or parts.unit or parts.room):
        rows = await _rows(wanted, msgspec.structs.replace(parts, building="", unit="", room=""))
    return rows


async def _rows(wanted: Wanted, parts: Parts) -> list[asyncpg.Record]:
    return await database.fetch(
        _statement(parts),
        wanted.whole,
        list(wanted.roads),
        parts.number,
        list(wanted.compounds),
        *([getattr(parts, name), ""] for name in ("building", "unit", "room")),
    )


def _statement(parts: Parts) -> str:
    figures = " ".join(
        f"AND s.{name} = ANY (${place}::text[])" if getattr(parts, name) else f"AND ${place}::text[] IS NOT NULL"
        for place, name in enumerate(("building", "unit", "room"), 5)
    )
    ways = [_by("s.whole = $1", "''"), _by("s.whole = $1", "s.text", alias=True)]
    if parts.number:
        road = "s.road = name.road AND s.road <> '' AND s.number = $3 " + figures
        roads = "unnest($2::text[]) AS name (road)"
        ways += [_by(road, "''", roads), _by(road, "s.text", roads, alias=True)]
    else:
        ways = [f"{ways[0]} WHERE $2::text[] IS NOT NULL AND $3::text IS NOT NULL", *ways[1:]]
    compound = "s.compound = name.compound AND s.compound <> '' " + figures
    ways += [_by(compound, "name.alias", "names AS name", known="name.known_as")]
    ways += [_by(compound, "s.text", "unnest($4::text[]) AS name (compound)", alias=True)]
    return f"{_NAMES}, found AS ({' UNION ALL '.join(ways)}) {_grouped(parts)}"


_NAMES = """
    WITH names AS (
        SELECT compound, '' AS known_as, '' AS alias FROM unnest($4::text[]) AS one (compound)
        UNION ALL
        SELECT DISTINCT a.compound, a.compound, s.text FROM address_aliases AS s JOIN addresses AS a ON a.id = s.address
        WHERE s.whole = ANY ($4) AND s.until IS NULL AND a.until IS NULL AND a.building = '' AND a.room = ''
          AND a.number = '' AND a.compound <> '')"""
"""Names of compounds in the text, and the compounds that have such a name as their alias."""


def _by(condition: str, alias_text: str, names: str = "", *, alias: bool = False, known: str = "''") -> str:
    """One way of looking up, in the register or among the aliases."""
    if alias:
        source = "address_aliases AS s JOIN addresses AS a ON a.id = s.address AND a.until IS NULL"
    else:
        source = "addresses AS s"
    row = "a" if alias else "s"
    inner = f"""SELECT {row}.id, {row}.text, s.road, s.number, s.compound, s.building, s.unit, s.room,
                       {row}.community, {row}.grid, {row}.latitude, {row}.longitude, s.whole = $1 AS whole,
                       {known} AS known_as, {alias_text} AS alias
                FROM {source} WHERE s.until IS NULL AND {condition} LIMIT {MOST}"""
    lateral = f"LATERAL ({inner}) AS found"
    return f"SELECT found.* FROM {names} CROSS JOIN {lateral}" if names else f"SELECT found.* FROM {lateral}"


def _grouped(parts: Parts) -> str:
    """What the text does not name is not told apart: all rooms of a building in one grid are one row."""
    named = [name for name in ("number", "building", "unit", "room") if getattr(parts, name)]
    if parts.number and not parts.building:
        named.append("building")
    left = [name for name in ("number", "building", "unit", "room") if name not in named]
    itself = " AND ".join(f"{name} = ''" for name in left) or "true"
    shown = ", ".join(f"CASE WHEN min({name}) = max({name}) THEN min({name}) ELSE '' END AS {name}" for name in left)
    has = " || ".join(f"CASE WHEN bool_or({name} <> '') THEN '{name} ' ELSE '' END" for name in left) or "''"
    columns = ", ".join(filter(None, [*named, shown]))
    return f"""
        SELECT CASE WHEN count(DISTINCT id) = 1 THEN min(id) ELSE min(id) FILTER (WHERE {itself}) END AS id,
               min(text) AS first, max(text) AS last, min(road) AS road, compound, {columns},
               community, grid, whole, max(known_as) AS known_as, min(alias) AS alias,
               {has} AS unsaid, avg(latitude) AS latitude, avg(longitude) AS longitude
        FROM found GROUP BY {", ".join(["compound", *named])}, community, grid, whole"""
