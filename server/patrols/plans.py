"""Plans: which places are visited how often, with which checklist. Tasks follow in the worker process (see making)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from server.kernel import clock, database, events, jobs
from server.kernel.actor import Actor
from server.kernel.errors import NotAllowed, NotFound, Stale
from server.patrols import schedule, wishes
from server.patrols.reach import today
from server.patrols.schedule import Rhythm
from server.patrols.wishes import Wish, own_areas, reaches, rhythm_of


class PlanRow(Wish, frozen=True, kw_only=True):
    """A plan as it is."""

    id: int
    version: int
    area_name: str
    path: str
    checklist_name: str
    kind_names: tuple[str, ...]

    @property
    def rhythm(self) -> Rhythm:
        return rhythm_of(self)

    @property
    def ended(self) -> bool:
        return self.last is not None and self.last < today()


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What a verb did, or with `dry_run` would do."""

    plan: PlanRow | None
    """None for a plan that is not there yet."""
    places: int
    a_month: int
    """Visits that it wants each month; those of other plans at the same time come on the same visit."""
    workers: int
    """Grid workers who walk there."""
    no_worker: int
    """Places in grids where nobody walks, or in none; their tasks go to the desk."""
    no_community: int
    """Places in no community: they get no task until they have one."""
    released: int = 0
    """Open tasks that fall away."""


async def create(wish: Wish, by: Actor, *, dry_run: bool = False) -> Effect:
    """Begin a plan; raise `Invalid` naming the fields."""
    async with database.transaction():
        checked = await wishes.checked(wish, by)
        if dry_run:
            return await _effect(None, checked)
        plan_id: int = await database.fetch_value(
            f"""INSERT INTO patrol_plans ({", ".join(_COLUMNS)}, version, made_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11) RETURNING id""",
            *_values(checked),
            clock.now(),
        )
        await events.record(stream_of(plan_id), "plan.created", _told(checked), by)
        await jobs.enqueue("patrols.make", Make(plan_id))
        return await _effect(await _plan(plan_id), checked)


async def change(plan_id: int, wish: Wish, by: Actor, *, seen: int | None = None, dry_run: bool = False) -> Effect:
    """Have it otherwise from now on: tasks whose window has not begun are made anew, those that have begun stay."""
    async with database.transaction():
        before = await _load(plan_id, by, seen)
        if before.ended:
            raise NotAllowed("这个计划已经结束。")
        checked = await wishes.checked(wish, by)
        if _told(checked) == _told(before):
            return await _effect(before, checked)
        released = await _release(before, today() + timedelta(days=1), dry_run)
        if dry_run:
            return await _effect(before, checked, released)
        names = ", ".join(f"{name} = ${number}" for number, name in enumerate(_COLUMNS, 2))
        await database.execute(
            f"UPDATE patrol_plans SET {names}, version = version + 1 WHERE id = $1", plan_id, *_values(checked)
        )
        await events.record(stream_of(plan_id), "plan.changed", _told(checked) | {"released": released}, by)
        await jobs.enqueue("patrols.make", Make(plan_id))
        return await _effect(await _plan(plan_id), checked, released)


async def end(plan_id: int, by: Actor, *, seen: int | None = None, dry_run: bool = False) -> Effect:
    """Stop it today; what it still wants falls away. A visit that other plans want too stays. Twice is once."""
    async with database.transaction():
        before = await _load(plan_id, by, seen)
        if before.ended:
            return await _effect(before, before)
        released = await _release(before, None, dry_run)
        if dry_run:
            return await _effect(before, before, released)
        last = max(before.first, today()) - timedelta(days=1)
        await database.execute("UPDATE patrol_plans SET last = $2, version = version + 1 WHERE id = $1", plan_id, last)
        await events.record(stream_of(plan_id), "plan.ended", {"released": released}, by)
        return await _effect(await _plan(plan_id), before, released)


class Make(msgspec.Struct, frozen=True):
    """Data of the job `patrols.make`: make the tasks of a plan that is new or has changed."""

    plan_id: int


async def plans(by: Actor) -> list[PlanRow]:
    """The plans of the areas that the actor's posts look after or lie in, those in force first."""
    rows = await database.fetch(
        f"""{_PLAN} WHERE EXISTS (SELECT FROM areas own WHERE own.id = ANY($1::int[])
                AND (a.path LIKE own.path || '%' OR own.path LIKE a.path || '%'))
            ORDER BY COALESCE(p.last < $2, false), p.department, p.name, p.id""",
        own_areas(by),
        today(),
    )
    return [_read(row) for row in rows]


async def plan(plan_id: int, by: Actor) -> PlanRow:
    """One of them; `NotFound` for others."""
    found = next((one for one in await plans(by) if one.id == plan_id), None)
    if found is None:
        raise NotFound("没有这个计划,或者您没有权限查看。")
    return found


async def in_force(since: date, until: date, areas: Sequence[int]) -> list[PlanRow]:
    """Every plan of exactly these areas that wants something between these days; for the making.

    None of them changes before the open transaction ends.
    """
    rows = await database.fetch(
        f"""{_PLAN} WHERE p.first <= $2 AND (p.last IS NULL OR p.last >= $1) AND p.area = ANY($3::int[])
            ORDER BY p.id FOR SHARE OF p""",
        since,
        until,
        list(areas),
    )
    return [_read(row) for row in rows]


