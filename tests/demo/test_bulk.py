"""Very many cases by COPY: plausible ones, with histories that verify, and every index back in its place."""

import pytest

from server.cases import lists
from server.cases.lists import Filter
from server.demo import bulk, district
from server.demo.size import Size
from server.kernel import database, events
from server.kernel.events import Head

SIZE = Size(streets=1, communities=2, grids=3, weeks=0)


async def test_cases_are_there_with_histories_that_verify_and_owners(db: None) -> None:
    await district.found(SIZE)
    await bulk.fill(300, 60)
    rows = await database.fetch("SELECT id, open, number, history_sequence, history_link FROM cases")
    assert (len(rows), sum(row["open"] for row in rows)) == (300, 60)
    for row in rows:
        told = await events.history(f"case:{row['id']}")
        assert events.verifies(told, Head(row["history_sequence"], row["history_link"]))
    owned = """SELECT count(*) FROM cases c JOIN standings s ON s."case" = c.id AND s.kind = 'owner'
               AND s.until IS NULL AND s.post = c.owner_post JOIN holdings h ON h.post = s.post AND h.until IS NULL"""
    assert await database.fetch_value(owned) == 300
    for table in ("reports", "report_cases", "clock_segments"):
        assert await database.fetch_value(f"SELECT count(*) FROM {table}") == 300


async def test_the_desk_lists_them(db: None) -> None:
    made = await district.found(SIZE)
    await bulk.fill(200, 80)
    look = lists.lens(made.officers()[0])
    assert (await lists.counts(look)).all == 80
    assert len((await lists.page(look, Filter(done=True))).rows) == lists.PAGE


async def test_filling_again_adds_more(db: None) -> None:
    await district.found(SIZE)
    await bulk.fill(100, 10)
    await bulk.fill(100, 10)
    assert await database.fetch_value("SELECT count(DISTINCT number) FROM cases") == 200


async def test_indexes_are_made_anew(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    await district.found(SIZE)
    indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
    before = [tuple(row) for row in await database.fetch(indexes)]
    monkeypatch.setattr(bulk, "LARGE", 10)
    await bulk.fill(50, 5)
    assert [tuple(row) for row in await database.fetch(indexes)] == before


async def test_without_a_district_it_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="no demo district"):
        await bulk.fill(10, 1)
    with pytest.raises(ValueError, match="more open cases"):
        await bulk.fill(1, 2)
