"""Notices as the worker makes them, and what became of their deliveries."""

from datetime import datetime
from typing import Any

import msgspec

from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.clock import BEIJING
from server.kernel.ids import new_id
from server.notices import delivering, subscribers
from server.notices.claiming import lanes_due
from server.notices.outlets import Made
from server.notices.outlets.planning import JOB, Due
from server.notices.subscribers import Wanted
from tests.cast import Cast
from tests.notices.fakes import KEY, Hook

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=BEIJING)
NIGHT = datetime(2026, 3, 2, 23, 30, tzinfo=BEIJING)
MORNING = datetime(2026, 3, 3, 7, 0, tzinfo=BEIJING)


def made(to: Actor, kind: str = "assigned", **changes: Any) -> Made:
    """A notice for somebody, as of now."""
    one = Made(
        id=new_id(),
        account=to.account_id,
        kind=kind,
        urgency="soon",
        title="新单子,请接单",
        line="井盖 · 2026-0001",
        href="/unit/cases/2026-0001",
        at=clock.now(),
        event=new_id(),
    )
    return msgspec.structs.replace(one, **changes)


async def hooked(hook: Hook, cast: Cast, **more: Any) -> int:
    """A webhook of the unit, or of what `more` says."""
    place = {"area_id": more.pop("area_id", None), "unit_id": more.pop("unit_id", None)}
    if place == {"area_id": None, "unit_id": None}:
        place["unit_id"] = cast.unit
    wanted = Wanted(name="调度系统", **more)
    return await subscribers.add("webhook", wanted, url=hook.url, key=KEY, by=cast.area_admin, **place)


async def due() -> list[Due]:
    """The lanes for which a job is enqueued."""
    rows = await database.fetch("SELECT DISTINCT payload FROM pgqueuer WHERE entrypoint = $1", JOB)
    return [msgspec.json.decode(row["payload"], type=Due) for row in rows]


async def deliver_due() -> None:
    """What the worker does each minute, and at once what the jobs say."""
    for lane in await lanes_due():
        await delivering.deliver(lane)


async def states() -> list[tuple[str, str]]:
    """Outlet and state of every delivery, in order."""
    rows = await database.fetch("SELECT outlet, state FROM deliveries ORDER BY id")
    return [(row["outlet"], row["state"]) for row in rows]
