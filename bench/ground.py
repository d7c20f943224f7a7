"""What every measurement stands on: a PostgreSQL of its own as an installation runs it, servers, a load of requests."""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from server.supervisor.postgres import Postgres

ROOT = Path(__file__).parent.parent
SERVER = {"shared_buffers": "512MB", "max_wal_size": "4GB", "effective_cache_size": "4GB", "jit": "off"}
"""Settings of the measured PostgreSQL; fsync and synchronous_commit stay on."""
SECRET_KEY = "the-secret-of-the-bench-is-no-secret-0123456789"


@contextmanager
def database(name: str) -> Iterator[str]:
    """A fresh migrated database on a PostgreSQL of its own; its address. The environment is set for `server`."""
    with tempfile.TemporaryDirectory(prefix="huying-bench-") as folder:
        postgres = Postgres(Path(folder) / "postgres", SERVER)
        postgres.start()
        try:
            postgres.create(name)
            os.environ.update(
                DATABASE_URL=postgres.url(name),
                SECRET_KEY=SECRET_KEY,
                PHOTO_FOLDER=str(Path(folder) / "photos"),
                ARGON2_COST="8",
                LOG_LEVEL="ERROR",
            )
            migrate(postgres.url(name))
            point_this_process_to(postgres.url(name))
            yield postgres.url(name)
        finally:
            postgres.stop()


def migrate(url: str) -> None:
    """Bring a database to this version."""
    command = [sys.executable, "-m", "piccolo.main", "migrations", "forwards", "huying"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": url}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)


def point_this_process_to(url: str) -> None:
    """A second database in one process: what was read for the first is read anew."""
    from server.kernel.database import engine
    from server.kernel.settings import settings

    settings.cache_clear()
    engine().config["dsn"] = url


@contextmanager
def served(app: str, path: str, workers: int = 2) -> Iterator[int]:
    """Run an ASGI factory under uvicorn as an installation does, until it answers `path`; the port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", app, "--factory", "--port", str(port), "--workers", str(workers)]
    command += ["--no-access-log", "--log-level", "error", "--proxy-headers", "--forwarded-allow-ips", "127.0.0.1"]
    running = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        _wait_until_answering(f"http://127.0.0.1:{port}{path}")
        yield port
    finally:
        running.terminate()
        running.wait(20)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@contextmanager
def working() -> Iterator[None]:
    """Run a worker as an installation does."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen([sys.executable, "-m", "server.worker"], cwd=ROOT, env=environment)
    try:
        yield
    finally:
        running.terminate()
        running.wait(30)


class Measured(msgspec.Struct, frozen=True):
    """What a load gave: requests a second, milliseconds at the median and the 95th percentile, answers that failed."""

    per_second: float
    median: float
    p95: float
    refused: dict[int, int]
    """Statuses that were not expected, and how often."""

    @property
    def failed(self) -> int:
        """How many answers were not as expected."""
        return sum(self.refused.values())

    def __str__(self) -> str:
        failed = f"{self.failed} {self.refused}" if self.refused else "0"
        return f"{self.per_second:7.0f}/s  median {self.median:6.1f} ms  p95 {self.p95:6.1f} ms  failed {failed}"


Request = Callable[[int], bytes]
"""The bytes of the n-th HTTP/1.1 request."""


def load(port: int, request: Request, *, connections: int, seconds: float, expect: Sequence[int]) -> Measured:
    """Send requests one after the other on each of `connections` for `seconds`, after a short warm-up."""
    asyncio.run(_load(port, request, connections, min(2.0, seconds / 4), expect, 0))
    begin = time.perf_counter()
    took, refused = asyncio.run(_load(port, request, connections, seconds, expect, 1_000_000))
    spent = time.perf_counter() - begin
    ordered = sorted(took)
    return Measured(
        len(took) / spent, statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000, dict(refused)
    )


def http(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """A request as bytes, kept alive."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def _load(
    port: int, request: Request, connections: int, seconds: float, expect: Sequence[int], first: int
) -> tuple[list[float], Counter[int]]:
    end = time.perf_counter() + seconds
    took: list[float] = []
    refused: Counter[int] = Counter()
    running = first

    async def one_connection() -> None:
        nonlocal running
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (begin := time.perf_counter()) < end:
            running += 1
            writer.write(request(running))
            status = await answer(reader)
            took.append(time.perf_counter() - begin)
            if status not in expect:
                refused[status] += 1
        writer.close()

    await asyncio.gather(*(one_connection() for _ in range(connections)))
    return took, refused


async def answer(reader: asyncio.StreamReader) -> int:
    """Read one HTTP answer whole; its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"transfer-encoding: chunked" in head:
        while (size := int(await reader.readline(), 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readline()
    elif b"content-length: " in head:
        await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
    return int(head.split(b" ", 2)[1])


def _wait_until_answering(address: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except urllib.error.HTTPError:
            return  # it answers, if only that this is not the way
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
