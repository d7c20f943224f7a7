"""The desk's list of 50, with 9,000 open cases among 100,000 and among 1,000,000.

    python -m bench.desk [--small 100000] [--large 1000000]

Through the lens of the district's centre, which sees the most, at 8 connections. Limits: the large one takes at most
1.3 times the small one's time, the number of statements is the same, and p95 stays under 100 ms.
"""

import argparse
import asyncio
import time

from bench import ground
from bench.ground import Measured
from server.demo.size import Size

CONNECTIONS = 8
SECONDS = 10.0
OPEN = 9_000
DISTRICT = Size(streets=6, communities=50, grids=743)
"""As large as a district that publishes its figures."""


async def prepare(cases: int) -> tuple[str, int]:
    """A demo district with so many cases; the centre officer's session and the statements that one list issues."""
    import httpx

    from bench.statements import recording, statements_of
    from server.demo import bulk, district
    from server.kernel import database
    from server.people import sessions
    from web.app import create_app

    begin = time.perf_counter()
    async with database.pool():
        await district.found(DISTRICT)
        await bulk.fill(cases, OPEN)
        await database.execute("VACUUM ANALYZE")
    print(f"{cases:,} cases written in {time.perf_counter() - begin:.0f} s")
    async with recording():
        centre = await database.fetch_value(
            """SELECT h.account FROM posts p JOIN holdings h ON h.post = p.id AND h.until IS NULL
               JOIN areas a ON a.id = p.area WHERE p.role = 'centre_officer' AND a.level = 'district' LIMIT 1"""
        )
        token = await sessions.open_session(centre, user_agent="bench", password=True)
        transport = httpx.ASGITransport(app=create_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:

            async def one() -> None:
                answer = await client.get("/desk", headers={"Cookie": f"huying={token}"})
                if answer.status_code != 200:
                    raise SystemExit(f"the list was answered {answer.status_code}:\n{answer.text[:2000]}")

            return token, len(await statements_of(one))


def measure(cases: int) -> tuple[Measured, int]:
    """The list at a size: what the load gave, and how many statements one list issues."""
    with ground.database("desk"):
        token, statements = asyncio.run(prepare(cases))
        request = ground.http("GET", "/desk", {"Cookie": f"huying={token}"})
        with ground.served("web.app:create_app", "/healthz") as port:
            measured = ground.load(port, lambda _: request, connections=CONNECTIONS, seconds=SECONDS, expect=(200,))
    print(f"{cases:>9,} cases: {measured}  {statements} statements")
    return measured, statements


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    chosen = parser.parse_args()
    small, few = measure(chosen.small)
    large, many = measure(chosen.large)
    ratio = large.median / small.median
    print(f"time large/small: {ratio:.2f} (limit 1.3); statements {few} and {many}; p95 {large.p95:.0f} ms (limit 100)")
    if ratio > 1.3 or few != many or large.p95 > 100 or small.failed or large.failed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
