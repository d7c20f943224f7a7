"""A year's working calendar is entered: every open deadline that rests on it is counted again."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec

from server.areas.scope import administers_a_district
from server.cases import case as cases
from server.cases import clocks
from server.cases.change import Change
from server.cases.way import STEPS
from server.kernel import clock, database, errors, events, jobs
from server.kernel.actor import Actor, the_system

BATCH = 200
"""Cases counted again in one transaction."""


class Recount(msgspec.Struct, frozen=True):
    """Data of the job `cases.recount`: which year's deadlines to count again, and after which case to go on."""

    year: int
    after: UUID | None = None


class Entered(msgspec.Struct, frozen=True):
    """What entering a year does, or with `dry_run` would do."""

    year: int
    open_cases: int
    """Open cases whose deadline may move."""


async def enter_year(
    year: int, days_off: frozenset[date], days_worked: frozenset[date], by: Actor, *, dry_run: bool = False
) -> Entered:
    """Enter a year's days off (weekdays) and moved working days (weekends), as the State Council's notice says.

    Entering again replaces. Raises NotAllowed for who is no administrator, Invalid for days that cannot be.
    """
    if not await administers_a_district(by):
        raise errors.NotAllowed("工作日历由区一级的管理员录入。")
    _check(year, days_off, days_worked)
    async with database.transaction():
        touched = await database.fetch_value(f"SELECT count(*) FROM cases WHERE {_TOUCHED}", _begin(year))
        if dry_run:
            return Entered(year, touched)
        await database.execute(
            """INSERT INTO calendar_years (year, days_off, days_worked, entered_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (year) DO UPDATE SET days_off = $2, days_worked = $3, entered_at = $4""",
            year,
            database.to_jsonb(sorted(days_off)),
            database.to_jsonb(sorted(days_worked)),
            clock.now(),
        )
        said = {"days_off": sorted(days_off), "days_worked": sorted(days_worked)}
        await events.record(f"calendar:{year}", "calendar.entered", said, by)
        await jobs.enqueue("cases.recount", Recount(year))
        return Entered(year, touched)


_TOUCHED = "open AND (due_at IS NULL OR due_at >= $1)"


@jobs.job("cases.recount", Recount)
async def recount(job: Recount) -> None:
    """Count a batch of open cases again and enqueue the next; each whose deadline moved tells so in its history."""
    async with database.transaction():
        rows = await database.fetch(
            f"""SELECT id FROM cases WHERE {_TOUCHED} AND ($2::uuid IS NULL OR id > $2)
                ORDER BY id LIMIT {BATCH} FOR UPDATE""",
            _begin(job.year),
            job.after,
        )
        for row in rows:
            await _recount_one(row["id"])
        if len(rows) == BATCH:
            await jobs.enqueue("cases.recount", Recount(job.year, rows[-1]["id"]))


async def _recount_one(case_id: UUID) -> None:
    system = the_system("recount")
    known = await cases.load(case_id, system)
    counted = await clocks.count_anew(case_id)
    before = (known.case.due_at, known.case.due_provisional)
    if (counted["due_at"], counted["due_provisional"]) == before:
        return
    change = Change(known, STEPS["note"], system, clock.now())
    await change.tell("case.recounted", {"due": counted["due_at"], "before": known.case.due_at}, **counted)


def _begin(year: int) -> datetime:
    """A deadline before the year began cannot move; a day's grace for the time zone."""
    return datetime(year, 1, 1, tzinfo=UTC) - timedelta(days=1)


def _check(year: int, days_off: frozenset[date], days_worked: frozenset[date]) -> None:
    wrong = {}
    if not 2000 <= year <= 2100:
        wrong["year"] = "年份不对。"
    if strange := sorted(day for day in days_off | days_worked if day.year != year):
        wrong["days"] = f"{strange[0]} 不在 {year} 年。"
    if weekends := sorted(day for day in days_off if day.weekday() >= 5):
        wrong["days_off"] = f"{weekends[0]} 本来就是周末,不用填。"
    if weekdays := sorted(day for day in days_worked if day.weekday() < 5):
        wrong["days_worked"] = f"{weekdays[0]} 本来就是工作日,不用填。"
    if wrong:
        raise errors.Invalid(wrong)
