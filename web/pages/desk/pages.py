"""The desk: community staff, secretaries, centre officers; grid workers see their grid's list."""

from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from web import session
from web.fragments import AnyRequest, actor_of, page
from web.pages.desk import case_page, ground
from web.pages.desk.doing import handlers
from web.pages.desk.site import DESK, listing


@get("/")
async def desk(request: AnyRequest) -> Template:
    """The list through a lens, with filters and their counts."""
    return page(request, DESK.template, view=None, **await listing(request, DESK, actor_of(request)))


@get("/cases/{number:str}")
async def case(request: AnyRequest, number: FromPath[str], do: FromQuery[str] = "") -> Template:
    """One case; `do` opens the form of a step."""
    return await case_page.show(request, DESK, number, doing=do)


@get("/cases/{number:str}/ground")
async def case_ground(request: AnyRequest, number: FromPath[str]) -> Response[dict[str, Any]]:
    """The grid it lies in, for its map."""
    return await ground.around(number, actor_of(request))


router = Router(
    "/desk",
    route_handlers=[desk, case, case_ground, *handlers],
    guards=[session.roles(*DESK.roles)],
    include_in_schema=False,
)
