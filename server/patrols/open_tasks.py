"""Open tasks as the desk lists them: by grid and day, whose they are, and what nobody walks to."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from server.kernel import database, pages
from server.kernel.actor import Actor
from server.kernel.pages import Page
from server.patrols import reach

_KEY: dict[str, type] = {"t.day": date, "COALESCE(t.grid, 0)": int, "t.id": UUID}
_WALKED = """EXISTS (SELECT FROM posts w JOIN holdings h ON h.post = w.id AND h.until IS NULL
                     WHERE w.role = 'grid_worker' AND w.until IS NULL AND w.area IN (t.grid, t.community))"""


class OpenTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task that waits."""

    id: UUID
    place: str
    place_code: str
    kind: str
    grid_id: int
    """0: none."""
    grid: str
    day: date
    window_to: date
    saved: int
    tries: int
    given_to: str
    at_desk: bool
    walked: bool
    revisit: bool

    @property
    def overdue(self) -> bool:
        return self.window_to < reach.today()


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """A grid worker's post that is held."""

    post: int
    title: str
    name: str
    area: str
    absent: bool


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What the desk looks at first."""

    today: int
    overdue: int
    nobody: int
    """With the desk, or in a grid where nobody walks."""
    marked: int
    rectifications: int
    rectifications_overdue: int
    orders: int


async def open_tasks(
    by: Actor, *, grid: int | None = None, nobody: bool = False, overdue: bool = False, after: str = ""
) -> Page[OpenTask]:
    """Of the actor's desk, earliest first, grid by grid."""
    values: list[Any] = [await reach.communities(by), grid, nobody, overdue, reach.today()]
    onward = pages.beyond(after, _KEY, values)
    rows = await database.fetch(
        f"""SELECT t.id, p.name AS place, p.code AS place_code, k.name AS kind, COALESCE(t.grid, 0) AS grid_id,
                   COALESCE(g.name, '') AS grid, t.day, t.window_to, t.saved, t.tries,
                   COALESCE(a.name, o.title, '') AS given_to, t.at_desk, {_WALKED} AS walked,
                   t.rectification IS NOT NULL AS revisit
            FROM patrol_tasks t JOIN places p ON p.id = t.place JOIN place_kinds k ON k.id = t.kind
            LEFT JOIN areas g ON g.id = t.grid LEFT JOIN posts o ON o.id = t.post
            LEFT JOIN holdings h ON h.post = o.id AND h.until IS NULL LEFT JOIN accounts a ON a.id = h.account
            WHERE t.state = 'open' AND t.community = ANY($1::int[]) AND ($2::int IS NULL OR t.grid = $2)
              AND (NOT $3 OR t.at_desk OR (t.post IS NULL AND NOT {_WALKED}))
              AND (NOT $4 OR t.window_to < $5) AND {onward}
            ORDER BY {", ".join(_KEY)} LIMIT {pages.SIZE + 1}""",
        *values,
    )
    found = [msgspec.convert(dict(row), OpenTask) for row in rows]
    return pages.page(found, lambda one: (one.day, one.grid_id, one.id))


async def workers(by: Actor) -> list[Worker]:
    """The grid workers of the actor's communities, by area."""
    rows = await database.fetch(
        """SELECT p.id AS post, p.title, a.name, r.name AS area, EXISTS (
                   SELECT FROM patrol_absences x WHERE x.post = p.id AND x.ended_at IS NULL
                     AND $2 BETWEEN x.since AND x.until) AS absent
           FROM posts p JOIN areas r ON r.id = p.area JOIN holdings h ON h.post = p.id AND h.until IS NULL
           JOIN accounts a ON a.id = h.account AND a.closed_at IS NULL
           WHERE p.role = 'grid_worker' AND p.until IS NULL
             AND CASE r.level WHEN 'grid' THEN r.parent ELSE r.id END = ANY($1::int[]) ORDER BY r.code, p.id""",
        await reach.communities(by),
        reach.today(),
    )
    return [msgspec.convert(dict(row), Worker) for row in rows]


async def counts(by: Actor) -> Counts:
    """One statement."""
    row = await database.fetch_one(
        f"""WITH t AS (SELECT * FROM patrol_tasks WHERE state = 'open' AND community = ANY($1::int[]))
            SELECT (SELECT count(*) FROM t WHERE day <= $2) AS today,
                   (SELECT count(*) FROM t WHERE window_to < $2) AS overdue,
                   (SELECT count(*) FROM t WHERE at_desk OR (post IS NULL AND NOT {_WALKED})) AS nobody,
                   (SELECT count(*) FROM patrol_visits v WHERE v.community = ANY($1::int[]) AND v.settled_at IS NULL
                      AND v.marks <> '[]' AND v.corrected_at IS NULL) AS marked,
                   r.many AS rectifications, r.overdue AS rectifications_overdue,
                   (SELECT count(*) FROM patrol_orders WHERE community = ANY($1::int[])
                      AND state IN ('sent', 'accepted', 'on_way')) AS orders
            FROM (SELECT count(*) AS many, count(*) FILTER (WHERE due < $2) AS overdue FROM patrol_rectifications
                  WHERE state = 'open' AND community = ANY($1::int[])) AS r""",
        await reach.communities(by),
        reach.today(),
    )
    return msgspec.convert(dict(row or {}), Counts)
