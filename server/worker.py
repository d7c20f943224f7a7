"""`python -m server.worker`: does the jobs that verbs enqueued, what runs by the clock, the loops. Any number of them.

A job runs at least once: after a crash in its middle it runs again, so every job must bear being repeated. One that
fails is tried again with growing pauses; after `ATTEMPTS` it is held as failed, visible in `jobs.failed()`.
"""

import asyncio
import importlib
import pkgutil
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import asyncpg
import msgspec
import structlog
from pgqueuer import PgQueuer
from pgqueuer.errors import FailingListenerError
from pgqueuer.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job, Schedule

import server
from server.kernel import database, jobs, logs
from server.kernel.settings import settings

ATTEMPTS = 12
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=10)
AT_ONCE = 20
LOOK_AGAIN = timedelta(seconds=5)
"""How often the queue is looked at when nothing announces itself: a job to be tried again does not."""
KEEP_LOG_DAYS = 30
LONGEST_LOOP_PAUSE = 30.0

_AWAY = (*database.AWAY, OSError, asyncpg.PostgresError, RuntimeError, FailingListenerError)
"""What a database that went away, or does not answer in time, looks like from here."""

log = structlog.get_logger("worker")


async def work(stop: asyncio.Event) -> None:
    """Serve all jobs and schedules until `stop`; then finish what is in hand. Survives a restart of the database."""
    pause = 0.5
    while not stop.is_set():
        try:
            # Opened anew each time: a pool that lost its server may keep connections it cannot give back.
            async with database.pool(min_size=2, max_size=10):
                log.info("ready", jobs=len(jobs.jobs), schedules=len(jobs.schedules), loops=len(jobs.loops))
                pause = 0.5
                await _serve(stop)
        except _AWAY as error:
            if stop.is_set():
                return
            log.warning("database away", error=str(error) or type(error).__name__, again_in=pause)
            await _sleep(pause, stop)
            pause = min(pause * 2, 30)


def import_rooms() -> None:
    """Import every module of every room, so that their jobs and schedules are registered."""
    for module in pkgutil.walk_packages(server.__path__, "server."):
        if module.name.split(".")[1] not in ("supervisor", "worker", "demo") and not module.name.endswith("__main__"):
            importlib.import_module(module.name)


async def _serve(stop: asyncio.Event) -> None:
    live = database.engine().pool
    assert live is not None
    queue = PgQueuer.from_asyncpg_pool(live)
    for name, (work, data) in jobs.jobs.items():
        queue.entrypoint(name, on_failure="hold", accepts_context=False, executor_factory=_patiently)(
            partial(_do, work, data)
        )
    for name, (expression, tick) in {**jobs.schedules, "worker.sweep": ("17 3 * * *", sweep)}.items():
        queue.schedule(name, expression, clean_old=False, accepts_context=False)(partial(_tick, tick))
    over = asyncio.Event()
    stopping = asyncio.create_task(_pass_on(stop, queue.shutdown, over))
    looping = [asyncio.create_task(_loop(name, *loop, over)) for name, loop in jobs.loops.items()]
    try:
        await queue.run(
            batch_size=AT_ONCE // 2,
            max_concurrent_tasks=AT_ONCE,
            dequeue_timeout=LOOK_AGAIN,
            shutdown_on_listener_failure=True,
        )
    finally:
        over.set()
        stopping.cancel()
        # What a loop has in hand is finished before the pool closes.
        await asyncio.gather(*looping)


async def _loop(name: str, pause: float, work: jobs.Round, over: asyncio.Event) -> None:
    failures = 0
    with structlog.contextvars.bound_contextvars(loop=name):
        while not over.is_set():
            try:
                done = await work()
                failures = 0
            except Exception as error:
                done, failures = 0, failures + 1
                log.warning("loop broke", error=str(error) or type(error).__name__, times=failures)
            if not done:
                # The exponent is held: hours without a database must not make a number that is none.
                await _sleep(min(pause * 2 ** min(failures, 10), LONGEST_LOOP_PAUSE), over)


async def _do(work: Callable[[Any], Awaitable[None]], data: type, job: Job) -> None:
    with structlog.contextvars.bound_contextvars(job=job.entrypoint, job_id=job.id, attempt=job.attempts):
        await work(msgspec.json.decode(job.payload or b"null", type=data))


async def _tick(work: Callable[[], Awaitable[None]], schedule: Schedule) -> None:
    with structlog.contextvars.bound_contextvars(schedule=schedule.entrypoint):
        await work()


def _patiently(parameters: Any) -> DatabaseRetryEntrypointExecutor:
    return DatabaseRetryEntrypointExecutor(
        parameters=parameters,
        max_attempts=ATTEMPTS - 1,
        initial_delay=FIRST_PAUSE,
        max_delay=LONGEST_PAUSE,
    )


async def sweep() -> None:
    """Drop the queue's diary of jobs that went well, and limits that have long refilled; failed jobs stay."""
    await database.execute(
        "DELETE FROM pgqueuer_log WHERE aggregated AND created < now() - make_interval(days => $1)", KEEP_LOG_DAYS
    )
    await database.execute("DELETE FROM buckets WHERE at < now() - interval '7 days'")


async def _pass_on(stop: asyncio.Event, *on: asyncio.Event) -> None:
    await stop.wait()
    for event in on:
        event.set()


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def main() -> None:
    """The process: until SIGTERM or SIGINT."""
    logs.configure(settings())
    import_rooms()
    stop = asyncio.Event()
    for which in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(which, stop.set)
    await work(stop)
    log.info("drained")


if __name__ == "__main__":
    asyncio.run(main())
