"""For whom posters may be made: communities and grids within the areas of the actor's posts."""

from server.areas import tree
from server.areas.scope import administers_all
from server.areas.tree import COLUMNS, AreaRow
from server.kernel import database
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotFound

ROLES = (Role.COMMUNITY_STAFF, Role.SECRETARY, Role.AREA_ADMIN, Role.SYSTEM_ADMIN)


async def communities(by: Actor) -> list[AreaRow]:
    """The communities in use that the actor speaks for, by code."""
    rows = await database.fetch(
        f"""SELECT {COLUMNS} FROM areas
            WHERE level = 'community' AND until IS NULL
              AND ($2 OR EXISTS (SELECT FROM areas AS top
                                 WHERE top.id = ANY ($1::int[]) AND starts_with(areas.path, top.path)))
            ORDER BY code""",
        _tops(by),
        administers_all(by),
    )
    return [AreaRow(**dict(row)) for row in rows]


async def one(code: str, by: Actor) -> AreaRow:
    """The community or grid with this code; `NotFound` where it is not the actor's to speak for, or out of use."""
    area = await tree.by_code(code) if tree.wrong_code(code) is None else None
    if area is None or area.retired or area.level not in ("community", "grid") or not await _may(area, by):
        raise NotFound("没有这个社区或网格。")
    return area


async def _may(area: AreaRow, by: Actor) -> bool:
    if administers_all(by):
        return True
    return bool(
        await database.fetch_value(
            "SELECT true FROM areas WHERE id = ANY ($1::int[]) AND starts_with($2, path) LIMIT 1",
            _tops(by),
            area.path,
        )
    )


def _tops(by: Actor) -> list[int]:
    return sorted({post.area_id for post in by.posts_as(*ROLES) if post.area_id is not None})
