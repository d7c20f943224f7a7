"""/door for residents, /desk/door for secretaries, /door/numbers for everybody."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, TypeVar
from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Meta

from server.areas import choices
from server.cases import mine as reports
from server.households.door import casing, numbers, talking
from server.households.door import thread as threads
from server.households.door.thread import Side
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotFound
from server.people import secretaries
from web import session
from web.fragments import AnyRequest, actor_of, page
from web.pages.admin.acting import Filled, Form, Line, Number, asked_for, number_asked
from web.pages.patrols import acting
from web.pages.patrols.acting import Page
from web.pages.resident.home import community_of

SAID = {
    "write": "已交到书记手上。书记会先定一个答复您的日子。",
    "erase": "您说过的话都删了。",
    "promise": "答复的日子已定,居民看得到。",
    "answer": "已回给居民。",
    "note": "留给接手书记的话已记下。",
    "case": "已转成工单,这段对话仍只有您和居民看得到。",
}
Words = Annotated[str, Meta(max_length=2_500)]
Sent = TypeVar("Sent", bound=Form)


class Asked(Form, frozen=True, kw_only=True):
    community_id: Number | None = None
    text: Words = ""


class Promised(Form, frozen=True, kw_only=True):
    seen: int
    day: date | None = None


class Answered(Form, frozen=True, kw_only=True):
    seen: int
    text: Words = ""
    more: bool = False
    """There is more to come: what was asked still waits."""


class LeftWord(Form, frozen=True, kw_only=True):
    seen: int
    for_successor: Words = ""


class MadeCase(Form, frozen=True, kw_only=True):
    seen: int
    text: Words = ""
    place: Line = ""
    private: bool = False


@get("/")
async def index(request: AnyRequest) -> Template:
    """The resident's threads, and where a new one begins."""
    return await _index(request, Filled())


@post("/")
async def write(request: AnyRequest) -> Page:
    """Leave word for the secretary."""
    by = actor_of(request)

    async def do(sent: Asked) -> str:
        await talking.write(sent.community_id or 0, sent.text, by=by)
        return "/door"

    return await _change(request, "write", Asked, lambda filled: _index(request, filled), do)


@post("/{thread:uuid}/erasure")
async def erase(request: AnyRequest, thread: FromPath[UUID]) -> Page:
    """Have what was said erased."""
    by = actor_of(request)
    await _on_side(thread, by, Side.RESIDENT)

    async def do(sent: Form) -> str:
        if sent.sure:
            await talking.erase(thread, by=by)
        return "/door"

    return await _change(request, "erase", Form, lambda filled: _index(request, filled), do)


@get("/numbers")
async def public(request: AnyRequest) -> Template:
    """How much was asked and answered, of every community; nothing of what."""
    days = number_asked(request, "days") or 90
    days = days if days in numbers.PERIODS else 90
    return page(
        request,
        "door/numbers.html",
        doors=await numbers.of(days),
        days=days,
        periods=[
            {"word": word, "href": f"/door/numbers?days={each}", "on": each == days}
            for each, word in numbers.PERIODS.items()
        ],
        in_words=numbers.in_words,
    )


@get("/")
async def waiting(request: AnyRequest) -> Template:
    """What waits at the secretary's door, the longest first."""
    answered = asked_for(request, "answered") == "1"
    return page(
        request,
        "door/waiting.html",
        found=await threads.at_the_door(actor_of(request), answered=answered),
        answered=answered,
        chips=[
            {"word": "等答复", "href": "/desk/door", "on": not answered},
            {"word": "答复过", "href": "/desk/door?answered=1", "on": answered},
        ],
    )


@get("/{thread:uuid}")
async def one(request: AnyRequest, thread: FromPath[UUID]) -> Template:
    """One thread, for its secretary."""
    return await _one(request, thread, Filled())


@post("/{thread:uuid}/promises")
async def promise(request: AnyRequest, thread: FromPath[UUID]) -> Page:
    """Name the day of the answer."""
    by = actor_of(request)
    return await _at_door(
        request, thread, "promise", Promised, lambda sent: talking.promise(thread, sent.day, by=by, seen=sent.seen)
    )


