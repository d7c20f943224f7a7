"""What the forms of households send."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from server.households.care.agreements import Agreed
from server.households.facts import Facts
from server.households.visit import Told
from server.kernel.ids import new_id
from web.pages.admin.acting import Form, Line, Number
from web.pages.households.acting import Seen

Words = Annotated[str, Meta(max_length=2_000)]


class Where(Form, frozen=True, kw_only=True):
    place: Line = ""
    building: Line = ""
    unit: Line = ""
    room: Line = ""
    area: Number | None = None
    external_code: Line = ""
    private: bool = False
    seen: int | None = None

    @property
    def facts(self) -> Facts:
        return Facts(
            place=self.place,
            building=self.building,
            unit=self.unit,
            room=self.room,
            area_id=self.area,
            external_code=self.external_code,
            private=self.private,
        )


class New(Where, frozen=True, kw_only=True):
    name: Line = ""
    phone: Line = ""
    relation: Line = ""


class Who(Seen, frozen=True, kw_only=True):
    name: Line = ""
    phone: Line | None = None
    relation: Line = ""


class Why(Seen, frozen=True, kw_only=True):
    why: Line = ""


class Into(Seen, frozen=True, kw_only=True):
    into: UUID
    reason: Line = ""


class Tagged(Seen, frozen=True, kw_only=True):
    tag: Number


class Linked(Seen, frozen=True, kw_only=True):
    account: UUID


class Ended(Linked, frozen=True, kw_only=True):
    why: Line = ""
    to: UUID | None = None
    for_successor: Words = ""


class Reason(Form, frozen=True, kw_only=True):
    person: UUID
    reason: Line = ""


class Agreeing(Seen, frozen=True, kw_only=True):
    kinds: tuple[Number, ...] = ()
    person: UUID | None = None
    until: date | None = None
    witness: Line = ""
    account: UUID | None = None

    @property
    def agreed(self) -> Agreed:
        return Agreed(
            kinds=self.kinds, person=self.person, until=self.until, witness=self.witness, account=self.account
        )


class Looked(Form, frozen=True, kw_only=True):
    found: Line = ""
    note: Words = ""


class Visited(Form, frozen=True, kw_only=True):
    member: UUID | None = None
    way: Line = ""
    outcome: Line = ""
    topics: tuple[Line, ...] = ()
    said: Words = ""
    needs: Words = ""
    next_on: date | None = None
    ask: bool = False

    def told(self, household: UUID) -> Told:
        return Told(
            id=new_id(),
            household=household,
            way=self.way,
            outcome=self.outcome,
            topics=self.topics,
            said=self.said,
            needs=self.needs,
            next_on=self.next_on,
            ask=self.ask,
            member=self.member,
        )
