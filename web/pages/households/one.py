"""One household: what is known of it, who is linked, what was said; the forms for where it is."""

from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.response import Template

from server.areas import choices, tree
from server.households import household as households
from server.households import keeping, links, own, people, tags, visits
from server.households.care import register
from server.households.household import Stands
from server.households.visit import OUTCOMES, TOPICS, WAYS
from server.kernel.errors import NotFound
from web.fragments import AnyRequest, actor_of
from web.pages.admin.acting import Filled
from web.pages.households.acting import shown


@get("/new")
async def new(request: AnyRequest) -> Template:
    """The form for another household."""
    return await show_new(request, Filled())


@get("/{household:uuid}")
async def one(request: AnyRequest, household: FromPath[UUID]) -> Template:
    """What is known of it."""
    return await show_one(request, household, Filled())


@get("/{household:uuid}/place")
async def place(request: AnyRequest, household: FromPath[UUID]) -> Template:
    """The form for where it is: to correct, or because they moved."""
    return await show_place(request, household, Filled())


async def show_new(request: AnyRequest, filled: Filled) -> Template:
    return shown(request, "households/new.html", filled, areas=await choices.grids_of(own_areas(request)))


def own_areas(request: AnyRequest) -> list[int]:
    """The communities whose households the actor keeps; for others the page does not exist."""
    own = [
        post.area_id
        for post in actor_of(request).posts
        if post.role in households.KEEPERS and post.area_level == "community" and post.area_id is not None
    ]
    if not own:
        raise NotFound()
    return own


async def show_place(request: AnyRequest, household_id: UUID, filled: Filled) -> Template:
    known = await households.load(household_id, actor_of(request))
    if Stands.KEEPER not in known.stands:
        raise NotFound()
    areas = await choices.grids_of([known.household.community])
    return shown(request, "households/place.html", filled, household=known.household, areas=areas)


async def show_one(
    request: AnyRequest, household_id: UUID, filled: Filled, *, revealed: people.PersonRow | None = None
) -> Template:
    by = actor_of(request)
    known = await households.load(household_id, by)
    keeps = Stands.KEEPER in known.stands
    worker = Stands.WORKER in known.stands
    inside = bool(known.stands & {Stands.KEEPER, Stands.LINKED})
    linked = await links.of(known, by)
    # Who may be asked is looked for where nobody is linked, or where that is what the page was opened for.
    wanted = request.query_params.get("link") == "1" or not any(one.until is None for one in linked)
    asked = keeps and known.household.until is None and (wanted or filled.names("link") or filled.names("unlink"))
    there = known.household
    watches = (await register.watches_of([there.id])).get(there.id, ()) if inside or worker else ()
    return shown(
        request,
        "households/one.html",
        filled,
        household=there if revealed else households.masked(there, known.stands),
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
        cares=bool(watches) or keeps,
        watches=watches,
        wishes=await own.wishes_of(there.id) if keeps else (),
        lived=await keeping.lived(there.id) if inside else (),
        doubles=await keeping.doubles(there) if keeps and there.until is None else (),
        ways=WAYS,
        outcomes=OUTCOMES,
        topics=TOPICS,
    )


handlers = [new, one, place]
