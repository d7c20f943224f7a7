"""Home: who one's secretary is, one's newest matter, and whom to call."""

import msgspec
from litestar import get, post
from litestar.response import Redirect, Template

from server.areas import choices, tree
from server.cases import mine
from server.people import secretaries
from web import onward, session
from web.fragments import AnyRequest, actor_of, form, go, page
from web.pages.resident import places, told

PLACE = "huying_place"
"""Cookie: the community chosen on this device."""


class PlaceForm(msgspec.Struct, frozen=True):
    community_id: str = ""
    next: str = ""


@get("/")
async def home(request: AnyRequest) -> Template:
    """The first page, signed in or not."""
    reports = await mine.mine(actor_of(request), limit=20)
    community = await community_of(request, reports)
    return page(
        request,
        "resident/home.html",
        area=await tree.get(community) if community else None,
        secretary=await secretaries.of(community) if community else None,
        streets=await choices.choices(),
        newest=told.newest(reports),
        changing="place" in request.query_params,
    )


@post("/place")
async def choose(request: AnyRequest) -> Redirect:
    """Remember on this device which community somebody lives in; an unknown one is forgotten."""
    chosen = await form(request, PlaceForm)
    community = await places.known(chosen.community_id)
    response = go(request, onward.safe(chosen.next))
    if community is None:
        session.forget(response, PLACE)
    else:
        response.set_cookie(session.cookie(PLACE, str(community)))
    return response


async def community_of(request: AnyRequest, reports: tuple[mine.MyReport, ...]) -> int | None:
    """The community chosen on this device, else that of the newest report."""
    chosen = await places.known(request.cookies.get(PLACE, ""))
    return chosen or next((one.community_id for one in reports if one.community_id), None)
