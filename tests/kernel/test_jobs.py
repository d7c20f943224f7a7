"""Jobs: done once if the change was committed, never if it was not, tried again, visible when they fail for good."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from server import worker
from server.kernel import database, jobs

Wait = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]


class Note(msgspec.Struct, frozen=True):
    text: str


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Only the job `note` is registered; it writes into this list, and fails where the text says so."""
    texts: list[str] = []

    async def note(data: Note) -> None:
        texts.append(data.text)
        if data.text.startswith("fails"):
            raise ValueError("it was told to fail")

    monkeypatch.setattr(jobs, "jobs", {"note": (note, Note)})
    monkeypatch.setattr(jobs, "schedules", {})
    monkeypatch.setattr(jobs, "loops", {})
    monkeypatch.setattr(worker, "FIRST_PAUSE", timedelta(milliseconds=20))
    monkeypatch.setattr(worker, "LOOK_AGAIN", timedelta(milliseconds=200))
    yield texts


@asynccontextmanager
async def serving() -> AsyncIterator[None]:
    stop = asyncio.Event()
    serving = asyncio.create_task(worker._serve(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(serving, 20)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def _queue_is_empty() -> bool:
    return await database.fetch_value("SELECT count(*) FROM pgqueuer WHERE status <> 'failed'") == 0


async def test_a_job_of_a_committed_transaction_runs_once(fresh_db: str, done: list[str]) -> None:
    async with serving():
        async with database.transaction():
            await jobs.enqueue("note", Note("先生,您好"))
            await asyncio.sleep(0.3)
            assert done == [], "it must not run before the commit"
        await until(_queue_is_empty)
        await asyncio.sleep(0.3)
    assert done == ["先生,您好"]


async def test_a_job_of_a_rolled_back_transaction_never_runs(fresh_db: str, done: list[str]) -> None:
    async with serving():
        with contextlib.suppress(ZeroDivisionError):
            async with database.transaction():
                await jobs.enqueue("note", Note("never"))
                raise ZeroDivisionError
        await jobs.enqueue("note", Note("afterwards"))
        await until(_queue_is_empty)
    assert done == ["afterwards"]


async def test_a_rolled_back_savepoint_takes_only_its_own_job_with_it(fresh_db: str, done: list[str]) -> None:
    async with serving():
        async with database.transaction():
            await jobs.enqueue("note", Note("outer"))
            with contextlib.suppress(ZeroDivisionError):
                async with database.transaction():
                    await jobs.enqueue("note", Note("inner"))
                    raise ZeroDivisionError
        await until(_queue_is_empty)
    assert done == ["outer"]


async def test_a_failing_job_is_tried_up_to_the_limit_and_then_visible(
    fresh_db: str, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "ATTEMPTS", 3)
    async with serving():
        await jobs.enqueue("note", Note("fails always"))

        async def held() -> bool:
            return bool(await jobs.failed())

        await until(held)
        await asyncio.sleep(0.3)
        assert done == ["fails always"] * 3
        [failed] = await jobs.failed()
        assert (failed.name, failed.attempts, failed.error) == ("note", 3, "ValueError: it was told to fail")

        await jobs.retry([failed.id])

        async def tried_again() -> bool:
            return len(done) == 6 and bool(await jobs.failed())

        await until(tried_again)


async def test_a_job_with_data_of_another_shape_fails_and_disturbs_no_other(
    fresh_db: str, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "ATTEMPTS", 1)

    class Other(msgspec.Struct):
        number: int

    async with serving():
        await jobs.enqueue("note", Other(1))
        await jobs.enqueue("note", Note("well"))
        await until(_queue_is_empty)

        async def held() -> bool:
            return bool(await jobs.failed())

        await until(held)
    assert done == ["well"]
    assert "ValidationError" in (await jobs.failed())[0].error


async def test_retrying_a_job_that_has_not_failed_does_nothing(fresh_db: str) -> None:
    await jobs.enqueue("note", Note("waits"))
    number = await database.fetch_value("SELECT id FROM pgqueuer")
    await jobs.retry([number, 999_999])
    assert await database.fetch_value("SELECT attempts FROM pgqueuer") == 0
    assert await jobs.failed() == []


async def test_a_schedule_runs_by_the_clock(fresh_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ticked = asyncio.Event()

    async def tick() -> None:
        ticked.set()

    monkeypatch.setattr(jobs, "jobs", {})
    # With a sixth field the expression counts seconds.
    monkeypatch.setattr(jobs, "schedules", {"tick": ("* * * * * *", tick)})
    async with serving():
        await asyncio.wait_for(ticked.wait(), 10)


async def test_a_loop_runs_on_at_once_while_there_is_something_to_do(
    fresh_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [3, 2, 1]
    ended = asyncio.Event()

    async def work() -> int:
        if not left:
            ended.set()
            return 0
        return left.pop()

    monkeypatch.setattr(jobs, "loops", {"work": (600.0, work)})
    async with serving():
        await asyncio.wait_for(ended.wait(), 10)


async def test_a_loop_that_breaks_goes_on_and_disturbs_no_job(
    fresh_db: str, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = 0
    again = asyncio.Event()

    async def breaks() -> int:
        nonlocal rounds
        rounds += 1
        if rounds < 3:
            raise ValueError("it was told to break")
        again.set()
        return 0

    monkeypatch.setattr(jobs, "loops", {"breaks": (0.01, breaks)})
    async with serving():
        await jobs.enqueue("note", Note("well"))
        await until(_queue_is_empty)
        await asyncio.wait_for(again.wait(), 10)
    assert done == ["well"]


async def test_sigterm_lets_the_worker_finish_what_it_has_in_hand(fresh_db: str, tmp_path: Path) -> None:
    await jobs.enqueue("slow", Note("started"))
    process = _start_worker(fresh_db, tmp_path)
    try:
        await until(_file_says(tmp_path / "said", "started"))
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 20) == 0
    finally:
        process.kill()
    assert (tmp_path / "said").read_text() == "started ended "
    assert await _queue_is_empty()


async def test_a_job_cut_short_by_kill_9_stays_in_the_queue(fresh_db: str, tmp_path: Path) -> None:
    await jobs.enqueue("slow", Note("started"))
    process = _start_worker(fresh_db, tmp_path)
    try:
        await until(_file_says(tmp_path / "said", "started"))
    finally:
        process.kill()
    await asyncio.to_thread(process.wait, 20)
    assert await database.fetch_value("SELECT count(*) FROM pgqueuer") == 1


async def test_every_job_and_schedule_of_the_rooms_is_registered_by_the_worker() -> None:
    code = "from server import worker; from server.kernel import jobs; worker.import_rooms(); print(len(jobs.jobs))"
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


SLOW = """
import asyncio, pathlib, sys
import msgspec
from server import worker
from server.kernel import jobs

class Note(msgspec.Struct):
    text: str

said = pathlib.Path(sys.argv[1])

@jobs.job("slow", Note)
async def slow(note):
    said.write_text(note.text + " ")
    await asyncio.sleep(1)
    said.write_text(note.text + " ended ")

worker.import_rooms = lambda: None
asyncio.run(worker.main())
"""


def _start_worker(url: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", SLOW, str(folder / "said")], env={**os.environ, "DATABASE_URL": url}, cwd=Path.cwd()
    )


def _file_says(path: Path, word: str) -> Callable[[], Awaitable[bool]]:
    async def says() -> bool:
        return path.exists() and word in path.read_text()

    return says
