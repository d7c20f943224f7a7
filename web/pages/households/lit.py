"""The map that lights up: grids by how many of their households are linked or were met, and the same as a list."""

from typing import Any, cast
from urllib.parse import urlencode

from litestar import Response, get
from litestar.response import Template

from server.areas import polygons
from server.households import lighting, lists
from server.households.lighting import Show
from server.kernel.actor import Post
from web.fragments import AnyRequest, actor_of
from web.pages.admin.acting import Filled, asked_for, number_asked
from web.pages.households.acting import BASE, shown

SIZE = 50
"""Grids of one page of the list."""


@get("/map")
async def index(request: AnyRequest) -> Template:
    """The map and its list, those with the most households without contact first."""
    look, days, show = _asked(request)
    found = lighting.darkest(await lighting.grids(look, days), show)
    start = min(max(0, number_asked(request, "from") or 0), len(found))

    def address(**changed: object) -> str:
        return _address(look, **{"days": days, "show": show, **changed})

    return shown(
        request,
        "households/map.html",
        Filled(),
        found=found[start : start + SIZE],
        first=address() if start else "",
        further_on=address(**{"from": start + SIZE}) if start + SIZE < len(found) else "",
        show=show,
        few=lighting.FEW,
        lens=look,
        shapes=f"{BASE}/map/shapes?{address().partition('?')[2]}",
        chips=[
            {"word": "时间", "options": [_chip(word, each == days, address(days=each)) for each, word in _PERIODS]},
            {"word": "看什么", "options": [_chip(word, each == show, address(show=each)) for each, word in _SHOWS]},
        ],
        lenses=[_chip(one.title, one.id == look.id, _address(one)) for one in lists.lenses(actor_of(request))],
    )


@get("/map/shapes")
async def shapes(request: AnyRequest) -> Response[dict[str, Any]]:
    """The same as GeoJSON."""
    look, days, show = _asked(request)
    grids = {one.id: one for one in await lighting.grids(look, days)}
    features = [
        {
            "type": "Feature",
            "properties": {
                "name": grid.name,
                "shade": grid.shade(show),
                "words": grid.words(show),
                "href": f"{BASE}?{urlencode({'post': look.id, 'grid': grid.id})}",
            },
            "geometry": shape.polygon,
        }
        for shape in await polygons.shapes(look.area_id or 0, "grid")
        if (grid := grids.get(shape.id)) is not None
    ]
    return Response(
        {"type": "FeatureCollection", "features": features},
        media_type="application/json",
        headers={"Cache-Control": "private, max-age=60"},
    )


def _asked(request: AnyRequest) -> tuple[Post, int, Show]:
    look = lists.lens(actor_of(request), number_asked(request, "post"))
    days = number_asked(request, "days")
    show = asked_for(request, "show")
    return (
        look,
        days if days in lighting.PERIODS else 90,
        cast(Show, show) if show in lighting.SHOWS else "met",
    )


def _chip(word: str, on: bool, href: str) -> dict[str, Any]:
    return {"word": word, "on": on, "href": href}


def _address(look: Post, **asked: object) -> str:
    return f"{BASE}/map?{urlencode({'post': look.id, **asked})}"


_PERIODS = tuple(lighting.PERIODS.items())
_SHOWS = tuple(lighting.SHOWS.items())

handlers = [index, shapes]
