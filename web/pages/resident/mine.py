"""我的事: what somebody told, newest first, with an account or by the links this device has opened."""

from litestar import get, post
from litestar.response import Redirect, Template

from server.cases import links, mine
from web import session
from web.fragments import AnyRequest, actor_of, go, page
from web.pages.resident import told

MOST = 200


@get("/mine")
async def index(request: AnyRequest) -> Template:
    """The list, and reports without an account that the account could take over."""
    by = actor_of(request)
    reports = await mine.mine(by, limit=MOST)
    return page(
        request,
        "resident/mine.html",
        reports=[told.Told(one, told.sentence(one), []) for one in reports],
        claimable=await links.claimable(by) if by.signed_in else [],
        full=len(reports) == MOST,
        claimed="claimed" in request.query_params,
    )


@post("/mine/claims", guards=[session.signed_in])
async def claim(request: AnyRequest) -> Redirect:
    """Put them into the account; again is harmless."""
    await links.claim(actor_of(request))
    return go(request, "/mine?claimed=1")
