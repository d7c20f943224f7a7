"""A phone's queue of 20 reports over HTTP with everything on, against the same statements by hand.

    python -m bench.sync [seconds]

At 4 connections: 95 of 100 requests within 100 ms. At 32: no failures, and at least 0.5 of the rate of a bare handler
that issues the same statements, both under uvicorn with two workers against the same PostgreSQL, one after the other
and again. First 1,000 commands are sent twice: the second time changes no row.
"""

import asyncio
import json
import os
import pickle
import sys
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from bench import ground
from bench.report import TEXT, headers

CONNECTIONS = 32
FEW = 4
COMMANDS = 20
SECONDS = 8.0
LIMIT = 0.5
SOON = 100.0
"""Milliseconds."""


async def prepare() -> tuple[int, list[str], list[str], bytes]:
    """Fill the database; the community, the sessions with their accounts, and what one request issues (pickled)."""
    import httpx

    from bench import people
    from bench.statements import Again, recording, statements_of
    from server.kernel.ids import new_id
    from server.people import sessions
    from web.app import create_app

    async with recording():
        cast, tokens = await people.gather(CONNECTIONS + 1)
        found = [await sessions.actor_of(token) for token in tokens]
        accounts = [str(one.account_id) for one in found if one]
        transport = httpx.ASGITransport(app=create_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:

            async def send(body: bytes, number: int = 0) -> list[dict[str, Any]]:
                answer = await client.post("/sync", content=body, headers=of_phone(tokens[number], number))
                if answer.status_code != 200:
                    raise SystemExit(f"a request was answered {answer.status_code}:\n{answer.text[:2000]}")
                receipts: list[dict[str, Any]] = answer.json()["receipts"]
                return receipts

            async def one() -> None:
                # Of a phone of its own: what is issued again by hand takes of its share.
                receipts = await send(batch(accounts[-1], cast.community), CONNECTIONS)
                if any(receipt["outcome"] != "done" for receipt in receipts):
                    raise SystemExit(f"not all was done: {receipts}")

            await _replay(send, [batch(accounts[1], cast.community) for _ in range(1000 // COMMANDS)])
            since = new_id()
            statements = await statements_of(one)
    print(f"one request of {COMMANDS} reports issues {len(statements)} statements, BEGIN and COMMIT among them")
    return cast.community, tokens, accounts, pickle.dumps(Again(statements, since))


def batch(account: str, community: int) -> bytes:
    """A request of fresh reports."""
    from server.kernel.ids import new_id

    commands = [_command(new_id(), account, community) for _ in range(COMMANDS)]
    return json.dumps({"protocol": 1, "commands": commands, "have": {}}).encode()


def _command(command: UUID, account: str, community: int) -> dict[str, Any]:
    return {
        "id": str(command),
        "account": account,
        "protocol": 1,
        "verb": "report",
        "at": "2026-11-21T18:02:11.123+08:00",
        "data": {"text": TEXT, "community_id": community},
    }


def of_phone(token: str, number: int) -> dict[str, str]:
    """The headers of one signed-in phone; its device cookie is of the shape that ours have."""
    return headers(token, number) | {
        "Cookie": f"huying={token}; huying_device={number:043d}",
        "Content-Type": "application/json",
    }


async def _replay(send: Any, bodies: list[bytes]) -> None:
    from tests.devices.phone import rows

    first = [one["outcome"] for body in bodies for one in await send(body, 1)]
    before = await rows()
    second = [one["outcome"] for body in bodies for one in await send(body, 1)]
    same = await rows() == before
    print(
        f"1,000 commands: {first.count('done')} done; sent again: {second.count('already')} already, rows same: {same}"
    )
    if not same or first.count("done") != 1000 or second.count("already") != 1000:
        raise SystemExit(1)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with ground.database("sync") as _, tempfile.TemporaryDirectory() as folder:
        statements = Path(folder) / "statements"
        os.environ["BENCH_STATEMENTS"] = str(statements)
        community, tokens, accounts, found = asyncio.run(prepare())
        statements.write_bytes(found)

        def to_sync(number: int) -> bytes:
            phone = number % CONNECTIONS
            return ground.http("POST", "/sync", of_phone(tokens[phone], phone), batch(accounts[phone], community))

        def to_bare(number: int) -> bytes:
            return ground.http("POST", "/report", headers(tokens[0], 0), b"")

        with ground.served("web.app:create_app", "/healthz") as port:
            few = ground.load(port, to_sync, connections=FEW, seconds=seconds, expect=(200,))
        print(f"{FEW} connections   huying  {few}  (limit: p95 {SOON:.0f} ms)")
        ratios, failed = [], few.failed
        for turn in (1, 2, 3):
            with ground.served("bench.statements:bare_app", "/report") as port:
                bare = ground.load(port, to_bare, connections=CONNECTIONS, seconds=seconds, expect=(303,))
            with ground.served("web.app:create_app", "/healthz") as port:
                ours = ground.load(port, to_sync, connections=CONNECTIONS, seconds=seconds, expect=(200,))
            print(f"turn {turn}  bare    {bare}\nturn {turn}  huying  {ours}")
            ratios.append(ours.per_second / bare.per_second)
            failed += ours.failed + bare.failed
        ratio = sorted(ratios)[1]
        print(f"ratio huying/bare: {ratio:.2f} (median of {', '.join(f'{one:.2f}' for one in ratios)}; limit {LIMIT})")
        if ratio < LIMIT or few.p95 > SOON or failed:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
