"""The clock of a case as rows, and the due time that follows from them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from server.cases import deadlines
from server.cases.deadlines import Budget, Segment
from server.kernel import database
from server.kernel.calendar import WorkCalendar, Year

REOPENED = "reopened"
"""Reason of a segment that begins with the whole budget again."""


async def calendar() -> WorkCalendar:
    """The working calendar with the years that the district has entered."""
    rows = await database.fetch("SELECT year, days_off, days_worked FROM calendar_years")
    return WorkCalendar(
        {
            row["year"]: Year(
                msgspec.json.decode(row["days_off"], type=frozenset[date]),
                msgspec.json.decode(row["days_worked"], type=frozenset[date]),
            )
            for row in rows
        }
    )


async def begin(
    case_id: UUID, budget: Budget, moment: datetime, days: WorkCalendar, reason: str = ""
) -> dict[str, Any]:
    """Start a clock with all of `budget`; the case's due columns come back."""
    await begin_all([case_id], budget, moment, reason)
    return _due_columns(moment, budget, days)


async def begin_all(case_ids: Sequence[UUID], budget: Budget, moment: datetime, reason: str = "") -> None:
    """Start the clocks of many cases with the same budget."""
    await database.execute(
        """INSERT INTO clock_segments ("case", running, reason, allowance, since)
           SELECT one, true, $2, $3, $4 FROM unnest($1::uuid[]) AS one""",
        list(case_ids),
        reason,
        database.to_jsonb(budget),
        moment,
    )


async def stop(case_id: UUID, reason: str, moment: datetime) -> dict[str, Any]:
    """Stop the clock: what is left is kept."""
    budget = await _close_segment(case_id, moment, await calendar())
    await _open_segment(case_id, False, reason, budget, moment)
    return {"due_at": None, "due_provisional": False}


async def resume(case_id: UUID, moment: datetime) -> dict[str, Any]:
    """Let the clock run again with what was left when it was stopped."""
    days = await calendar()
    budget = await _close_segment(case_id, moment, days)
    await _open_segment(case_id, True, "", budget, moment)
    return _due_columns(moment, budget, days)


async def end(case_id: UUID, moment: datetime) -> None:
    """End the clock with the case; `due_at` stays as what was promised."""
    await database.execute('UPDATE clock_segments SET until = $2 WHERE "case" = $1 AND until IS NULL', case_id, moment)


async def allow(case_id: UUID, budget: Budget) -> dict[str, Any]:
    """Count the clock anew from its first moment with another budget: the category became known, or changed."""
    rows = await database.fetch(
        'SELECT id, running, reason, since, until FROM clock_segments WHERE "case" = $1 ORDER BY since, id', case_id
    )
    segments = [Segment(row["running"], row["since"], row["until"], row["reason"] == REOPENED) for row in rows]
    days = await calendar()
    each = deadlines.budgets(budget, segments, days)
    await database.execute_many(
        "UPDATE clock_segments SET allowance = $2 WHERE id = $1",
        [(row["id"], database.to_jsonb(rest)) for row, rest in zip(rows, each, strict=True)],
    )
    if not segments[-1].running:
        return {"due_at": None, "due_provisional": False}
    return _due_columns(segments[-1].since, each[-1], days)


async def would_be_due(case_id: UUID, budgets: Mapping[str, Budget]) -> dict[str, datetime | None]:
    """When the case would be due with each of these budgets; changes nothing. None while its clock stands."""
    rows = await database.fetch(
        'SELECT running, reason, since, until FROM clock_segments WHERE "case" = $1 ORDER BY since, id', case_id
    )
    segments = [Segment(row["running"], row["since"], row["until"], row["reason"] == REOPENED) for row in rows]
    days = await calendar()
    return {name: deadlines.due_of(budget, segments, days) for name, budget in budgets.items()}


async def count_anew(case_id: UUID) -> dict[str, Any]:
    """Count a case's clock again on the calendar as it is known now."""
    first = await database.fetch_value(
        'SELECT allowance FROM clock_segments WHERE "case" = $1 ORDER BY since, id LIMIT 1', case_id
    )
    return await allow(case_id, msgspec.json.decode(first, type=Budget))


def _due_columns(since: datetime, budget: Budget, days: WorkCalendar) -> dict[str, Any]:
    due = deadlines.due(since, budget, days)
    return {"due_at": due, "due_provisional": budget.unit != "seconds" and days.provisional(since, due)}


async def _close_segment(case_id: UUID, moment: datetime, days: WorkCalendar) -> Budget:
    row = await database.fetch_one(
        """UPDATE clock_segments SET until = $2 WHERE "case" = $1 AND until IS NULL
           RETURNING running, since, allowance""",
        case_id,
        moment,
    )
    if row is None:
        raise LookupError(f"the clock of {case_id} has no open segment")
    budget = msgspec.json.decode(row["allowance"], type=Budget)
    return deadlines.left(row["since"], budget, moment, days) if row["running"] else budget


async def _open_segment(case_id: UUID, running: bool, reason: str, budget: Budget, moment: datetime) -> None:
    await database.execute(
        """INSERT INTO clock_segments ("case", running, reason, allowance, since) VALUES ($1, $2, $3, $4, $5)""",
        case_id,
        running,
        reason,
        database.to_jsonb(budget),
        moment,
    )
