"""How far an actor reaches on rounds: the grids they walk, the communities their desk looks after."""

from datetime import date
from typing import Any

import msgspec

from server.kernel import clock, database
from server.kernel.actor import Actor, Post, Role
from server.kernel.clock import BEIJING
from server.kernel.errors import Invalid, NotFound

DESK = (Role.COMMUNITY_STAFF, Role.SECRETARY, Role.CENTRE_OFFICER)


class Walks(msgspec.Struct, frozen=True):
    """What a worker walks: single grids, and whole communities. With the posts through which they do."""

    posts: tuple[int, ...]
    grids: tuple[int, ...]
    communities: tuple[int, ...]

    def covers(self, grid: int | None, community: int | None) -> bool:
        return grid in self.grids or community in self.communities


def walks(by: Actor) -> Walks:
    """The grids and communities of the actor's posts as a grid worker."""
    posts = by.posts_as(Role.GRID_WORKER)
    return Walks(
        tuple(post.id for post in posts),
        tuple(post.area_id for post in posts if post.area_level == "grid" and post.area_id is not None),
        tuple(post.area_id for post in posts if post.area_level == "community" and post.area_id is not None),
    )


async def has_walked(by: Actor) -> Walks:
    """What the actor's account walks now or has ever walked: late work from there is still theirs to tell."""
    rows = await database.fetch(
        """SELECT DISTINCT p.id, p.area, a.level FROM holdings h JOIN posts p ON p.id = h.post
           JOIN areas a ON a.id = p.area WHERE h.account = $1 AND p.role = 'grid_worker'""",
        by.account_id,
    )
    return Walks(
        tuple(row["id"] for row in rows),
        tuple(row["area"] for row in rows if row["level"] == "grid"),
        tuple(row["area"] for row in rows if row["level"] == "community"),
    )


def desks(by: Actor) -> tuple[Post, ...]:
    """The actor's posts at a desk."""
    return by.posts_as(*DESK)


async def communities(by: Actor) -> list[int]:
    """The communities whose rounds the actor's desk looks after; all of them for the system."""
    if by.system is not None:
        return [row["id"] for row in await database.fetch("SELECT id FROM areas WHERE level = 'community'")]
    rows = await database.fetch(
        """SELECT DISTINCT c.id FROM areas c JOIN areas own ON c.path LIKE own.path || '%'
           WHERE own.id = ANY($1::int[]) AND c.level = 'community'""",
        [post.area_id for post in desks(by)],
    )
    return [row["id"] for row in rows]


async def walked_communities(by: Actor) -> list[int]:
    """The communities in which the actor walks grids, or which they walk whole."""
    now = walks(by)
    rows = await database.fetch("SELECT DISTINCT parent FROM areas WHERE id = ANY($1::int[])", list(now.grids))
    return sorted({row["parent"] for row in rows} | set(now.communities))


async def must_look_after(community: int | None, by: Actor, words: str = "") -> None:
    """Raise `NotFound` where the actor's desk does not look after the community."""
    if community is None or community not in await communities(by):
        raise NotFound(words) if words else NotFound()


async def worker_post(post_id: int, by: Actor, field: str = "post") -> Any:
    """A grid worker's post of the actor's communities, held by somebody: id, title, area, level, name, community.

    `Invalid` naming the field where there is none such.
    """
    row = await database.fetch_one(
        """SELECT p.id, p.title, p.area, a.level, acc.name, acc.id AS account,
                  CASE a.level WHEN 'grid' THEN a.parent ELSE a.id END AS community
           FROM posts p JOIN areas a ON a.id = p.area
           JOIN holdings h ON h.post = p.id AND h.until IS NULL
           JOIN accounts acc ON acc.id = h.account AND acc.closed_at IS NULL
           WHERE p.id = $1 AND p.role = 'grid_worker' AND p.until IS NULL""",
        post_id,
    )
    if row is None or row["community"] not in await communities(by):
        raise Invalid({field: "请选一位在岗、归您管的网格员。"})
    return row


def desk_post(by: Actor) -> int | None:
    """The post through which the actor acts at the desk."""
    found = desks(by)
    return found[0].id if found else None


def today() -> date:
    """The day it is in Beijing."""
    return clock.now().astimezone(BEIJING).date()
