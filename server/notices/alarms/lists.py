"""The alarms that stand, through the posts of who looks: the worst first, page by page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.cases import lists
from server.cases.case import DESK_ROLES
from server.cases.warning import RUNG_WORDS, RUNGS, Alarm
from server.kernel import clock, database, pages
from server.kernel.actor import Actor, Role
from server.kernel.pages import Page

ROLES = (*DESK_ROLES, Role.UNIT_HANDLER, Role.UNIT_LEAD)
"""Who has or oversees cases, and so their alarms."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that stands, as the page of its case shows it."""

    alarm: Alarm
    since: datetime
    told: int
    told_at: datetime | None
    next_at: datetime | None

    @property
    def reached(self) -> str:
        """The highest rung that has heard; empty where nobody has."""
        return RUNG_WORDS[RUNGS[self.told - 1]] if self.told and self.told_at is not None else ""


class Row(Standing, frozen=True, kw_only=True):
    """The same with its case, as the list shows it."""

    id: int
    rank: int
    number: str
    subject: str
    area: str
    unit: str
    private: bool
    due_at: datetime | None
    in_unit: bool
    """The reader's unit has it: its page there is theirs."""


_RANK = "array_position($1::text[], a.alarm)"


async def page(by: Actor, *, only: Alarm | None = None, after: str = "") -> Page[Row]:
    """Some of the alarms of the cases that the reader looks after."""
    values: list[Any] = [[alarm.value for alarm in Alarm]]
    seen = _seen(by, values)
    values.append(list(by.unit_ids))
    unit = f"${len(values)}"
    columns = {_RANK: int, "a.since": datetime, "a.id": int}
    onward = pages.beyond(after, columns, values)
    if only is not None:
        values.append(only.value)
        onward += f" AND a.alarm = ${len(values)}"
    rows = await database.fetch(
        f"""SELECT a.id, {_RANK} AS rank, a.alarm, a.since, a.told, a.told_at, a.next_at, c.number,
                   c.subject, c.private, r.name AS area, COALESCE(u.name, '') AS unit, c.due_at,
                   COALESCE(c.handler_unit = ANY({unit}::int[]), FALSE) AS in_unit
            FROM alarms a JOIN cases c ON c.id = a."case"
            JOIN areas r ON r.id = COALESCE(c.community, c.street, c.district)
            LEFT JOIN units u ON u.id = c.handler_unit
            WHERE {seen} AND {onward} ORDER BY {", ".join(columns)} LIMIT {pages.SIZE + 1}""",
        *values,
    )
    found = [msgspec.convert(dict(row), Row) for row in rows]
    return pages.page(found, lambda one: (one.rank, one.since, one.id))


async def counts(by: Actor) -> dict[Alarm, int]:
    """How many of each kind stand, most urgent kinds first."""
    values: list[Any] = []
    rows = await database.fetch(
        f"""SELECT a.alarm, count(*) AS times FROM alarms a JOIN cases c ON c.id = a."case"
            WHERE {_seen(by, values)} GROUP BY a.alarm""",
        *values,
    )
    times = {Alarm(row["alarm"]): row["times"] for row in rows}
    return {alarm: times[alarm] for alarm in Alarm if alarm in times}


async def of_case(case_id: UUID) -> Sequence[Standing]:
    """The alarms of one case, the most urgent first; its page has asked whether the reader may see it."""
    rows = await database.fetch(
        """SELECT alarm, since, told, told_at, next_at FROM alarms
           WHERE "case" = $1 AND ended_at IS NULL AND since <= $2 ORDER BY since""",
        case_id,
        clock.now(),
    )
    return sorted((msgspec.convert(dict(row), Standing) for row in rows), key=lambda one: list(Alarm).index(one.alarm))


def _seen(by: Actor, values: list[Any]) -> str:
    """The condition of the alarms `a` that stand, of the cases `c` that one of the reader's posts looks after."""
    looks = [lists.lens(by, post.id) for post in lists.lenses(by) if post.role in ROLES]
    either = " OR ".join(f"({' AND '.join(lists.seen(look, values))})" for look in looks) or "false"
    values.append(clock.now())
    return f"a.ended_at IS NULL AND a.since <= ${len(values)} AND ({either})"
