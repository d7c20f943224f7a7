"""Events that nobody was told of: named with the event, shared among workers, never lost."""

import asyncio
from datetime import timedelta

import pytest

from server.kernel import clock, database, events, jobs, untold
from server.kernel.actor import the_system

BY = the_system("test")


async def told(kind: str = "thing.done") -> None:
    await events.record("thing:1", kind, {}, BY)


async def test_every_event_waits_to_be_told_however_it_was_written(db: None) -> None:
    await told()
    await events.record_many("thing.done", [("thing:1", {}), ("thing:2", {})], BY)
    await events.begin_many("thing.begun", [("thing:3", {})], BY)
    taken = await untold.take(10)
    assert [event.kind for event in taken] == ["thing.done", "thing.done", "thing.done", "thing.begun"]
    await untold.done([event.id for event in taken])
    assert await untold.take(10) == []
    assert len(await events.history("thing:1")) == 2


async def test_of_the_past_nobody_is_told(db: None) -> None:
    with jobs.quiet():
        await told()
        await events.begin_many("thing.begun", [("thing:2", {})], BY)
    assert await untold.take(10) == []
    assert len(await events.history("thing:1")) == 1


async def test_an_event_that_never_happened_is_not_told(db: None) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction():
            await told()
            raise ZeroDivisionError
    assert await untold.take(10) == []


async def test_two_workers_never_hold_the_same_event_and_a_killed_one_lets_go(fresh_db: str) -> None:
    for _ in range(4):
        await told()
    held, let_go = asyncio.Event(), asyncio.Event()
    taken: list[set[object]] = []

    async def worker() -> None:
        with pytest.raises(ZeroDivisionError):
            async with database.transaction():
                taken.append({event.id for event in await untold.take(2)})
                held.set()
                await let_go.wait()
                raise ZeroDivisionError

    one = asyncio.create_task(worker())
    await held.wait()
    async with database.transaction():
        taken.append({event.id for event in await untold.take(10)})
    let_go.set()
    await one
    assert [len(one) for one in taken] == [2, 2] and not taken[0] & taken[1]
    async with database.transaction():
        assert len(await untold.take(10)) == 4


async def test_what_cannot_be_told_is_tried_again_ever_later_and_then_held(db: None) -> None:
    await told()
    moment = clock.now()
    tries = 0
    for _ in range(untold.TRIES * 2):
        with clock.at(moment):
            for event in await untold.take(10):
                tries += 1
                await untold.failed(event.id, "it broke")
                assert await untold.take(10) == [], "not again at once"
        moment += timedelta(hours=1)
    assert tries == untold.TRIES
    (held,) = await untold.held()
    assert (held.kind, held.error) == ("thing.done", "it broke")
    await untold.retry()
    with clock.at(moment):
        assert len(await untold.take(10)) == 1
