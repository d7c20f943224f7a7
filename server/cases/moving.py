"""An area was put under another parent: its cases lie where it lies now, in the same transaction."""

from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.events import Event, follows


@follows("area.moved")
async def cases_follow_their_area(event: Event, by: Actor) -> None:
    """Set the levels above of every case in the moved area and below it; owners and deadlines stay."""
    await database.execute(
        """WITH lines AS (
               SELECT a.id,
                      max(above.id) FILTER (WHERE above.level = 'community') AS community,
                      max(above.id) FILTER (WHERE above.level = 'street') AS street,
                      max(above.id) FILTER (WHERE above.level = 'district') AS district
               FROM areas a
               JOIN areas above ON above.id = ANY (string_to_array(trim(a.path, '/'), '/')::int[])
               WHERE starts_with(a.path, (SELECT path FROM areas WHERE id = $1))
               GROUP BY a.id)
           UPDATE cases c SET community = l.community, street = l.street, district = l.district
           FROM lines l WHERE l.id = COALESCE(c.grid, c.community, c.street)""",
        int(event.stream.partition(":")[2]),
    )
