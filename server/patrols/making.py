"""Tasks are made by the clock: grid by grid, each in a transaction of its own, and never twice.

What is missing is worked out anew each time (see grid_plan), so that a run that was killed in its middle is simply
taken up by the next, and a place that was added meanwhile gets its task too. Two runs at once wait for each other at
the grid; the key of `patrol_task_items` holds whatever happens.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog

from server.areas import scope
from server.cases import clocks
from server.kernel import clock, database, events, jobs
from server.kernel.actor import the_system
from server.kernel.ids import new_id
from server.patrols import absences, plans, schedule
from server.patrols.grid_plan import Joined, Made, New, Spot, Wanted, wanted
from server.patrols.merging import Due, Open
from server.patrols.plans import Make, PlanRow
from server.patrols.reach import today
from server.patrols.schedule import WorkingDays

HORIZON = timedelta(days=14)
"""So long before its window begins a task is there, and on the phones."""
_LONGEST = timedelta(days=366 * 3 + 31)
_TASK = (
    *("id", "place", "kind", "community", "grid", "window_from", "window_to", "day", "saved", "state", "made_at"),
    *("given", "tries", "at_desk"),
)
_ITEM = ("task", "place", "plan", "period", "checklist")


class Done(msgspec.Struct, frozen=True):
    """What a run made: tasks, what open tasks took along, and the visits saved by going once."""

    tasks: int = 0
    joined: int = 0
    saved: int = 0

    def __add__(self, other: "Done") -> "Done":
        return Done(self.tasks + other.tasks, self.joined + other.joined, self.saved + other.saved)


class Ground(msgspec.Struct, frozen=True):
    """What is made in one go: the places of a grid, or those of a community that lie in no grid."""

    area: int
    level: str
    line: tuple[int, ...]
    """Ids from the district down to it."""


@jobs.schedule("patrols.make", "40 18 * * *")
async def make_nightly() -> None:
    """At 2:40 in the morning, Beijing time."""
    done = await make()
    structlog.get_logger().info("patrols.made", tasks=done.tasks, joined=done.joined, saved=done.saved)


@jobs.job("patrols.make", Make)
async def make_for(data: Make) -> None:
    """At once, where a plan is new or has changed."""
    area = await database.fetch_value("SELECT area FROM patrol_plans WHERE id = $1", data.plan_id)
    await make(area)


async def make(area: int | None = None) -> Done:
    """Make everything that is missing, in all areas or below one; the caller is in no transaction."""
    since = today()
    days = WorkingDays(await clocks.calendar(), since - _LONGEST, since + HORIZON + _LONGEST)
    done = Done()
    for ground in await _grounds(area):
        async with database.transaction():
            done += await make_on(ground, days)
    return done


async def make_on(ground: Ground, days: WorkingDays) -> Done:
    """Make what is missing on one ground, in the open transaction."""
    await database.execute("SELECT pg_advisory_xact_lock(hashtextextended('patrols.make', $1))", ground.area)
    since = today()
    due = _due(await plans.in_force(since, since + HORIZON, ground.line), days, since)
    if not due:
        return Done()
    spots, communities = await _spots(ground, list(due))
    if not spots:
        return Done()
    tasks, load = await _open(ground)
    made = await _made(list(communities), [one for each in due.values() for one in each])
    found = wanted(spots, lambda kind: due.get(kind, ()), made, tasks, days, load)
    if found.new or found.joined:
        await _write(ground, found, communities)
    return Done(len(found.new), len(found.joined), found.saved)


async def _grounds(area: int | None) -> list[Ground]:
    """The grids and communities below any plan's area; a plan for one grid asks for no other."""
    rows = await database.fetch(
        """SELECT g.id, g.level, g.path FROM areas g WHERE g.level IN ('grid', 'community') AND EXISTS (
               SELECT FROM patrol_plans p JOIN areas a ON a.id = p.area
               WHERE g.path LIKE a.path || '%' AND ($1::int IS NULL OR a.id = $1)) ORDER BY g.path""",
        area,
    )
    return [Ground(row["id"], row["level"], scope.ids(row["path"])) for row in rows]


def _due(in_force: Sequence[PlanRow], days: WorkingDays, since: date) -> dict[int, tuple[Due, ...]]:
    """What the plans want, by kind of place; a window that has begun is left with the days from now on."""
    found: dict[int, list[Due]] = defaultdict(list)
    for plan in in_force:
        for window in schedule.windows(plan.rhythm, days, since, since + HORIZON):
            begin = days.between(max(window.begin, since), window.end)[0]
            one = Due(plan.id, window.period, begin, window.end)
            for kind in plan.kinds:
                found[kind].append(one)
    return {kind: tuple(each) for kind, each in found.items()}


