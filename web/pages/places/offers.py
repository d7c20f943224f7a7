"""Which areas a page of places offers to choose: to narrow a list, and to say where a place is."""

import msgspec

from server.areas import tree
from server.kernel import database
from server.kernel.actor import Actor
from server.patrols.lists import Lens, lenses


class Offer(msgspec.Struct, frozen=True):
    """An area to choose."""

    id: int
    name: str


async def communities(look: Lens) -> list[Offer]:
    """The communities of a street or district; nothing for who looks after less."""
    if look.level not in ("street", "district"):
        return []
    rows = await database.fetch(
        """SELECT areas.id, areas.name FROM areas JOIN areas AS top ON starts_with(areas.path, top.path)
           WHERE top.id = $1 AND areas.level = 'community' AND areas.until IS NULL ORDER BY areas.code""",
        look.area_id,
    )
    return [Offer(row["id"], row["name"]) for row in rows]


async def grids(look: Lens, community: int | None) -> list[Offer]:
    """The grids of the community that is chosen, or looked after."""
    of = look.area_id if look.level == "community" else community
    if of is None or look.level == "grid":
        return []
    return [Offer(area.id, area.name) for area in await tree.children(of) if area.level == "grid"]


async def whereabouts(by: Actor) -> list[Offer]:
    """The grids and communities that a place can be said to lie in: of all the actor's posts, at most 400."""
    rows = await database.fetch(
        """SELECT DISTINCT areas.code, areas.id, areas.level, areas.name, above.name AS above
           FROM areas JOIN areas AS top ON starts_with(areas.path, top.path)
           LEFT JOIN areas AS above ON above.id = areas.parent
           WHERE top.id = ANY ($1::int[]) AND areas.until IS NULL
             AND (areas.level = 'community' OR (areas.level = 'grid' AND top.level IN ('grid', 'community')))
           ORDER BY areas.code LIMIT 400""",
        [post.area_id for post in lenses(by)],
    )
    return [Offer(row["id"], row["name"] if row["level"] == "grid" else f"{row['name']}(整个社区)") for row in rows]
