"""Token buckets: so many at once, so many an hour, counted the same by every process."""

import asyncio
from datetime import UTC, datetime, timedelta

from server.kernel import clock, database, limits

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def _take(key: str, count: int, after: timedelta = timedelta()) -> list[bool]:
    with clock.at(NOON + after):
        return [await limits.take(key, burst=3, per_hour=6) for _ in range(count)]


async def test_a_full_bucket_gives_its_burst_and_no_more(db: None) -> None:
    assert await _take("a", 5) == [True, True, True, False, False]


async def test_it_refills_with_time_and_not_beyond_its_size(db: None) -> None:
    await _take("a", 3)
    assert await _take("a", 2, timedelta(minutes=9)) == [False, False]
    assert await _take("a", 2, timedelta(minutes=10)) == [True, False]
    assert await _take("a", 5, timedelta(days=9)) == [True, True, True, False, False]


async def test_being_refused_costs_nothing(db: None) -> None:
    await _take("a", 30)
    assert await _take("a", 1, timedelta(minutes=10)) == [True]


async def test_buckets_are_apart(db: None) -> None:
    await _take("a", 3)
    assert await _take("b", 1) == [True]


async def test_a_clock_that_goes_back_gives_nothing_away(db: None) -> None:
    await _take("a", 3)
    assert await _take("a", 1, timedelta(minutes=-30)) == [False]


async def test_twenty_at_once_get_no_token_twice(fresh_db: str) -> None:
    taken = await asyncio.gather(*(limits.take("a", burst=5, per_hour=1) for _ in range(20)))
    assert sum(taken) == 5
    assert await database.fetch_value("SELECT count(*) FROM buckets") == 1
