"""A post fell vacant: its open cases find their next owner in the same transaction."""

from typing import Any
from uuid import UUID

from server.cases import case as cases
from server.cases import ownership
from server.cases.change import Change
from server.cases.way import STEPS
from server.kernel import clock, database
from server.kernel.actor import Actor, the_system
from server.kernel.events import Event, follows
from server.kernel.jobs import schedule


@follows("post.vacated")
async def rehome_cases_of_post(event: Event, by: Actor) -> None:
    """Give every open case of the vacated post to whoever is next in line."""
    await rehome(int(event.stream.partition(":")[2]))


async def rehome(post_id: int) -> int:
    """Find a new owner for each open case of a post that nobody holds; how many there were."""
    rows = await database.fetch("SELECT id FROM cases WHERE owner_post = $1 AND open ORDER BY id FOR UPDATE", post_id)
    for row in rows:
        await _give_on(row["id"])
    return len(rows)


@schedule("cases.rehome", "*/5 * * * *")
async def rehome_on_schedule() -> None:
    """Nothing floats for longer than this, whatever was done to the tables."""
    async with database.transaction():
        await rehome_floating()


async def rehome_floating() -> int:
    """Find open cases whose owner's post is held by nobody (a change made around the verbs) and give them on."""
    posts = await database.fetch(
        """SELECT DISTINCT c.owner_post AS post FROM cases c WHERE c.open AND NOT EXISTS (
               SELECT FROM posts p JOIN holdings h ON h.post = p.id AND h.until IS NULL
               JOIN accounts a ON a.id = h.account AND a.closed_at IS NULL
               WHERE p.id = c.owner_post AND p.until IS NULL)"""
    )
    return sum([await rehome(row["post"]) for row in posts])


async def _give_on(case_id: UUID) -> None:
    system = the_system("rehome")
    known = await cases.load(case_id, system)
    change = Change(known, STEPS["assign"], system, clock.now())
    case = known.case
    if case.handler_unit is not None and case.state in ("dispatched", "in_hand"):
        owner = await ownership.unit_owner(case, case.handler_unit)
    else:
        owner = await ownership.desk_for(ownership.upwards(case), case.private, ownership.lot(case.id))
    await ownership.stand_as_owner(case.id, owner.post_id, change.moment)
    columns: dict[str, Any] = {"owner_post": owner.post_id}
    if case.desk_post == case.owner_post:
        columns["desk_post"] = owner.post_id
    data = {"to": await ownership.post_title(owner.post_id), "post": owner.post_id, "from_post": case.owner_post}
    await change.done("case.floated", data, **columns)
