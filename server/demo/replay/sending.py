"""One message on its way: told by its author, accepted, answered or dispatched and finished, checked, closed."""

import hashlib
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from uuid import UUID

from server import cases
from server.cases.change import Changed
from server.cases.telling import Telling
from server.cases.way import State
from server.demo.district import District
from server.demo.ground import Spot
from server.demo.replay import rules
from server.demo.replay.messages import Message
from server.kernel import clock
from server.kernel.actor import Actor
from server.kernel.errors import HuyingError

HOUR = timedelta(hours=1)
GOOD = 4
"""Stars: the board does not tell how good a reply was."""


class Sending:
    """A message and what has become of it."""

    def __init__(self, message: Message, district: District, leaves: list[tuple[str, int]]) -> None:
        self.message = message
        self.district = district
        self.category = rules.category(message, leaves)
        self.code = rules.place_code(message)
        self.community: Spot = rules.pick(f"place {self.code or message.author}", district.spots("community"))
        self.desk: Actor = rules.pick(f"desk {message.number}", district.desk(self.community.code))
        self.case_id: UUID | None = None
        self.report_id: UUID | None = None
        self.seen = 1
        self.state: State | None = None
        self.refused = ""
        """Why a verb did not take it, in words; empty where all went well."""

    async def course(self) -> AsyncGenerator[datetime, None]:
        """The whole way; a refusal ends it and is kept in `refused`."""
        try:
            async for moment in self._way():
                yield moment
        except HuyingError as error:
            self.refused = error.words

    async def _way(self) -> AsyncGenerator[datetime, None]:
        message = self.message
        await self._report()
        yield rules.moment(message, 0.1, 4)
        await self._accept()
        at_desk = rules.answered_at_desk(message)
        if not at_desk:
            yield rules.moment(message, 0.2, 8)
            handler = await self._dispatch()
            yield rules.moment(message, 0.4, 24)
            self._done(await cases.take_on(self._id, handler, seen=self.seen))
        if message.replied_at is None:
            return
        yield message.replied_at
        if at_desk:
            self._done(await cases.answer(self._id, self.desk, seen=self.seen, text=message.reply))
            return
        self._done(await cases.finish(self._id, handler, seen=self.seen, text=message.reply))
        yield clock.now() + HOUR
        self._done(await cases.check(self._id, self.desk, seen=self.seen, passed=True))
        yield clock.now() + HOUR
        officer = rules.pick(f"centre {message.number}", self.district.officers())
        self._done(await cases.close(self._id, officer, seen=self.seen, stars=GOOD))

    async def _report(self) -> None:
        message = self.message
        device = hashlib.sha256(f"author {message.author}".encode()).hexdigest()
        told = await cases.report(
            Telling(
                text=message.text,
                community_id=self.district.ids[self.community.code],
                place=self.code,
                name=message.author,
                channel="import",
            ),
            Actor(device=device, address="192.0.2.10"),
        )
        self.case_id, self.report_id, self.state = told.case_id, told.report_id, State.REPORTED

    async def _accept(self) -> None:
        self._done(await cases.accept(self._id, self.desk, seen=self.seen, category_id=self.category))

    async def _dispatch(self) -> Actor:
        """Give it to a unit of the district or of its street; who takes it on comes back."""
        street = self.community.parent_code
        near = sorted(unit for (_, home), unit in self.district.units.items() if home in ("", street))
        unit = rules.pick(f"unit {self.message.number}", near)
        self._done(await cases.dispatch(self._id, self.desk, seen=self.seen, unit_id=unit))
        return rules.pick(f"handler {self.message.number}", self.district.cast.by_unit[unit])

    @property
    def _id(self) -> UUID:
        assert self.case_id is not None
        return self.case_id

    def _done(self, changed: Changed) -> None:
        self.seen, self.state = changed.version, changed.state