def may_change(plan: PlanRow, by: Actor) -> bool:
    """Whether the plan lies within the areas that the actor looks after."""
    return reaches(by, plan.path)


def stream_of(plan_id: int) -> str:
    """The name of a plan's history."""
    return f"plan:{plan_id}"


_COLUMNS = ("name", "department", "checklist", "area", "kinds", "every", "unit", "window_days", "first", "last")
_PLAN = """SELECT p.*, a.name AS area_name, a.path, c.name AS checklist_name, ARRAY(
               SELECT k.name FROM place_kinds k WHERE p.kinds @> to_jsonb(k.id) ORDER BY k.code) AS kind_names
           FROM patrol_plans p JOIN areas a ON a.id = p.area JOIN checklists c ON c.id = p.checklist"""


async def _load(plan_id: int, by: Actor, seen: int | None) -> PlanRow:
    await database.execute("SELECT FROM patrol_plans WHERE id = $1 FOR UPDATE", plan_id)
    found = await plan(plan_id, by) if by.system is None else await _plan(plan_id)
    if not may_change(found, by):
        raise NotAllowed("这个计划由上级制定,请联系上级修改。")
    if seen is not None and seen != found.version:
        raise Stale(["这个计划被改动过,请看过再改"])
    return found


async def _plan(plan_id: int) -> PlanRow:
    row = await database.fetch_one(f"{_PLAN} WHERE p.id = $1", plan_id)
    if row is None:
        raise NotFound("没有这个计划。")
    return _read(row)


async def _release(plan: PlanRow, since: date | None, dry_run: bool) -> int:
    """Take back what the plan wants of open tasks (with `since`: only of windows that begin then or later).

    A task that nobody wants any more is withdrawn; how many comes back.
    """
    mine = """SELECT t.id FROM patrol_tasks t JOIN patrol_task_items i ON i.task = t.id
              WHERE i.plan = $1 AND t.state = 'open' AND ($2::date IS NULL OR t.window_from >= $2)"""
    only = f"""SELECT t.id FROM patrol_tasks t WHERE t.id IN ({mine}) AND NOT EXISTS (
                   SELECT FROM patrol_task_items o WHERE o.task = t.id AND o.plan IS DISTINCT FROM $1)"""
    if dry_run:
        return int(await database.fetch_value(f"SELECT count(*) FROM ({only}) AS gone", plan.id, since))
    withdrawn = await database.execute(
        f"UPDATE patrol_tasks SET state = 'withdrawn', ended_at = $3 WHERE id IN ({only})", plan.id, since, clock.now()
    )
    await database.execute(
        f"""WITH left_on AS (DELETE FROM patrol_task_items WHERE plan = $1 AND task IN ({mine}) RETURNING task)
            UPDATE patrol_tasks SET saved = GREATEST(saved - 1, 0) WHERE id IN (SELECT task FROM left_on)""",
        plan.id,
        since,
    )
    if since is not None:
        # The keys of what was withdrawn: the new rhythm may want the same days.
        await database.execute(
            """DELETE FROM patrol_task_items i USING patrol_tasks t
               WHERE t.id = i.task AND i.plan = $1 AND t.state = 'withdrawn' AND t.window_from >= $2""",
            plan.id,
            since,
        )
    return int(withdrawn.split()[-1])


async def _effect(plan: PlanRow | None, wish: Wish, released: int = 0) -> Effect:
    row = await database.fetch_one(
        """WITH there AS (
               SELECT p.grid, p.community, count(*) AS many FROM places p JOIN areas a ON a.id = $1
               WHERE p.until IS NULL AND p.kind = ANY($2::int[])
                 AND CASE a.level WHEN 'district' THEN p.district WHEN 'street' THEN p.street
                     WHEN 'community' THEN p.community ELSE p.grid END = $1
               GROUP BY p.grid, p.community),
           walked AS (
               SELECT p.id, p.area FROM posts p JOIN holdings h ON h.post = p.id AND h.until IS NULL
               WHERE p.role = 'grid_worker' AND p.until IS NULL)
           SELECT COALESCE(sum(many), 0)::int AS places,
                  COALESCE(sum(many) FILTER (WHERE community IS NULL), 0)::int AS no_community,
                  COALESCE(sum(many) FILTER (WHERE NOT EXISTS (
                      SELECT FROM walked w WHERE w.area IN (grid, community))), 0)::int AS no_worker,
                  (SELECT count(DISTINCT w.id) FROM walked w JOIN there t ON w.area IN (t.grid, t.community)) AS workers
           FROM there""",
        wish.area,
        list(wish.kinds),
    )
    assert row is not None
    return Effect(
        plan=plan,
        a_month=round(row["places"] * schedule.a_month(rhythm_of(wish))),
        released=released,
        **dict(row),
    )


def _values(wish: Wish) -> list[Any]:
    values = [getattr(wish, name) for name in _COLUMNS]
    values[_COLUMNS.index("kinds")] = database.to_jsonb(wish.kinds)
    return values


def _told(wish: Wish) -> dict[str, Any]:
    return {name: getattr(wish, name) for name in _COLUMNS}


def _read(row: Any) -> PlanRow:
    values: dict[str, Any] = {name: row[name] for name in PlanRow.__struct_fields__}
    kinds: Sequence[int] = msgspec.json.decode(row["kinds"])
    return PlanRow(**{**values, "kinds": tuple(kinds), "kind_names": tuple(row["kind_names"])})
