"""/desk/places: for grid workers, communities, centres and area administrators, each in their own areas."""

from litestar import Router, get
from litestar.response import Template

from server.patrols.place import ROLES
from web import session
from web.fragments import AnyRequest, page
from web.pages.places import importing, lists, one


@get("/scan")
async def scan(request: AnyRequest) -> Template:
    """Scan a label with the camera, or type its code."""
    return page(request, "places/scan.html", base=lists.BASE)


router = Router(
    lists.BASE,
    route_handlers=[lists.index, lists.labels, scan, *importing.handlers, *one.handlers],
    guards=[session.roles(*ROLES)],
    include_in_schema=False,
)
