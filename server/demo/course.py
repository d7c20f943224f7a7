"""Many courses at once under one clock that only goes forward: each is taken up again when its next moment has come."""

import heapq
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from datetime import datetime
from typing import TypeAlias

from server.kernel import clock

Course: TypeAlias = AsyncGenerator[datetime, None]
"""Does one step, yields the moment of the next; the clock stands at that moment when it goes on."""


async def play(
    courses: Iterable[tuple[datetime, Course]],
    *,
    until: datetime | None = None,
    after_step: Callable[[datetime], Awaitable[None]] | None = None,
) -> int:
    """Run courses, each from its moment, in the order of time; how many steps were taken.

    What would happen after `until` does not: the course stays where it is. A moment before the clock counts as now.
    Courses of the same moment go in the order in which they asked for it.
    """
    due: list[tuple[datetime, int, Course]] = []
    serial = 0
    for serial, (moment, course) in enumerate(courses):
        heapq.heappush(due, (moment, serial, course))
    present = due[0][0] if due else None
    steps = 0
    while due:
        moment, _, course = heapq.heappop(due)
        if until is not None and moment > until:
            await course.aclose()
            continue
        assert present is not None
        present = max(present, moment)
        with clock.at(present):
            following = await anext(course, None)
            if after_step is not None:
                await after_step(present)
        steps += 1
        if following is not None:
            serial += 1
            heapq.heappush(due, (max(following, present), serial, course))
    return steps
