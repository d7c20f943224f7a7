"""What is done at the door: a resident writes; the secretary promises a day, answers, leaves word for the next."""

from datetime import date, datetime, timedelta
from uuid import UUID

from server.areas import tree
from server.areas.tree import AreaRow
from server.households.door import rule
from server.households.door import thread as threads
from server.households.door.thread import Side, Thread
from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.clock import BEIJING
from server.kernel.errors import Invalid, NotAllowed, NotFound, SignInNeeded
from server.kernel.ids import new_id

LONGEST = 2000
MOST_WAITING = 20
"""Messages that somebody may leave before an answer comes."""
FARTHEST = timedelta(days=60)
"""A promise lies no farther ahead."""


async def write(community: int, text: str, *, by: Actor) -> UUID:
    """A resident leaves word for the secretary of a community; the thread's id. What waits already is added to.

    Raises Invalid naming the fields, NotAllowed where nobody answers there, or too much waits.
    """
    if by.account_id is None:
        raise SignInNeeded()
    said = _words(text, "请写想跟书记说的话。")
    area = await _community(community)
    nearest = await threads.secretaries(community)
    if not nearest:
        raise NotAllowed("这里暂时没有书记,请用“找书记”上报,会有人接着办。")
    if by.account_id in nearest:
        raise NotAllowed("这是您自己的门。")
    async with database.transaction():
        moment = clock.now()
        thread_id = await _thread(area, nearest[0], by, moment)
        known, _ = await threads.load(thread_id, by, lock=True)
        turn = known.turn.id
        if not known.turn.waiting:
            turn = await _ask(thread_id, community, moment)
        waiting = await database.fetch_value(
            "SELECT count(*) FROM door_messages WHERE turn = $1 AND NOT from_secretary", turn
        )
        if waiting >= MOST_WAITING:
            raise NotAllowed("已经留了很多话,书记看到就回您。")
        await _say(known, turn, by, said, moment, from_secretary=False)
        columns = {"last_at": moment, "secretary": known.secretary if known.secretary in nearest else nearest[0]}
        await threads.write(known, by, "door.asked", {"turn": str(turn)}, columns)
    return thread_id


async def promise(thread_id: UUID, day: date | None, *, by: Actor, seen: int | None) -> None:
    """The secretary names the day by which they answer. A second one moves it, and the first counts as not kept."""
    async with database.transaction():
        known = await threads.load_at_the_door(thread_id, by, seen)
        if not known.turn.waiting:
            raise NotAllowed("已经答复了。")
        today = clock.now().astimezone(BEIJING).date()
        if day is None or not today <= day <= today + FARTHEST:
            raise Invalid({"day": "请选今天以后、两个月以内的日子。"})
        if day == known.turn.promise:
            return
        await database.execute(
            """UPDATE door_turns SET promised_on = COALESCE(promised_on, $2), moved_to = $2, told = 0, next_at = $3
               WHERE id = $1""",
            known.turn.id,
            day,
            rule.next_at(known.turn.asked_at, day, 0),
        )
        await threads.write(known, by, "door.promised", {"day": day.isoformat()}, {"last_at": clock.now()})


async def answer(thread_id: UUID, text: str, *, by: Actor, seen: int | None, final: bool = True) -> None:
    """The secretary writes back; `final`: that is the answer, and nothing waits any more."""
    async with database.transaction():
        known = await threads.load_at_the_door(thread_id, by, seen)
        said, moment = _words(text, "请写给居民的话。"), clock.now()
        await _say(known, known.turn.id, by, said, moment, from_secretary=True)
        if final and known.turn.waiting:
            await database.execute(
                "UPDATE door_turns SET answered_at = $2, next_at = NULL WHERE id = $1", known.turn.id, moment
            )
        data = {"turn": str(known.turn.id), "final": final}
        await threads.write(known, by, "door.answered", data, {"last_at": moment, "secretary": by.account_id})


