"""How far the rounds have come: by community and kind of place; by grid only for its own worker and its desk.

It is counted by place, never by person: there is no ranking of workers here, and none can be made of it.
"""

from datetime import date

import msgspec

from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.patrols import reach

_COUNTS = """count(*) FILTER (WHERE t.state <> 'withdrawn') AS wanted,
             count(*) FILTER (WHERE t.state = 'done' AND t.outcome <> 'nobody_there') AS seen,
             count(*) FILTER (WHERE t.state = 'done' AND t.outcome = 'nobody_there') AS nobody,
             count(*) FILTER (WHERE t.state = 'open' AND t.window_to < $3) AS overdue,
             COALESCE(sum(t.saved) FILTER (WHERE t.state <> 'withdrawn'), 0)::int AS saved"""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """How many visits were wanted of an area and kind, and what became of them."""

    area_id: int
    area: str
    kind_id: int
    kind: str
    wanted: int
    seen: int
    nobody: int
    overdue: int
    saved: int

    @property
    def percent(self) -> int:
        return 100 * self.seen // self.wanted if self.wanted else 100


async def by_community(since: date, until: date, by: Actor) -> list[Line]:
    """Of the communities of the actor's desk: visits whose window ended, or ends, in these days."""
    return await _lines("community", await reach.communities(by), since, until)


async def by_grid(community: int, since: date, until: date, by: Actor) -> list[Line]:
    """Of the grids of one community: for its own desk all of them, for a worker their own; `NotFound` for others.

    The own desk is the community's; a street or the district sees communities.
    """
    now = reach.walks(by)
    rows = await database.fetch("SELECT id FROM areas WHERE level = 'grid' AND parent = $1", community)
    grids = [row["id"] for row in rows]
    if community not in {post.area_id for post in reach.desks(by)}:
        grids = [grid for grid in grids if now.covers(grid, community)]
        if not grids:
            raise NotFound()
    return await _lines("grid", grids, since, until)


async def saved(since: date, until: date, by: Actor) -> int:
    """Visits that going once for several departments has saved, of the actor's desk."""
    return sum(line.saved for line in await by_community(since, until, by))


async def _lines(level: str, areas: list[int], since: date, until: date) -> list[Line]:
    rows = await database.fetch(
        f"""SELECT a.id AS area_id, a.name AS area, k.id AS kind_id, k.name AS kind, {_COUNTS}
            FROM patrol_tasks t JOIN areas a ON a.id = t.{level} JOIN place_kinds k ON k.id = t.kind
            WHERE t.community IN (SELECT CASE level WHEN 'grid' THEN parent ELSE id END FROM areas WHERE id = ANY($1))
              AND t.{level} = ANY($1::int[]) AND t.window_to BETWEEN $2 AND $4
            GROUP BY a.id, a.name, a.code, k.id, k.name, k.code ORDER BY a.code, k.code""",
        areas,
        since,
        reach.today(),
        until,
    )
    return [msgspec.convert(dict(row), Line) for row in rows]
