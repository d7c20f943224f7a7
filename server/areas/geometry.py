"""GeoJSON polygons as people bring them: read strictly, every fault in words, handed on as shapely geometries."""

from collections.abc import Callable
from math import isfinite
from typing import Any

import shapely

from server.kernel import datum

MOST_POSITIONS = 100_000
"""In one polygon; a district drawn to the metre has some ten thousand."""

_REASONS = {
    "Self-intersection": "边线自相交",
    "Ring Self-intersection": "边线自相交",
    "Hole lies outside shell": "有洞在外圈之外",
    "Holes are nested": "有洞套在洞里",
    "Nested shells": "有一块套在另一块里",
    "Interior is disconnected": "被洞切成了不相连的几块",
    "Duplicate Rings": "有两圈重合",
    "Too few points in geometry component": "有一圈的点太少",
}


class Wrong(Exception):
    """A geometry cannot be taken; the text says why, for the person who brought it."""


Convert = Callable[[float, float], tuple[float, float]]
CONVERTERS: dict[str, Convert] = {
    "WGS-84": lambda longitude, latitude: (longitude, latitude),
    "GCJ-02": datum.to_wgs84,
}


def read(geometry: object, convert: Convert) -> Any:
    """A GeoJSON Polygon or MultiPolygon as a valid shapely geometry in WGS-84; raise `Wrong`."""
    if not isinstance(geometry, dict):
        raise Wrong("没有图形")
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise Wrong("图形应是 Polygon 或 MultiPolygon")
    if not isinstance(coordinates, list) or not coordinates:
        raise Wrong("图形是空的")
    left = [MOST_POSITIONS]
    polygons = [_polygon(part, convert, left) for part in (coordinates if kind == "MultiPolygon" else [coordinates])]
    shape = shapely.MultiPolygon(polygons) if kind == "MultiPolygon" else polygons[0]
    if not shapely.is_valid(shape):
        raise Wrong(_why(shapely.is_valid_reason(shape)))
    return shape


def to_geojson(shape: Any) -> dict[str, Any]:
    """A shapely geometry as the value to store."""
    if shape.geom_type == "MultiPolygon":
        return {"type": "MultiPolygon", "coordinates": [_rings(part) for part in shape.geoms]}
    return {"type": "Polygon", "coordinates": _rings(shape)}


def _polygon(rings: object, convert: Convert, left: list[int]) -> Any:
    if not isinstance(rings, list) or not rings:
        raise Wrong("图形是空的")
    outer, *holes = [_ring(ring, convert, left) for ring in rings]
    return shapely.Polygon(outer, holes)


def _ring(ring: object, convert: Convert, left: list[int]) -> list[tuple[float, float]]:
    if not isinstance(ring, list) or not ring:
        raise Wrong("有一圈是空的")
    left[0] -= len(ring)
    if left[0] < 0:
        raise Wrong(f"点太多,一个图形最多 {MOST_POSITIONS} 个")
    positions = [_position(position) for position in ring]
    if positions[0] != positions[-1]:
        raise Wrong("有一圈没有闭合,首尾两点应相同")
    if len(positions) < 4:
        raise Wrong("有一圈的点太少,至少 4 个(首尾相同)")
    return [convert(*position) for position in positions]


def _position(position: object) -> tuple[float, float]:
    if not isinstance(position, list) or not 2 <= len(position) <= 4:
        raise Wrong("有一点不是 [经度, 纬度]")
    longitude, latitude = position[0], position[1]
    if not (_is_number(longitude) and _is_number(latitude)):
        raise Wrong("有一点不是 [经度, 纬度]")
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise Wrong("有一点超出经纬度范围,应是 [经度, 纬度],以度计")
    return float(longitude), float(latitude)


def _is_number(value: object) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and isfinite(value))


def _why(reason: str) -> str:
    kind, _, place = reason.partition("[")
    words = _REASONS.get(kind, f"图形不成立({kind})")
    return f"{words},在 {place.rstrip(']').replace(' ', ', ')} 附近" if place else words


def _rings(polygon: Any) -> list[list[list[float]]]:
    return [[list(position) for position in ring.coords] for ring in (polygon.exterior, *polygon.interiors)]
