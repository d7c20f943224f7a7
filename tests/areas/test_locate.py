"""Point to grid, against a judge that knows nothing of trees and floats."""

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.areas import tree
from server.areas.choices import choices
from server.areas.locate import Covered, Index, Place, locate
from server.kernel import database
from tests.areas.ground import SMALL, SYSTEM, bring, draw, feature, square

Ring = list[tuple[int, int]]
Shape = list[Ring]
"""An outer ring and holes, in sixteenths of a degree: exact as floats, too."""

UNIT = 16


@st.composite
def rectangles(drawing: st.DrawFn) -> Shape:
    """A rectangle, one corner perhaps cut, perhaps with a hole."""
    west, south = drawing(st.integers(-8, 8)), drawing(st.integers(-8, 8))
    east, north = west + drawing(st.integers(3, 8)), south + drawing(st.integers(3, 8))
    outer = [(west, south), (east, south), (east, north), (west, north)]
    if drawing(st.booleans()):
        outer[2:3] = [(east, north - 1), (east - 1, north)]
    hole = [(west + 1, south + 1), (east - 1, south + 1), (west + 1, north - 1)]
    return [outer, hole] if drawing(st.booleans()) else [outer]


positions = st.tuples(st.integers(-40, 64), st.integers(-40, 64))
"""In quarters of the shapes' unit: corners, edges and between."""


@settings(max_examples=300)
@given(st.lists(rectangles(), max_size=12), st.lists(positions, min_size=1, max_size=20))
def test_it_agrees_with_brute_force_over_all_grids(shapes: list[Shape], points: list[tuple[int, int]]) -> None:
    index = Index([covered(number, shape) for number, shape in enumerate(shapes)])
    for x, y in points:
        right = [number for number, shape in enumerate(shapes) if covers(shape, Fraction(x, 4), Fraction(y, 4))]
        found = index.find(x / 4 / UNIT, y / 4 / UNIT)
        assert (found.grid_id if found else None) == (right[0] if right else None)


@given(st.integers(0, 40), st.integers(0, 40), st.randoms(use_true_random=False))
def test_a_tiling_gives_every_point_to_exactly_one_grid_whatever_the_order(x: int, y: int, chance: Random) -> None:
    tiles = [[[(i, j), (i + 4, j), (i + 4, j + 4), (i, j + 4)]] for i in range(0, 40, 4) for j in range(0, 40, 4)]
    grids = [covered(number, tile) for number, tile in enumerate(tiles)]
    chance.shuffle(grids)
    found = Index(grids).find(x / UNIT, y / UNIT)
    assert found is not None
    assert found.grid_id == min(n for n, tile in enumerate(tiles) if covers(tile, Fraction(x), Fraction(y)))


@given(st.floats(0, 1), st.sampled_from([-1e-12, 0.0, 1e-12]))
def test_no_gap_opens_where_one_neighbour_has_a_corner_and_the_other_none(along: float, rounding: float) -> None:
    slope = [(0.0, 0.0), (0.3, 0.1 + rounding), (0.9, 0.3)]
    below = [*slope, (0.9, -1.0), (0.0, -1.0), (0.0, 0.0)]
    above = [(0.0, 0.0), (0.9, 0.3), (0.9, 1.0), (0.0, 1.0), (0.0, 0.0)]
    grids = [
        Covered(code, "grid", f"/1/2/3/{code}/", database.to_jsonb({"type": "Polygon", "coordinates": [ring]}))
        for code, ring in (("4", below), ("5", above))
    ]
    assert Index(grids).find(0.9 * along, 0.9 * along / 3 - 1e-13) is not None


def covered(number: int, shape: Shape) -> Covered:
    rings = [[[x / UNIT, y / UNIT] for x, y in (*ring, ring[0])] for ring in shape]
    polygon = database.to_jsonb({"type": "Polygon", "coordinates": rings})
    return Covered(f"{number:04}", "grid", f"/9001/9002/9003/{number}/", polygon)


