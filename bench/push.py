"""5,000 devices pushed to in one go, against what pywebpush alone needs to encrypt for them, in the same run.

    python -m bench.push

The push service is a fake in a process of its own that answers 201 and nothing else. Passes where at least a quarter of
the rate of encryption alone is reached, and nothing else on the worker's loop waits for more than a second meanwhile.
"""

import asyncio
import base64
import multiprocessing
import os
import sys
import time
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench import ground

DEVICES = 5_000
LEAST = 0.25
LONGEST_WAIT = 1.0
"""Seconds."""


def unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def serve(port: "multiprocessing.Queue[int]") -> None:
    """Answers 201 to whatever comes."""
    from aiohttp import web

    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=201)

    async def run() -> None:
        app = web.Application()
        app.router.add_post("/{name}", take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port.put(runner.addresses[0][1])
        await asyncio.sleep(3600)

    asyncio.run(run())


async def subscribe(origin: str) -> list[dict[str, object]]:
    """Make the devices and a push for each of them; their subscriptions."""
    from server.kernel import clock, database
    from server.kernel.ids import new_id
    from server.notices.outlets.push import devices
    from server.notices.outlets.push.devices import Keys, Subscription
    from server.people import sessions

    now, made = clock.now(), []
    account = new_id()
    await database.execute(
        "INSERT INTO accounts (id, phone, name, created_at) VALUES ($1, '13500000001', 'bench', $2)", account, now
    )
    await sessions.open_session(account, user_agent="bench")
    session: UUID = await database.fetch_value("SELECT id FROM sessions")
    rows, sends = [], []
    for number in range(DEVICES):
        point = ec.generate_private_key(ec.SECP256R1()).public_key()
        key = unpadded(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
        subscription = Subscription(f"{origin}/{number}", Keys(key, unpadded(os.urandom(16))))
        made.append({"endpoint": subscription.endpoint, "keys": {"p256dh": key, "auth": subscription.keys.auth}})
        device = new_id()
        rows.append((device, account, session, "fake", device.bytes, devices._seal(subscription), now))
        sends.append(
            (new_id(), new_id(), account, device, "assigned", "soon", "新单子,请接单", "井盖", "/unit", now, now, now)
        )
    async with database.transaction() as connection:
        columns = ["id", "account", "session", "host", "endpoint_digest", "sealed", "since"]
        await connection.copy_records_to_table("push_devices", records=rows, columns=columns)
        columns = ["id", "notice", "account", "device", "kind", "urgency", "title", "words", "href"]
        columns += ["first_at", "next_at", "created_at"]
        await connection.copy_records_to_table("push_sends", records=sends, columns=columns)
    await database.execute("ANALYZE")
    return made


def encrypt_alone(subscriptions: list[dict[str, object]]) -> float:
    """Messages a second that pywebpush encrypts, doing nothing else."""
    from pywebpush import WebPusher

    message = (
        b'{"id":"01a21c35-eb27-7316-96c6-257818e43e11","title":"x","words":"x","href":"/unit","tag":"x"}' + b" " * 60
    )
    begun = time.perf_counter()
    for one in subscriptions:
        WebPusher(one).encode(message, content_encoding="aes128gcm")
    return len(subscriptions) / (time.perf_counter() - begun)


async def push() -> tuple[float, float]:
    """Pushes a second from the first claim to the last note, and the longest that something else on the loop waited."""
    from server.notices.outlets.push import sending

    longest, over = 0.0, asyncio.Event()

    async def wait() -> None:
        nonlocal longest
        while not over.is_set():
            begun = time.perf_counter()
            await asyncio.sleep(0.02)
            longest = max(longest, time.perf_counter() - begun - 0.02)

    waiting = asyncio.create_task(wait())
    begun, sent = time.perf_counter(), 0
    while some := await sending.send_due():
        sent += some
    took = time.perf_counter() - begun
    over.set()
    await waiting
    return sent / took, longest


async def measure(origin: str) -> bool:
    from server.kernel import database

    async with database.pool():
        subscriptions = await subscribe(origin)
        before = encrypt_alone(subscriptions)
        rate, longest = await push()
        after = encrypt_alone(subscriptions)
        states = await database.fetch("SELECT state, count(*) FROM push_sends GROUP BY state")
    alone = (before + after) / 2
    print(f"pywebpush encrypts alone      {alone:8.0f}/s (before {before:.0f}, after {after:.0f})")
    print(f"pushed, from claim to note    {rate:8.0f}/s = {rate / alone:.2f} of it (at least {LEAST})")
    print(f"the loop waited at most       {longest * 1000:8.0f} ms (limit {LONGEST_WAIT * 1000:.0f})")
    print(f"states                        { {row[0]: row[1] for row in states} }")
    return rate / alone >= LEAST and longest <= LONGEST_WAIT and [row[0] for row in states] == ["sent"]


def main() -> None:
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    service = multiprocessing.Process(target=serve, args=(port,), daemon=True)
    service.start()
    origin = f"http://127.0.0.1:{port.get()}"
    os.environ |= {"PUSH_SERVICES": origin, "OUTLET_NETWORKS": "127.0.0.0/8"}
    with ground.database("push"):
        good = asyncio.run(measure(origin))
    service.terminate()
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
