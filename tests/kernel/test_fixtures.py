"""The ground the other tests stand on: what they do to the database stays with them."""

import asyncio

from server.kernel import database


async def test_what_a_test_writes_is_there_for_itself(db: None) -> None:
    await database.execute("INSERT INTO buckets (key, tokens, at) VALUES ('left', 1, now())")
    assert await database.fetch_value("SELECT count(*) FROM buckets") == 1


async def test_and_gone_for_the_next_one(db: None) -> None:
    assert await database.fetch_value("SELECT count(*) FROM buckets") == 0


async def test_a_failing_savepoint_undoes_only_itself(db: None) -> None:
    await database.execute("INSERT INTO buckets (key, tokens, at) VALUES ('kept', 1, now())")
    try:
        async with database.transaction():
            await database.execute("INSERT INTO buckets (key, tokens, at) VALUES ('kept', 2, now())")
    except Exception:
        pass
    assert await database.fetch_value("SELECT tokens FROM buckets") == 1


async def test_a_fresh_database_commits_and_takes_several_at_once(fresh_db: str) -> None:
    async def write(number: int) -> None:
        async with database.transaction():
            await database.execute("INSERT INTO buckets (key, tokens, at) VALUES ($1, 1, now())", str(number))

    await asyncio.gather(*(write(number) for number in range(20)))
    assert await database.fetch_value("SELECT count(*) FROM buckets") == 20


async def test_a_fresh_database_leaves_nothing_to_the_shared_one(db: None) -> None:
    assert await database.fetch_value("SELECT count(*) FROM buckets") == 0
