"""Sends what is due: encrypted for each device (RFC 8291), signed for each service (RFC 8292), many at once.

A claim moves `next_at` ahead by a lease and commits; what was answered is noted in one statement for the whole batch. A
worker that is killed in the middle leaves its rows waiting: they go again with the same ids, and the device shows each
id once (static/service-worker.js).
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp
import msgspec
import structlog
from py_vapid import Vapid02
from pywebpush import WebPusher

from server.kernel import clock, database, jobs
from server.notices import retrying
from server.notices.kinds import Urgency
from server.notices.outlets import calling
from server.notices.outlets.interface import OutletFailed
from server.notices.outlets.push import devices, endpoints, keys
from server.notices.outlets.push.devices import LIVE, Subscription
from server.notices.outlets.reaching import reachable

BATCH = 500
PASSES = 20
"""Batches in one go; a worker that is told to stop can do so after them."""
LEASE = timedelta(minutes=3)
AT_ONCE = 64
"""Calls under way together, over one session."""
LONGEST = 10.0
"""Seconds for one call."""
CHUNK = 25
"""Messages that are encrypted before the loop may turn to something else: about five milliseconds."""
TTL: Mapping[Urgency, int] = {"now": 4 * 3600, "soon": 24 * 3600, "calm": 72 * 3600}
"""Seconds that a push service keeps it for a device that is off."""
URGENCY: Mapping[Urgency, str] = {"now": "high", "soon": "normal", "calm": "low"}
TOKEN_HOURS = 12
log = structlog.get_logger("push")


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A push in our hands."""

    id: UUID
    device: UUID
    kind: str
    urgency: Urgency
    title: str
    words: str
    href: str
    tries: int
    first_at: datetime
    sealed: str | None
    """None: the device ended, or its person signed out there."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one: `sent`, `dropped`, `failed`, or to be tried again (`waiting`) not before `after`."""

    state: str
    said: str
    gone: bool = False
    after: timedelta | None = None


class Message(msgspec.Struct, frozen=True):
    """What the device gets; nothing of anybody. A later push with the same `tag` takes the place of this one."""

    id: UUID
    title: str
    words: str
    href: str
    tag: str


@jobs.loop("push.send", 2.0)
async def send_due() -> int:
    """Send what is due, batch by batch over one session; how many there were."""
    claimed = await claim()
    if not claimed:
        return 0
    signer, sent = Signer(await keys.private()), 0
    async with session() as calls:
        for _ in range(PASSES):
            await note(claimed, await send_all(claimed, signer, calls))
            sent += len(claimed)
            if len(claimed) < BATCH or sent >= PASSES * BATCH or not (claimed := await claim()):
                break
    return sent


async def claim() -> list[Claimed]:
    """Up to `BATCH` that are due, urgent ones first; nobody else gets them until the lease is over."""
    now = clock.now()
    async with database.transaction():
        rows = await database.fetch(
            f"""WITH due AS (
                    SELECT id FROM push_sends WHERE state = 'waiting' AND sent_with IS NULL AND next_at <= $1
                    ORDER BY urgency = 'now' DESC, next_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
                ), claimed AS (
                    UPDATE push_sends p SET next_at = $3, tries = tries + 1 FROM due WHERE p.id = due.id RETURNING p.*
                )
                SELECT c.*, l.sealed FROM claimed c LEFT JOIN (SELECT d.id, d.sealed FROM push_devices d {LIVE}) l
                    ON l.id = c.device ORDER BY c.urgency = 'now' DESC, c.first_at, c.id""",
            now,
            BATCH,
            now + LEASE,
        )
    names = Claimed.__struct_fields__
    return [Claimed(**{name: row[name] for name in names}) for row in rows]


async def send_all(claimed: Sequence[Claimed], signer: "Signer", calls: aiohttp.ClientSession) -> list[Outcome]:
    """Encrypt them one chunk after the other and send them meanwhile, `AT_ONCE` at a time; one outcome each."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(each: Claimed, made: Ready | Outcome) -> Outcome:
        if isinstance(made, Outcome):
            return made
        async with limit:
            return await _call(calls, each, made)

    going: list[asyncio.Task[Outcome]] = []
    for at in range(0, len(claimed), CHUNK):
        going += [asyncio.create_task(one(each, prepare(each, signer))) for each in claimed[at : at + CHUNK]]
        await asyncio.sleep(0)
    return list(await asyncio.gather(*going))


class Ready(msgspec.Struct, frozen=True):
    """What goes over the wire."""

    endpoint: str
    body: bytes
    headers: dict[str, str]


class Signer:
    """Signs for one service after the other; a signature is good for half a day (RFC 8292 allows a day)."""

    def __init__(self, key: Vapid02) -> None:
        self._key, self._made = key, dict[str, str]()

    def header(self, endpoint: str) -> str:
        """The Authorization header for the service of an endpoint."""
        parts = urlsplit(endpoint)
        audience = f"{parts.scheme}://{parts.netloc}"
        if audience not in self._made:
            claims = {"aud": audience, "sub": keys.contact(), "exp": int(time.time()) + TOKEN_HOURS * 3600}
            self._made[audience] = str(self._key.sign(claims)["Authorization"])
        return self._made[audience]


def prepare(one: Claimed, signer: Signer) -> Ready | Outcome:
    """Encrypt and sign; an outcome where there is nothing to send."""
    subscription: Subscription | None = devices.opened(one.sealed) if one.sealed is not None else None
    if one.sealed is None:
        return Outcome(state="dropped", said="这台设备已经退出")
    if subscription is None:
        return Outcome(state="failed", said="密钥打不开:安装的 SECRET_KEY 换过", gone=True)
    tag = sha256(f"{one.kind} {one.href}".encode()).hexdigest()[:24]
    message = msgspec.json.encode(Message(one.id, one.title, one.words, one.href, tag))
    encoded = WebPusher({"endpoint": subscription.endpoint, "keys": msgspec.to_builtins(subscription.keys)}).encode(
        message, content_encoding="aes128gcm"
    )
    headers = {
        "Authorization": signer.header(subscription.endpoint),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(TTL[one.urgency]),
        "Urgency": URGENCY[one.urgency],
        "Topic": tag,
        # Windows answers 400 to a TTL without it.
        "X-WNS-Cache-Policy": "cache",
    }
    return Ready(subscription.endpoint, bytes(encoded["body"]), headers)


def session() -> aiohttp.ClientSession:
    """The one session of a batch: no proxies, no redirects by the calls, addresses looked up and checked by us."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=AT_ONCE, resolver=_Checked(), ttl_dns_cache=60),
        timeout=aiohttp.ClientTimeout(total=LONGEST),
        trust_env=False,
        auto_decompress=False,
    )


