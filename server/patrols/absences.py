"""Sick leave: the tasks of these days go to a colleague, a neighbour or the desk, and come back when it ends."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.patrols import reach
from server.patrols.reach import today

LONGEST = timedelta(days=366)


class AbsenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """An absence with the names that the desk reads."""

    id: int
    post: int
    area: int
    since: date
    until: date
    to_post: int | None
    title: str
    name: str
    to_title: str
    to_name: str
    tasks: int
    """Open tasks that it has moved."""


class Moved(msgspec.Struct, frozen=True):
    """The absence (0 in a dry run) and how many tasks it moved, or would."""

    absence_id: int
    tasks: int


async def begin(
    post_id: int, since: date, until: date, by: Actor, *, to_post: int | None = None, dry_run: bool = False
) -> Moved:
    """Note that whoever holds a worker's post is away from–until; `to_post`: who takes over, None: the desk.

    Raises `Invalid` naming the fields, `NotAllowed` where the days overlap with an absence that is known.
    """
    try:
        async with database.transaction():
            await _check(post_id, since, until, to_post, by)
            row = await _insert(post_id, since, until, to_post, by)
            moved = Moved(row["id"], await cover([row]))
            if dry_run:
                raise _DryRun(moved)
            data = {"post": post_id, "since": since, "until": until, "to_post": to_post, "tasks": moved.tasks}
            await events.record(stream_of(row["id"]), "absence.begun", data, by, post_id=reach.desk_post(by))
            return moved
    except _DryRun as told:
        return Moved(0, told.moved.tasks)


async def end(absence_id: int, by: Actor) -> Moved:
    """They are back: what is still open goes back to them. Twice is once."""
    async with database.transaction():
        row = await database.fetch_one("SELECT * FROM patrol_absences WHERE id = $1 FOR UPDATE", absence_id)
        if row is None:
            raise NotFound()
        await _must_look_after(row["post"], by)
        if row["ended_at"] is not None:
            return Moved(absence_id, 0)
        await database.execute("UPDATE patrol_absences SET ended_at = $2 WHERE id = $1", absence_id, clock.now())
        back = await database.execute(
            """UPDATE patrol_tasks SET post = NULL, at_desk = false, absence = NULL
               WHERE absence = $1 AND state = 'open'""",
            absence_id,
        )
        tasks = int(back.split()[-1])
        await events.record(stream_of(absence_id), "absence.ended", {"tasks": tasks}, by, post_id=reach.desk_post(by))
        return Moved(absence_id, tasks)


async def must_be_theirs(absence_id: int, by: Actor) -> None:
    """Raise `NotFound` where the absence is not of the actor's desk."""
    post = await database.fetch_value("SELECT post FROM patrol_absences WHERE id = $1", absence_id)
    await _must_look_after(post, by)


async def absences(by: Actor) -> list[AbsenceRow]:
    """Those that run or will, of the communities of the actor's desk."""
    rows = await database.fetch(
        """SELECT x.id, x.post, p.area, x.since, x.until, x.to_post, p.title, COALESCE(a.name, '') AS name,
                  COALESCE(o.title, '') AS to_title, COALESCE(b.name, '') AS to_name,
                  (SELECT count(*) FROM patrol_tasks t WHERE t.absence = x.id AND t.state = 'open') AS tasks
           FROM patrol_absences x JOIN posts p ON p.id = x.post JOIN areas r ON r.id = p.area
           LEFT JOIN holdings h ON h.post = p.id AND h.until IS NULL LEFT JOIN accounts a ON a.id = h.account
           LEFT JOIN posts o ON o.id = x.to_post
           LEFT JOIN holdings i ON i.post = o.id AND i.until IS NULL LEFT JOIN accounts b ON b.id = i.account
           WHERE x.ended_at IS NULL AND x.until >= $2
             AND CASE r.level WHEN 'grid' THEN r.parent ELSE r.id END = ANY($1::int[])
           ORDER BY x.since, x.id""",
        await reach.communities(by),
        today(),
    )
    return [msgspec.convert(dict(row), AbsenceRow) for row in rows]