async def _spots(ground: Ground, kinds: list[int]) -> tuple[list[Spot], dict[UUID, int]]:
    """The places in use, and the community of each."""
    where = "grid = $1" if ground.level == "grid" else "community = $1 AND grid IS NULL"
    rows = await database.fetch(
        f"""SELECT id, kind, latitude, longitude, community FROM places
            WHERE {where} AND until IS NULL AND kind = ANY($2::int[]) AND community IS NOT NULL""",
        ground.area,
        kinds,
    )
    spots = [Spot(row["id"], row["kind"], row["latitude"], row["longitude"]) for row in rows]
    return spots, {row["id"]: row["community"] for row in rows}


async def _open(ground: Ground) -> tuple[dict[UUID, dict[UUID, Open]], Counter[date]]:
    """The open tasks that can take more along, by place; and how many tasks each day has."""
    where = "grid = $1" if ground.level == "grid" else "community = $1 AND grid IS NULL"
    rows = await database.fetch(
        f"""SELECT id, place, window_from, window_to, day, rectification FROM patrol_tasks
            WHERE {where} AND state = 'open'""",
        ground.area,
    )
    tasks: dict[UUID, dict[UUID, Open]] = defaultdict(dict)
    for row in rows:
        if row["rectification"] is None and row["window_to"] >= today():
            window_from = max(row["window_from"], today())
            tasks[row["place"]][row["id"]] = Open(window_from, row["window_to"], row["day"])
    return tasks, Counter(row["day"] for row in rows)


async def _made(places: list[UUID], due: Sequence[Due]) -> Made:
    """What has its task already; a place that another was merged into is not asked again for what that one had."""
    rows = await database.fetch(
        """SELECT place, plan, period FROM patrol_task_items
           WHERE place = ANY($1::uuid[]) AND plan = ANY($2::int[]) AND period >= $3""",
        places,
        list({one.plan for one in due}),
        min(one.period for one in due),
    )
    return {(UUID(int=row["place"].int), row["plan"], row["period"]) for row in rows}


async def _write(ground: Ground, found: Wanted, communities: Mapping[UUID, int]) -> None:
    moment = clock.now()
    checklists = await _checklists()
    grid = ground.area if ground.level == "grid" else None
    ids = [new_id() for _ in found.new]
    async with database.connection() as one:
        await one.copy_records_to_table(
            "patrol_tasks",
            columns=_TASK,
            records=[
                _task(id, new, communities[new.place], grid, moment) for id, new in zip(ids, found.new, strict=True)
            ],
        )
        items = [(id, new.place, new.visit.due) for id, new in zip(ids, found.new, strict=True)]
        items += [(one.task, one.place, one.due) for one in found.joined]
        await one.copy_records_to_table(
            "patrol_task_items",
            columns=_ITEM,
            records=[(task, place, d.plan, d.period, checklists[d.plan]) for task, place, due in items for d in due],
        )
    await _take_along(found.joined)
    await absences.cover(await absences.running(ground.line))
    data = {"tasks": len(found.new), "joined": len(found.joined), "saved": found.saved}
    await events.record(f"round:{ground.area}", "tasks.made", data, the_system("patrols.make"))


def _task(id: UUID, new: New, community: int, grid: int | None, moment: datetime) -> tuple[Any, ...]:
    visit = new.visit
    window = (visit.begin, visit.end, new.day)
    return (id, new.place, new.kind, community, grid, *window, visit.saved, "open", moment, "[]", 0, False)


async def _take_along(joined: Sequence[Joined]) -> None:
    await database.execute(
        """UPDATE patrol_tasks t SET window_from = n.window_from, window_to = n.window_to, day = n.day,
               saved = t.saved + n.more
           FROM unnest($1::uuid[], $2::date[], $3::date[], $4::date[], $5::int[])
               AS n(id, window_from, window_to, day, more) WHERE t.id = n.id""",
        [one.task for one in joined],
        [one.now.begin for one in joined],
        [one.now.end for one in joined],
        [one.now.day for one in joined],
        [len(one.due) for one in joined],
    )


async def _checklists() -> dict[int, int]:
    rows = await database.fetch("SELECT id, checklist FROM patrol_plans")
    return {row["id"]: row["checklist"] for row in rows}