class _Checked(aiohttp.abc.AbstractResolver):
    """Resolves a service's name to addresses that were checked: the connection goes to one of these."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[aiohttp.abc.ResolveResult]:
        try:
            found = await reachable(host, port)
        except OutletFailed as failure:
            raise OSError(str(failure)) from None
        return [
            {
                "hostname": host,
                "host": str(one),
                "port": port,
                "family": 2 if one.version == 4 else 10,
                "proto": 0,
                "flags": 0,
            }
            for one in found
        ]

    async def close(self) -> None:
        pass


async def _call(calls: aiohttp.ClientSession, one: Claimed, ready: Ready) -> Outcome:
    try:
        # Asked again at delivery: a row may be older than the list.
        endpoints.checked(ready.endpoint)
        async with calls.post(ready.endpoint, data=ready.body, headers=ready.headers, allow_redirects=False) as answer:
            await answer.content.read(1024)
            return judged(answer.status, answer.headers)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Outcome(state="waiting", said=f"连不上推送服务({type(error).__name__})")
    except Exception as error:
        log.error("push broke", id=str(one.id), error=type(error).__name__)
        return Outcome(state="failed", said=f"发送程序出错({type(error).__name__})")


def judged(status: int, headers: Mapping[str, str]) -> Outcome:
    """What an answer means: taken, gone for good, later, or never."""
    said = f"推送服务回答 {status}"
    if 200 <= status < 300:
        return Outcome(state="sent", said=said)
    if status in (404, 410):
        return Outcome(state="dropped", said=said, gone=True)
    if calling.is_passing(status):
        answer = calling.Answer(status, {name.lower(): value for name, value in headers.items()}, b"")
        return Outcome(state="waiting", said=said, after=calling.pause_asked(answer))
    return Outcome(state="failed", said=said)


async def note(claimed: Sequence[Claimed], outcomes: Sequence[Outcome]) -> None:
    """Write what became of a batch, in one statement; devices that are gone end, those that were sent to are marked."""
    now = clock.now()
    rows = []
    for one, outcome in zip(claimed, outcomes, strict=True):
        state, moment = outcome.state, None
        if state == "waiting":
            moment = retrying.again(one.first_at, now, one.tries, asked=outcome.after, chance=random.random())
            state = "waiting" if moment is not None else "failed"
        rows.append((one.id, one.tries, state, outcome.said[:200], moment))
    ids, tries, states, said, moments = (list(column) for column in zip(*rows, strict=True))
    await database.execute(
        """UPDATE push_sends p SET state = n.state, said = n.said, next_at = COALESCE(n.moment, p.next_at),
               done_at = CASE WHEN n.state = 'waiting' THEN NULL ELSE $6::timestamptz END
           FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::timestamptz[])
               AS n(id, tries, state, said, moment)
           WHERE p.state = 'waiting'
             AND (p.sent_with = n.id OR p.id = n.id AND (p.tries = n.tries OR n.state = 'sent'))""",
        ids,
        tries,
        states,
        said,
        moments,
        now,
    )
    sent = [one.device for one, outcome in zip(claimed, outcomes, strict=True) if outcome.state == "sent"]
    await database.execute("UPDATE push_devices SET last_sent_at = $2 WHERE id = ANY($1::uuid[])", sent, now)
    gone = [one.device for one, outcome in zip(claimed, outcomes, strict=True) if outcome.gone]
    if gone:
        await devices.end(gone, "gone")


@jobs.schedule("push.forget", "47 3 * * *")
async def forget() -> None:
    """What was done long ago is deleted; so are devices that ended."""
    before = clock.now() - timedelta(days=90)
    await database.execute("DELETE FROM push_sends WHERE state <> 'waiting' AND done_at < $1", before)
    await database.execute("DELETE FROM push_devices WHERE until < $1 OR session IS NULL", before)
