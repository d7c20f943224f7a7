"""What happened: an append-only history, one stream per thing, each stream a verifiable chain.

An event's content is salted and digested; the chain links digests only:

    digest_n = SHA-256(salt_n || stream, account, post, internal || content_n)
    link_n   = SHA-256(link_(n-1) || sequence_n || kind_n || time_n || digest_n)

So content and salt can be erased (or an internal note hidden) and the chain still verifies, while a changed, missing or
moved event does not.

Every event is also named in `untold`, in the statement that writes it, until the worker has told of it
(server.kernel.untold); not within `jobs.quiet()`.
"""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec

from server.kernel import clock, database, jobs
from server.kernel.actor import Actor
from server.kernel.ids import new_id

START = bytes(32)


class Head(msgspec.Struct, frozen=True):
    """The end of a stream: how many events, and the last link (32 bytes)."""

    sequence: int = 0
    link: bytes = START


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `content` is None once erased."""

    id: UUID
    stream: str
    sequence: int
    kind: str
    at: datetime
    account_id: UUID | None
    post_id: int | None
    internal: bool
    salt: bytes | None
    content: bytes | None
    digest: bytes
    link: bytes

    @property
    def data(self) -> dict[str, Any]:
        """The content decoded: `by` (name shown), and what the kind says."""
        return msgspec.json.decode(self.content) if self.content is not None else {}


_NAMES = Event.__struct_fields__
_values = attrgetter(*_NAMES)
_TYPES = ("uuid", "text", "int", "text", "timestamptz", "uuid", "bigint", "bool", *["bytea"] * 4)
_ONE = ", ".join(f"${place}::{kind}" for place, kind in enumerate(_TYPES, 1))
_MANY = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(_TYPES, 1))
_INTO = f"INSERT INTO events ({', '.join(_NAMES)})"
_UNTOLD = "WITH made AS ({} RETURNING id, at) INSERT INTO untold (event, at) SELECT id, at FROM made"
_INSERT_ONE = f"{_INTO} VALUES ({_ONE})"
_INSERT_MANY = f"{_INTO} SELECT * FROM unnest({_MANY})"

Follower = Callable[[Event, Actor], Awaitable[None]]
_followers: dict[str, list[Follower]] = {}


def follows(kind: str) -> Callable[[Follower], Follower]:
    """Have a function called in the transaction of every event of `kind`.

    For the rare consequence that may not wait for the worker (a post falls vacant: its cases need an owner this very
    moment) in a room below the one that tells of it.
    """

    def enlist(follower: Follower) -> Follower:
        _followers.setdefault(kind, []).append(follower)
        return follower

    return enlist


async def record(
    stream: str,
    kind: str,
    data: dict[str, Any],
    by: Actor,
    *,
    post_id: int | None = None,
    internal: bool = False,
    head: Head | None = None,
) -> Head:
    """Append an event to `stream` in the open transaction; answer the stream's new head.

    `head` is the present end where the caller holds it under a row lock; otherwise the stream is locked and read here.
    """
    before = head or await _lock_head(stream)
    event = _compose(stream, kind, data, by, post_id, internal, before)
    await database.execute(_INSERT_ONE if jobs.is_quiet() else _UNTOLD.format(_INSERT_ONE), *_values(event))
    for follower in _followers.get(kind, ()):
        await follower(event, by)
    return Head(event.sequence, event.link)


async def begin_many(kind: str, said: Sequence[tuple[str, dict[str, Any]]], by: Actor) -> list[Head]:
    """Write the first event of many new streams in one statement; their heads, in order.

    A stream that exists already fails on the sequence, whole.
    """
    composed = [_compose(stream, kind, data, by, None, False, Head()) for stream, data in said]
    await _write(composed, by)
    return [Head(event.sequence, event.link) for event in composed]


async def record_many(
    kind: str, said: Sequence[tuple[str, dict[str, Any]]], by: Actor, *, internal: bool = False
) -> list[Head]:
    """Append one event of `kind` to each of many different streams, in two statements, however many there are.

    The caller holds the lock that keeps others from these streams; a writer past it fails on the sequence, whole. The
    new heads come back, in order.
    """
    streams = [stream for stream, _ in said]
    if len(set(streams)) != len(streams):
        raise ValueError("one event for each stream")
    rows = await database.fetch(
        """SELECT DISTINCT ON (stream) stream, sequence, link FROM events
           WHERE stream = ANY($1::text[]) ORDER BY stream, sequence DESC""",
        streams,
    )
    heads = {row["stream"]: Head(row["sequence"], row["link"]) for row in rows}
    composed = [_compose(stream, kind, data, by, None, internal, heads.get(stream, Head())) for stream, data in said]
    await _write(composed, by)
    return [Head(event.sequence, event.link) for event in composed]


async def _write(composed: Sequence[Event], by: Actor) -> None:
    if not composed:
        return
    columns = map(list, zip(*map(_values, composed), strict=True))
    await database.execute(_INSERT_MANY if jobs.is_quiet() else _UNTOLD.format(_INSERT_MANY), *columns)
    for event in composed:
        for follower in _followers.get(event.kind, ()):
            await follower(event, by)


async def history(stream: str) -> list[Event]:
    """All events of a stream, oldest first."""
    rows = await database.fetch("SELECT * FROM events WHERE stream = $1 ORDER BY sequence", stream)
    return [msgspec.convert(dict(row), Event) for row in rows]


def verifies(events: Sequence[Event], head: Head | None = None) -> bool:
    """Whether a whole stream is as it was written; with `head`, also that nothing is missing at its end."""
    link = START
    for place, event in enumerate(events, 1):
        if event.sequence != place:
            return False
        # Erasing takes content and salt together; content whose salt is gone was put there by somebody.
        if (event.content is None) != (event.salt is None):
            return False
        if event.content is not None and event.digest != _digest(event.salt or b"", _about(event), event.content):
            return False
        link = _link(link, event.sequence, event.kind, event.at, event.digest)
        if event.link != link:
            return False
    return head is None or (len(events), link) == (head.sequence, head.link)


async def erase(event_id: UUID) -> None:
    """Erase what an event says; that it happened, and the chain, remain."""
    await database.execute("UPDATE events SET content = NULL, salt = NULL WHERE id = $1", event_id)


async def erase_streams(streams: Sequence[str]) -> None:
    """Erase what all events of these streams say; that they happened, and the chains, remain."""
    await database.execute(
        "UPDATE events SET content = NULL, salt = NULL WHERE stream = ANY($1::text[]) AND content IS NOT NULL",
        list(streams),
    )


async def _lock_head(stream: str) -> Head:
    await database.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", stream)
    row = await database.fetch_one(
        "SELECT sequence, link FROM events WHERE stream = $1 ORDER BY sequence DESC LIMIT 1", stream
    )
    return Head(row["sequence"], row["link"]) if row else Head()


def compose(
    before: Head,
    *,
    stream: str,
    kind: str,
    data: dict[str, Any],
    name: str,
    account_id: UUID | None,
    post_id: int | None,
    internal: bool,
    at: datetime,
    salt: bytes,
    id: UUID,
) -> Event:
    """The event that follows `before` in its stream, linked to it; `name` is who did it, as shown. Pure."""
    content = msgspec.json.encode({"by": name, **data}, order="deterministic")
    sequence = before.sequence + 1
    digest = _digest(salt, _about_of(stream, account_id, post_id, internal), content)
    return Event(
        id=id,
        stream=stream,
        sequence=sequence,
        kind=kind,
        at=at,
        account_id=account_id,
        post_id=post_id,
        internal=internal,
        salt=salt,
        content=content,
        digest=digest,
        link=_link(before.link, sequence, kind, at, digest),
    )


def _compose(
    stream: str, kind: str, data: dict[str, Any], by: Actor, post_id: int | None, internal: bool, before: Head
) -> Event:
    return compose(
        before,
        stream=stream,
        kind=kind,
        data=data,
        name=by.name,
        account_id=by.account_id,
        post_id=post_id,
        internal=internal,
        at=clock.now(),
        salt=secrets.token_bytes(16),
        id=new_id(),
    )


def _about(event: Event) -> bytes:
    return _about_of(event.stream, event.account_id, event.post_id, event.internal)


def _about_of(stream: str, account_id: UUID | None, post_id: int | None, internal: bool) -> bytes:
    return f"{stream} {account_id} {post_id} {internal}\n".encode()


def _digest(salt: bytes, about: bytes, content: bytes) -> bytes:
    return hashlib.sha256(salt + about + content).digest()


def _link(before: bytes, sequence: int, kind: str, at: datetime, digest: bytes) -> bytes:
    microseconds = int(at.timestamp()) * 1_000_000 + at.microsecond
    head = f"{sequence} {kind} {microseconds} ".encode()
    return hashlib.sha256(before + head + digest).digest()
