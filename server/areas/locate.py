"""Which grid is this point in? An index in memory, made anew when the areas have changed.

A point on a border belongs to exactly one grid, the one with the lowest code; a hole is outside. Where no grid covers
the point, the polygons of community, street and district are asked in that order.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import shapely

from server.areas import epoch
from server.areas.scope import ids
from server.areas.tree import LEVELS
from server.kernel import database

_TOUCHING = 1e-9
"""Degrees, a tenth of a millimetre: rounding must not open a gap between grids that share a border."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The areas a point lies in, by id; `grid_id` (and further ones) None where nothing of that level covers it."""

    grid_id: int | None = None
    community_id: int | None = None
    street_id: int | None = None
    district_id: int | None = None

    @property
    def ids(self) -> tuple[int, ...]:
        """From the lowest level up."""
        line = (self.grid_id, self.community_id, self.street_id, self.district_id)
        return tuple(area_id for area_id in line if area_id is not None)


class Covered(msgspec.Struct, frozen=True):
    """An area with a polygon, as the index takes it in."""

    code: str
    level: str
    path: str
    polygon: str
    """GeoJSON, WGS-84."""


class Index:
    """The polygons of all areas in use; built once, then only asked."""

    def __init__(self, areas: Sequence[Covered]) -> None:
        self._layers = [_Layer([area for area in areas if area.level == level]) for level in reversed(LEVELS)]

    def find(self, longitude: float, latitude: float) -> Place | None:
        """The place of a WGS-84 position in degrees, or None outside everything."""
        point = shapely.Point(longitude, latitude)
        for layer in self._layers:
            if (place := layer.find(point)) is not None:
                return place
        return None

    def find_all(self, positions: Sequence[tuple[float, float]]) -> list[Place | None]:
        """The places of many positions (longitude, latitude), in a few bulk queries."""
        found: list[Place | None] = [None] * len(positions)
        left = list(range(len(positions)))
        for layer in self._layers:
            if left:
                layer.find_all(positions, left, found)
                left = [at for at in left if found[at] is None]
        return found

    @property
    def empty(self) -> bool:
        """Whether nothing has a polygon, so that no position can be said to lie outside."""
        return not any(layer.places for layer in self._layers)


class _Layer:
    """The areas of one level in the order of their codes, so that the lowest number is the lowest code."""

    def __init__(self, areas: Sequence[Covered]) -> None:
        ordered = sorted(areas, key=lambda area: area.code)
        self.places = [_place(area.path) for area in ordered]
        self._tree = shapely.STRtree(shapely.from_geojson([area.polygon for area in ordered]))

    def find(self, point: Any) -> Place | None:
        if not self.places:
            return None
        hits = self._tree.query(point, predicate="intersects")
        if not hits.size:
            hits = self._tree.query(point, predicate="dwithin", distance=_TOUCHING)
        return self.places[hits.min()] if hits.size else None

    def find_all(self, positions: Sequence[tuple[float, float]], which: list[int], found: list[Place | None]) -> None:
        """Fill in `found` for the positions with these numbers; those on a seam one by one."""
        if not self.places:
            return
        points = shapely.points([positions[at] for at in which])
        lowest: dict[int, int] = {}
        for point, area in self._tree.query(points, predicate="intersects").T.tolist():
            lowest[point] = min(area, lowest.get(point, area))
        for point, at in enumerate(which):
            found[at] = self.places[lowest[point]] if point in lowest else self.find(points[point])


class _Kept(msgspec.Struct, frozen=True):
    epoch: epoch.Epoch
    index: Index


_kept: _Kept | None = None


async def locate(longitude: float, latitude: float) -> Place | None:
    """The place of a WGS-84 position in degrees; None outside every polygon, or where it is no position at all."""
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        return None
    return (await current()).find(longitude, latitude)


async def current() -> Index:
    """The index of the areas as they are now: one tiny query, and a rebuild when they have changed."""
    global _kept
    now = await epoch.epoch()
    kept = _kept
    if kept is None or kept.epoch != now:
        # Several requests may rebuild at once after a change; a lock here could starve the pool of connections.
        kept = _kept = _Kept(now, await _build())
    return kept.index


async def _build() -> Index:
    rows = await database.fetch(
        "SELECT code, level, path, polygon::text AS polygon FROM areas WHERE polygon IS NOT NULL AND until IS NULL"
    )
    return await asyncio.to_thread(lambda: Index([Covered(**dict(row)) for row in rows]))


def _place(path: str) -> Place:
    # Paths run from the district down without a gap, as the tree demands.
    return Place(**{f"{level}_id": area_id for level, area_id in zip(LEVELS, ids(path), strict=False)})
