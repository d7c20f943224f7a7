"""Whose a task is: the grid's workers', until the desk gives it to somebody. And tasks that fall away."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import NotAllowed, NotFound
from server.patrols import reach
from server.patrols.keeping import own_words

MOST = 500
"""Tasks in one go."""


async def hand_over(tasks: Sequence[UUID], to_post: int | None, by: Actor) -> int:
    """Give open tasks to a worker's post, or with None back to the grid's workers; how many changed hands comes back.

    `NotFound` where one of them is not of the actor's desk. The same again changes nothing.
    """
    async with database.transaction():
        before = await _load(tasks, by)
        name = (await reach.worker_post(to_post, by, "to_post"))["name"] if to_post is not None else ""
        rows = await database.fetch(
            """UPDATE patrol_tasks SET post = $2, at_desk = false, absence = NULL,
                   given = CASE WHEN $2::bigint IS NULL THEN given ELSE given || to_jsonb($2::bigint) END
               WHERE id = ANY($1::uuid[]) AND state = 'open' AND (post IS DISTINCT FROM $2 OR at_desk)
               RETURNING id""",
            list(tasks),
            to_post,
        )
        said: list[tuple[str, dict[str, Any]]] = [
            (stream_of(row["id"]), {"to_post": to_post, "to_name": name}) for row in rows
        ]
        if said:
            await events.record_many("task.handed_over", said, by)
            moved = _among(before, rows)
            await _tell("tasks.passed_on", moved, by, besides=to_post)
            await _tell("tasks.handed_over", [{**row, "post": to_post, "at_desk": False} for row in moved], by)
        return len(rows)


async def withdraw(tasks: Sequence[UUID], by: Actor, *, reason: str) -> int:
    """Nobody has to do them; what comes in for them all the same is recorded and marked. Twice is once.

    A re-visit is not withdrawn here: its rectification would be left without one.
    """
    async with database.transaction():
        rows = await _load(tasks, by)
        said = own_words(reason, "请写明为什么撤销。")
        if any(row["rectification"] is not None for row in rows):
            raise NotAllowed("复查任务请在整改单里改期或撤销。")
        gone = await database.fetch(
            """UPDATE patrol_tasks SET state = 'withdrawn', ended_at = $2
               WHERE id = ANY($1::uuid[]) AND state = 'open' RETURNING id""",
            list(tasks),
            clock.now(),
        )
        if gone:
            await events.record_many("task.withdrawn", [(stream_of(row["id"]), {"reason": said}) for row in gone], by)
            await _tell("tasks.withdrawn", _among(rows, gone), by)
        return len(gone)


def stream_of(task_id: UUID) -> str:
    """The name of a task's history."""
    return f"task:{task_id}"


async def _load(tasks: Sequence[UUID], by: Actor) -> list[Any]:
    if not 0 < len(tasks) <= MOST:
        raise NotAllowed(f"一次选 1–{MOST} 个任务。")
    rows = await database.fetch(
        """SELECT id, grid, community, post, at_desk, rectification FROM patrol_tasks
           WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE""",
        list(tasks),
    )
    mine = set(await reach.communities(by))
    if len(rows) != len(set(tasks)) or not all(row["community"] in mine for row in rows):
        raise NotFound("有任务没有找到,或者不归您管。")
    return rows


def _among(before: Sequence[Any], changed: Sequence[Any]) -> list[dict[str, Any]]:
    """The rows as they were of those that changed."""
    ids = {row["id"] for row in changed}
    return [dict(row) for row in before if row["id"] in ids]


async def _tell(kind: str, rows: Sequence[dict[str, Any]], by: Actor, *, besides: int | None = None) -> None:
    """One event for each post, or grid's workers, whose tasks these are, however many: they are told of it.

    `besides`: a post that hears of it by another event. What lies at the desk is no worker's.
    """
    whose = Counter(
        (row["community"], row["post"], None if row["post"] is not None else row["grid"] or row["community"])
        for row in rows
        if not row["at_desk"]
    )
    # In one order everywhere, so that two who tell of the same posts do not wait for each other.
    for (community, post, grid), count in sorted(whose.items(), key=str):
        if post is not None and post == besides:
            continue
        posts, grids = [post] if post is not None else [], [grid] if grid is not None else []
        data = {"tasks": count, "posts": posts, "grids": grids, "besides": besides}
        await events.record(f"round:{community}", kind, data, by, post_id=reach.desk_post(by))
