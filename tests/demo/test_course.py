"""Courses under one clock."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

from server.demo import course
from server.kernel import clock

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def _walk(name: str, hours: list[float], seen: list[tuple[str, datetime]]) -> AsyncGenerator[datetime, None]:
    seen.append((name, clock.now()))
    for each in hours:
        yield clock.now() + HOUR * each
        seen.append((name, clock.now()))


async def test_steps_of_all_courses_are_taken_in_the_order_of_time() -> None:
    seen: list[tuple[str, datetime]] = []
    await course.play([(DAWN + HOUR, _walk("b", [3], seen)), (DAWN, _walk("a", [2, 1], seen))])
    assert [name for name, _ in seen] == ["a", "b", "a", "a", "b"]
    assert [at for _, at in seen] == sorted(at for _, at in seen)


async def test_the_clock_never_goes_back_for_a_moment_that_has_passed() -> None:
    seen: list[tuple[str, datetime]] = []
    await course.play([(DAWN, _walk("a", [-5, 1], seen))])
    assert [at for _, at in seen] == [DAWN, DAWN, DAWN + HOUR]


async def test_what_would_come_after_the_end_does_not_happen() -> None:
    seen: list[tuple[str, datetime]] = []
    steps = await course.play([(DAWN, _walk("a", [1, 1, 1], seen))], until=DAWN + HOUR * 1.5)
    assert steps == len(seen) == 2


async def test_nothing_at_all_is_no_step() -> None:
    assert await course.play([]) == 0
