"""The map that lights up: counts by grid through a lens, and what is not said where there are few."""

from datetime import timedelta
from typing import Any

import pytest

from server.areas import polygons
from server.households import lighting, lists, visits
from server.households.lighting import Grid
from server.kernel import clock
from tests import cast as casting
from tests.cast import Cast
from tests.households.making import household, linked
from tests.households.test_visits import contact


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


def grid(households: int, linked: int = 0, met: int = 0) -> Grid:
    return Grid(id=1, code="1", name="一", community="民乐", households=households, linked=linked, met=met)


async def test_a_grid_shines_by_who_is_linked_and_who_was_met_in_the_period(cast: Cast) -> None:
    there = [await linked(cast, f"50{at}") for at in range(4)] + [await household(cast, f"60{at}") for at in range(2)]
    with clock.at(clock.now() - timedelta(days=60)):
        await visits.record(contact(there[0]), cast.party_member)
    for each in there[1:3]:
        await visits.record(contact(each), cast.party_member)
    await visits.record(contact(there[3], outcome="nobody_home"), cast.party_member)
    look = lists.lens(cast.secretary)
    one, other = await lighting.grids(look, 30)
    assert (one.name, one.community, one.households, one.linked, one.met) == ("民乐一网格", "民乐社区", 6, 4, 2)
    assert (one.words("met"), one.words("linked")) == ("6 户,2 户见过面", "6 户,4 户有人联系")
    assert (await lighting.grids(look, 90))[0].met == 3
    assert (other.households, other.few, other.shade("met")) == (0, True, None)
    assert [each.code for each in lighting.darkest([other, one], "met")] == [one.code, other.code]


async def test_of_fewer_than_five_households_nothing_is_said(cast: Cast) -> None:
    for at in range(4):
        await linked(cast, f"50{at}")
    [one, _] = await lighting.grids(lists.lens(cast.secretary), 30)
    assert (one.households, one.linked, one.met, one.dark("linked"), one.words("met")) == (4, 0, 0, 0, "不到 5 户")


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("secretary", ["民乐一网格", "民乐二网格"]),
        ("grid_worker", ["民乐一网格"]),
        ("next_staff", ["向阳一网格"]),
        ("street_secretary", ["民乐一网格", "民乐二网格", "向阳一网格"]),
        ("centre", ["民乐一网格", "民乐二网格", "向阳一网格"]),
    ],
)
async def test_everybody_sees_their_own_area(cast: Cast, who: str, expected: list[str]) -> None:
    found = await lighting.grids(lists.lens(getattr(cast, who)), 90)
    assert [one.name for one in found] == expected
    assert len(await polygons.shapes(cast.district, "grid")) == 3


@pytest.mark.parametrize(
    ("one", "shade"),
    [
        (grid(4, met=4), None),
        (grid(10, met=10), 0),
        (grid(10, met=9), 0),
        (grid(10, met=5), 2),
        (grid(10, met=1), 4),
        (grid(10), 4),
    ],
)
def test_how_dark_it_is(one: Grid, shade: Any) -> None:
    assert one.shade("met") == shade
