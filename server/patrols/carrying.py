"""What a worker carries: the round of their grids, whole, in a handful of statements (shapes: round)."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import ceil
from typing import Any
from uuid import UUID

import msgspec
import shapely

from server.areas import geometry
from server.cases.way import STATE_WORDS as CASE_WORDS
from server.cases.way import State
from server.kernel import clock, database
from server.kernel.actor import Actor, Role
from server.patrols import reach
from server.patrols.reach import Walks, today
from server.patrols.round import (
    GridPast,
    GridPlace,
    Round,
    RoundBecame,
    RoundGrid,
    RoundList,
    RoundOrder,
    RoundPast,
    RoundPlace,
    RoundRectification,
    RoundTask,
)

AHEAD = timedelta(days=14)
MOST_TASKS = 500
MOST_PLACES = 2_000
PAST = 3
RECENT = timedelta(days=30)
ROUGH = 0.0001
"""Degrees, about 10 metres: how far a simplified polygon may be from the true one."""
_RECTIFICATION_WORDS = {"open": "等复查", "passed": "已改好", "case": "已转为工单", "withdrawn": "已撤销"}


def carries(by: Actor) -> bool:
    """Whether the actor walks rounds at all."""
    return by.has(Role.GRID_WORKER)


async def round_of(by: Actor) -> Round:
    """The section `round`."""
    now = reach.walks(by)
    tasks = await _tasks(now)
    open_ones = await _rectifications(now)
    orders = await _orders(now)
    needed = {one.place for one in tasks} | {one.place for one in open_ones}
    needed |= {one.place for one in orders if one.place}
    return Round(
        day=today(),
        grids=await _grids(now),
        tasks=tasks,
        places=await _places(needed),
        lists=await _lists({one for task in tasks for one in task.lists}),
        rectifications=open_ones,
        orders=orders,
        became=await _became(by),
    )


async def grid(by: Actor) -> tuple[tuple[GridPlace, ...], tuple[GridPast, ...]]:
    """The sections `grid_places` and `grid_past`, in one statement."""
    now = reach.walks(by)
    rows = await database.fetch(
        f"""SELECT p.id, p.code, k.name AS kind, p.name, p.address_text AS address, p.latitude, p.longitude,
                   p.last_visit_at AS at, p.last_finding AS finding
            FROM places p JOIN place_kinds k ON k.id = p.kind
            WHERE p.until IS NULL AND {_MINE.format("p")} ORDER BY p.id LIMIT $3""",
        list(now.grids),
        list(now.communities),
        MOST_PLACES,
    )
    places = tuple(msgspec.convert(dict(row), GridPlace) for row in rows)
    return places, tuple(msgspec.convert(dict(row), GridPast) for row in rows if row["at"] is not None)


_MINE = "({0}.grid = ANY($1::int[]) OR {0}.community = ANY($2::int[]))"

_TASKS = f"""
    WITH mine AS (
        SELECT * FROM patrol_tasks t WHERE t.state = 'open' AND t.day <= $4 AND (
            t.post = ANY($3::bigint[]) OR (t.post IS NULL AND NOT t.at_desk AND {_MINE.format("t")}))
        ORDER BY t.day, t.id LIMIT $5)
    SELECT m.id, m.place, m.day, m.window_from, m.window_to, m.tries, m.saved, m.rectification, m.post,
           COALESCE(r.items, '[]') AS only, ARRAY(
               SELECT v.id FROM (SELECT DISTINCT i.checklist FROM patrol_task_items i WHERE i.task = m.id) AS i
               JOIN LATERAL (
                   SELECT id FROM checklist_versions n WHERE n.checklist = i.checklist
                   ORDER BY n.version DESC LIMIT 1) v ON true ORDER BY v.id) AS lists,
           (SELECT COALESCE(sum(jsonb_array_length(v.items)), 0) FROM patrol_task_items i
            JOIN LATERAL (SELECT items FROM checklist_versions n WHERE n.checklist = i.checklist
                          ORDER BY n.version DESC LIMIT 1) v ON true WHERE i.task = m.id) AS items
    FROM mine m LEFT JOIN patrol_rectifications r ON r.id = m.rectification ORDER BY m.day, m.id"""


async def _tasks(now: Walks) -> tuple[RoundTask, ...]:
    rows = await database.fetch(
        _TASKS, list(now.grids), list(now.communities), list(now.posts), today() + AHEAD, MOST_TASKS
    )
    found = []
    for row in rows:
        only = tuple(msgspec.json.decode(row["only"]))
        found.append(
            RoundTask(
                id=row["id"],
                place=row["place"],
                day=row["day"],
                from_day=row["window_from"],
                to_day=row["window_to"],
                lists=tuple(row["lists"]),
                only=only,
                minutes=minutes(len(only) or row["items"]),
                tries=row["tries"],
                saved=row["saved"],
                rectification=row["rectification"],
                given=row["post"] is not None,
            )
        )
    return tuple(found)


def minutes(items: int) -> int:
    """How long a visit takes, by the number of its items: two minutes for the door, half a minute for each."""
    return 2 + ceil(items / 2)


async def _places(ids: Iterable[UUID]) -> tuple[RoundPlace, ...]:
    wanted = list(ids)
    rows = await database.fetch(
        """SELECT p.id, p.code, k.name AS kind, p.name, p.address_text AS address, p.latitude, p.longitude,
                  p.last_visit_at, p.last_finding, p.operator_phone AS phone
           FROM places p JOIN place_kinds k ON k.id = p.kind WHERE p.id = ANY($1::uuid[]) ORDER BY p.id""",
        wanted,
    )
    past = await _past(wanted)
    return tuple(RoundPlace(**dict(row), past=past.get(row["id"], ())) for row in rows)


async def _past(places: Sequence[UUID]) -> dict[UUID, tuple[RoundPast, ...]]:
    rows = await database.fetch(
        """SELECT w.place, v.at, v.outcome, v.finding, a.name AS by
           FROM unnest($1::uuid[]) AS w(place) CROSS JOIN LATERAL (
               SELECT at, outcome, finding, account FROM patrol_visits
               WHERE place = w.place AND corrected_at IS NULL ORDER BY at DESC LIMIT $2) AS v
           JOIN accounts a ON a.id = v.account ORDER BY w.place, v.at DESC""",
        list(places),
        PAST,
    )
    found: dict[UUID, list[RoundPast]] = {}
    for row in rows:
        one = RoundPast(at=row["at"], outcome=row["outcome"], finding=row["finding"], by=row["by"])
        found.setdefault(row["place"], []).append(one)
    return {place: tuple(each) for place, each in found.items()}


async def _lists(versions: Iterable[int]) -> tuple[RoundList, ...]:
    rows = await database.fetch(
        """SELECT v.id, v.checklist, c.name, c.department, v.version, v.items::text AS items
           FROM checklist_versions v JOIN checklists c ON c.id = v.checklist
           WHERE v.id = ANY($1::int[]) ORDER BY v.id""",
        list(versions),
    )
    return tuple(RoundList(**{**dict(row), "items": msgspec.Raw(row["items"].encode())}) for row in rows)


async def _rectifications(now: Walks) -> tuple[RoundRectification, ...]:
    rows = await database.fetch(
        f"""SELECT r.id, r.number, r.place, r.words, r.due, r.failed FROM patrol_rectifications r
            WHERE r.state = 'open' AND {_MINE.format("r")} ORDER BY r.due, r.id LIMIT $3""",
        list(now.grids),
        list(now.communities),
        MOST_TASKS,
    )
    return tuple(msgspec.convert(dict(row), RoundRectification) for row in rows)


async def _orders(now: Walks) -> tuple[RoundOrder, ...]:
    rows = await database.fetch(
        """SELECT o.id, o.words, COALESCE(a.name, '') AS by, o.at, o.state, o.place, COALESCE(c.number, '') AS "case",
                  o.place_words, o.latitude, o.longitude
           FROM patrol_orders o LEFT JOIN accounts a ON a.id = o.by LEFT JOIN cases c ON c.id = o."case"
           WHERE o.post = ANY($1::bigint[]) AND o.state IN ('sent', 'accepted', 'on_way') ORDER BY o.at, o.id""",
        list(now.posts),
    )
    return tuple(msgspec.convert(dict(row), RoundOrder) for row in rows)


async def _became(by: Actor) -> tuple[RoundBecame, ...]:
    rows = await database.fetch(
        """SELECT f.id, f.visit, f.at, COALESCE(p.name, v.place_words) AS place, v.finding, f.words, f.leads_to,
                  COALESCE(c.number, r.number) AS number, c.state AS case_state, r.state AS sheet_state
           FROM patrol_visits v JOIN patrol_findings f ON f.visit = v.id
           LEFT JOIN patrol_rectifications r ON r.id = f.rectification
           LEFT JOIN cases c ON c.id = COALESCE(f."case", r."case") LEFT JOIN places p ON p.id = v.place
           WHERE v.account = $1 AND v.at > $2 AND v.corrected_at IS NULL AND num_nonnulls(c.id, r.id) > 0
           ORDER BY f.at DESC, f.id LIMIT 200""",
        by.account_id,
        clock.now() - RECENT,
    )
    return tuple(_one_became(row) for row in rows)


def _one_became(row: Any) -> RoundBecame:
    case, sheet = row["case_state"], row["sheet_state"]
    return RoundBecame(
        id=row["id"],
        visit=row["visit"],
        at=row["at"],
        place=row["place"],
        words=row["words"] or row["finding"],
        leads_to=row["leads_to"],
        number=row["number"],
        state=case or sheet,
        state_words=CASE_WORDS[State(case)] if case else _RECTIFICATION_WORDS[sheet],
    )


_simplified: dict[str, bytes] = {}


async def _grids(now: Walks) -> tuple[RoundGrid, ...]:
    rows = await database.fetch(
        """SELECT id, code, name, polygon::text AS polygon FROM areas
           WHERE level = 'grid' AND until IS NULL AND (id = ANY($1::int[]) OR parent = ANY($2::int[])) ORDER BY code""",
        list(now.grids),
        list(now.communities),
    )
    found = []
    for row in rows:
        polygon = await _simple(row["polygon"]) if row["polygon"] else msgspec.Raw(b"null")
        found.append(RoundGrid(id=row["id"], code=row["code"], name=row["name"], polygon=polygon))
    return tuple(found)


async def _simple(polygon: str) -> msgspec.Raw:
    """The polygon simplified; kept, because every sync of every worker asks for theirs."""
    if polygon not in _simplified:
        if len(_simplified) > 5_000:
            _simplified.clear()
        _simplified[polygon] = await asyncio.to_thread(_simplify, polygon)
    return msgspec.Raw(_simplified[polygon])


def _simplify(polygon: str) -> bytes:
    shape = shapely.simplify(shapely.from_geojson(polygon), ROUGH, preserve_topology=True)
    return msgspec.json.encode(geometry.to_geojson(shapely.set_precision(shape, 1e-6)))
