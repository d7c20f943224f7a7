"""2,000 open streams on one process: the memory they take, how soon they all hear, and what a lost LISTEN does.

    python -m bench.live [streams]

At most 100 MB more memory than before they were opened. Then one case changes that all of them may know of: all hear
within two seconds. Then the database cuts the connection that listens: all are told to fetch again.
"""

import asyncio
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from bench import ground

STREAMS = 2000
MOST_MB = 100.0
SOON = 2.0
"""Seconds."""
PATIENCE = 60.0


async def prepare(count: int) -> tuple[list[str], str]:
    """Sessions of as many desks of one community, and a case that lies in it."""
    from bench import people
    from server import cases
    from server.kernel import database

    async with database.pool():
        cast, tokens = await people.gather(count)
        await database.execute(
            """INSERT INTO posts (role, title, area, since)
               SELECT 'community_staff', 'bench', $1, now() FROM generate_series(1, $2)""",
            cast.community,
            count,
        )
        await database.execute(
            """INSERT INTO holdings (post, account, since)
               SELECT p.id, s.account, now()
               FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM posts WHERE title = 'bench') p
               JOIN (SELECT account, row_number() OVER (ORDER BY account) AS n FROM (
                   SELECT DISTINCT account FROM sessions) each) s ON s.n = p.n"""
        )
        await database.execute("UPDATE sessions SET password = TRUE, second_factor = TRUE")
        report = await cases.report(cases.Telling(text="路灯不亮", community_id=cast.community), cast.resident)
        return tokens, f"case:{report.case_id}"


async def announce(name: str) -> None:
    """What the worker does once it has told of an event."""
    from server.kernel import database
    from server.notices import live

    async with database.pool(1, 1):
        await live.announce([name], [])


async def cut() -> int:
    """End every connection that listens; how many there were."""
    from server.kernel import database

    async with database.pool(1, 1):
        rows = await database.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND (query LIKE 'LISTEN%' OR query = 'SELECT 1') AND pid <> pg_backend_pid()"
        )
        return len(rows)


class Opened:
    """One stream from the browser's side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def hears(self, name: str) -> float:
        """The moment at which `name` came."""
        while True:
            line = await self.reader.readline()
            if not line:
                raise SystemExit("a stream was closed")
            if line.startswith(b"data: ") and name.encode() in line:
                return time.perf_counter()


async def opened(port: int, token: str) -> Opened:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**12)
    writer.write(ground.http("GET", "/live?age=0", {"Cookie": f"huying={token}", "Accept": "text/event-stream"}))
    await writer.drain()
    status = await reader.readline()
    if b" 200 " not in status:
        raise SystemExit(f"a stream was answered {status.decode()}")
    while (await reader.readline()).strip():
        pass
    return Opened(reader, writer)


async def measure(port: int, pid: int, tokens: list[str], name: str) -> bool:
    await (await opened(port, tokens[0])).reader.readline()  # what is made once is made before it is measured
    before = _memory(pid)
    began = time.perf_counter()
    streams: list[Opened] = []
    for at in range(0, len(tokens), 50):
        streams += await asyncio.gather(*(opened(port, token) for token in tokens[at : at + 50]))
    took = time.perf_counter() - began
    await asyncio.sleep(2)
    more = (_memory(pid) - before) / 1e6
    each = more / len(streams) * 1000
    print(
        f"{len(streams)} streams opened in {took:.1f} s: {more:.1f} MB more ({each:.1f} kB each), limit {MOST_MB:.0f}"
    )
    slowest = await _heard(streams, name, announce(name))
    ended = await _heard(streams, '"*"', cut())
    once_more = await _heard(streams, name, announce(name))
    print(f"after the loss they hear again: the slowest {once_more * 1000:.0f} ms")
    later = (_memory(pid) - before) / 1e6
    print(f"memory at the end: {later:.1f} MB more")
    return more <= MOST_MB and later <= MOST_MB and slowest <= SOON and ended <= PATIENCE


async def _heard(streams: list[Opened], name: str, act: Any) -> float:
    """Have something happen; how long until the slowest stream said it, in seconds."""
    async with asyncio.timeout(PATIENCE):
        waiting = [asyncio.create_task(one.hears(name)) for one in streams]
        await asyncio.sleep(0.2)
        began = time.perf_counter()
        await act
        times = [moment - began for moment in await asyncio.gather(*waiting)]
    half, most = statistics.median(times), max(times)
    print(f"{name} reached all {len(streams)}: half within {half * 1000:.0f} ms, the slowest {most * 1000:.0f} ms")
    return most


def _memory(pid: int) -> int:
    """Resident memory of a process, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise SystemExit("the process is gone")


def _pid(port: int) -> int:
    """The process that was started to serve this port."""
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = one.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"uvicorn" in words and str(port).encode() in words:
            return int(one.parent.name)
    raise SystemExit("no server process was found")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else STREAMS
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20_000), hard))
    with ground.database("live"):
        tokens, name = asyncio.run(prepare(count))
        with ground.served("web.app:create_app", "/healthz", workers=1) as port:
            good = asyncio.run(measure(port, _pid(port), tokens, name))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