async def running(areas: Sequence[int]) -> list[Any]:
    """The absences, now or to come, of workers who walk one of these areas."""
    return await database.fetch(
        """SELECT x.* FROM patrol_absences x JOIN posts p ON p.id = x.post
           WHERE p.area = ANY($1::int[]) AND x.ended_at IS NULL AND x.until >= $2""",
        list(areas),
        today(),
    )


async def cover(found: Sequence[Any]) -> int:
    """Move the tasks that are the absent's own on these days; what was given to somebody else stays with them."""
    moved = 0
    for row in found:
        done = await database.execute(
            """UPDATE patrol_tasks t SET post = $4, at_desk = $4::bigint IS NULL, absence = $5,
                   given = CASE WHEN $4::bigint IS NULL THEN t.given ELSE t.given || to_jsonb($4::bigint) END
               FROM posts p JOIN areas a ON a.id = p.area
               WHERE p.id = $1 AND t.state = 'open' AND t.absence IS NULL AND t.day BETWEEN $2 AND $3
                 AND (t.post = $1 OR (t.post IS NULL AND NOT t.at_desk
                      AND CASE a.level WHEN 'grid' THEN t.grid ELSE t.community END = a.id
                      AND NOT EXISTS (SELECT FROM posts c JOIN holdings h ON h.post = c.id AND h.until IS NULL
                          WHERE c.area = p.area AND c.role = 'grid_worker' AND c.until IS NULL AND c.id <> p.id
                            AND $4::bigint IS NULL AND NOT EXISTS (
                              SELECT FROM patrol_absences y WHERE y.post = c.id AND y.ended_at IS NULL
                                AND t.day BETWEEN y.since AND y.until))))""",
            row["post"],
            row["since"],
            row["until"],
            row["to_post"],
            row["id"],
        )
        moved += int(done.split()[-1])
    return moved


def stream_of(absence_id: int) -> str:
    """The name of an absence's history."""
    return f"absence:{absence_id}"


class _DryRun(Exception):
    """Carries what would be moved out of a transaction that must leave nothing."""

    def __init__(self, moved: Moved) -> None:
        super().__init__()
        self.moved = moved


async def _check(post_id: int, since: date, until: date, to_post: int | None, by: Actor) -> None:
    await reach.worker_post(post_id, by)
    other = await reach.worker_post(to_post, by, "to_post") if to_post is not None else None
    wrong = {}
    if until < since or until < today() or until - since > LONGEST:
        wrong["until"] = "请填请假的起止日期,结束不早于开始和今天。"
    if to_post == post_id:
        wrong["to_post"] = "请选另一位网格员。"
    if wrong:
        raise Invalid(wrong)
    await database.execute("SELECT FROM posts WHERE id = $1 FOR UPDATE", post_id)
    if await _overlaps(post_id, since, until):
        raise NotAllowed("这几天已经登记过请假。")
    if other is not None and await _overlaps(other["id"], since, until):
        raise NotAllowed(f"{other['name']}这几天也请假,请换一位。")


async def _overlaps(post_id: int, since: date, until: date) -> bool:
    return bool(
        await database.fetch_value(
            """SELECT true FROM patrol_absences
               WHERE post = $1 AND ended_at IS NULL AND since <= $3 AND until >= $2 LIMIT 1""",
            post_id,
            since,
            until,
        )
    )


async def _insert(post_id: int, since: date, until: date, to_post: int | None, by: Actor) -> Any:
    return await database.fetch_one(
        """INSERT INTO patrol_absences (post, since, until, to_post, by, at)
           VALUES ($1, $2, $3, $4, $5, $6) RETURNING *""",
        post_id,
        since,
        until,
        to_post,
        by.account_id,
        clock.now(),
    )


async def _must_look_after(post_id: int | None, by: Actor) -> None:
    community = await database.fetch_value(
        """SELECT CASE a.level WHEN 'grid' THEN a.parent ELSE a.id END
           FROM posts p JOIN areas a ON a.id = p.area WHERE p.id = $1""",
        post_id,
    )
    await reach.must_look_after(community, by)
