"""The register one address at a time: look up, add, correct, retire, and what else an address is called.

Every verb is the area administrator's for the communities they administer; what lies outside does not exist for them.
"""

from collections.abc import Sequence

import asyncpg
import msgspec

from server.addresses import rows
from server.addresses.matcher import above_of
from server.addresses.rows import SOURCE_LONGEST, TEXT_LONGEST, Wrong
from server.addresses.spelling import PARTS, Reading, read
from server.areas import locate, tree
from server.areas.scope import administered, administers, administers_all
from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.kernel.sheets import wrong_text

_SPELT = (*PARTS, "whole")


class AddressRow(msgspec.Struct, frozen=True, kw_only=True):
    """An address as pages show it."""

    id: int
    code: str | None
    text: str
    community_id: int
    community: str
    grid_id: int | None
    grid: str
    latitude: float | None
    longitude: float | None
    source: str
    retired: bool


class Alias(msgspec.Struct, frozen=True):
    """Another text for an address."""

    id: int
    text: str


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a form says of an address; a position as written, in the datum named."""

    text: str
    grid_id: int | None = None
    longitude: str = ""
    latitude: str = ""
    datum: str = "WGS-84"
    source: str = ""


async def search(text: str, by: Actor, most: int = 50) -> list[AddressRow]:
    """Addresses in scope that begin with `text`, are a name or code like it, or were called so; those in use first."""
    reading = read(text)
    if not reading.whole:
        return []
    found = await database.fetch(
        f"""{_SELECT} WHERE a.id IN (
                (SELECT id FROM addresses WHERE code = $1 LIMIT $3)
                UNION (SELECT id FROM addresses WHERE whole = $2 AND until IS NULL LIMIT $3)
                UNION (SELECT id FROM addresses WHERE until IS NULL AND road = $4 AND road <> ''
                         AND ($5 = '' OR number = $5) AND ($7 = '' OR building = $7) LIMIT $3)
                UNION (SELECT id FROM addresses WHERE until IS NULL AND compound = $6 AND compound <> ''
                         AND ($7 = '' OR building = $7) LIMIT $3)
                UNION (SELECT address FROM address_aliases WHERE until IS NULL AND whole = $2 LIMIT $3))
            {_SCOPE.format(8)} ORDER BY a.until IS NOT NULL, a.text, a.id LIMIT $3""",
        text,
        reading.whole,
        most,
        reading.parts.road,
        reading.parts.number,
        reading.parts.compound,
        reading.parts.building,
        _paths(by),
    )
    return [msgspec.convert(dict(row), AddressRow) for row in found]


async def latest(by: Actor, most: int = 20) -> list[AddressRow]:
    """The addresses in scope that were added last."""
    found = await database.fetch(
        f"{_SELECT} WHERE true {_SCOPE.format(1)} ORDER BY a.id DESC LIMIT $2", _paths(by), most
    )
    return [msgspec.convert(dict(row), AddressRow) for row in found]


async def count(by: Actor) -> int:
    """Addresses in use in scope."""
    found: int = await database.fetch_value(
        f"""SELECT count(*) FROM addresses AS a JOIN areas AS c ON c.id = a.community
            WHERE a.until IS NULL {_SCOPE.format(1)}""",
        _paths(by),
    )
    return found


async def one(address_id: int, by: Actor) -> AddressRow:
    """The address, retired ones too; `NotFound` where the actor does not administer its community."""
    row = await database.fetch_one(f"{_SELECT} WHERE a.id = $1 {_SCOPE.format(2)}", address_id, _paths(by))
    if row is None:
        raise NotFound("没有这个地址。")
    return msgspec.convert(dict(row), AddressRow)


async def aliases(address_id: int) -> list[Alias]:
    """What else it is called."""
    found = await database.fetch(
        "SELECT id, text FROM address_aliases WHERE address = $1 AND until IS NULL ORDER BY id", address_id
    )
    return [Alias(row["id"], row["text"]) for row in found]


async def add(community_id: int, given: Given, *, by: Actor, code: str = "") -> int:
    """Add an address to a community; its id comes back. Raises `Invalid` naming the fields to mend."""
    async with database.transaction():
        line = await _community(community_id, by)
        reading, columns = await _checked(given, line)
        code = code.strip()
        if code and (words := wrong_text(code, rows.CODE_LONGEST)):
            raise Invalid({"code": f"编码{words}"})
        if not code:
            await _alone(community_id, reading.whole)
        made = await database.fetch_value(
            f"""INSERT INTO addresses (code, community, {", ".join(columns)}, since)
                VALUES ({", ".join(f"${place}" for place in range(1, len(columns) + 4))})
                ON CONFLICT (code) DO NOTHING RETURNING id""",
            code or None,
            community_id,
            *columns.values(),
            clock.now(),
        )
        if made is None:
            raise Invalid({"code": "这个编码已经有地址在用。"})
        await events.record(f"address:{made}", "address.added", {"text": given.text.strip(), "code": code}, by)
        return int(made)


async def correct(address_id: int, given: Given, *, by: Actor) -> None:
    """Say an address anew: text, grid, position, source. The same again changes nothing."""
    async with database.transaction():
        before = await _load(address_id, by)
        line = await tree.line(before.community_id)
        reading, columns = await _checked(given, line)
        if before.code is None and reading.whole != await _whole(address_id):
            await _alone(before.community_id, reading.whole)
        differing = " OR ".join(f"{name} IS DISTINCT FROM ${place}" for place, name in enumerate(columns, 2))
        changed = await database.execute(
            f"""UPDATE addresses SET {", ".join(f"{name} = ${place}" for place, name in enumerate(columns, 2))}
                WHERE id = $1 AND ({differing})""",
            address_id,
            *columns.values(),
        )
        if changed != "UPDATE 0":
            said = {"from": before.text, "to": given.text.strip()}
            await events.record(f"address:{address_id}", "address.corrected", said, by)


async def retire(address_id: int, *, by: Actor) -> None:
    """Take it out of use, with its aliases; what happened there stays. Twice is once."""
    async with database.transaction():
        if (await one(address_id, by)).retired:
            return
        before = await _load(address_id, by)
        await database.execute("UPDATE addresses SET until = $2 WHERE id = $1", address_id, clock.now())
        await events.record(f"address:{address_id}", "address.retired", {"text": before.text}, by)


async def add_alias(address_id: int, text: str, *, by: Actor) -> None:
    """Call it something else, too. Of an address without building and number it is another name of its compound."""
    async with database.transaction():
        before = await _load(address_id, by)
        line = await tree.line(before.community_id)
        reading = _read_text(text, line, "alias", "别名")
        made = await database.execute(
            f"""INSERT INTO address_aliases (address, text, {", ".join(_SPELT)}, since)
                VALUES ({", ".join(f"${place}" for place in range(1, len(_SPELT) + 4))})
                ON CONFLICT (whole, address) WHERE until IS NULL DO NOTHING""",
            address_id,
            text.strip(),
            *_spelt(reading).values(),
            clock.now(),
        )
        if made != "INSERT 0 0":
            await events.record(f"address:{address_id}", "address.alias_added", {"text": text.strip()}, by)


async def end_alias(address_id: int, alias_id: int, *, by: Actor) -> None:
    """It is no longer called so. Twice is once."""
    async with database.transaction():
        await _load(address_id, by)
        text = await database.fetch_value(
            "UPDATE address_aliases SET until = $3 WHERE id = $2 AND address = $1 AND until IS NULL RETURNING text",
            address_id,
            alias_id,
            clock.now(),
        )
        if text is not None:
            await events.record(f"address:{address_id}", "address.alias_ended", {"text": text}, by)


_SELECT = """SELECT a.id, a.code, a.text, a.community AS community_id, c.name AS community, a.grid AS grid_id,
                    COALESCE(g.name, '') AS grid, a.latitude, a.longitude, a.source, a.until IS NOT NULL AS retired
             FROM addresses AS a JOIN areas AS c ON c.id = a.community LEFT JOIN areas AS g ON g.id = a.grid"""
_SCOPE = (
    "AND (${0}::int[] IS NULL OR ${0}::int[] && string_to_array(trim(c.path, '/'), '/')::int[])"  # None is everything
)


def _paths(by: Actor) -> Sequence[int] | None:
    return None if administers_all(by) else sorted(administered(by))


async def _load(address_id: int, by: Actor) -> AddressRow:
    await database.execute("SELECT id FROM addresses WHERE id = $1 FOR UPDATE", address_id)
    found = await one(address_id, by)
    if found.retired:
        raise NotAllowed("这个地址已经停用。")
    return found


async def _community(community_id: int, by: Actor) -> tree.Line:
    area = await tree.get(community_id)
    if not administers(by, area.path):
        raise NotFound("没有这个社区。")
    if area.level != "community" or area.retired:
        raise Invalid({"community": "请选择社区。"})
    return await tree.line(community_id)


async def _checked(given: Given, line: tree.Line) -> tuple[Reading, dict[str, object]]:
    """The reading of the text, and every column that follows from what was given."""
    reading = _read_text(given.text, line, "text", "地址")
    if given.source.strip() and (words := wrong_text(given.source.strip(), SOURCE_LONGEST)):
        raise Invalid({"source": f"来源{words}"})
    cells = {"longitude": given.longitude.strip(), "latitude": given.latitude.strip(), "accuracy": "", "datum": ""}
    try:
        at = rows.point(cells, given.datum)
    except Wrong as wrong:
        raise Invalid({wrong.column: wrong.words + "。"}) from None
    grid = given.grid_id
    if grid is not None and grid not in [area.id for area in await tree.children(line.community_id or 0)]:
        raise Invalid({"grid": "请选择这个社区的网格。"})
    if at is not None:
        grid = await _covering(at, line, grid)
    columns: dict[str, object] = {"text": given.text.strip(), **_spelt(reading), "grid": grid}
    columns |= {"latitude": at.latitude if at else None, "longitude": at.longitude if at else None}
    return reading, columns | {"datum": at.datum if at else None, "source": given.source.strip()}


async def _covering(at: rows.Point, line: tree.Line, chosen: int | None) -> int | None:
    index = await locate.current()
    place = index.find(at.longitude, at.latitude)
    if place is None and not index.empty:
        raise Invalid({"longitude": "点不在区内,请检查经纬度和坐标系。"})
    if chosen is None and place is not None and place.community_id == line.community_id:
        return place.grid_id
    return chosen


def _read_text(text: str, line: tree.Line, field: str, word: str) -> Reading:
    text = text.strip()
    if words := wrong_text(text, TEXT_LONGEST):
        raise Invalid({field: f"{word}{words}。"})
    reading = read(text, above_of(line))
    if not reading.whole:
        raise Invalid({field: f"{word}里没有文字。"})
    return reading


def _spelt(reading: Reading) -> dict[str, object]:
    return {name: getattr(reading.parts, name) for name in PARTS} | {"whole": reading.whole}


async def _alone(community_id: int, whole: str) -> None:
    row: asyncpg.Record | None = await database.fetch_one(
        "SELECT text FROM addresses WHERE community = $1 AND whole = $2 AND until IS NULL", community_id, whole
    )
    if row is not None:
        raise Invalid({"text": f"这个社区已经有这个地址:{row['text']}"})


async def _whole(address_id: int) -> str:
    return str(await database.fetch_value("SELECT whole FROM addresses WHERE id = $1", address_id))
