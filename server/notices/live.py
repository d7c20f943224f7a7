"""Says to open pages what changed, and to whom that may be said; see docs/live.md.

A message names things, never what is in them: `case:<id>`, `door:<id>`, and for a person's inbox `inbox`. With
each case go the keys of those who may know of it, so that a web process finds its open pages without asking the
database:

    a:<area>  desks and grid workers of an area      s:<area>  its secretaries alone (private cases)
    u:<unit>  the people of a unit                    p:<post>  who holds a post
    r:<account>  who reported it                      n:<account>  whose inbox changed
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from server.cases.case import DESK_ROLES
from server.kernel import clock, database
from server.kernel.actor import Actor, Role

CHANNEL = "huying_live"
JUST_NOW = timedelta(minutes=2)
"""Who had a case until so lately hears that it is gone."""
_MOST = 7_500
"""Bytes of one message: PostgreSQL takes 8,000."""


class Change(msgspec.Struct, frozen=True, array_like=True):
    """One thing that changed: its name as pages know it, and who may hear of it."""

    topic: str
    keys: tuple[str, ...]


_AT_ONCE = 100
"""Keys of one change, so that it fits a message however many reported the same."""
INBOX = "inbox"


def keys_of(by: Actor) -> frozenset[str]:
    """By which keys somebody hears of changes, from the posts they hold now."""
    keys = {f"n:{by.account_id}", f"r:{by.account_id}"} if by.account_id else set()
    for post in by.posts:
        keys.add(f"p:{post.id}")
        if post.area_id is not None and post.role in (*DESK_ROLES, Role.GRID_WORKER):
            keys.add(f"a:{post.area_id}")
        if post.area_id is not None and post.role is Role.SECRETARY:
            keys.add(f"s:{post.area_id}")
        if post.unit_id is not None and post.role in (Role.UNIT_HANDLER, Role.UNIT_LEAD):
            keys.add(f"u:{post.unit_id}")
    return frozenset(keys)


async def announce(streams: Sequence[str], accounts: Sequence[str]) -> None:
    """Tell every web process which cases and whose inboxes changed, once that is committed."""
    for message in _packed(await changes(streams, accounts)):
        await database.execute("SELECT pg_notify($1, $2)", CHANNEL, message)


async def changes(streams: Sequence[str], accounts: Sequence[str]) -> list[Change]:
    """What there is to say of these streams and inboxes; one statement, however many they are."""
    ids = [UUID(stream[5:]) for stream in streams if stream.startswith("case:")]
    rows = await database.fetch(_CASES, ids, clock.now() - JUST_NOW) if ids else []
    doors = [UUID(stream[5:]) for stream in streams if stream.startswith("door:")]
    knocked = await database.fetch(_DOORS, doors) if doors else []
    found = [Change(INBOX, (f"n:{account}",)) for account in accounts]
    found += [Change(f"door:{row['id']}", (f"r:{row['account']}", f"s:{row['community']}")) for row in knocked]
    for row in rows:
        keys = tuple(_keys(row))
        found += [Change(f"case:{row['id']}", keys[at : at + _AT_ONCE]) for at in range(0, len(keys), _AT_ONCE)]
    return found


def read(message: str) -> tuple[Change, ...]:
    """The changes that a message names."""
    return msgspec.json.decode(message, type=tuple[Change, ...])


def _keys(row: Any) -> Iterable[str]:
    """Of a private case its secretaries, its unit and its owner alone; see server.cases.case.relations."""
    for area in (row["district"], row["street"], row["community"], row["grid"]):
        if area is not None:
            yield f"{'s' if row['private'] else 'a'}:{area}"
    yield from (f"u:{unit}" for unit in row["units"])
    yield from (f"p:{post}" for post in row["posts"])
    yield from (f"r:{account}" for account in row["reporters"])


def _packed(changes: Iterable[Change]) -> Iterable[str]:
    """Messages as few as hold them all."""
    taken: list[bytes] = []
    size = 2
    for one in map(msgspec.json.encode, changes):
        if taken and size + len(one) + 1 > _MOST:
            yield f"[{b','.join(taken).decode()}]"
            taken, size = [], 2
        taken.append(one)
        size += len(one) + 1
    if taken:
        yield f"[{b','.join(taken).decode()}]"


_STOOD = """ARRAY(SELECT DISTINCT s.{0} FROM standings s WHERE s."case" = c.id AND s.{0} IS NOT NULL
                  AND s.kind = '{1}' AND (s.until IS NULL OR s.until >= $2))"""
_CASES = f"""SELECT c.id, c.private, c.district, c.street, c.community, c.grid,
                    {_STOOD.format("unit", "handler")} AS units, {_STOOD.format("post", "owner")} AS posts,
                    ARRAY(SELECT a.id FROM report_cases rc JOIN reports r ON r.id = rc.report
                          JOIN accounts a ON a.id = r.account OR (r.for_phone <> '' AND a.phone = r.for_phone)
                          WHERE rc."case" = c.id AND rc.until IS NULL AND a.closed_at IS NULL) AS reporters
             FROM cases c WHERE c.id = ANY($1::uuid[])"""

_DOORS = "SELECT id, account, community FROM door_threads WHERE id = ANY($1::uuid[])"
"""Where the post is empty and somebody above answers, their page is looked at anew by hand."""
