"""What became of messages: the log of deliveries, what failed for good, sending again by hand, forgetting what is old.

Who owns it: of a robot or webhook whoever administers its area; of text messages to people, who belong to no area,
whoever administers a district. What failed for good stays on their list until somebody sends it again or sets it aside.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from server.areas.scope import administers_a_district
from server.kernel import clock, database, events, jobs, pages
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.pages import Page
from server.notices.outlets.planning import JOB, Due
from server.people import authority

STATES = {"failed": "没发成", "waiting": "等着发", "sent": "已发出", "dropped": "不再发"}
KEPT = timedelta(days=90)
"""How long what was sent or dropped stays in the log."""
STREAM = "deliveries"
AT_ONCE = 500


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as its owner sees it: what kind and to whom, never what it says beyond its title."""

    id: UUID
    outlet: str
    subscriber_id: int | None
    subscriber: str
    phone: str
    kind: str
    urgency: str
    title: str
    state: str
    tries: int
    created_at: datetime
    next_at: datetime
    done_at: datetime | None
    said: str
    carried: int
    """Others that went with it, or wait with it."""
    again: bool
    """Whether it can be sent again."""


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    """A text message to a person, as they see it themself."""

    title: str
    state: str
    created_at: datetime
    next_at: datetime
    done_at: datetime | None


_AGAIN = """(d.state = 'failed' OR d.state IN ('sent', 'dropped') AND d.subscriber IS NOT NULL) AND s.until IS NULL
            AND (d.useless_after IS NULL OR d.useless_after > $3)"""
"""What was sent to a person is theirs already; a system may have lost it. The other side knows it by its id."""
_FROM = """deliveries d LEFT JOIN subscribers s ON s.id = d.subscriber LEFT JOIN units u ON u.id = s.unit
           LEFT JOIN areas a ON a.id = COALESCE(s.area, u.area)"""
_SCOPE = """(CASE WHEN d.subscriber IS NULL THEN $1 ELSE
             EXISTS (SELECT FROM unnest($2::text[]) AS own WHERE starts_with(a.path, own)) END)"""


async def entries(by: Actor, *, state: str = "", subscriber_id: int | None = None, after: str = "") -> Page[Entry]:
    """The log in scope, latest first; of one state or one subscriber where asked."""
    values = [*await _scope(by), clock.now()]
    conditions = ["d.sent_with IS NULL", _SCOPE]
    if state:
        values.append(_known(state))
        conditions.append(f"d.state = ${len(values)}")
    if subscriber_id is not None:
        values.append(subscriber_id)
        conditions.append(f"d.subscriber = ${len(values)}")
    conditions.append(pages.beyond(after, {"d.id": UUID}, values, falling=True))
    rows = await database.fetch(
        f"""SELECT d.id, d.outlet, s.id AS subscriber_id, COALESCE(s.name, '') AS subscriber,
                   COALESCE(p.phone, '') AS phone, d.kind, d.urgency, d.title, d.state, d.tries,
                   d.created_at, d.next_at, d.done_at, d.said, {_AGAIN} AS again,
                   (SELECT count(*) FROM deliveries c WHERE c.sent_with = d.id) AS carried
              FROM {_FROM} LEFT JOIN accounts p ON p.id = d.account
             WHERE {" AND ".join(conditions)} ORDER BY d.id DESC LIMIT {pages.SIZE + 1}""",
        *values,
    )
    return pages.page([msgspec.convert(dict(row), Entry) for row in rows], lambda row: [row.id])


async def failed(by: Actor) -> int:
    """How many failed for good and wait for this administrator."""
    found: int = await database.fetch_value(
        f"SELECT count(*) FROM {_FROM} WHERE d.state = 'failed' AND d.sent_with IS NULL AND {_SCOPE}",
        *await _scope(by),
    )
    return found


async def replay(ids: Sequence[UUID], by: Actor) -> int:
    """Send again, each with its own id and a new day of trying; how many. What cannot be is left alone."""
    async with database.transaction():
        rows = await database.fetch(
            f"""WITH again AS (
                    SELECT d.id FROM {_FROM}
                     WHERE d.id = ANY ($4::uuid[]) AND d.sent_with IS NULL AND {_AGAIN} AND {_SCOPE} FOR UPDATE OF d
                ), back AS (
                    UPDATE deliveries d SET state = 'waiting', done_at = NULL, tries = 0, first_at = $3, next_at = $3
                      FROM again WHERE d.id = again.id RETURNING d.id, d.outlet, d.subscriber
                ), carried AS (
                    UPDATE deliveries d SET state = 'waiting', done_at = NULL FROM back WHERE d.sent_with = back.id
                )
                SELECT id, outlet, subscriber FROM back ORDER BY id""",
            *await _scope(by),
            clock.now(),
            list(ids)[:AT_ONCE],
        )
        if rows:
            await events.record(STREAM, "deliveries.replayed", {"ids": [str(row["id"]) for row in rows]}, by)
            await jobs.enqueue(JOB, *{Due(row["outlet"], row["subscriber"]) for row in rows})
    return len(rows)


async def set_aside(ids: Sequence[UUID], by: Actor) -> int:
    """These failed and nobody needs them any more; how many. Sealed words are forgotten."""
    async with database.transaction():
        rows = await database.fetch(
            f"""WITH aside AS (
                    SELECT d.id FROM {_FROM}
                     WHERE d.id = ANY ($4::uuid[]) AND d.sent_with IS NULL AND d.state = 'failed' AND {_SCOPE}
                       FOR UPDATE OF d
                )
                UPDATE deliveries d SET state = 'dropped', done_at = $3, sealed = NULL FROM aside
                 WHERE d.id = aside.id OR d.sent_with = aside.id RETURNING aside.id""",
            *await _scope(by),
            clock.now(),
            list(ids)[:AT_ONCE],
        )
        found = sorted({str(row["id"]) for row in rows})
        if found:
            await events.record(STREAM, "deliveries.set_aside", {"ids": found}, by)
    return len(found)


async def mine(account: UUID, most: int = 10) -> list[Mine]:
    """The latest text messages to a person."""
    rows = await database.fetch(
        """SELECT title, state, created_at, next_at, done_at FROM deliveries WHERE account = $1
            ORDER BY id DESC LIMIT $2""",
        account,
        most,
    )
    return [msgspec.convert(dict(row), Mine) for row in rows]


@jobs.schedule("notices.forget", "41 3 * * *")
async def forget() -> None:
    """Drop from the log what was sent or dropped long ago; what failed stays until somebody looks."""
    await database.execute(
        "DELETE FROM deliveries WHERE state IN ('sent', 'dropped') AND done_at < $1", clock.now() - KEPT
    )


async def _scope(by: Actor) -> list[object]:
    """Whether text messages to people are theirs, and the paths of their areas: the first two values."""
    scope = await authority.scope_of(by)
    return [await administers_a_district(by), list(scope.paths)]


def _known(state: str) -> str:
    if state not in STATES:
        raise NotFound()
    return state
