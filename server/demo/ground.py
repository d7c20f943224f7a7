"""The ground of the demo district: polygons that tile it, without gaps and without overlaps, whatever its size.

A lattice of small cells is cut into streets, communities and grids along its lines; then every point of the lattice is
moved a little, by waves and by chance. Areas share the very points of their borders, so they tile exactly.
"""

from collections.abc import Iterator, Sequence
from math import ceil, cos, pi, sin, sqrt
from random import Random
from typing import Any

import msgspec
import shapely

from server.demo import names
from server.demo.size import Size, shares

CENTRE = (114.046, 22.668)
"""Longitude and latitude of the middle of the fictional district."""
CELL = 60.0
"""Metres of the side of a cell."""
CELLS = 36
"""Cells of a grid on average."""
_METRES_OF_LATITUDE = 110_700.0
_METRES_OF_LONGITUDE = 102_900.0
"""In a degree, at this latitude."""


class Rect(msgspec.Struct, frozen=True):
    """A rectangle of cells: from column `x` and row `y`, `width` and `height` of them."""

    x: int
    y: int
    width: int
    height: int

    def cells(self) -> Iterator[tuple[int, int]]:
        return ((x, y) for x in range(self.x, self.x + self.width) for y in range(self.y, self.y + self.height))


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """An area of the demo: `rect` and all its cells lie in it."""

    code: str
    name: str
    level: str
    parent_code: str
    rect: Rect


class Ground(msgspec.Struct, frozen=True):
    """All areas, parents first, and where the corners of the cells are (degrees)."""

    spots: list[Spot]
    corners: dict[tuple[int, int], tuple[float, float]]

    def polygon(self, spot: Spot) -> Any:
        """The outline of an area as a shapely polygon: every corner of the lattice along its edge."""
        one = spot.rect
        right, top = one.x + one.width, one.y + one.height
        ring = [(x, one.y) for x in range(one.x, right)]
        ring += [(right, y) for y in range(one.y, top)]
        ring += [(x, top) for x in range(right, one.x, -1)]
        ring += [(one.x, y) for y in range(top, one.y, -1)]
        return shapely.Polygon([self.corners[corner] for corner in ring])

    def somewhere(self, spot: Spot, chance: Random) -> tuple[float, float]:
        """A position (longitude, latitude) inside an area, in the middle of one of its cells."""
        one = spot.rect
        x, y = one.x + chance.randrange(one.width), one.y + chance.randrange(one.height)
        around = [self.corners[x + right, y + up] for right in (0, 1) for up in (0, 1)]
        return round(sum(at[0] for at in around) / 4, 6), round(sum(at[1] for at in around) / 4, 6)

    def as_csv(self) -> bytes:
        """The divisions as the import of areas takes them."""
        lines = [f"{one.code},{one.name},{one.level},{one.parent_code}" for one in self.spots]
        return "\n".join(["code,name,level,parent_code", *lines]).encode()

    def as_geojson(self) -> bytes:
        """The polygons as the import of areas takes them."""
        features = [
            {
                "type": "Feature",
                "properties": {"code": one.code},
                "geometry": {"type": "Polygon", "coordinates": [self.polygon(one).exterior.coords[:]]},
            }
            for one in self.spots
        ]
        return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def lay(size: Size) -> Ground:
    """The ground of a district of this size; the same seed gives the same one."""
    side = ceil(sqrt(size.grids * CELLS))
    whole = Rect(0, 0, side, ceil(size.grids * CELLS / side) + 1)
    return Ground(list(_spots(size, whole)), _corners(whole, Random(f"ground {size.seed}")))


def _spots(size: Size, whole: Rect) -> Iterator[Spot]:
    yield Spot(code="990100", name=names.DISTRICT, level="district", parent_code="", rect=whole)
    communities = shares(size.communities, size.streets)
    grids = _of_each_street(size, communities)
    named = names.communities(Random(f"names {size.seed}"))
    for street, rect in enumerate(_cut(whole, [sum(each) for each in grids]), 1):
        code = f"990100{street:03}"
        yield Spot(code=code, name=names.street(street - 1), level="street", parent_code="990100", rect=rect)
        yield from _communities(code, rect, grids[street - 1], named)


