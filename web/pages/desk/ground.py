"""The polygons beneath a case's map."""

from typing import Any

import msgspec
from litestar import Response

from server.areas import polygons
from server.cases import case as cases
from server.kernel.actor import Actor


async def around(number: str, by: Actor) -> Response[dict[str, Any]]:
    """GeoJSON of the case's grid, or of all grids of the lowest area it is known to lie in."""
    found = (await cases.load(number, by)).case
    area = found.grid or found.community or found.street or found.district
    shapes = await polygons.shapes(area, "grid")
    features = [
        {"type": "Feature", "properties": {"name": shape.name}, "geometry": msgspec.json.decode(shape.polygon)}
        for shape in shapes
    ]
    content = {"type": "FeatureCollection", "features": features}
    return Response(content, media_type="application/geo+json", headers={"Cache-Control": "private, max-age=3600"})
