"""What records change of what was there: tasks that are met, places with their last finding, orders, older versions."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from server.kernel import database, events
from server.kernel.actor import Actor
from server.patrols import revisits
from server.patrols.judging import Judged
from server.patrols.known import KnownTask

MOST_TRIES = 3
"""So often somebody goes again where nobody was there."""


async def close(records: Sequence[Judged], moment: datetime, by: Actor) -> None:
    """A statement for each kind of thing, however many records."""
    await _tasks([one for one in records if one.settles], moment)
    await _places([one for one in records if one.place is not None and not one.overtaken], moment)
    corrected = [one.corrects.id for one in records if one.corrects is not None]
    if corrected:
        await database.execute(
            "UPDATE patrol_visits SET corrected_at = $2 WHERE id = ANY($1::uuid[])", corrected, moment
        )
    for one in records:
        if one.told.order is not None:
            await _arrived(one.told.order, one.told.id, moment, by)


async def _tasks(met: Sequence[Judged], moment: datetime) -> None:
    rows = [await _met(one, one.task) for one in met if one.task is not None]
    if rows:
        await database.execute(
            """UPDATE patrol_tasks t SET state = n.state, outcome = n.outcome, visit = n.visit, day = n.day,
                   window_to = GREATEST(t.window_to, n.day), tries = n.tries,
                   ended_at = CASE n.state WHEN 'done' THEN COALESCE(t.ended_at, $7::timestamptz) END
               FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::date[], $6::int[])
                   AS n(id, state, outcome, visit, day, tries) WHERE t.id = n.id""",
            *[list(column) for column in zip(*rows, strict=True)],
            moment,
        )


async def _met(one: Judged, task: KnownTask) -> tuple[UUID, str, str, UUID, date, int]:
    """The task's new row; where nobody was there it stays open for another working day of its window.

    A re-visit is gone to until somebody is there: what has to be put right is not forgotten.
    """
    if one.told.outcome == "nobody_there" and one.corrects is not None and task.state == "open":
        return task.id, "open", one.told.outcome, one.told.id, task.day, task.tries
    if one.told.outcome == "nobody_there" and one.corrects is None:
        tries = task.tries + 1
        day = (await revisits.from_day(revisits.tomorrow(), 1))[0]
        if task.rectification or (tries < MOST_TRIES and day <= task.window_to):
            return task.id, "open", one.told.outcome, one.told.id, day, tries
    return task.id, "done", one.told.outcome, one.told.id, task.day, task.tries


async def _places(records: Sequence[Judged], moment: datetime) -> None:
    """When each was last visited, and what was found; of two records of one place the later counts."""
    seen = {one.place.id: one for one in records if one.place is not None and one.told.outcome == "done"}
    if seen:
        await database.execute(
            """WITH given AS (SELECT * FROM unnest($1::uuid[], $2::text[]) AS g(id, finding)),
                    mine AS (SELECT p.id FROM places p WHERE p.id = ANY($1) ORDER BY p.id FOR NO KEY UPDATE)
               UPDATE places p SET last_visit_at = $3, last_finding = given.finding
               FROM given JOIN mine USING (id) WHERE p.id = given.id""",
            list(seen),
            [one.finding for one in seen.values()],
            moment,
        )


async def _arrived(order: UUID, visit: UUID, moment: datetime, by: Actor) -> None:
    done = await database.execute(
        """UPDATE patrol_orders SET state = 'arrived', arrived_at = $2, visit = $3
           WHERE id = $1 AND state IN ('sent', 'accepted', 'on_way')""",
        order,
        moment,
        visit,
    )
    if done != "UPDATE 0":
        await events.record(f"order:{order}", "order.arrived", {"visit": visit}, by)
