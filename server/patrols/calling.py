"""A worker calls who runs a place, from the phone: the assignment is the reason, the tap is the event."""

from uuid import UUID

from server.cases.lateness import Phone
from server.kernel import database, events
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.patrols import place as places
from server.patrols import reach
from server.patrols.place import PlaceRow


async def call(place_id: UUID, by: Actor, *, phone: Phone | None = None) -> str:
    """Keep that the number was dialled; the head of the place's history.

    Never too late: whoever walked there or had a task there when the round was fetched has called, whatever came after.
    """
    async with database.transaction():
        found = await places.find(place_id, lock=True)
        if found is None or not await _theirs(found, by):
            raise NotFound(places.MISSING)
        data = {"reason": "巡查"} | ({"phone": phone.data} if phone else {})
        post = next((one.id for one in by.posts if places.covers(one, found.areas)), None)
        head = await events.record(found.stream, "place.called", data, by, post_id=post, internal=True)
        return head.link.hex()


async def _theirs(found: PlaceRow, by: Actor) -> bool:
    """Now or ever: as the worker of the grid, by a task that was given to them, by an order."""
    ever = await reach.has_walked(by)
    if ever.covers(found.grid, found.community):
        return True
    given: bool = await database.fetch_value(
        """SELECT EXISTS (SELECT FROM patrol_tasks t WHERE t.place = $1 AND (
                      t.post = ANY($2::bigint[]) OR EXISTS (
                          SELECT FROM jsonb_array_elements(t.given) AS g WHERE g::bigint = ANY($2::bigint[]))))
               OR EXISTS (SELECT FROM patrol_orders o WHERE o.place = $1 AND o.post = ANY($2::bigint[]))""",
        found.id,
        list(ever.posts),
    )
    return given
