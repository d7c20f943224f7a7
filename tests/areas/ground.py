"""A small ground for the tests of areas: one district, two streets, three communities, polygons as squares."""

import json
from collections.abc import Sequence
from typing import Any

from server.areas import divisions, polygons
from server.kernel.actor import Actor, Post, Role, the_system
from server.kernel.sheets import Imported

SYSTEM = the_system("test")

SMALL = """code,name,level,parent_code
10,青川区,district,
1001,东街道,street,10
1002,西街道,street,10
100101,梧桐社区,community,1001
100102,银杏社区,community,1001
100201,河湾社区,community,1002
100101a,梧桐一网格,grid,100101
100101b,梧桐二网格,grid,100101
100102a,银杏一网格,grid,100102
"""


async def bring(text: str, *, by: Actor = SYSTEM, dry_run: bool = False) -> Imported:
    return await divisions.import_divisions(text.encode(), by=by, dry_run=dry_run)


async def draw(*features: object, by: Actor = SYSTEM, **options: Any) -> Imported:
    collection = {"type": "FeatureCollection", "features": list(features)}
    return await polygons.import_polygons(json.dumps(collection).encode(), by=by, **options)


def feature(code: object, *rings: Sequence[Sequence[float]]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": "Polygon", "coordinates": [list(ring) for ring in rings]},
    }


def square(west: float, south: float, size: float = 1.0) -> list[list[float]]:
    """A closed ring with its south-west corner there, in degrees."""
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def admin_of(area_id: int) -> Actor:
    return Actor(name="管理员", posts=(Post(id=1, role=Role.AREA_ADMIN, title="管理员", area_id=area_id),))
