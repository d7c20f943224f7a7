"""The time can be set for a block, by nobody by accident, and comes back."""

import asyncio
from datetime import UTC, datetime

import pytest

from server.kernel import clock

NOON = datetime(2026, 3, 2, 12, tzinfo=clock.BEIJING)


def test_the_clock_tells_the_present_in_utc() -> None:
    before = datetime.now(UTC)
    told = clock.now()
    assert before <= told <= datetime.now(UTC) and told.tzinfo is UTC


def test_set_it_is_that_moment_until_the_block_ends() -> None:
    with clock.at(NOON):
        assert clock.now() == NOON and clock.now().tzinfo is UTC
        with pytest.raises(ZeroDivisionError), clock.at(NOON.replace(hour=13)):
            raise ZeroDivisionError
        assert clock.now() == NOON
    assert clock.now() != NOON


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"), clock.at(datetime(2026, 3, 2)):
        pass


async def test_setting_it_in_one_task_changes_no_other() -> None:
    async def set_it() -> None:
        with clock.at(NOON):
            await asyncio.sleep(0.01)

    task = asyncio.create_task(set_it())
    await asyncio.sleep(0)
    assert clock.now() != NOON
    await task
