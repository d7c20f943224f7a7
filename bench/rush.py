"""The evening rush: grid workers come up from their rounds and send, each 50 records and 10 photos of about 290 KB.

    python -m bench.rush [--seconds 60] [--connections 16]

A district's 4,823 workers do it within 10 minutes: 8 workers, 402 records and 80 photos a second. Here so many phones
as there are connections send one errand after the other, as fast as they are answered, to two processes of web on this
machine; load, server, photo store and database share its cores. Prints what was taken, and how many such machines the
district's rush needs. Nothing may fail.
"""

import argparse
import asyncio
import base64
import hashlib
import io
import json
import statistics
import time
from typing import Any
from uuid import UUID

import msgspec

from bench import ground

WORKERS, MINUTES = 4_823, 10
RECORDS, PHOTOS = 50, 10
BATCHES = (20, 20, 10)
"""As the phone sends its queue of 50."""


class World(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends, about what."""

    token: str
    account: str
    version: int
    places: tuple[str, ...]


class Taken(msgspec.Struct):
    """What the server has taken so far; seconds of each answer."""

    errands: int = 0
    failed: int = 0
    syncs: list[float] = []
    photos: list[float] = []


async def prepare(places: int) -> World:
    """The cast's grid with so many places; its worker, signed in."""
    from bench import people, rounds
    from server.kernel import database

    async with database.pool():
        cast, _ = await people.gather(0)
        of = await rounds.prepare(cast, places)
        found = await database.fetch("SELECT id FROM places ORDER BY id")
        token = await people.signed_in(cast.grid_worker)
        account = str(cast.grid_worker.account_id)
        return World(token=token, account=account, version=of.version, places=tuple(str(row["id"]) for row in found))


def picture() -> bytes:
    """A photo as a phone sends it: 1,600 by 1,200, some 290 KB."""
    from PIL import Image

    small = Image.effect_noise((400, 300), 90)
    kept = io.BytesIO()
    small.resize((1600, 1200)).convert("RGB").save(kept, "JPEG", quality=86)
    return kept.getvalue()


def errand(world: World, number: int, photo: bytes) -> tuple[list[bytes], list[bytes]]:
    """One worker's requests: the queue in batches, then the photos that its records name."""
    from server.kernel.ids import new_id

    phone = {
        "Cookie": f"huying={world.token}; huying_device={number:043d}",
        "X-Forwarded-For": f"10.{number // 62_500 % 250}.{number // 250 % 250}.{number % 250 + 1}",
        "Sec-Fetch-Site": "same-origin",
    }
    named = [new_id() for _ in range(PHOTOS)]
    commands = [_visit(world, number * RECORDS + at, named[at] if at < PHOTOS else None) for at in range(RECORDS)]
    syncs, begin = [], 0
    for size in BATCHES:
        body = json.dumps({"protocol": 1, "commands": commands[begin : begin + size], "have": {}}).encode()
        syncs.append(ground.http("POST", "/sync", phone | {"Content-Type": "application/json"}, body))
        begin += size
    return syncs, [_photo(one, phone, photo) for one in named]


def _visit(world: World, number: int, photo: UUID | None) -> dict[str, Any]:
    from bench.rounds import ITEMS
    from server.kernel.ids import new_id

    answers: dict[str, Any] = {str(item["id"]): "yes" for item in ITEMS}
    findings = []
    if photo is not None:
        answers["item_3"] = "no"
        wrong = {"id": str(new_id()), "leads_to": "note", "version": world.version, "item": "item_3", "words": "堆物"}
        findings.append(wrong | {"photos": [str(photo)]})
    data = {
        "id": str(new_id()),
        "outcome": "done",
        "place": world.places[number % len(world.places)],
        "lists": [{"version": world.version, "answers": answers}],
        "findings": findings,
    }
    return {
        "id": str(new_id()),
        "account": world.account,
        "protocol": 1,
        "verb": "visit",
        "at": "2026-11-21T18:02:11.123+08:00",
        "data": data,
    }


def _photo(name: UUID, phone: dict[str, str], content: bytes) -> bytes:
    # Another photo each: what follows the end of the picture says which.
    body = content + name.bytes
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    headers = phone | {"Content-Type": "image/jpeg", "Content-Digest": f"sha-256=:{digest}:"}
    return ground.http("PUT", f"/sync/photos/{name}", headers, body)


async def rush(port: int, world: World, connections: int, seconds: float) -> tuple[Taken, float]:
    """Errands until the time is over; those begun are ended. What was taken, and in how many seconds."""
    taken, photo, running = Taken(), picture(), iter(range(1, 10_000_000))
    begin = time.perf_counter()

    async def one_phone() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() - begin < seconds:
            syncs, photos = errand(world, next(running), photo)
            for requests, took in ((syncs, taken.syncs), (photos, taken.photos)):
                for request in requests:
                    sent = time.perf_counter()
                    writer.write(request)
                    taken.failed += await ground.answer(reader) != 200
                    took.append(time.perf_counter() - sent)
            taken.errands += 1
        writer.close()

    await asyncio.gather(*(one_phone() for _ in range(connections)))
    return taken, time.perf_counter() - begin


async def kept(taken: Taken) -> None:
    """Every record and every photo is there, each once, or the command ends."""
    from server.kernel import database

    async with database.pool():
        visits = await database.fetch_value("SELECT count(*) FROM patrol_visits")
        hung = await database.fetch_value("SELECT count(*) FROM patrol_photos")
    if taken.failed or (visits, hung) != (taken.errands * RECORDS, taken.errands * PHOTOS):
        raise SystemExit(f"{taken.failed} failed; {visits} records and {hung} photos of {taken.errands} errands")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--connections", type=int, default=16)
    chosen = parser.parse_args()
    with ground.database("rush"):
        world = asyncio.run(prepare(20_000))
        with ground.served("web.app:create_app", "/healthz") as port:
            taken, took = asyncio.run(rush(port, world, chosen.connections, chosen.seconds))
        asyncio.run(kept(taken))
    rate, needed = taken.errands / took, WORKERS / (MINUTES * 60)
    for name, times in (("a batch of records", taken.syncs), ("a photo", taken.photos)):
        ordered = sorted(times)
        median, p95 = statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000
        print(f"{name}: median {median:.0f} ms, p95 {p95:.0f} ms of {len(ordered)}")
    print(
        f"{taken.errands} workers in {took:.0f} s: {rate:.2f} workers, {rate * RECORDS:.0f} records,"
        f" {rate * PHOTOS:.0f} photos a second; failed 0"
    )
    print(f"a district's rush is {needed:.1f} workers a second: {needed / rate:.1f} machines like this one")


if __name__ == "__main__":
    main()
