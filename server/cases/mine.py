"""A resident's own reports, newest first, each with where it stands."""

from datetime import datetime
from uuid import UUID

import msgspec

from server.cases.way import State
from server.kernel import database
from server.kernel.actor import Actor


class MyReport(msgspec.Struct, frozen=True, kw_only=True):
    """One line of "my reports"."""

    number: str
    subject: str
    state: State
    area: str
    community_id: int | None
    unit: str | None
    reported_at: datetime
    due_at: datetime | None
    photo: UUID | None
    for_me: bool
    """Somebody else told it for the reader."""
    rated: bool


async def mine(by: Actor, limit: int = 200) -> tuple[MyReport, ...]:
    """Reports told by the account, under a link this device opened, or for the phone that signed in."""
    rows = await database.fetch(
        """SELECT r.number, c.subject, c.state, a.name AS area, c.community AS community_id, u.name AS unit,
                  r.reported_at, c.due_at,
                  (SELECT photo FROM case_photos h WHERE h.report = r.id AND h.role = 'report' ORDER BY h.id LIMIT 1)
                      AS photo,
                  r.account IS DISTINCT FROM $1 AND r.id <> ALL($2) AS for_me,
                  EXISTS (SELECT FROM ratings g JOIN closures k ON k.id = g.closure
                          WHERE g.report = r.id AND k."case" = c.id AND k.reopened_at IS NULL) AS rated
           FROM reports r
           JOIN report_cases rc ON rc.report = r.id AND rc.until IS NULL
           JOIN cases c ON c.id = rc."case"
           JOIN areas a ON a.id = COALESCE(c.community, c.street, c.district)
           LEFT JOIN units u ON u.id = c.handler_unit
           WHERE r.account = $1 OR r.id = ANY($2)
              OR (r.for_phone <> '' AND r.for_phone = (SELECT phone FROM accounts WHERE id = $1))
           ORDER BY r.reported_at DESC LIMIT $3""",
        by.account_id,
        list(by.links),
        limit,
    )
    return tuple(MyReport(**{**dict(row), "state": State(row["state"])}) for row in rows)
