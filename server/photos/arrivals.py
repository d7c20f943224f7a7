"""A photo may come before or after the record that names it; a room that waits for one is told when it comes."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from server.kernel import database

Waiting = Callable[[UUID], Awaitable[None]]
"""Called with the photo's id, in the transaction in which its row was written."""

_waiting: list[Waiting] = []


def awaited_by(room: Waiting) -> Waiting:
    """Have a function called for every photo that comes. Used as a decorator, when the room is imported."""
    if room not in _waiting:
        _waiting.append(room)
    return room


async def lock(photos: Sequence[UUID]) -> None:
    """Hold these ids until the open transaction ends.

    Who waits for a photo and who receives it both take this lock first, so that neither can miss the other.
    """
    await database.fetch(
        """SELECT pg_advisory_xact_lock(hashtextextended('photo ' || id, 0))
           FROM (SELECT unnest($1::uuid[]) AS id ORDER BY id) AS ordered""",
        list(photos),
    )


async def arrived(photo_id: UUID) -> None:
    """Tell every room that the photo is there."""
    for room in _waiting:
        await room(photo_id)
