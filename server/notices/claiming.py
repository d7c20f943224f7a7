"""Taking deliveries in hand: which lanes have something due, and a batch of one of them."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from server.kernel import clock, database
from server.notices.outlets.planning import Due

BATCH = 10
LEASE = timedelta(minutes=5)
"""How long a batch may take: longer than ten calls of the longest time each."""


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery in our hands, with what is needed to send it."""

    id: UUID
    outlet: str
    account: UUID | None
    kind: str
    urgency: str
    title: str
    words: str
    href: str
    sealed: str | None
    useless_after: datetime | None
    tries: int
    first_at: datetime
    created_at: datetime
    together: bool
    target: str
    """The subscriber's sealed address; empty for persons."""
    ended: bool
    """The subscriber was taken away meanwhile."""


async def lanes_due() -> list[Due]:
    """Where something is due now."""
    rows = await database.fetch(
        """SELECT DISTINCT outlet, subscriber FROM deliveries
            WHERE state = 'waiting' AND sent_with IS NULL AND next_at <= $1 ORDER BY outlet, subscriber""",
        clock.now(),
    )
    return [Due(row["outlet"], row["subscriber"]) for row in rows]


async def claim(lane: Due) -> list[Claimed]:
    """Up to `BATCH` deliveries that are due, the urgent ones first; nobody else gets them until the lease is over."""
    now, subscriber = clock.now(), lane.subscriber or 0
    async with database.transaction():
        # Two workers that gather at once could put a row behind one that has just been sent.
        await database.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"deliveries:{lane.outlet}:{subscriber}"
        )
        await _gather(lane.outlet, subscriber, now)
        rows = await database.fetch(
            """WITH due AS (
                   SELECT id FROM deliveries
                    WHERE state = 'waiting' AND sent_with IS NULL AND outlet = $1 AND COALESCE(subscriber, 0) = $2
                      AND next_at <= $3
                    ORDER BY urgency = 'now' DESC, next_at, id LIMIT $4 FOR UPDATE SKIP LOCKED
               ), claimed AS (
                   UPDATE deliveries d SET next_at = $5, tries = tries + 1
                     FROM due WHERE d.id = due.id RETURNING d.*
               )
               SELECT c.*, COALESCE(s.sealed, '') AS target, s.until IS NOT NULL AS ended
                 FROM claimed c LEFT JOIN subscribers s ON s.id = c.subscriber
                ORDER BY c.urgency = 'now' DESC, c.first_at, c.id""",
            lane.outlet,
            subscriber,
            now,
            BATCH,
            now + LEASE,
        )
    return [msgspec.convert(dict(row), Claimed) for row in rows]


async def _gather(outlet: str, subscriber: int, now: datetime) -> None:
    """Put everything that one person's message may carry behind the first of it; that one goes and carries the rest."""
    await database.execute(
        """WITH due AS (
               SELECT id, min(id::text) OVER (PARTITION BY account)::uuid AS first FROM deliveries
                WHERE state = 'waiting' AND sent_with IS NULL AND outlet = $1 AND COALESCE(subscriber, 0) = $2
                  AND next_at <= $3 AND together
           ), behind AS (
               UPDATE deliveries d SET sent_with = due.first
                 FROM due WHERE d.id = due.id AND due.first <> d.id AND d.sent_with IS NULL
               RETURNING d.id, d.sent_with
           )
           -- One that is carried now may itself have carried others on a try that failed.
           UPDATE deliveries d SET sent_with = behind.sent_with FROM behind WHERE d.sent_with = behind.id""",
        outlet,
        subscriber,
        now,
    )
