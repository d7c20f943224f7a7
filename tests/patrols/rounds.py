"""What the tests of rounds share: checklists, plans, tasks that are made, and the day on which it all happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.clock import BEIJING
from server.patrols import making, plans
from server.patrols.kinds import Kind
from server.patrols.wishes import Wish
from tests.cast import Cast
from tests.patrols.making import kind, place

MONDAY = date(2026, 11, 2)
ITEMS: list[dict[str, Any]] = [
    {"id": "exit", "kind": "check", "label": "安全出口畅通", "required": True, "remedy": "清走杂物"},
    {"id": "gas", "kind": "check", "label": "没有瓶装气", "rule": "消防法第十九条", "rectify_days": 5},
    {"id": "rooms", "kind": "number", "label": "几间房"},
]


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """A kind with places in the first grid, and two departments' checklists."""

    cast: Cast
    kind: Kind
    places: tuple[UUID, ...]
    fire: int
    """Checklist."""
    fire_version: int
    market: int
    market_version: int


@contextmanager
def on(day: date, hour: int = 9) -> Iterator[None]:
    """Let it be this day in Beijing."""
    with clock.at(datetime(day.year, day.month, day.day, hour, tzinfo=BEIJING)):
        yield


async def checklist(name: str = "消防检查", department: str = "消防", items: list[dict[str, Any]] | None = None) -> int:
    """A checklist with one version."""
    made: int = await database.fetch_value(
        "INSERT INTO checklists (code, name, department, since) VALUES ($1, $1, $2, $3) RETURNING id",
        name,
        department,
        clock.now(),
    )
    await version(made, items)
    return made


async def version(of: int, items: list[dict[str, Any]] | None = None) -> int:
    """The next version of a checklist; its id."""
    made: int = await database.fetch_value(
        """INSERT INTO checklist_versions (checklist, version, items, since)
           SELECT $1, count(*) + 1, $2, $3 FROM checklist_versions WHERE checklist = $1 RETURNING id""",
        of,
        database.to_jsonb(items if items is not None else ITEMS),
        clock.now(),
    )
    return made


async def newest(of: int) -> int:
    found: int = await database.fetch_value("SELECT max(id) FROM checklist_versions WHERE checklist = $1", of)
    return found


async def ground(cast: Cast, many: int = 1) -> Ground:
    """Places in the middle of the first grid, and what two departments ask of them."""
    of = await kind(cast)
    places = [(await place(cast, of, name=f"{number} 号消防栓")).place_id for number in range(many)]
    fire, market = await checklist(), await checklist("食品检查", "市监")
    return Ground(
        cast=cast,
        kind=of,
        places=tuple(places),
        fire=fire,
        fire_version=await newest(fire),
        market=market,
        market_version=await newest(market),
    )


def wish(of: Ground, checklist: int | None = None, **also: Any) -> Wish:
    """Once a month, any working day, in the first community."""
    given = {"name": "每月巡查", "checklist": checklist or of.fire, "area": of.cast.community}
    return Wish(**{**given, "kinds": (of.kind.id,), "every": 1, "first": MONDAY} | also)


async def plan(of: Ground, checklist: int | None = None, by: Actor | None = None, **also: Any) -> int:
    made = (await plans.create(wish(of, checklist, **also), by or of.cast.staff)).plan
    assert made is not None
    return made.id


async def tasks() -> list[Any]:
    """All tasks with the plans behind them, by day."""
    return await database.fetch(
        """SELECT t.*, ARRAY(SELECT i.plan FROM patrol_task_items i WHERE i.task = t.id ORDER BY i.plan) AS plans
           FROM patrol_tasks t ORDER BY t.day, t.id"""
    )


async def planned(of: Ground) -> list[Any]:
    """A plan, and the tasks that follow from it."""
    await plan(of)
    await making.make()
    return await tasks()
