"""A thread as a value, whose it is, and how it is loaded: by its resident and by the nearest secretary, nobody else."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from server.kernel import clock, database, events
from server.kernel.actor import Actor, Role, the_system
from server.kernel.clock import BEIJING
from server.kernel.errors import NotAllowed, NotFound, Stale
from server.kernel.events import Head
from server.people.secretaries import nearest

SYSTEM = the_system("door")
MISSING = "没有找到这段对话,或者您没有权限查看。"


class Side(StrEnum):
    """On which side of the door somebody stands."""

    RESIDENT = "resident"
    SECRETARY = "secretary"


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked last, and how it stands."""

    id: UUID
    asked_at: datetime
    promised_on: date | None
    moved_to: date | None
    answered_at: datetime | None
    number: str
    """Of the case that it became."""

    @property
    def promise(self) -> date | None:
        """The day that holds now."""
        return self.moved_to or self.promised_on

    @property
    def waiting(self) -> bool:
        return self.answered_at is None

    @property
    def late(self) -> bool:
        """Whether the promised day is over."""
        return self.waiting and self.promise is not None and self.promise < clock.now().astimezone(BEIJING).date()


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a thread, with who is on either side of it and its last turn."""

    id: UUID
    account: UUID
    resident: str
    phone: str
    community: int
    area: str
    street: int | None
    district: int
    secretary: UUID | None
    for_successor: str
    since: datetime
    last_at: datetime
    version: int
    history_sequence: int
    history_link: bytes
    turn: Turn

    @property
    def stream(self) -> str:
        return stream_of(self.id)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What was said, by whom; empty once erased."""

    from_secretary: bool
    name: str
    text: str
    at: datetime


def stream_of(thread_id: UUID) -> str:
    return f"door:{thread_id}"


async def secretaries(community: int) -> tuple[UUID, ...]:
    """Who answers at this community's door; nobody where no post above it is held either."""
    return (await nearest([community])).get(community, ())


async def load(thread_id: UUID, by: Actor, *, lock: bool = False) -> tuple[Thread, Side]:
    """The thread, and on which side the actor stands; NotFound for everybody else, whatever post they hold."""
    row = await database.fetch_one(
        f"{_THREADS} WHERE t.id = $1{' FOR UPDATE OF t' if lock else ''}",
        thread_id,
    )
    if row is None:
        raise NotFound(MISSING)
    found = thread_from(row)
    if by.account_id is not None and found.account == by.account_id:
        return found, Side.RESIDENT
    near = await secretaries(found.community) if by.has(Role.SECRETARY) else ()
    # What was answered stays between the resident and who answered it, until the resident comes again.
    if by.account_id in near and (found.turn.waiting or found.secretary == by.account_id):
        return found, Side.SECRETARY
    if by.system is not None:
        return found, Side.SECRETARY
    raise NotFound(MISSING)


async def load_at_the_door(thread_id: UUID, by: Actor, seen: int | None) -> Thread:
    """The thread, locked, for a verb of its secretary."""
    known, side = await load(thread_id, by, lock=True)
    if side is not Side.SECRETARY:
        raise NotAllowed("这由书记来做。")
    if seen is not None and seen != known.version:
        raise Stale(["刚才又有新的留言"])
    return known


async def mine(by: Actor) -> tuple[Thread, ...]:
    """The resident's own threads, the latest first."""
    rows = await database.fetch(f"{_THREADS} WHERE t.account = $1 ORDER BY t.last_at DESC LIMIT 20", by.account_id)
    return tuple(thread_from(row) for row in rows)


async def at_the_door(by: Actor, *, answered: bool = False, limit: int = 100) -> tuple[Thread, ...]:
    """The threads that a secretary answers: those that wait, the longest first; or those that were answered."""
    if not by.has(Role.SECRETARY):
        raise NotFound(MISSING)
    communities = await _doors(by)
    rows = await database.fetch(
        f"""{_THREADS} WHERE t.community = ANY($1::int[]) AND (u.answered_at IS NOT NULL) = $2
                AND (NOT $2 OR t.secretary = $4)
            ORDER BY CASE WHEN $2 THEN NULL ELSE u.asked_at END, t.last_at DESC LIMIT $3""",
        communities,
        answered,
        limit,
        by.account_id,
    )
    return tuple(thread_from(row) for row in rows)


async def _doors(by: Actor) -> list[int]:
    """The communities at whose door the actor answers: their own, and those below whose posts are empty."""
    rows = await database.fetch(
        """SELECT DISTINCT t.community FROM door_threads t
           WHERE t.community = ANY($1::int[]) OR t.street = ANY($1::int[]) OR t.district = ANY($1::int[])""",
        [post.area_id for post in by.posts_as(Role.SECRETARY) if post.area_id is not None],
    )
    answering = await nearest([row["community"] for row in rows])
    return [community for community, accounts in answering.items() if by.account_id in accounts]


async def said(thread_id: UUID, *, most: int = 200) -> tuple[Message, ...]:
    """What was said in a thread that the caller has loaded, the oldest first."""
    rows = await database.fetch(
        """SELECT m.from_secretary, COALESCE(a.name, '') AS name, m.text, m.at FROM (
               SELECT * FROM door_messages WHERE thread = $1 ORDER BY id DESC LIMIT $2) m
           LEFT JOIN accounts a ON a.id = m.account ORDER BY m.id""",
        thread_id,
        most,
    )
    return tuple(msgspec.convert(dict(row), Message) for row in rows)


async def write(thread: Thread, by: Actor, kind: str, data: dict[str, Any], columns: dict[str, Any]) -> None:
    """Write an event and columns of a locked thread, with its next version. What was said goes into no event."""
    version = thread.version + 1
    post = next((one.id for one in by.posts_as(Role.SECRETARY)), None) if kind in _BY_SECRETARY else None
    head = await events.record(
        thread.stream,
        kind,
        {"version": version, **data},
        by,
        post_id=post,
        head=Head(thread.history_sequence, thread.history_link),
    )
    named = {**columns, "version": version, "history_sequence": head.sequence, "history_link": head.link}
    await database.execute(
        f"UPDATE door_threads SET {', '.join(f'{name} = ${at}' for at, name in enumerate(named, 2))} WHERE id = $1",
        thread.id,
        *named.values(),
    )


def thread_from(row: Any) -> Thread:
    turn = {name: row[f"turn_{name}"] for name in Turn.__struct_fields__}
    plain = {name: row[name] for name in Thread.__struct_fields__ if name != "turn"}
    return Thread(**plain, turn=Turn(**turn))


_BY_SECRETARY = {"door.answered", "door.promised", "door.left_word", "door.made_case", "door.revealed"}
_THREADS = """SELECT t.*, r.name AS resident, r.phone, c.name AS area, u.id AS turn_id, u.asked_at AS turn_asked_at,
                  u.promised_on AS turn_promised_on, u.moved_to AS turn_moved_to, u.answered_at AS turn_answered_at,
                  COALESCE(k.number, '') AS turn_number
           FROM door_threads t JOIN accounts r ON r.id = t.account JOIN areas c ON c.id = t.community
           CROSS JOIN LATERAL (SELECT * FROM door_turns u WHERE u.thread = t.id
                               ORDER BY u.asked_at DESC, u.id DESC LIMIT 1) u
           LEFT JOIN cases k ON k.id = u."case" """