async def leave_word(thread_id: UUID, text: str, *, by: Actor, seen: int | None) -> None:
    """Note what the next secretary should know; the resident does not read it."""
    async with database.transaction():
        known = await threads.load_at_the_door(thread_id, by, seen)
        said = text.replace("\x00", "").strip()
        if len(said) > LONGEST:
            raise Invalid({"for_successor": f"太长了({len(said)} 字),请缩短到 {LONGEST} 字以内。"})
        if said != known.for_successor:
            await threads.write(known, by, "door.left_word", {}, {"for_successor": said})


async def reveal(thread_id: UUID, *, by: Actor) -> Thread:
    """Show the secretary whom they write with, and how to call them. That they were written to is the reason; the look
    is an event."""
    async with database.transaction():
        known = await threads.load_at_the_door(thread_id, by, None)
        await threads.write(known, by, "door.revealed", {}, {})
        return known


async def erase(thread_id: UUID, *, by: Actor) -> None:
    """The resident has erased what was said on either side. That something was asked and answered remains, for the
    numbers, and the history verifies. A case that was made of it is a case, and stays."""
    async with database.transaction():
        known, side = await threads.load(thread_id, by, lock=True)
        if side is not Side.RESIDENT:
            raise NotAllowed("只有居民本人可以删。")
        await database.execute("UPDATE door_messages SET text = '' WHERE thread = $1", known.id)
        await database.execute(
            """UPDATE door_turns SET withdrawn = withdrawn OR answered_at IS NULL, next_at = NULL,
                   answered_at = COALESCE(answered_at, $2) WHERE thread = $1""",
            known.id,
            clock.now(),
        )
        await threads.write(known, by, "door.erased", {}, {"for_successor": ""})


async def _community(area_id: int) -> AreaRow:
    try:
        area = await tree.get(area_id)
    except NotFound:
        raise Invalid({"community_id": "请选择社区。"}) from None
    if area.level != "community":
        raise Invalid({"community_id": "请选择社区。"})
    return area


async def _thread(area: AreaRow, secretary: UUID, by: Actor, moment: datetime) -> UUID:
    """The resident's thread at this community's door, made where there is none. Two who come at once find one."""
    await database.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"door {by.account_id} {area.id}")
    found: UUID | None = await database.fetch_value(
        "SELECT id FROM door_threads WHERE account = $1 AND community = $2", by.account_id, area.id
    )
    if found is not None:
        return found
    made = new_id()
    head = await events.record(threads.stream_of(made), "door.opened", {"community": area.id}, by)
    line = await tree.line(area.id)
    await database.execute(
        """INSERT INTO door_threads (id, account, community, street, district, secretary, since, last_at,
               history_sequence, history_link) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)""",
        made,
        by.account_id,
        area.id,
        line.street_id,
        line.district_id,
        secretary,
        moment,
        head.sequence,
        head.link,
    )
    await _ask(made, area.id, moment)
    return made


async def _ask(thread_id: UUID, community: int, moment: datetime) -> UUID:
    turn = new_id()
    await database.execute(
        "INSERT INTO door_turns (id, thread, community, asked_at, next_at) VALUES ($1, $2, $3, $4, $5)",
        turn,
        thread_id,
        community,
        moment,
        rule.next_at(moment, None, 0),
    )
    return turn


async def _say(known: Thread, turn: UUID, by: Actor, text: str, moment: datetime, *, from_secretary: bool) -> None:
    await database.execute(
        """INSERT INTO door_messages (thread, turn, account, from_secretary, text, at)
           VALUES ($1, $2, $3, $4, $5, $6)""",
        known.id,
        turn,
        by.account_id,
        from_secretary,
        text,
        moment,
    )


def _words(text: str, missing: str) -> str:
    said = text.replace("\x00", "").strip()
    if not said:
        raise Invalid({"text": missing})
    if len(said) > LONGEST:
        raise Invalid({"text": f"太长了({len(said)} 字),请缩短到 {LONGEST} 字以内。"})
    return said
