"""Polygons of areas from a GeoJSON FeatureCollection. All or nothing, the same file twice changes nothing.

Each feature names its area by the property `code`. Stored is WGS-84; GCJ-02 is converted on the way in.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import shapely

from server.areas import epoch
from server.areas.geometry import CONVERTERS, Wrong, read, to_geojson
from server.areas.scope import OUT_OF_SCOPE, administers
from server.areas.tree import LEVEL_WORDS
from server.kernel import database, events
from server.kernel.actor import Actor
from server.kernel.sheets import Imported, Problem

MAX_BYTES = 50_000_000
SLIVER = 2.0
"""Metres: neighbours drawn apart from each other overlap by a strip; one narrower than this is let be."""
_DEGREE = 111_320.0
"""Metres in a degree of latitude."""


class Known(msgspec.Struct, frozen=True):
    """An area that may get a polygon; `polygon` is its GeoJSON as stored."""

    id: int
    code: str
    name: str
    level: str
    parent: int | None
    path: str
    retired: bool
    polygon: str | None


class Drawn(msgspec.Struct, frozen=True):
    """A feature whose polygon can be taken: its number in the file, its area, the geometry."""

    feature: int
    area: Known
    shape: Any


class Shape(msgspec.Struct, frozen=True):
    """An area with its polygon, for the map."""

    id: int
    code: str
    name: str
    level: str
    polygon: msgspec.Raw


async def import_polygons(content: bytes, *, by: Actor, datum: str = "WGS-84", dry_run: bool = False) -> Imported:
    """Bring the polygons of a GeoJSON in (`datum`: WGS-84 or GCJ-02); with problems nothing is written."""
    features, problems = _features(content, datum)
    if problems:
        return Imported(problems=tuple(problems))
    async with database.transaction():
        await epoch.lock()
        known = await _known()
        drawn, problems = await asyncio.to_thread(check, features, known, by, datum)
        if problems:
            return Imported(problems=tuple(problems))
        new = [one for one in drawn if one.area.polygon is None]
        changed = [one for one in drawn if one.area.polygon is not None and not _same(one)]
        if not dry_run and (new or changed):
            await _write([*new, *changed], by)
        return Imported(len(new), len(changed), len(drawn) - len(new) - len(changed))


async def shapes(area_id: int, level: str) -> list[Shape]:
    """The polygons of one level under an area (itself included), areas in use only, by code."""
    rows = await database.fetch(
        """SELECT id, code, name, level, polygon::text AS polygon FROM areas
           WHERE level = $2 AND polygon IS NOT NULL AND until IS NULL
             AND path LIKE (SELECT path FROM areas WHERE id = $1) || '%' ORDER BY code""",
        area_id,
        level,
    )
    return [
        Shape(row["id"], row["code"], row["name"], row["level"], msgspec.Raw(row["polygon"].encode())) for row in rows
    ]


def check(
    features: Sequence[object], known: Mapping[str, Known], by: Actor, datum: str
) -> tuple[list[Drawn], list[Problem]]:
    """The features that can be taken, and every problem with the number of its feature (from 1)."""
    drawn: dict[str, Drawn] = {}
    problems = []
    for number, feature in enumerate(features, 1):
        code = ""
        try:
            code = _code(feature)
            area = _area(code, known, by)
            if code in drawn:
                raise Wrong(f"编码 {code} 与第 {drawn[code].feature} 个图形重复")
            # Remembered before its shape is read, so that a second one is named whatever is wrong with the first.
            drawn[code] = Drawn(number, area, None)
            geometry = feature.get("geometry") if isinstance(feature, dict) else None
            drawn[code] = Drawn(number, area, read(geometry, CONVERTERS[datum]))
        except Wrong as wrong:
            problems.append(Problem(number, str(wrong), code))
    whole = [one for one in drawn.values() if one.shape is not None]
    problems += _overlaps(whole, known)
    return whole, sorted(problems, key=lambda problem: problem.line)


def _features(content: bytes, datum: str) -> tuple[list[object], list[Problem]]:
    if datum not in CONVERTERS:
        return [], [Problem(0, "坐标系只能是 " + " 或 ".join(CONVERTERS))]
    if len(content) > MAX_BYTES:
        return [], [Problem(0, f"文件太大,最多 {MAX_BYTES // 1_000_000} MB")]
    try:
        collection = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [], [Problem(0, "读不出来,文件应是 UTF-8 编码的 GeoJSON")]
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        return [], [Problem(0, "文件应是 GeoJSON 的 FeatureCollection")]
    features = collection.get("features")
    if not isinstance(features, list) or not features:
        return [], [Problem(0, "文件里没有图形")]
    return features, []


def _code(feature: object) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = properties.get("code") if isinstance(properties, dict) else None
    if isinstance(code, int) and not isinstance(code, bool):
        code = str(code)
    if not isinstance(code, str) or not code.strip():
        raise Wrong("没有区域编码(属性 code)")
    return code.strip()[:40]


def _area(code: str, known: Mapping[str, Known], by: Actor) -> Known:
    area = known.get(code)
    if area is None:
        raise Wrong(f"没有编码为 {code} 的区域")
    if area.retired:
        raise Wrong(f"{area.name}({code})已经停用")
    if not administers(by, area.path):
        raise Wrong(OUT_OF_SCOPE.rstrip("。"))
    return area


def _overlaps(drawn: Sequence[Drawn], known: Mapping[str, Known]) -> list[Problem]:
    """Siblings that overlap beyond a sliver: among the file's own, and with what is stored and stays."""
    ours = {one.area.code: one for one in drawn}
    parents = {one.area.parent for one in drawn}
    siblings: dict[int | None, list[tuple[Known, Any]]] = defaultdict(list)
    for area in known.values():
        if area.parent not in parents or area.retired:
            continue
        if area.code in ours:
            siblings[area.parent].append((area, ours[area.code].shape))
        elif area.polygon is not None:
            siblings[area.parent].append((area, shapely.from_geojson(area.polygon)))
    problems = []
    for family in siblings.values():
        for pair in _crossing(family, ours):
            first, second = sorted(pair, key=lambda area: ours[area.code].feature if area.code in ours else 0)
            words = f"与{LEVEL_WORDS[first.level]}{first.name}({first.code})重叠"
            problems.append(Problem(ours[second.code].feature, words, second.code))
    return problems


