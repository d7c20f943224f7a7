"""Rows of a file, or one address typed by hand, made ready: parsed, placed, or what is wrong with them. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from server.addresses import spelling
from server.addresses.spelling import PARTS
from server.areas.locate import Index
from server.areas.scope import OUT_OF_SCOPE
from server.kernel import datum as datums
from server.kernel.sheets import Problem, Row, wrong_text

REQUIRED = ("text", "community_code")
COLUMNS_OPTIONAL = ("code", "grid_code", "longitude", "latitude", "accuracy", "datum", "aliases", "source")
TEXT_LONGEST = spelling.LONGEST
CODE_LONGEST = 60
SOURCE_LONGEST = 60
ALIASES_MOST = 20
CONVERTERS: dict[str, Callable[[float, float], tuple[float, float]]] = {
    "WGS-84": lambda longitude, latitude: (longitude, latitude),
    "GCJ-02": datums.to_wgs84,
    "BD-09": datums.bd09_to_wgs84,
}
"""CGCS2000 agrees with WGS-84 to centimetres and is given as that."""


class Surroundings(msgspec.Struct, frozen=True):
    """What a row is held against: areas in use by code, which communities are the actor's, polygons, what is usual."""

    communities: Mapping[str, tuple[int, tuple[str, ...]]]
    """Code -> id, and the names from the district down."""
    grids: Mapping[str, tuple[int, int]]
    """Code -> id, and its community."""
    mine: frozenset[int]
    index: Index
    datum: str = "WGS-84"
    source: str = ""


class Prepared(msgspec.Struct, frozen=True):
    """A batch ready to be staged: rows as tuples in the order of `staging`, and what is wrong."""

    addresses: list[tuple[Any, ...]]
    aliases: list[tuple[Any, ...]]
    problems: list[Problem]


class Wrong(Exception):
    """What is wrong with a row, in words, and in which column."""

    def __init__(self, column: str, words: str) -> None:
        super().__init__(words)
        self.column, self.words = column, words


class Point(msgspec.Struct, frozen=True):
    """A position in WGS-84 degrees, its accuracy in metres, the datum it was given in."""

    longitude: float
    latitude: float
    accuracy: float | None
    datum: str


def prepare(rows: Sequence[Row], problems: Sequence[Problem], around: Surroundings) -> Prepared:
    """Every row parsed and placed, or named with what is wrong."""
    found = list(problems)
    read: list[tuple[Row, int, tuple[str, ...], int | None, Point | None]] = []
    for row in rows:
        try:
            read.append(_read(row, around))
        except Wrong as wrong:
            found.append(Problem(row.line, wrong.words, row.cells["code"][:CODE_LONGEST]))
    places = around.index.find_all([(at.longitude, at.latitude) for *_, at in read if at is not None])
    placed = iter(places)
    addresses, aliases = [], []
    for row, community, above, grid, at in read:
        if at is not None:
            place = next(placed)
            if place is None and not around.index.empty:
                found.append(Problem(row.line, "点不在区内,请检查经纬度和坐标系", row.cells["code"]))
            elif place is not None and grid is None and place.community_id == community:
                grid = place.grid_id
        addresses.append(_address(row, community, above, grid, at, around))
        aliases += [(row.line, text, *_spelt(text, above)) for text in _aliases(row.cells["aliases"])]
    return Prepared(addresses, aliases, found)


def _read(row: Row, around: Surroundings) -> tuple[Row, int, tuple[str, ...], int | None, Point | None]:
    cells = row.cells
    if words := wrong_text(cells["text"], TEXT_LONGEST):
        raise Wrong("text", f"地址{words}")
    if cells["code"] and (words := wrong_text(cells["code"], CODE_LONGEST)):
        raise Wrong("code", f"编码{words}")
    if cells["source"] and (words := wrong_text(cells["source"], SOURCE_LONGEST)):
        raise Wrong("source", f"来源{words}")
    community, above = around.communities.get(cells["community_code"], (0, ()))
    if not community:
        raise Wrong("community", f"找不到社区 {cells['community_code'][:30] or '(空)'}")
    if community not in around.mine:
        raise Wrong("community", OUT_OF_SCOPE.rstrip("。"))
    grid, of = around.grids.get(cells["grid_code"], (None, None))
    if cells["grid_code"] and of != community:
        raise Wrong("grid", f"社区里没有网格 {cells['grid_code'][:30]}")
    if not spelling.read(cells["text"], above).whole:
        raise Wrong("text", "地址里没有文字")
    check_aliases(cells["aliases"])
    return row, community, above, grid, point(cells, around.datum)


def point(cells: Mapping[str, str], usual: str) -> Point | None:
    """The position of a row, in WGS-84; None where it has none. Raise `Wrong`."""
    longitude, latitude = cells["longitude"], cells["latitude"]
    if not longitude and not latitude:
        return None
    if not longitude or not latitude:
        raise Wrong("longitude", "经度和纬度要一起填")
    named = (cells["datum"] or usual).upper().replace("WGS84", "WGS-84").replace("CGCS2000", "WGS-84")
    if named not in CONVERTERS:
        raise Wrong("datum", f"不认识坐标系 {named[:20]},只能是 " + "、".join(CONVERTERS))
    east, north = _number(longitude, "经度", 180), _number(latitude, "纬度", 90)
    accuracy = _number(cells["accuracy"], "精度", 100_000) if cells["accuracy"] else None
    if accuracy is not None and accuracy < 0:
        raise Wrong("accuracy", "精度不能小于 0")
    east, north = CONVERTERS[named](east, north)
    return Point(round(east, 7), round(north, 7), accuracy, named)


def check_aliases(written: str) -> None:
    """Raise `Wrong` where an alias cannot be taken."""
    texts = _aliases(written)
    if len(texts) > ALIASES_MOST:
        raise Wrong("aliases", f"别名太多,最多 {ALIASES_MOST} 个")
    for text in texts:
        if words := wrong_text(text, TEXT_LONGEST):
            raise Wrong("aliases", f"别名{words}")
        if not spelling.read(text).whole:
            raise Wrong("aliases", "别名里没有文字")


def _aliases(written: str) -> list[str]:
    """Aliases parted by | or ;, each once."""
    return list(
        dict.fromkeys(one.strip() for one in written.replace(";", "|").replace(";", "|").split("|") if one.strip())
    )


def _number(written: str, word: str, most: float) -> float:
    try:
        value = float(written)
    except ValueError:
        raise Wrong("longitude", f"{word}不是数字") from None
    if not abs(value) <= most:
        raise Wrong("longitude", f"{word}超出范围")
    return value


def _address(
    row: Row, community: int, above: tuple[str, ...], grid: int | None, at: Point | None, around: Surroundings
) -> tuple[Any, ...]:
    cells = row.cells
    where = (at.latitude, at.longitude, at.accuracy, at.datum) if at else (None, None, None, None)
    source = cells["source"] or around.source
    return (
        row.line,
        cells["code"] or None,
        cells["text"],
        *_spelt(cells["text"], above),
        community,
        grid,
        *where,
        source,
    )


def _spelt(text: str, above: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of a text in the order of `PARTS`, and its whole."""
    reading = spelling.read(text, above)
    return (*(getattr(reading.parts, name) for name in PARTS), reading.whole)
