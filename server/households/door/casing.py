"""What was said at the door becomes a case, with one tap, while the thread stays private."""

from uuid import UUID

from server import cases
from server.cases import Telling
from server.households.door import thread as threads
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.errors import NotAllowed


async def draft(turn_id: UUID) -> str:
    """What the case would say: the resident's words of a turn whose thread the caller has loaded. The secretary may
    strike what is nobody's business."""
    words: str | None = await database.fetch_value(
        "SELECT string_agg(text, E'\\n' ORDER BY id) FROM door_messages WHERE turn = $1 AND NOT from_secretary",
        turn_id,
    )
    return words or ""


async def make(
    thread_id: UUID, text: str, *, by: Actor, seen: int | None, place: str = "", private: bool = True
) -> str:
    """A case of these words, for the resident, in their community; its number. What was said stays in the thread.

    The resident follows the case as of a report that was told for them. One turn becomes one case.
    """
    async with database.transaction():
        known = await threads.load_at_the_door(thread_id, by, seen)
        if known.turn.number:
            raise NotAllowed(f"已经转成工单 {known.turn.number}。")
        telling = Telling(
            text=text,
            community_id=known.community,
            place=place,
            private=private,
            for_name=known.resident,
            for_phone=known.phone,
            # They asked for it at the door.
            for_agreed=True,
            channel="door",
        )
        made = await cases.report(telling, by)
        await database.execute('UPDATE door_turns SET "case" = $2 WHERE id = $1', known.turn.id, made.case_id)
        await threads.write(known, by, "door.made_case", {"case": str(made.case_id), "number": made.number}, {})
        return made.number
