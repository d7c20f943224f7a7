"""Making the whole demo: the district some weeks ago, then its cases in the order of time until now."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from random import Random

import msgspec

from server.demo import course, district, doors, households, places, rounds, story
from server.demo.district import District
from server.demo.matter import Matter
from server.demo.plots import ALWAYS, PLOTS, Plot
from server.demo.size import Size
from server.kernel import clock, database, jobs
from server.kernel.calendar import WorkCalendar
from server.kernel.clock import BEIJING
from server.notices.alarms import watching

Told = Callable[[str, int, int], None]
"""Hears of progress: what is being done, how much of it is done, of how much."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What was made."""

    areas: int
    accounts: int
    cases: int
    steps: int
    photos: int


async def is_empty() -> bool:
    """Whether there is neither an area nor an account: only such a database is filled."""
    return not await database.fetch_value("SELECT EXISTS (SELECT FROM areas) OR EXISTS (SELECT FROM accounts)")


async def make(size: Size | None = None, *, start: date | None = None, told: Told | None = None) -> Made:
    """Fill an empty database with a district and its weeks of cases, up to now or for `size.weeks` from `start` on.

    The same size, seed and start date give the same district, texts and steps (ids differ). Nothing is enqueued, so
    the worker finds nothing to send; all of it is there or nothing. Raises ValueError with a sentence where the size
    cannot be or the database is in use.
    """
    size = size or Size()
    if wrong := size.wrong():
        raise ValueError(wrong)
    if not await is_empty():
        raise ValueError("The database is in use already; the demo district is made in an empty one only.")
    begin, until = _period(size, start)
    with jobs.quiet():
        return await _make(size, begin, until, told or (lambda *_: None))


async def _make(size: Size, begin: datetime, until: datetime, tell: Told) -> Made:
    # One transaction: a making that is cut short must not leave half a district, which nobody would complete.
    async with database.transaction():
        tell("district", 0, 1)
        with clock.at(begin - timedelta(hours=2)):
            made = await district.found(size)
            await places.settle(made)
            await households.settle(made)
        tell("district", 1, 1)
        steps = await _play(made, begin, until, tell)
        tell("rounds", 0, 1)
        if size.weeks:
            await rounds.walk(made, begin, until)
            await households.visit(made, begin, until)
            await households.look_in(made, until)
            await doors.knock(made, until)
        tell("rounds", 1, 1)
        # What is late or stuck by now is so: the worker tells of it, in one digest a person.
        with clock.at(until):
            await watching.watch_all()
        return await _count(steps)


def _period(size: Size, start: date | None) -> tuple[datetime, datetime]:
    if start is None:
        until = clock.now()
        return until - timedelta(weeks=size.weeks), until
    begin = datetime.combine(start, time(8), BEIJING)
    until = begin + timedelta(weeks=size.weeks, hours=9)
    if until > clock.now():
        raise ValueError(f"{size.weeks} weeks from {start} on end in the future.")
    return begin, until


async def _play(made: District, begin: datetime, until: datetime, tell: Told) -> int:
    if not made.size.weeks:
        return 0
    told = sorted(_plan(made.size, begin, until), key=lambda one: one[0])
    whole, done = len(told), 0

    async def count(moment: datetime) -> None:
        nonlocal done
        reached = sum(one[0] <= moment for one in told[done : done + 50])
        if reached:
            done += reached
            tell("cases", done, whole)

    matters = [
        (moment, Matter(made, plot, Random(f"{made.size.seed} {number}"))) for number, (moment, plot) in enumerate(told)
    ]
    return await course.play([(moment, story.tell(it)) for moment, it in matters], until=until, after_step=count)


def _plan(size: Size, begin: datetime, until: datetime) -> Iterator[tuple[datetime, Plot]]:
    """Which plots are told when: one of each that must be there, the others by chance over the weeks."""
    chance = Random(f"plan {size.seed}")
    for plot in ALWAYS:
        yield max(begin, _days_before(until, plot.days_ago or 0, chance)), plot
    weights = [plot.weight for plot in PLOTS]
    for _ in range(size.grids * size.weeks):
        moment = begin + (until - begin) * chance.random()
        yield min(until, _waking(moment, chance)), chance.choices(PLOTS, weights)[0]


def _days_before(until: datetime, days: int, chance: Random) -> datetime:
    """In the morning so many working days before; for 0, some minutes ago."""
    if not days:
        return until - timedelta(minutes=chance.randrange(6, 150))
    calendar, day = WorkCalendar(), until.astimezone(BEIJING).date()
    while days:
        day -= timedelta(days=1)
        days -= calendar.works(day)
    return datetime.combine(day, time(9, chance.randrange(60)), BEIJING)


def _waking(moment: datetime, chance: Random) -> datetime:
    hour = moment.astimezone(BEIJING).hour
    return moment if 7 <= hour < 23 else moment + timedelta(hours=8 + chance.random())


async def _count(steps: int) -> Made:
    row = await database.fetch_one(
        """SELECT (SELECT count(*) FROM areas) AS areas, (SELECT count(*) FROM accounts) AS accounts,
                  (SELECT count(*) FROM cases) AS cases, (SELECT count(*) FROM photos) AS photos"""
    )
    assert row is not None
    return Made(**dict(row), steps=steps)


@asynccontextmanager
async def alone() -> AsyncIterator[None]:
    """Let nobody else make a demo in this database at the same time."""
    async with database.connection() as one:
        await one.execute("SELECT pg_advisory_lock(7318220002)")
        try:
            yield
        finally:
            await one.execute("SELECT pg_advisory_unlock(7318220002)")
