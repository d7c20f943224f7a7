"""Work for later, on the same database: enqueued inside a verb's transaction, so it exists exactly if the change does."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

from server.kernel import database

Work = Callable[[Any], Awaitable[None]]

jobs: dict[str, tuple[Work, type]] = {}
"""Every kind of job: its name, what does it, and the type of its data. The worker serves them all."""

schedules: dict[str, tuple[str, Callable[[], Awaitable[None]]]] = {}
"""What runs by the clock: its name, a cron expression (UTC), what does it."""


def job(name: str, data: type) -> Callable[[Work], Work]:
    """Make a function the work of the job `name`; it gets one value of the type `data`."""

    def enlist(work: Work) -> Work:
        jobs[name] = (work, data)
        return work

    return enlist


def schedule(name: str, expression: str) -> Callable[[Callable[[], Awaitable[None]]], Callable[[], Awaitable[None]]]:
    """Have a function run by the clock, e.g. `schedule("tick", "* * * * *")`."""

    def enlist(work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        schedules[name] = (expression, work)
        return work

    return enlist


async def enqueue(name: str, data: msgspec.Struct) -> None:
    """Have the job done by the worker once the open transaction is committed."""
    async with database.connection() as one:
        await Queries(AsyncpgDriver(one)).enqueue(name, msgspec.json.encode(data))
