"""Every change of a household, each a resource of it: POST /desk/households/{id}/links and so on."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Template

from server.households import household as households
from server.households import keeping, links, own, people, tags, visits
from server.households.facts import Person
from server.households.household import Stands
from server.kernel.errors import Invalid, NotFound
from web.fragments import AnyRequest, actor_of, decode
from web.pages.admin.acting import Filled, Form, texts
from web.pages.households.acting import Seen, change, path
from web.pages.households.forms import Ended, Into, Linked, New, Reason, Tagged, Visited, Where, Who, Why
from web.pages.households.one import own_areas, show_new, show_one, show_place
from web.pages.patrols.acting import Page

Sent = TypeVar("Sent", bound=Form)
Show = Callable[[AnyRequest, UUID, Filled], Awaitable[Template]]


async def _do(
    request: AnyRequest,
    household: UUID,
    verb: str,
    into: type[Sent],
    call: Callable[[Sent], Awaitable[object]],
    show: Show = show_one,
) -> Page:
    """Run a verb on a household and go back to its page; a form that comes back stands on the page that `show`s it."""

    async def do(sent: Sent) -> str:
        await call(sent)
        return path(household)

    return await change(request, verb, into, show=lambda filled: show(request, household, filled), do=do)


@post("/")
async def add(request: AnyRequest) -> Page:
    """Register one."""

    async def do(sent: New) -> str:
        person = Person(name=sent.name, phone=sent.phone, relation=sent.relation)
        return path((await keeping.add(sent.facts, person, by=actor_of(request))).household_id)

    own_areas(request)
    return await change(request, "add", New, show=lambda filled: show_new(request, filled), do=do)


@post("/{household:uuid}/place")
async def correct(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """Correct what was written."""
    by = actor_of(request)
    return await _do(
        request,
        household,
        "change",
        Where,
        lambda sent: keeping.change(household, sent.facts, by=by, seen=sent.seen),
        show_place,
    )


@post("/{household:uuid}/moves")
async def move(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """They live elsewhere now."""
    by = actor_of(request)
    return await _do(
        request,
        household,
        "move",
        Where,
        lambda sent: keeping.move(household, sent.facts, by=by, seen=sent.seen),
        show_place,
    )


@post("/{household:uuid}/closing")
async def close(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """It is no longer looked after."""
    by = actor_of(request)
    return await _do(
        request, household, "close", Why, lambda sent: keeping.close(household, by=by, seen=sent.seen, why=sent.why)
    )


@post("/{household:uuid}/reopening")
async def reopen(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """It is taken up again."""
    by = actor_of(request)
    return await _do(request, household, "reopen", Seen, lambda sent: keeping.reopen(household, by=by, seen=sent.seen))


@post("/{household:uuid}/merge")
async def merge(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """It is the same as another."""
    by = actor_of(request)
    return await _do(
        request,
        household,
        "merge",
        Into,
        lambda sent: keeping.merge(household, sent.into, by=by, seen=sent.seen, reason=sent.reason),
    )


@post("/{household:uuid}/unmerge")
async def unmerge(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """It is not."""
    by = actor_of(request)
    return await _do(
        request, household, "unmerge", Seen, lambda sent: keeping.unmerge(household, by=by, seen=sent.seen)
    )


@post("/{household:uuid}/people")
async def add_person(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """Somebody else to ask for."""
    by = actor_of(request)

    async def call(sent: Who) -> None:
        person = Person(name=sent.name, phone=sent.phone or "", relation=sent.relation)
        await people.add(household, person, by=by, seen=sent.seen)

    return await _do(request, household, "person.add", Who, call)


@post("/{household:uuid}/people/{person:uuid}")
async def change_person(request: AnyRequest, household: FromPath[UUID], person: FromPath[UUID]) -> Page:
    """Who they are; an empty number leaves the one that is kept."""
    by = actor_of(request)

    async def call(sent: Who) -> None:
        await people.change(
            household, person, by=by, seen=sent.seen, name=sent.name, phone=sent.phone, relation=sent.relation
        )

    return await _do(request, household, "person.change", Who, call)


@post("/{household:uuid}/people/{person:uuid}/contact")
async def make_contact(request: AnyRequest, household: FromPath[UUID], person: FromPath[UUID]) -> Page:
    """They are asked for first."""
    by = actor_of(request)
    return await _do(
        request,
        household,
        "person.contact",
        Seen,
        lambda sent: people.make_contact(household, person, by=by, seen=sent.seen),
    )


@post("/{household:uuid}/people/{person:uuid}/removal")
async def remove_person(request: AnyRequest, household: FromPath[UUID], person: FromPath[UUID]) -> Page:
    """They are asked for no more."""
    by = actor_of(request)
    return await _do(
        request, household, "person.remove", Seen, lambda sent: people.remove(household, person, by=by, seen=sent.seen)
    )


@post("/{household:uuid}/reveals", status_code=200)
async def reveal(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """See a name and a number, with a reason."""
    typed = await request.form()
    try:
        sent = decode(typed, Reason)
        found = await people.reveal(household, sent.person, by=actor_of(request), reason=sent.reason)
    except Invalid as refusal:
        return await show_one(request, household, Filled(doing="reveal", typed=texts(typed), refusal=refusal))
    return await show_one(request, household, Filled(), revealed=found)


@post("/{household:uuid}/tags")
async def put_tag(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """Set a tag."""
    by = actor_of(request)
    return await _do(
        request, household, "tag.put", Tagged, lambda sent: tags.put(household, sent.tag, by=by, seen=sent.seen)
    )


@post("/{household:uuid}/tags/removal")
async def take_tag(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """Take one off."""
    by = actor_of(request)
    return await _do(
        request, household, "tag.off", Tagged, lambda sent: tags.take_off(household, sent.tag, by=by, seen=sent.seen)
    )


@post("/{household:uuid}/links")
async def link(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """Link a member."""
    by = actor_of(request)
    return await _do(
        request, household, "link", Linked, lambda sent: links.link(household, sent.account, by=by, seen=sent.seen)
    )


@post("/{household:uuid}/links/ending")
async def unlink(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """End a link, or hand it to another member."""
    by = actor_of(request)

    async def call(sent: Ended) -> None:
        if sent.to is None:
            await links.unlink(household, sent.account, by=by, seen=sent.seen, why=sent.why)
        else:
            left = sent.for_successor
            await links.hand_over([household], sent.account, sent.to, by=by, why=sent.why, for_successor=left)

    return await _do(request, household, "unlink", Ended, call)


@post("/{household:uuid}/visits")
async def visited(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """Write down a contact, for a member who has no phone at hand."""
    by = actor_of(request)
    known = await households.load(household, by)
    if not known.stands & {Stands.LINKED, Stands.KEEPER}:
        raise NotFound(households.MISSING)
    return await _do(request, household, "visit", Visited, lambda sent: visits.record(sent.told(household), by))


@post("/{household:uuid}/wishes/{wish:uuid}")
async def see_to(request: AnyRequest, household: FromPath[UUID], wish: FromPath[UUID]) -> Page:
    """What the household asked for was seen to."""
    by = actor_of(request)
    return await _do(request, household, "wish", Form, lambda sent: own.see_to(household, wish, by))


handlers = [
    add,
    correct,
    move,
    close,
    reopen,
    merge,
    unmerge,
    add_person,
    change_person,
    make_contact,
    remove_person,
    reveal,
    put_tag,
    take_tag,
    link,
    unlink,
    visited,
    see_to,
]
