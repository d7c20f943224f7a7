"""A secretary goes, another comes: what waits at the door goes to them, and the resident is told."""

from uuid import UUID

from server.households.door import thread as threads
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.events import Event, follows
from server.people.secretaries import nearest


@follows("post.filled")
@follows("post.handed_over")
@follows("post.vacated")
async def hand_over(event: Event, by: Actor) -> None:
    """Give what waits at the doors of this post's area to who answers there now, in the same transaction."""
    post = int(event.stream.partition(":")[2])
    waiting = await _waiting(post)
    answering = await nearest({community for _, community in waiting})
    for thread_id, community in waiting:
        here = answering.get(community, ())
        known, _ = await threads.load(thread_id, threads.SYSTEM, lock=True)
        if here and known.secretary not in here:
            data = {"from": str(known.secretary) if known.secretary else "", "to": str(here[0])}
            await threads.write(known, threads.SYSTEM, "door.handed_over", data, {"secretary": here[0]})


async def _waiting(post: int) -> list[tuple[UUID, int]]:
    """The threads that wait at the doors for which this post, if it is a secretary's, may answer."""
    rows = await database.fetch(
        """SELECT t.id, t.community FROM posts p
           JOIN door_threads t ON p.area IN (t.community, t.street, t.district)
           WHERE p.id = $1 AND p.role = 'secretary'
             AND EXISTS (SELECT FROM door_turns u WHERE u.thread = t.id AND u.answered_at IS NULL)
           ORDER BY t.id""",
        post,
    )
    return [(row["id"], row["community"]) for row in rows]
