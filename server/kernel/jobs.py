"""Work for later, on the same database: enqueued in a verb's transaction, so it exists exactly if the change does."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries
from pgqueuer.types import JobId

from server.kernel import database

Work = Callable[[Any], Awaitable[None]]

jobs: dict[str, tuple[Work, type]] = {}
"""Every kind of job: its name, what does it, and the type of its data. The worker serves them all."""

schedules: dict[str, tuple[str, Callable[[], Awaitable[None]]]] = {}
"""What runs by the clock: its name, a cron expression (UTC), what does it."""

Round = Callable[[], Awaitable[int]]

loops: dict[str, tuple[float, Round]] = {}
"""What is done over and over beside the queue: its name, the pause in seconds when nothing was left, what does it."""


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


def loop(name: str, seconds: float) -> Callable[[Round], Round]:
    """Have a function run over and over in every worker: at once while it answers how much it did, else after a pause.

    Every worker runs it, so it must share the work by locks (FOR UPDATE SKIP LOCKED).
    """

    def enlist(work: Round) -> Round:
        loops[name] = (seconds, work)
        return work

    return enlist


_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


@contextmanager
def quiet() -> Iterator[None]:
    """Enqueue and tell nothing within this block: what the demo and the replay tell of the past must reach nobody."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def is_quiet() -> bool:
    """Whether what happens now must reach nobody."""
    return _quiet.get()


async def enqueue(name: str, *data: msgspec.Struct, after: timedelta | None = None) -> None:
    """Have the job done by the worker, once for each of `data`, when the open transaction is committed.

    With `after`, not before so long.
    """
    if is_quiet() or not data:
        return
    async with database.connection() as one:
        payloads: list[bytes | None] = [msgspec.json.encode(each) for each in data]
        await Queries(AsyncpgDriver(one)).enqueue(
            [name] * len(payloads), payloads, [0] * len(payloads), [after] * len(payloads)
        )


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """A job that was tried as often as it may be and is held until somebody looks."""

    id: int
    name: str
    at: datetime
    attempts: int
    error: str


async def failed(limit: int = 200) -> list[Failed]:
    """Jobs that failed for good, latest first."""
    rows = await database.fetch(
        """SELECT job.id, job.entrypoint AS name, job.updated AS at, job.attempts + 1 AS attempts,
                  COALESCE(told.traceback ->> 'exception_type', '') || ': '
                  || COALESCE(told.traceback ->> 'exception_message', '') AS error
             FROM pgqueuer AS job
             LEFT JOIN LATERAL (
                 SELECT traceback FROM pgqueuer_log AS log
                  WHERE log.job_id = job.id AND traceback IS NOT NULL
                  ORDER BY created DESC, log.id DESC LIMIT 1
             ) AS told ON true
            WHERE job.status = 'failed'
            ORDER BY job.updated DESC, job.id DESC
            LIMIT $1""",
        limit,
    )
    return [msgspec.convert(dict(row), Failed) for row in rows]


async def retry(ids: Sequence[int]) -> None:
    """Have failed jobs tried again from the beginning; others are left alone."""
    async with database.connection() as one:
        await Queries(AsyncpgDriver(one)).requeue_jobs([JobId(number) for number in ids])
