"""The demo's address register is the same each time, and answers."""

from server.addresses import matcher
from server.demo import addresses, district, ground
from server.demo.size import Size
from server.kernel import database

SMALL = Size(streets=1, communities=2, grids=6)


def test_the_same_seed_gives_the_same_register() -> None:
    laid = ground.lay(Size())
    first, second = ([*addresses._lines(laid, addresses.Random("one"))] for _ in range(2))
    assert first == second
    assert 2000 < len(first) < addresses.MOST


async def test_a_founded_district_finds_its_addresses_in_the_grids_where_they_lie(db: None) -> None:
    await district.found(SMALL)
    rows = await database.fetch(
        """SELECT a.text, a.grid, c.id AS community FROM addresses AS a JOIN areas AS c ON c.id = a.community
           WHERE a.id % 17 = 0"""
    )
    assert rows
    for row in rows:
        assert row["grid"] is not None
        found = await matcher.match(row["text"], community_id=row["community"])
        assert found.grid_id == row["grid"], (row["text"], found)
    assert await database.fetch_value("SELECT count(*) FROM address_aliases") > 0