@post("/{thread:uuid}/answers")
async def answer(request: AnyRequest, thread: FromPath[UUID]) -> Page:
    """Write back."""
    by = actor_of(request)
    return await _at_door(
        request,
        thread,
        "answer",
        Answered,
        lambda sent: talking.answer(thread, sent.text, by=by, seen=sent.seen, final=not sent.more),
    )


@post("/{thread:uuid}/notes")
async def note(request: AnyRequest, thread: FromPath[UUID]) -> Page:
    """Leave word for the next secretary."""
    by = actor_of(request)
    return await _at_door(
        request,
        thread,
        "note",
        LeftWord,
        lambda sent: talking.leave_word(thread, sent.for_successor, by=by, seen=sent.seen),
    )


@post("/{thread:uuid}/reveals", status_code=200)
async def reveal(request: AnyRequest, thread: FromPath[UUID]) -> Template:
    """See who it is and how to call them."""
    by = actor_of(request)
    await _on_side(thread, by, Side.SECRETARY)
    known = await talking.reveal(thread, by=by)
    return await _one(request, thread, Filled(), revealed=known)


@post("/{thread:uuid}/cases")
async def make_case(request: AnyRequest, thread: FromPath[UUID]) -> Page:
    """Make a case of it."""
    by = actor_of(request)

    async def call(sent: MadeCase) -> None:
        await casing.make(thread, sent.text, by=by, seen=sent.seen, place=sent.place, private=sent.private)

    return await _at_door(request, thread, "case", MadeCase, call)


async def _at_door(
    request: AnyRequest, thread: UUID, verb: str, into: type[Sent], call: Callable[[Sent], Awaitable[object]]
) -> Page:
    """A verb of the secretary's, back on the thread's page; whoever stands elsewhere finds nothing."""
    await _on_side(thread, actor_of(request), Side.SECRETARY)

    async def do(sent: Sent) -> str:
        await call(sent)
        return f"/desk/door/{thread}"

    return await _change(request, verb, into, lambda filled: _one(request, thread, filled), do)


async def _change(
    request: AnyRequest,
    verb: str,
    into: type[Sent],
    show: Callable[[Filled], Awaitable[Template]],
    do: Callable[[Sent], Awaitable[str]],
) -> Page:
    return await acting.change(request, verb, into, show=show, do=do, room="door")


async def _on_side(thread: UUID, by: Actor, side: Side) -> None:
    _, stands = await threads.load(thread, by)
    if stands is not side:
        raise NotFound(threads.MISSING)


async def _index(request: AnyRequest, filled: Filled) -> Template:
    by = actor_of(request)
    mine = await threads.mine(by)
    community = number_asked(request, "community") or await community_of(request, await reports.mine(by, limit=20))
    if community is None and mine:
        community = mine[0].community
    return page(
        request,
        "door/door.html",
        status=filled.status,
        filled=filled,
        said=SAID.get(request.query_params.get("said", ""), "") if filled.refusal is None else "",
        mine=[(one, await threads.said(one.id), await secretaries.of(one.community)) for one in mine],
        community=community,
        secretary=await secretaries.of(community) if community else None,
        streets=await choices.choices(),
        numbers=await numbers.of_community(community) if community else None,
        in_words=numbers.in_words,
    )


async def _one(
    request: AnyRequest, thread_id: UUID, filled: Filled, *, revealed: threads.Thread | None = None
) -> Template:
    by = actor_of(request)
    found, side = await threads.load(thread_id, by)
    if side is not Side.SECRETARY:
        raise NotFound(threads.MISSING)
    return page(
        request,
        "door/one.html",
        status=filled.status,
        filled=filled,
        said=SAID.get(request.query_params.get("said", ""), "") if filled.refusal is None else "",
        thread=found,
        revealed=revealed,
        here=f"/desk/door/{thread_id}",
        messages=await threads.said(found.id),
        draft=await casing.draft(found.turn.id) if found.turn.waiting and not found.turn.number else "",
    )


router = Router(
    "/door",
    route_handlers=[index, write, erase],
    guards=[session.signed_in],
    include_in_schema=False,
)
public_router = Router("/door", route_handlers=[public], include_in_schema=False)
desk_router = Router(
    "/desk/door",
    route_handlers=[waiting, one, promise, answer, note, reveal, make_case],
    guards=[session.roles(Role.SECRETARY)],
    include_in_schema=False,
)
