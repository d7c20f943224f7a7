"""The ground: polygons that tile the district, whatever its size."""

from random import Random

import pytest
import shapely

from server.demo import ground
from server.demo.size import Size, shares

SIZES = [
    Size(),
    Size(streets=1, communities=1, grids=1),
    Size(streets=2, communities=7, grids=31),
    Size(streets=5, communities=5, grids=5, seed=9),
    Size(streets=3, communities=40, grids=333, seed=4),
]
MOST_OFF = 1e-9
"""As a share of the district's area: less than a hand's breadth in a square kilometre."""


def _of(laid: ground.Ground, level: str) -> list[shapely.Polygon]:
    return [laid.polygon(spot) for spot in laid.spots if spot.level == level]


@pytest.mark.parametrize("size", SIZES)
def test_there_are_as_many_areas_as_asked_for(size: Size) -> None:
    laid = ground.lay(size)
    counts = [len(_of(laid, level)) for level in ("district", "street", "community", "grid")]
    assert counts == [1, size.streets, size.communities, size.grids]
    assert len({spot.code for spot in laid.spots}) == len({spot.name for spot in laid.spots}) == len(laid.spots)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("level", ["street", "community", "grid"])
def test_every_level_tiles_the_district_without_gap_or_overlap(size: Size, level: str) -> None:
    laid = ground.lay(size)
    (district,) = _of(laid, "district")
    parts = _of(laid, level)
    assert all(shapely.is_valid(part) and part.area > 0 for part in parts)
    assert shapely.union_all(parts).symmetric_difference(district).area <= MOST_OFF * district.area
    assert abs(sum(part.area for part in parts) - district.area) <= MOST_OFF * district.area


def test_neighbours_share_the_points_of_their_border() -> None:
    parts = _of(ground.lay(Size()), "grid")
    pairs = [
        (one, other)
        for place, one in enumerate(parts)
        for other in parts[place + 1 :]
        if shapely.intersection(one, other).length > 0
    ]
    assert len(pairs) > len(parts)
    assert all(shapely.intersection(one, other).area == 0 for one, other in pairs)


@pytest.mark.parametrize("size", SIZES[:3])
def test_an_area_is_the_union_of_those_below_it(size: Size) -> None:
    laid = ground.lay(size)
    for spot in laid.spots:
        below = [laid.polygon(one) for one in laid.spots if one.parent_code == spot.code]
        if below:
            whole = laid.polygon(spot)
            assert shapely.union_all(below).symmetric_difference(whole).area <= MOST_OFF * whole.area


def test_somewhere_in_a_grid_lies_inside_it() -> None:
    laid, chance = ground.lay(Size()), Random(3)
    for spot in laid.spots:
        assert all(laid.polygon(spot).contains(shapely.Point(laid.somewhere(spot, chance))) for _ in range(20))


def test_the_borders_are_no_straight_lines() -> None:
    for part in _of(ground.lay(Size()), "community"):
        assert part.area < 0.98 * part.minimum_rotated_rectangle.area


def test_another_seed_gives_another_ground() -> None:
    assert ground.lay(Size()).as_geojson() == ground.lay(Size()).as_geojson()
    assert ground.lay(Size()).as_geojson() != ground.lay(Size(seed=2)).as_geojson()


def test_shares_are_even_and_whole() -> None:
    assert shares(7, 3) == [3, 2, 2]


@pytest.mark.parametrize(
    "size",
    [
        Size(streets=0),
        Size(streets=4, communities=3),
        Size(communities=9, grids=8),
        Size(grids=5001),
        Size(weeks=-1),
        Size(weeks=53),
    ],
)
def test_a_size_that_cannot_be_is_said_in_a_sentence(size: Size) -> None:
    assert size.wrong().endswith(".")
