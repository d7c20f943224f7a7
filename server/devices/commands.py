"""The verbs that a phone may send: the shape of their data, and the call of the room that does it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server import cases, patrols
from server.cases import Changed, Phone, Reported, Telling, too_late
from server.cases.reporting import Asked
from server.devices.protocol import Call, Contact, FindingAnswer, Finish, Go, Report, Ring, TakeOn, Visit
from server.households import people as household_people
from server.households import visit as households
from server.households import visits as visits_to
from server.kernel.actor import Actor
from server.kernel.errors import HuyingError
from server.patrols import calling, orders
from server.patrols.visit import Recorded, Told

_SOURCES = ("photo", "phone", "map")
_ACCURACY = 1_000_000


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Around a command: who sends it, what the phone says of itself, and why a report is held (see suspicion)."""

    by: Actor
    phone: Phone
    held: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a receipt keeps of what was done or refused. No secret: a link is named by its id."""

    number: str = ""
    head: str = ""
    due_at: datetime | None = None
    report_id: UUID | None = None
    link: UUID | None = None
    state: str | None = None
    version: int | None = None
    findings: tuple[FindingAnswer, ...] = ()
    marks: tuple[str, ...] = ()
    fields: dict[str, str] = {}
    """Of a refused one: what has to be mended."""


class Verb(msgspec.Struct, frozen=True):
    """One row of the table."""

    data: type[msgspec.Struct]
    call: Callable[[Any, Context], Awaitable[Result]]
    keep: Callable[[Any, Context], Awaitable[str]] | None = None
    """Where it cannot be done any more: keep what it says for the desk, and tell in words why (see too_late)."""
    call_all: Callable[[Sequence[Any], Sequence[Context]], Awaitable[Sequence[Result | HuyingError]]] | None = None
    """Many of one sender in one go: all or none, or each for itself with the refusal in its place; where there is none
    they are done one by one."""


async def report(data: Report, around: Context) -> Result:
    """A resident tells; photos may follow."""
    return _of_report(await cases.report(telling_of(data), around.by, held=around.held, phone=around.phone))


async def report_all(data: Sequence[Report], around: Sequence[Context]) -> list[Result]:
    """Many tellings of one sender."""
    asked = [
        Asked(telling=telling_of(one), held=about.held, phone=about.phone)
        for one, about in zip(data, around, strict=True)
    ]
    return [_of_report(done) for done in await cases.report_all(asked, around[0].by)]


async def take_on(data: TakeOn, around: Context) -> Result:
    """The unit goes."""
    return _of_case(
        await cases.take_on(data.number, around.by, seen=data.seen, promise=data.promise, phone=around.phone)
    )


async def finish(data: Finish, around: Context) -> Result:
    """The unit is done; photos may follow."""
    return _of_case(
        await cases.finish(
            data.number,
            around.by,
            seen=data.seen,
            text=data.text,
            before=data.before,
            after=data.after,
            phone=around.phone,
        )
    )


async def visit(data: Visit, around: Context) -> Result:
    """A record of a round."""
    [one] = await visits([data], [around])
    if isinstance(one, HuyingError):
        raise one
    return one


async def visits(data: Sequence[Visit], around: Sequence[Context]) -> list[Result | HuyingError]:
    """Records of a round, each for itself."""
    told = [_visit_told(one, about.phone) for one, about in zip(data, around, strict=True)]
    done = await patrols.record(told, around[0].by)
    return [one if isinstance(one, HuyingError) else _of_visit(one) for one in done]


async def go(data: Go, around: Context) -> Result:
    """A worker goes where the desk sends them."""
    step = orders.accept if data.does == "accept" else orders.on_way
    done = await step(data.order, around.by)
    return Result(head=done.head, state=done.state)


async def call(data: Call, around: Context) -> Result:
    """A worker calls who runs a place."""
    return Result(head=await calling.call(data.place, around.by, phone=around.phone))


async def contact(data: Contact, around: Context) -> Result:
    """A linked member was at a household, or tried."""
    [one] = await contacts([data], [around])
    if isinstance(one, HuyingError):
        raise one
    return one


async def contacts(data: Sequence[Contact], around: Sequence[Context]) -> list[Result | HuyingError]:
    """Contacts with households, each for itself."""
    told = [
        msgspec.structs.replace(msgspec.convert(one, households.Told, from_attributes=True), phone=about.phone)
        for one, about in zip(data, around, strict=True)
    ]
    done = await visits_to.record_all(told, around[0].by)
    return [
        one
        if isinstance(one, HuyingError)
        else Result(number=one.number, head=one.head, version=one.version, marks=one.marks)
        for one in done
    ]


async def ring(data: Ring, around: Context) -> Result:
    """A linked member calls somebody of a household."""
    return Result(head=await household_people.called(data.household, data.person, by=around.by))


async def _keep_promise(data: TakeOn, around: Context) -> str:
    return await too_late.keep_word(data.number, "take_on", data.promise, around.by, around.phone)


async def _keep_result(data: Finish, around: Context) -> str:
    return await too_late.keep_word(data.number, "finish", data.text, around.by, around.phone)


VERBS: dict[str, Verb] = {
    "report": Verb(Report, report, call_all=report_all),
    "take_on": Verb(TakeOn, take_on, _keep_promise),
    "finish": Verb(Finish, finish, _keep_result),
    "visit": Verb(Visit, visit, call_all=visits),
    "go": Verb(Go, go),
    "call": Verb(Call, call),
    "contact": Verb(Contact, contact, call_all=contacts),
    "ring": Verb(Ring, ring),
}


def telling_of(data: Report) -> Telling:
    """The telling; a position that makes no sense is left out where a community was chosen, the report is not."""
    placed = data.community_id is None or _on_earth(data)
    accuracy = data.accuracy if data.accuracy is not None and 0 <= data.accuracy <= _ACCURACY else None
    return Telling(
        text=data.text,
        community_id=data.community_id,
        place=data.place,
        latitude=data.latitude if placed else None,
        longitude=data.longitude if placed else None,
        accuracy=accuracy if placed else None,
        position_source=data.position_source if placed and data.position_source in _SOURCES else None,
        private=data.private,
        name=data.name,
        phone=data.phone,
        for_name=data.for_name,
        for_phone=data.for_phone,
        for_agreed=data.for_agreed,
        photos=data.photos,
    )


def _on_earth(data: Report) -> bool:
    if data.latitude is None or data.longitude is None:
        return False
    return -90 <= data.latitude <= 90 and -180 <= data.longitude <= 180


def _of_report(done: Reported) -> Result:
    return Result(number=done.number, head=done.head, due_at=done.due_at, report_id=done.report_id, link=done.link)


def _visit_told(data: Visit, phone: Phone) -> Told:
    return msgspec.structs.replace(msgspec.convert(data, Told, from_attributes=True), phone=phone)


def _of_visit(done: Recorded) -> Result:
    led = tuple(msgspec.convert(one, FindingAnswer, from_attributes=True) for one in done.findings)
    return Result(head=done.head, version=done.version, findings=led, marks=done.marks)


def _of_case(done: Changed) -> Result:
    return Result(number=done.number, head=done.head, state=done.state.value, version=done.version)
