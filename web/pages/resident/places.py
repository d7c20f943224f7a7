"""Which community is this, and what does it look like on a map: for who says where something is."""

from math import isfinite
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery

from server.areas import choices, locate, polygons, tree
from server.kernel.errors import Invalid
from web.fragments import AnyRequest, form


class Point(msgspec.Struct, frozen=True):
    """A position, WGS-84 degrees."""

    latitude: float
    longitude: float


class Found(msgspec.Struct, frozen=True):
    """The community a point lies in; None and "" outside every area."""

    community_id: int | None
    community: str


@post("/places/at", status_code=200)
async def at(request: AnyRequest) -> Response[Found]:
    """Name the community of a point. Posted, so that nobody's position stands in an address."""
    point = await form(request, Point)
    if not (isfinite(point.latitude) and isfinite(point.longitude)):
        raise Invalid({"latitude": "这个位置不对,请重新选择。"})
    community = await community_at(point.latitude, point.longitude)
    return Response(Found(community, (await tree.line(community)).community_name if community else ""))


@get("/places/grids")
async def grids(community: FromQuery[str] = "") -> Response[Any]:
    """GeoJSON for the base map: the grids of the community's street; without one, the district's communities."""
    community_id = await known(community)
    shapes = await _shapes(community_id)
    features = [{"type": "Feature", "properties": {"name": shape.name}, "geometry": shape.polygon} for shape in shapes]
    return Response(
        {"type": "FeatureCollection", "features": features},
        media_type="application/json",
        headers={"Cache-Control": "private, max-age=600"},
    )


async def known(community: str) -> int | None:
    """The id of a community in use that somebody named, or None."""
    ids = {str(one.id): one.id for street in await choices.choices() for one in street.communities}
    return ids.get(community)


async def of_code(code: str) -> int | None:
    """The id of the community in use that an area's code names (its own or one of its grids'), or None."""
    area = await tree.by_code(code) if tree.wrong_code(code) is None else None
    if area is None or area.retired or area.level not in ("community", "grid"):
        return None
    return await known(str(area.parent_id if area.level == "grid" else area.id))


async def community_at(latitude: float, longitude: float) -> int | None:
    """The id of the community in use that a WGS-84 point lies in, or None."""
    place = await locate.locate(longitude, latitude)
    return place.community_id if place else None


async def _shapes(community_id: int | None) -> list[polygons.Shape]:
    if community_id is not None:
        line = await tree.line(community_id)
        return await polygons.shapes(line.street_id or community_id, "grid")
    districts = await tree.districts()
    if not districts:
        return []
    return await polygons.shapes(districts[0].id, "community") or await polygons.shapes(districts[0].id, "grid")
