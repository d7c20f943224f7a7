"""The unit's own list and cases: phone first, one column."""

from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from web import session
from web.fragments import AnyRequest, actor_of, page
from web.pages.desk import case_page, ground
from web.pages.desk.site import UNIT, listing
from web.pages.unit.doing import handlers


@get("/")
async def unit(request: AnyRequest) -> Template:
    """What is to take on, what is in hand, what is done."""
    return page(request, UNIT.template, view=None, **await listing(request, UNIT, actor_of(request)))


@get("/cases/{number:str}")
async def case(request: AnyRequest, number: FromPath[str], do: FromQuery[str] = "") -> Template:
    """One case; `do` opens the form of a step."""
    return await case_page.show(request, UNIT, number, doing=do)


@get("/cases/{number:str}/ground")
async def case_ground(request: AnyRequest, number: FromPath[str]) -> Response[dict[str, Any]]:
    """The grid it lies in, for its map."""
    return await ground.around(number, actor_of(request))


router = Router(
    "/unit",
    route_handlers=[unit, case, case_ground, *handlers],
    guards=[session.roles(*UNIT.roles)],
    include_in_schema=False,
)
