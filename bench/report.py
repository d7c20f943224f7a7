"""Creating a report over HTTP with everything on, against a bare handler that issues the same statements.

    python -m bench.report

Both run under uvicorn with two workers against the same PostgreSQL, one after the other and again, at 32 connections.
Limit: at least 0.5 of the bare handler's rate.
"""

import asyncio
import os
import pickle
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from bench import ground

CONNECTIONS = 32
SECONDS = 8.0
LIMIT = 0.5
FOR = {"for_phone": "13700000000", "for_agreed": "on"}
"""Told for somebody else, so that a job is enqueued to tell them."""
TEXT = "楼下路灯坏了三天,老人晚上不敢出门,麻烦派人看看"


async def prepare() -> tuple[int, list[str], bytes]:
    """Fill the database; the community to report in, the sessions, and what one report issues (pickled)."""
    import httpx

    from bench import people
    from bench.statements import Again, recording, statements_of
    from server.kernel.ids import new_id
    from web.app import create_app

    async with recording():
        cast, tokens = await people.gather(CONNECTIONS)
        transport = httpx.ASGITransport(app=create_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:

            async def one() -> None:
                form = {"command": str(new_id()), "text": TEXT, "community_id": str(cast.community), **FOR}
                answer = await client.post("/report", data=form, headers=headers(tokens[0], 0))
                if answer.status_code != 303:
                    raise SystemExit(f"a report was answered {answer.status_code}:\n{answer.text[:2000]}")

            since = new_id()
            found = await statements_of(one)
        if not any("INSERT INTO pgqueuer" in sql for _, sql, _ in found):
            raise SystemExit("the report enqueued no job; the comparison would be too kind")
    print(f"one report issues {len(found)} statements, BEGIN and COMMIT among them")
    return cast.community, tokens, pickle.dumps(Again(found, since))


def headers(token: str, number: int) -> dict[str, str]:
    """A signed-in phone of its own behind its own address."""
    return {
        "Cookie": f"huying={token}; huying_device=bench-device-{number}",
        "X-Forwarded-For": f"10.0.{number // 250}.{number % 250 + 1}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Sec-Fetch-Site": "same-origin",
    }


def main() -> None:
    from server.kernel.ids import new_id

    with ground.database("report") as _, tempfile.TemporaryDirectory() as folder:
        statements = Path(folder) / "statements"
        os.environ["BENCH_STATEMENTS"] = str(statements)
        community, tokens, found = asyncio.run(prepare())
        statements.write_bytes(found)

        def request(number: int) -> bytes:
            form = {"command": str(new_id()), "text": TEXT, "community_id": str(community), **FOR}
            body = urlencode(form).encode()
            return ground.http("POST", "/report", headers(tokens[number % len(tokens)], number % len(tokens)), body)

        ratios = []
        for turn in (1, 2, 3):
            rates = {}
            for name, app, path in (
                ("bare", "bench.statements:bare_app", "/report"),
                ("huying", "web.app:create_app", "/healthz"),
            ):
                with ground.served(app, path) as port:
                    measured = ground.load(port, request, connections=CONNECTIONS, seconds=SECONDS, expect=(303,))
                rates[name] = measured.per_second
                print(f"turn {turn}  {name:7} {measured}")
            ratios.append(rates["huying"] / rates["bare"])
        ratio = sorted(ratios)[1]
        print(f"ratio huying/bare: {ratio:.2f} (median of {', '.join(f'{one:.2f}' for one in ratios)}; limit {LIMIT})")
        if ratio < LIMIT:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
