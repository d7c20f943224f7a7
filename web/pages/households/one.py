"""One household: what is known of it, who is linked, what was said; and every change of it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Meta

from server.areas import choices, tree
from server.households import household as households
from server.households import keeping, links, people, tags, visits
from server.households.facts import Facts, Person
from server.households.household import Stands
from server.households.visit import OUTCOMES, TOPICS, WAYS, Told
from server.kernel.errors import Invalid, NotFound
from server.kernel.ids import new_id
from web.fragments import AnyRequest, actor_of, decode
from web.pages.admin.acting import Filled, Form, Line, Number, texts
from web.pages.households.acting import Seen, change, path, shown
from web.pages.patrols.acting import Page

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


class Visited(Form, frozen=True, kw_only=True):
    member: UUID | None = None
    way: Line = ""
    outcome: Line = ""
    topics: tuple[Line, ...] = ()
    said: Words = ""
    needs: Words = ""
    next_on: date | None = None
    ask: bool = False


@get("/new")
async def new(request: AnyRequest) -> Template:
    """The form for another household."""
    return await _new(request, Filled())


@post("/")
async def add(request: AnyRequest) -> Page:
    """Register it."""

    async def do(sent: New) -> str:
        person = Person(name=sent.name, phone=sent.phone, relation=sent.relation)
        return path((await keeping.add(sent.facts, person, by=actor_of(request))).household_id)

    _own_areas(request)
    return await change(request, "add", New, show=lambda filled: _new(request, filled), do=do)


@get("/{household:uuid}")
async def one(request: AnyRequest, household: FromPath[UUID]) -> Template:
    """What is known of it."""
    return await _one(request, household, Filled())


@get("/{household:uuid}/place")
async def place(request: AnyRequest, household: FromPath[UUID]) -> Template:
    """The form for where it is: to correct, or because they moved."""
    return await _place(request, household, Filled())


@post("/{household:uuid}/place")
async def correct(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """Correct what was written."""

    async def do(sent: Where) -> str:
        await keeping.change(household, sent.facts, by=actor_of(request), seen=sent.seen)
        return path(household)

    return await change(request, "change", Where, show=lambda filled: _place(request, household, filled), do=do)


@post("/{household:uuid}/moves")
async def move(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """They live elsewhere now."""

    async def do(sent: Where) -> str:
        await keeping.move(household, sent.facts, by=actor_of(request), seen=sent.seen)
        return path(household)

    return await change(request, "move", Where, show=lambda filled: _place(request, household, filled), do=do)


@post("/{household:uuid}/closing")
async def close(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """It is no longer looked after."""

    async def do(sent: Why) -> str:
        await keeping.close(household, by=actor_of(request), seen=sent.seen, why=sent.why)
        return path(household)

    return await change(request, "close", Why, show=lambda filled: _one(request, household, filled), do=do)


@post("/{household:uuid}/reopening")
async def reopen(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """It is taken up again."""

    async def do(sent: Seen) -> str:
        await keeping.reopen(household, by=actor_of(request), seen=sent.seen)
        return path(household)

    return await change(request, "reopen", Seen, show=lambda filled: _one(request, household, filled), do=do)


@post("/{household:uuid}/merge")
async def merge(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """It is the same as another."""

    async def do(sent: Into) -> str:
        await keeping.merge(household, sent.into, by=actor_of(request), seen=sent.seen, reason=sent.reason)
        return path(household)

    return await change(request, "merge", Into, show=lambda filled: _one(request, household, filled), do=do)


@post("/{household:uuid}/unmerge")
async def unmerge(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """It is not."""

    async def do(sent: Seen) -> str:
        await keeping.unmerge(household, by=actor_of(request), seen=sent.seen)
        return path(household)

    return await change(request, "unmerge", Seen, show=lambda filled: _one(request, household, filled), do=do)


@post("/{household:uuid}/people")
async def add_person(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """Somebody else to ask for."""

    async def do(sent: Who) -> str:
        person = Person(name=sent.name, phone=sent.phone or "", relation=sent.relation)
        await people.add(household, person, by=actor_of(request), seen=sent.seen)
        return path(household)

    return await change(request, "person.add", Who, show=lambda filled: _one(request, household, filled), do=do)


@post("/{household:uuid}/people/{person:uuid}")
async def change_person(request: AnyRequest, household: FromPath[UUID], person: FromPath[UUID]) -> Page:
    """Who they are; an empty number leaves the one that is kept."""

    async def do(sent: Who) -> str:
        await people.change(
            household,
            person,
            by=actor_of(request),
            seen=sent.seen,
            name=sent.name,
            phone=sent.phone,
            relation=sent.relation,
        )
        return path(household)

    return await change(request, "person.change", Who, show=lambda filled: _one(request, household, filled), do=do)


@post("/{household:uuid}/people/{person:uuid}/contact")
async def make_contact(request: AnyRequest, household: FromPath[UUID], person: FromPath[UUID]) -> Page:
    """They are asked for first."""

    async def do(sent: Seen) -> str:
        await people.make_contact(household, person, by=actor_of(request), seen=sent.seen)
        return path(household)

    return await change(request, "person.contact", Seen, show=lambda filled: _one(request, household, filled), do=do)


@post("/{household:uuid}/people/{person:uuid}/removal")
async def remove_person(request: AnyRequest, household: FromPath[UUID], person: FromPath[UUID]) -> Page:
    """They are asked for no more."""

    async def do(sent: Seen) -> str:
        await people.remove(household, person, by=actor_of(request), seen=sent.seen)
        return path(household)

    return await change(request, "person.remove", Seen, show=lambda filled: _one(request, household, filled), do=do)


@post("/{household:uuid}/reveals", status_code=200)
async def reveal(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """See a name and a number, with a reason."""
    typed = await request.form()
    try:
        sent = decode(typed, Reason)
        found = await people.reveal(household, sent.person, by=actor_of(request), reason=sent.reason)
    except Invalid as refusal:
        return await _one(request, household, Filled(doing="reveal", typed=texts(typed), refusal=refusal))
    return await _one(request, household, Filled(), revealed=found)


@post("/{household:uuid}/tags")
async def put_tag(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """Set a tag."""

    async def do(sent: Tagged) -> str:
        await tags.put(household, sent.tag, by=actor_of(request), seen=sent.seen)
        return path(household)

    return await change(request, "tag.put", Tagged, show=lambda filled: _one(request, household, filled), do=do)


@post("/{household:uuid}/tags/removal")
async def take_tag(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """Take one off."""

    async def do(sent: Tagged) -> str:
        await tags.take_off(household, sent.tag, by=actor_of(request), seen=sent.seen)
        return path(household)

    return await change(request, "tag.off", Tagged, show=lambda filled: _one(request, household, filled), do=do)


@post("/{household:uuid}/links")
async def link(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """Link a member."""

    async def do(sent: Linked) -> str:
        await links.link(household, sent.account, by=actor_of(request), seen=sent.seen)
        return path(household)

    return await change(request, "link", Linked, show=lambda filled: _one(request, household, filled), do=do)


@post("/{household:uuid}/links/ending")
async def unlink(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """End a link, or hand it to another member."""

    async def do(sent: Ended) -> str:
        by = actor_of(request)
        if sent.to is None:
            await links.unlink(household, sent.account, by=by, seen=sent.seen, why=sent.why)
        else:
            await links.hand_over(
                [household], sent.account, sent.to, by=by, why=sent.why, for_successor=sent.for_successor
            )
        return path(household)

    return await change(request, "unlink", Ended, show=lambda filled: _one(request, household, filled), do=do)


@post("/{household:uuid}/visits")
async def visited(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """Write down a contact, for a member who has no phone at hand."""
    known = await households.load(household, actor_of(request))
    if not known.stands & {Stands.LINKED, Stands.KEEPER}:
        raise NotFound(households.MISSING)

    async def do(sent: Visited) -> str:
        told = Told(
            id=new_id(),
            household=household,
            way=sent.way,
            outcome=sent.outcome,
            topics=sent.topics,
            said=sent.said,
            needs=sent.needs,
            next_on=sent.next_on,
            ask=sent.ask,
            member=sent.member,
        )
        await visits.record(told, actor_of(request))
        return path(household)

    return await change(request, "visit", Visited, show=lambda filled: _one(request, household, filled), do=do)


async def _new(request: AnyRequest, filled: Filled) -> Template:
    return shown(request, "households/new.html", filled, areas=await choices.grids_of(_own_areas(request)))


def _own_areas(request: AnyRequest) -> list[int]:
    """The communities whose households the actor keeps; for others the page does not exist."""
    own = [
        post.area_id
        for post in actor_of(request).posts
        if post.role in households.KEEPERS and post.area_level == "community" and post.area_id is not None
    ]
    if not own:
        raise NotFound()
    return own


async def _place(request: AnyRequest, household_id: UUID, filled: Filled) -> Template:
    known = await households.load(household_id, actor_of(request))
    if Stands.KEEPER not in known.stands:
        raise NotFound()
    areas = await choices.grids_of([known.household.community])
    return shown(request, "households/place.html", filled, household=known.household, areas=areas)


async def _one(
    request: AnyRequest, household_id: UUID, filled: Filled, *, revealed: people.PersonRow | None = None
) -> Template:
    by = actor_of(request)
    known = await households.load(household_id, by)
    keeps = Stands.KEEPER in known.stands
    inside = bool(known.stands & {Stands.KEEPER, Stands.LINKED})
    linked = await links.of(known, by)
    # Who may be asked is looked for where nobody is linked, or where that is what the page was opened for.
    wanted = request.query_params.get("link") == "1" or not any(one.until is None for one in linked)
    asked = keeps and known.household.until is None and (wanted or filled.names("link") or filled.names("unlink"))
    there = known.household
    return shown(
        request,
        "households/one.html",
        filled,
        household=there,
        line=await tree.line(there.grid or there.community),
        keeps=keeps and there.until is None,
        keeper=keeps,
        linked=Stands.LINKED in known.stands,
        people=await people.of(there.id),
        revealed=revealed,
        tags=await tags.of(there.id),
        kinds=await tags.kinds() if keeps else (),
        links=linked,
        suggested=await links.suggest(there.id, by) if asked else (),
        asked=asked,
        why_ended=links.WHY_ENDED,
        why_closed=keeping.WHY_CLOSED,
        visits=await visits.of(there.id) if inside else (),
        inside=inside,
        lived=await keeping.lived(there.id) if inside else (),
        doubles=await keeping.doubles(there) if keeps and there.until is None else (),
        ways=WAYS,
        outcomes=OUTCOMES,
        topics=TOPICS,
    )


handlers = [
    new,
    add,
    one,
    place,
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
]