def _crossing(family: Sequence[tuple[Known, Any]], ours: Mapping[str, Drawn]) -> Iterator[tuple[Known, Known]]:
    """Pairs that overlap by more than a sliver and of which at least one is in the file."""
    geometries = [shape for _, shape in family]
    pairs = zip(*shapely.STRtree(geometries).query(geometries, predicate="intersects"), strict=True)
    for one, other in pairs:
        first, second = family[one][0], family[other][0]
        if one < other and (first.code in ours or second.code in ours):
            common = shapely.intersection(geometries[one], geometries[other])
            if not common.buffer(-SLIVER / 2 / _DEGREE).is_empty:
                yield first, second


def _same(drawn: Drawn) -> bool:
    return bool(msgspec.json.decode(drawn.area.polygon or "null") == to_geojson(drawn.shape))


async def _known() -> dict[str, Known]:
    rows = await database.fetch(
        """SELECT id, code, name, level, parent, path, until IS NOT NULL AS retired, polygon::text AS polygon
           FROM areas"""
    )
    return {row["code"]: Known(**dict(row)) for row in rows}


async def _write(drawn: Sequence[Drawn], by: Actor) -> None:
    texts = [database.to_jsonb(to_geojson(one.shape)) for one in drawn]
    await database.execute(
        """UPDATE areas SET polygon = given.polygon::jsonb FROM unnest($1::int[], $2::text[]) AS given(id, polygon)
           WHERE areas.id = given.id""",
        [one.area.id for one in drawn],
        texts,
    )
    said = [
        (f"area:{one.area.id}", {"first": one.area.polygon is None, "positions": _positions(one.shape)})
        for one in drawn
    ]
    await events.record_many("area.polygon_set", said, by)
    await epoch.advance()


def _positions(shape: Any) -> int:
    return int(shapely.get_num_coordinates(shape))
