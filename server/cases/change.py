"""What every verb does: load FOR UPDATE through the actor's scope, ask the way, write, tell the history."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.cases import case as cases
from server.cases import story, way
from server.cases.case import Known
from server.cases.lateness import Phone
from server.cases.way import Relation, State, Step
from server.kernel import clock, database, errors, events
from server.kernel.actor import Actor


class Changed(msgspec.Struct, frozen=True):
    """What a verb answers: which case, where it stands now, the version to send back as `seen`."""

    case_id: UUID
    number: str
    state: State
    version: int
    head: str = ""
    """The end of the case's history (hex): a receipt that carries it proves what was received."""


class Change:
    """A case in the hands of one verb, locked until its transaction ends."""

    def __init__(
        self, known: Known, step: Step, by: Actor, moment: datetime, told: dict[str, Any] | None = None
    ) -> None:
        self.known = known
        self.case = known.case
        self.step = step
        self.by = by
        self.moment = moment
        self._now = known.case
        self._told = told or {}

    @property
    def report_id(self) -> UUID:
        """The actor's own report behind the case (the first, where several)."""
        return self.known.report_ids[0]

    async def tell(self, kind: str, data: dict[str, Any], *, internal: bool = False, **columns: Any) -> None:
        """Add an event (and columns) without a new version: nobody's page becomes stale by it."""
        head = await events.record(
            self.case.stream, kind, data, self.by, post_id=self._post(), internal=internal, head=self._now.head
        )
        await self._write(history_sequence=head.sequence, history_link=head.link, **columns)

    async def done(self, kind: str, data: dict[str, Any] | None = None, **columns: Any) -> Changed:
        """Write the event and the new columns; the state is where the step leads, unless `state` says otherwise."""
        head = await events.record(
            self.case.stream, kind, (data or {}) | self._told, self.by, post_id=self._post(), head=self._now.head
        )
        state = columns.pop("state", self.step.leads_to or self._now.state)
        await self._write(
            state=state,
            open=state in way.OPEN,
            version=head.sequence,
            history_sequence=head.sequence,
            history_link=head.link,
            changed_at=self.moment,
            **columns,
        )
        return Changed(self._now.id, self._now.number, self._now.state, self._now.version, head.link.hex())

    async def _write(self, **columns: Any) -> None:
        names = list(columns)
        await database.execute(
            f"UPDATE cases SET {', '.join(f'{name} = ${place}' for place, name in enumerate(names, 2))} WHERE id = $1",
            self.case.id,
            *columns.values(),
        )
        self._now = msgspec.structs.replace(self._now, **columns)

    def _post(self) -> int | None:
        """The post through which the actor acts: the owner's, else the first that has to do with the case."""
        mine = [post for post in self.by.posts if post.id == self.case.owner_post]
        mine += [
            post
            for post in self.by.posts
            if cases.covers(post, self.case) or (post.unit_id is not None and post.unit_id == self.case.handler_unit)
        ]
        return mine[0].id if mine else None


@asynccontextmanager
async def change(
    case: UUID | str, verb: str, by: Actor, seen: int | None, phone: Phone | None = None
) -> AsyncIterator[Change]:
    """The frame of a verb: transaction, lock, scope, the way, `seen`.

    Raises NotFound (not visible), NotAllowed (not now, or not by this relation), Stale (somebody was quicker). What
    comes from a phone's outbox may be late: a stale `seen` is marked in the event, and Stale only where the way does
    not allow the step any more.
    """
    async with database.transaction():
        known = await cases.load(case, by, lock=True)
        step = way.STEPS[verb]
        late = seen is not None and seen != known.case.version
        if late and (phone is None or not _allowed(step, known, by)):
            raise errors.Stale(await story.meanwhile(known, seen or 0))
        _refuse_unless_allowed(step, known, by)
        told: dict[str, Any] = {"phone": phone.data} if phone else {}
        yield Change(known, step, by, clock.now(), told | ({"late": True} if late else {}))


def _allowed(step: Step, known: Known, by: Actor) -> bool:
    return known.case.state in step.states and (bool(step.who & known.relations) or by.system is not None)


def _refuse_unless_allowed(step: Step, known: Known, by: Actor) -> None:
    if not step.who & known.relations and by.system is None:
        who = "、".join(way.RELATION_WORDS[one] for one in Relation if one in step.who)
        raise errors.NotAllowed(f"“{step.words}”由{who}来做。")
    if known.case.state not in step.states:
        raise errors.NotAllowed(f"这件事现在是“{way.STATE_WORDS[known.case.state]}”,不能{step.words}。")


def own_words(text: str, field: str, missing: str, longest: int = 5000) -> str:
    """What somebody typed, trimmed; `Invalid` where it is empty or longer than `longest` characters."""
    trimmed = text.replace("\x00", "").strip()
    if not trimmed:
        raise errors.Invalid({field: missing})
    if len(trimmed) > longest:
        raise errors.Invalid({field: f"太长了({len(trimmed)} 字),请缩短到 {longest} 字以内。"})
    return trimmed