def _of_each_street(size: Size, communities: Sequence[int]) -> list[list[int]]:
    """How many grids each community has, street by street."""
    each = iter(shares(size.grids, size.communities))
    return [[next(each) for _ in range(count)] for count in communities]


def _communities(street: str, whole: Rect, grids: Sequence[int], named: Iterator[str]) -> Iterator[Spot]:
    for number, rect in enumerate(_cut(whole, grids), 1):
        code, name = f"{street}{number:03}", next(named)
        yield Spot(code=code, name=f"{name}社区", level="community", parent_code=street, rect=rect)
        for grid, cells in enumerate(_cut(rect, [1] * grids[number - 1]), 1):
            title = f"{name}{names.number(grid)}网格"
            yield Spot(code=f"{code}{grid:03}", name=title, level="grid", parent_code=code, rect=cells)


def _cut(rect: Rect, weights: Sequence[int]) -> list[Rect]:
    """Cut a rectangle into one for each weight, halving along the longer side again and again."""
    if len(weights) == 1:
        return [rect]
    half = _half(weights)
    first, second = weights[:half], weights[half:]
    share = sum(first) / sum(weights)
    if rect.width >= rect.height:
        width = _between(round(rect.width * share), sum(first), sum(second), rect.width, rect.height)
        one, other = (
            Rect(rect.x, rect.y, width, rect.height),
            Rect(rect.x + width, rect.y, rect.width - width, rect.height),
        )
    else:
        height = _between(round(rect.height * share), sum(first), sum(second), rect.height, rect.width)
        one, other = (
            Rect(rect.x, rect.y, rect.width, height),
            Rect(rect.x, rect.y + height, rect.width, rect.height - height),
        )
    return [*_cut(one, first), *_cut(other, second)]


def _half(weights: Sequence[int]) -> int:
    """Where to part the weights so that both sides weigh most alike."""
    whole = sum(weights)
    return min(range(1, len(weights)), key=lambda place: abs(2 * sum(weights[:place]) - whole))


def _between(wanted: int, first: int, second: int, length: int, across: int) -> int:
    """A cut that leaves every grid on both sides at least a cell."""
    return max(ceil(first / across), min(wanted, length - ceil(second / across)))


def _corners(whole: Rect, chance: Random) -> dict[tuple[int, int], tuple[float, float]]:
    waves = [(chance.uniform(0.6, 1.6), chance.uniform(0, 2 * pi), chance.uniform(0, pi)) for _ in range(6)]
    turn = chance.uniform(-0.3, 0.3)
    return {
        (x, y): _degrees(*_moved(x / whole.width * 2 - 1, y / whole.height * 2 - 1, whole, waves, chance), turn)
        for x in range(whole.width + 1)
        for y in range(whole.height + 1)
    }


def _moved(u: float, v: float, whole: Rect, waves: Any, chance: Random) -> tuple[float, float]:
    """Metres from the centre of a corner at u, v (-1 to 1): rounded off, waved, jittered.

    Each of the three moves a corner by less than its neighbours are apart, also taken together, so no cell folds over.
    """
    x, y = u * sqrt(1 - 0.30 * v * v), v * sqrt(1 - 0.30 * u * u)
    for strength, phase, way in waves:
        swing = 0.035 * strength * sin(2.1 * (u * cos(way) + v * sin(way)) + phase)
        x, y = x - swing * sin(way), y + swing * cos(way)
    jitter_x, jitter_y = chance.uniform(-0.16, 0.16), chance.uniform(-0.16, 0.16)
    return (x * whole.width / 2 + jitter_x) * CELL, (y * whole.height / 2 + jitter_y) * CELL


def _degrees(x: float, y: float, turn: float) -> tuple[float, float]:
    east, north = x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn)
    return round(CENTRE[0] + east / _METRES_OF_LONGITUDE, 6), round(CENTRE[1] + north / _METRES_OF_LATITUDE, 6)
