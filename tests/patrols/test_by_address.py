"""A place without a position lies where the address register is sure that its address lies."""

import pytest

from server.kernel import database
from server.kernel.errors import Invalid
from server.patrols import importing
from server.patrols import place as places
from tests import cast as making
from tests.addresses.register import bring
from tests.cast import Cast
from tests.patrols.making import kind, place

ADDRESS = "民治路12号3栋"


async def _register(cast: Cast) -> None:
    done = await bring([{"community_code": "440300001001", "grid_code": "44030000100102", "text": ADDRESS}])
    assert not done.problems, done.problems


async def test_the_address_says_the_grid_where_nothing_else_does(db: None) -> None:
    cast = await making.gather()
    await _register(cast)
    of = await kind(cast)
    made = await place(cast, of, cast.staff, square=None, address_text="民治路 12 号三幢")
    found = await places.load(made.place_id, cast.staff)
    assert (found.grid, found.community) == (cast.second_grid, cast.community)
    assert await database.fetch_value("SELECT text FROM addresses WHERE id = $1", found.address) == ADDRESS


async def test_the_grid_of_the_address_is_taken_within_the_chosen_community(db: None) -> None:
    cast = await making.gather()
    await _register(cast)
    of = await kind(cast)
    made = await place(cast, of, cast.staff, square=None, area_id=cast.community, address_text=ADDRESS)
    assert (await places.load(made.place_id, cast.staff)).grid == cast.second_grid


async def test_a_position_and_a_chosen_grid_win_over_the_address(db: None) -> None:
    cast = await making.gather()
    await _register(cast)
    of = await kind(cast)
    by_position = await place(cast, of, cast.staff, square=0, address_text=ADDRESS)
    by_choice = await place(cast, of, cast.staff, square=None, area_id=cast.grid, address_text=ADDRESS)
    for made in (by_position, by_choice):
        assert (await places.load(made.place_id, cast.staff)).grid == cast.grid


async def test_an_address_in_somebody_elses_area_is_refused_like_any_place_there(db: None) -> None:
    cast = await making.gather()
    await _register(cast)
    with pytest.raises(Invalid) as error:
        await place(cast, await kind(cast), cast.next_staff, square=None, address_text=ADDRESS)
    assert set(error.value.fields) == {"area"}


async def test_a_file_may_say_the_address_alone(db: None) -> None:
    cast = await making.gather()
    await _register(cast)
    await kind(cast)
    header = ",".join(importing.COLUMNS)
    row = {"kind": "k-消防栓", "external_code": "XF-1", "name": "消防栓 1", "address": ADDRESS}
    content = "\n".join((header, ",".join(row.get(column, "") for column in importing.COLUMNS))).encode()
    assert (await importing.import_places(content, by=cast.staff)).created == 1
    assert (await importing.import_places(content, by=cast.staff)).unchanged == 1
    assert await database.fetch_value("SELECT grid FROM places") == cast.second_grid
