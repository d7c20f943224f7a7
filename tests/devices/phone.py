"""Commands as a phone makes them, and the way that leads to a case a unit can take on."""

from typing import Any
from uuid import UUID

import msgspec

from server import cases
from server.devices import syncing
from server.devices.protocol import Receipt
from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.ids import new_id
from server.patrols import making, orders
from server.patrols.destinations import Wanted
from tests.cast import Cast, middle
from tests.patrols.rounds import ground, plan, tasks

AT = "2026-11-21T18:02:11.123+08:00"


def command(verb: str, by: Actor, **data: Any) -> dict[str, Any]:
    """A command of `by` with this data; change what has to be wrong."""
    return {
        "id": str(new_id()),
        "account": str(by.account_id) if by.account_id else None,
        "protocol": 1,
        "verb": verb,
        "at": AT,
        "form": {"name": verb, "version": 1},
        "mends": None,
        "data": data,
    }


def told(cast: Cast, text: str = "路灯坏了", by: Actor | None = None, **data: Any) -> dict[str, Any]:
    """A report of the resident (or of `by`)."""
    return command("report", by or cast.resident, text=text, community_id=cast.community, **data)


async def send(by: Actor, *commands: Any, **more: Any) -> list[Receipt]:
    """The receipts of one request."""
    raw = [msgspec.Raw(one if isinstance(one, bytes) else msgspec.json.encode(one)) for one in commands]
    return list((await syncing.sync(syncing.read(raw), by, **more)).receipts)


async def outcomes(by: Actor, *commands: Any) -> list[str]:
    """What became of each."""
    return [one.outcome for one in await send(by, *commands)]


async def dispatched(cast: Cast, unit: int | None = None, text: str = "井盖松了") -> cases.Changed:
    """A case that waits for the unit to take it on."""
    telling = cases.Telling(text=text, community_id=cast.community)
    reported = await cases.report(telling, cast.resident)
    accepted = await cases.accept(reported.case_id, cast.staff, seen=None)
    return await cases.dispatch(reported.case_id, cast.staff, seen=accepted.version, unit_id=unit or cast.unit)


async def in_hand(cast: Cast) -> cases.Changed:
    """A case that the unit has taken on."""
    waiting = await dispatched(cast)
    return await cases.take_on(waiting.case_id, cast.handler, seen=None)


async def planned_round(cast: Cast) -> dict[str, Any]:
    """A task of the first grid's worker, and an order; by the names that recorded requests give them."""
    of = await ground(cast)
    await plan(of, first=clock.now().date())
    await making.make()
    [task, *_] = await tasks()
    longitude, latitude = middle(0)
    order = await orders.send(
        cast.grid_worker.posts[0].id, cast.staff, words="看看水管", to=Wanted(latitude=latitude, longitude=longitude)
    )
    return {
        "{task}": str(task["id"]),
        "{place}": str(of.places[0]),
        "{list}": of.fire_version,
        "{order}": str(order.order_id),
    }


async def rows() -> dict[str, tuple[int, str]]:
    """Every table with the number of its rows and a digest of all they hold."""
    names = await database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    found = {}
    for (name,) in names:
        row = await database.fetch_one(f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t")
        assert row is not None
        found[name] = (row[0], row[1])
    return found


async def count(table: str) -> int:
    found: int = await database.fetch_value(f"SELECT count(*) FROM {table}")
    return found


async def state_of(case: UUID) -> str:
    found: str = await database.fetch_value("SELECT state FROM cases WHERE id = $1", case)
    return found
