"""Who works by a checklist: plans, their places, tasks that wait. The room of forms cannot know of them."""

import msgspec

from server.forms import checklist_publishing
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.errors import NotAllowed
from server.patrols.reach import today

NAMED = 5
"""So many plans are named; of more the number is said."""


class UsingPlan(msgspec.Struct, frozen=True):
    """A plan that has not ended."""

    name: str
    area: str

    @property
    def words(self) -> str:
        return f"“{self.name}”({self.area})"


class Use(msgspec.Struct, frozen=True):
    """What a new version of a checklist reaches, and what its end would leave without one."""

    plans: tuple[UsingPlan, ...]
    places: int
    tasks: int
    """Open ones, re-visits too."""

    @property
    def plan_words(self) -> str:
        """The plans by name, none left unmentioned."""
        more = len(self.plans) - NAMED
        return "、".join(plan.words for plan in self.plans[:NAMED]) + (f" 等 {len(self.plans)} 个" if more > 0 else "")


async def use_of(checklist_id: int) -> Use:
    """How a checklist is used, all over the district."""
    plans = await _plans(checklist_id)
    counted = await database.fetch_one(
        """WITH wanted AS (
               SELECT DISTINCT p.area, kind::int AS kind
               FROM patrol_plans p, jsonb_array_elements_text(p.kinds) AS kind
               WHERE p.checklist = $1 AND (p.last IS NULL OR p.last >= $2))
           SELECT (SELECT count(*) FROM places p WHERE p.until IS NULL AND EXISTS (
                       SELECT FROM wanted w
                       WHERE w.kind = p.kind AND w.area IN (p.district, p.street, p.community, p.grid))) AS places,
                  (SELECT count(DISTINCT t.id) FROM patrol_tasks t JOIN patrol_task_items i ON i.task = t.id
                   WHERE t.state = 'open' AND i.checklist = $1) AS tasks""",
        checklist_id,
        today(),
    )
    assert counted is not None
    return Use(plans, counted["places"], counted["tasks"])


async def retire(checklist_id: int, by: Actor) -> None:
    """End a checklist that no plan works by; raise `NotAllowed` naming the plans that do.

    A plan cannot go on without its checklist, and whose plan it is decides what comes instead. Tasks that are out
    already are done by it to the end.
    """
    async with database.transaction():
        await checklist_publishing.retire(checklist_id, by=by)
        # Asked after the checklist is locked: a plan that takes it now waits, and then finds it retired.
        if plans := await _plans(checklist_id):
            named = Use(plans, 0, 0).plan_words
            raise NotAllowed(f"还有巡查计划在用这份检查表:{named}。请先结束这些计划,或者让它们改用别的检查表,再停用。")


async def _plans(checklist_id: int) -> tuple[UsingPlan, ...]:
    rows = await database.fetch(
        """SELECT p.name, a.name AS area FROM patrol_plans p JOIN areas a ON a.id = p.area
           WHERE p.checklist = $1 AND (p.last IS NULL OR p.last >= $2) ORDER BY a.path, p.name, p.id""",
        checklist_id,
        today(),
    )
    return tuple(UsingPlan(**dict(row)) for row in rows)
