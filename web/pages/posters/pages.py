"""Where staff make posters for their communities: the same pages within the desk and within the administration."""

from typing import Any
from urllib.parse import quote, urlencode

from litestar import Response, Router, get
from litestar.params import FromPath
from litestar.response import Template

from server.areas import posters, tree
from server.areas.tree import AreaRow
from server.kernel.errors import NotFound
from web import session
from web.fragments import AnyRequest, actor_of, page
from web.pages.posters import code

SITES = ("/desk", "/admin")


@get([f"{site}/posters" for site in SITES])
async def index(request: AnyRequest) -> Template:
    """Choose a community, perhaps a grid and a place; see the poster and take it along."""
    by = actor_of(request)
    communities = await posters.communities(by)
    if not communities:
        raise NotFound()
    area = await _chosen(request)
    if area is None and len(communities) == 1:
        area = communities[0]
    community = await _community(area) if area else None
    return page(
        request,
        "posters/index.html",
        base=_base(request),
        communities=communities,
        community=community,
        grids=await tree.children(community.id) if community else [],
        longest=code.LONGEST_PLACE,
        **(await _values(request, area) if area else {"area": None, "place": ""}),
    )


@get([f"{site}/posters/sheet" for site in SITES])
async def sheet(request: AnyRequest) -> Template:
    """The poster on paper; `grids=1` adds one sheet for each grid of the community."""
    area = await _chosen(request)
    if area is None:
        raise NotFound()
    areas = [area]
    if request.query_params.get("grids") == "1" and area.level == "community":
        areas += await tree.children(area.id)
    sheets = [await _values(request, one) for one in areas]
    return page(request, "posters/sheet.html", base=_base(request), sheets=sheets)


@get([f"{site}/posters/code/{{kind:str}}" for site in SITES])
async def picture(request: AnyRequest, kind: FromPath[str]) -> Response[bytes]:
    """The code alone, as a file for whoever lays out a poster of their own."""
    area = await _chosen(request)
    if area is None or kind not in code.KINDS:
        raise NotFound()
    values = await _values(request, area)
    name = f"{area.name}{'-' + values['place'] if values['place'] else ''}.{kind}"
    disposition = "attachment" if "download" in request.query_params else "inline"
    return Response(
        code.picture(values["address"], kind),
        media_type=code.KINDS[kind],
        headers={
            "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(name, safe='')}",
            "Cache-Control": "private, max-age=600",
        },
    )


router = Router(
    "/", route_handlers=[index, sheet, picture], guards=[session.roles(*posters.ROLES)], include_in_schema=False
)


async def _chosen(request: AnyRequest) -> AreaRow | None:
    """The grid or community that the address names; `NotFound` where it is somebody else's."""
    by, query = actor_of(request), request.query_params
    community = str(query.get("area", ""))
    if not community:
        return None
    area = await posters.one(community, by)
    if grid := str(query.get("grid", "")):
        inner = await posters.one(grid, by)
        # A grid left over from another community that was chosen before is passed over.
        return inner if inner.path.startswith(area.path) else area
    return area


async def _community(area: AreaRow) -> AreaRow:
    return area if area.level == "community" or area.parent_id is None else await tree.get(area.parent_id)


async def _values(request: AnyRequest, area: AreaRow) -> dict[str, Any]:
    place = code.place_of(str(request.query_params.get("place", "")))
    query = {"area": area.code} | ({"place": place} if place else {})
    return {
        "area": area,
        "line": await tree.line(area.id),
        "place": place,
        "query": urlencode(query),
        "address": code.address(area.code, place),
    }


def _base(request: AnyRequest) -> str:
    return next(site for site in SITES if request.url.path.startswith(site))
