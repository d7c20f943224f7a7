"""The task by which somebody looks again whether what was wrong has been put right."""

from datetime import date, timedelta
from uuid import UUID

from server.cases import clocks
from server.kernel import clock, database
from server.kernel.ids import new_id
from server.patrols.place import PlaceRow
from server.patrols.reach import today
from server.patrols.schedule import WorkingDays

WINDOW = 5
"""Working days from the due day on."""
_FAR = timedelta(days=60)


async def plan(rectification: UUID, place: PlaceRow, checklist: int, due: date) -> date:
    """Make the re-visit of a rectification, on the first working day from `due` (or today) on; the day comes back.

    The caller has seen that the place lies in a community.
    """
    days = await from_day(max(due, today()), WINDOW)
    task = new_id()
    await database.execute(
        """INSERT INTO patrol_tasks (id, place, kind, community, grid, window_from, window_to, day, rectification,
               made_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $8, $9)""",
        task,
        place.id,
        place.kind,
        place.community,
        place.grid,
        days[0],
        days[-1],
        rectification,
        clock.now(),
    )
    await database.execute(
        "INSERT INTO patrol_task_items (task, place, period, checklist) VALUES ($1, $2, $3, $4)",
        task,
        place.id,
        due,
        checklist,
    )
    return days[0]


async def withdraw(rectification: UUID) -> None:
    """Nobody has to look again."""
    await database.execute(
        """UPDATE patrol_tasks SET state = 'withdrawn', ended_at = $2
           WHERE rectification = $1 AND state = 'open'""",
        rectification,
        clock.now(),
    )


def tomorrow() -> date:
    return today() + timedelta(days=1)


async def from_day(day: date, many: int) -> list[date]:
    """`many` working days from `day` on."""
    days = WorkingDays(await clocks.calendar(), day, day + _FAR)
    return list(days.between(day, day + _FAR))[:many]
