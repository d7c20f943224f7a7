"""The cases that a unit has to take on or has in hand, with all that its people need where there is no signal."""

from datetime import datetime
from uuid import UUID

import msgspec

from server.kernel import database
from server.kernel.actor import Actor

MOST = 300
"""Cases that a phone carries, the most urgent first."""
TEXT = 2_000
"""Characters of the reporter's text that it carries."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One case of the unit."""

    number: str
    version: int
    """To send back as `seen`."""
    state: str
    subject: str
    text: str
    place: str
    area: str
    level: str
    due_at: datetime | None
    mine: bool
    """It is assigned to the reader."""
    category: str | None
    photo_before: bool
    """The category demands a photo before; what the reporter sent counts."""
    photo_after: bool
    note: str
    """What the desk said when it dispatched it."""
    promise: str
    photos: tuple[UUID, ...]
    """Of the report, in order."""


async def tasks(by: Actor) -> tuple[Task, ...]:
    """The open cases of the actor's units, due first. One statement."""
    rows = await database.fetch(
        """SELECT c.number, c.version, c.state, c.subject, left(r.text, $3) AS text, c.place, a.name AS area, c.level,
                  c.due_at, c.handler_account IS NOT DISTINCT FROM $2 AS mine, k.name AS category,
                  COALESCE(v.photo_before, FALSE) AS photo_before, COALESCE(v.photo_after, FALSE) AS photo_after,
                  d.note, d.promise,
                  ARRAY(SELECT photo FROM case_photos WHERE "case" = c.id AND role IN ('report', 'added')
                        ORDER BY id LIMIT 18) AS photos
           FROM cases c
           JOIN areas a ON a.id = COALESCE(c.community, c.street, c.district)
           JOIN dispatches d ON d."case" = c.id AND d.ended_at IS NULL
           CROSS JOIN LATERAL (
               SELECT text FROM reports JOIN report_cases rc ON rc.report = reports.id AND rc.until IS NULL
               WHERE rc."case" = c.id ORDER BY reports.reported_at, reports.id LIMIT 1) AS r
           LEFT JOIN category_versions v ON v.id = c.category_version
           LEFT JOIN categories k ON k.id = v.category
           WHERE c.open AND c.handler_unit = ANY($1) AND c.state IN ('dispatched', 'in_hand')
           ORDER BY c.due_at NULLS LAST, c.number LIMIT $4""",
        list(by.unit_ids),
        by.account_id,
        TEXT,
        MOST,
    )
    return tuple(msgspec.convert({**row, "photos": tuple(row["photos"])}, Task) for row in map(dict, rows))