def covers(shape: Shape, x: Fraction, y: Fraction) -> bool:
    """Border and inside, without the inside of holes; by exact fractions."""
    outer, *holes = shape
    if any(on_border(ring, x, y) for ring in shape):
        return True
    return inside(outer, x, y) and not any(inside(hole, x, y) for hole in holes)


def on_border(ring: Ring, x: Fraction, y: Fraction) -> bool:
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        straight = (bx - ax) * (y - ay) == (by - ay) * (x - ax)
        if straight and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return True
    return False


def inside(ring: Ring, x: Fraction, y: Fraction) -> bool:
    crossings = 0
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) * Fraction(bx - ax, by - ay):
            crossings += 1
    return crossings % 2 == 1


class TestWithTheDatabase:
    @pytest.fixture(autouse=True)
    async def ground(self, db: None) -> None:
        await bring(SMALL)
        assert not (
            await draw(
                feature("100101a", square(113, 22)),
                feature("100101b", square(114, 22), square(114.25, 22.25, 0.5)),
                feature("100102", square(113, 23)),
                feature("10", square(113, 22, 5)),
            )
        ).problems

    async def test_a_point_in_a_grid_has_all_four_levels(self) -> None:
        place = await locate(113.5, 22.5)
        assert place is not None and None not in (place.grid_id, place.district_id)
        line = await tree.line(place.ids[0])
        assert line.words == "青川区东街道梧桐社区梧桐一网格"
        assert line.ids == place.ids

    async def test_a_point_on_a_shared_border_belongs_to_the_grid_with_the_lower_code(self) -> None:
        place = await locate(114, 22.5)
        assert place is not None and place.grid_id is not None
        assert (await tree.get(place.grid_id)).code == "100101a"

    async def test_a_hole_is_outside_its_grid_and_finds_the_level_that_covers_it(self) -> None:
        place, district = await locate(114.5, 22.5), await tree.by_code("10")
        assert district is not None
        assert place == Place(district_id=district.id)

    async def test_outside_all_grids_the_community_that_covers_it_is_found(self) -> None:
        place = await locate(113.5, 23.5)
        assert place is not None and place.grid_id is None and place.community_id is not None
        assert (await tree.get(place.community_id)).code == "100102"
        assert None not in (place.street_id, place.district_id)

    @pytest.mark.parametrize(
        "point", [(0, 0), (112.999, 22.5), (float("nan"), 22.5), (float("inf"), 22.5), (22.5, 113.5), (1e308, -1e308)]
    )
    async def test_outside_everything_is_an_answer_too(self, point: tuple[float, float]) -> None:
        assert await locate(*point) is None

    async def test_a_change_is_seen_at_the_next_question(self) -> None:
        before = await locate(113.5, 22.5)
        grid = await tree.by_code("100101a")
        assert before is not None and grid is not None
        await tree.retire(grid.id, by=SYSTEM)
        after = await locate(113.5, 22.5)
        assert after is not None and after.grid_id is None
        await draw(feature("100101b", square(113, 22)))
        again = await locate(113.5, 22.5)
        assert again is not None and again.grid_id not in (None, before.grid_id)

    async def test_what_was_undone_is_not_remembered(self) -> None:
        async def try_out(code: str) -> int | None:
            grid = await tree.by_code(code)
            assert grid is not None
            async with database.transaction():
                await draw(feature(code, square(120, 30)))
                place = await locate(120.5, 30.5)
                await database.execute("SELECT 1")
                raise Undone(place.grid_id if place else None, grid.id)

        for code in ("100102a", "100101a"):
            with pytest.raises(Undone) as undone:
                await try_out(code)
            assert undone.value.args[0] == undone.value.args[1]
        assert await locate(120.5, 30.5) is None

    async def test_streets_and_communities_to_choose_follow_the_tree(self) -> None:
        east, west = await choices()
        assert (east.name, [one.name for one in east.communities]) == ("东街道", ["梧桐社区", "银杏社区"])
        await tree.rename(west.communities[0].id, "新河湾社区", by=SYSTEM)
        assert (await choices())[1].communities[0].name == "新河湾社区"


class Undone(Exception):
    """Raised to undo a transaction."""
