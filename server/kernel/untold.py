"""Events that nobody has told of yet: a row beside the history for each, gone in the transaction that tells of it.

Not a cursor over the history: an event that is committed late would be missed. Whoever takes rows holds them until its
transaction ends, so that any number of workers share them and what a killed one had in hand is free again, untold.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from server.kernel import clock, database
from server.kernel.events import Event

TRIES = 12
"""So often one event is tried; then it is held until somebody looks."""
LONGEST = timedelta(minutes=10)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """An event of which could not be told."""

    event: UUID
    kind: str
    stream: str
    at: datetime
    tries: int
    error: str


async def take(limit: int) -> list[Event]:
    """Some events nobody has told of, oldest first, held in the open transaction; those that others hold are left."""
    rows = await database.fetch(
        """WITH taken AS MATERIALIZED (
               SELECT event FROM untold WHERE tries < $3 AND (again_at IS NULL OR again_at <= $2)
               ORDER BY event LIMIT $1 FOR UPDATE SKIP LOCKED)
           SELECT e.* FROM taken JOIN events e ON e.id = taken.event ORDER BY e.id""",
        limit,
        clock.now(),
        TRIES,
    )
    return [msgspec.convert(dict(row), Event) for row in rows]


async def done(events: Sequence[UUID]) -> None:
    """It has been told of these."""
    await database.execute("DELETE FROM untold WHERE event = ANY($1::uuid[])", list(events))


async def failed(event: UUID, error: str) -> None:
    """Telling of it broke: it is tried again after a growing pause."""
    await database.execute(
        """UPDATE untold SET tries = tries + 1, error = $2,
               again_at = $3::timestamptz + LEAST(interval '1 second' * power(2, tries), $4) WHERE event = $1""",
        event,
        error[:500],
        clock.now(),
        LONGEST,
    )


async def held() -> list[Held]:
    """Events that were tried as often as they may be, latest first."""
    rows = await database.fetch(
        """SELECT u.event, e.kind, e.stream, e.at, u.tries, u.error FROM untold u JOIN events e ON e.id = u.event
           WHERE u.tries >= $1 ORDER BY u.event DESC LIMIT 200""",
        TRIES,
    )
    return [msgspec.convert(dict(row), Held) for row in rows]


async def retry() -> None:
    """Have held events tried again from the beginning."""
    await database.execute("UPDATE untold SET tries = 0, again_at = NULL WHERE tries >= $1", TRIES)
