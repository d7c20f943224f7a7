"""Lists of households: each through one post and the area it looks after, page by page; and a member's own."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from server.households.household import KEEPERS, MASK, OVERSEERS, words_of
from server.kernel import clock, database, pages
from server.kernel.actor import Actor, Post, Role
from server.kernel.errors import NotFound
from server.kernel.pages import Page

SILENT = 60
"""Days without having met anybody after which a household counts as silent."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What the person chose; all of it stands in the URL."""

    unlinked: bool = False
    silent: bool = False
    closed: bool = False
    care: bool = False
    """Those that agreed to be looked in on."""
    missed: bool = False
    """Those of them where a contact was missed, or a sensor gave alarm."""
    tag: int | None = None
    grid: int | None = None
    words: str = ""
    """Of the address, or a building or room."""
    after: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A household as lists show it; `contact` is masked where pages print it."""

    id: UUID
    place: str
    building: str
    unit: str
    room: str
    area: str
    contact: str
    members: int
    last_visit_at: datetime | None
    last_tried_at: datetime | None
    next_visit_on: date | None
    closed: bool
    tags: tuple[str, ...]

    @property
    def words(self) -> str:
        return words_of(self.place, self.building, self.unit, self.room)


class Counts(msgspec.Struct, frozen=True):
    """How many living households a lens shows, how many of them nobody is linked to, how many are silent.

    None through the lens of a street or a district: what is to be done is the community's, and counting tens of
    thousands for each look would cost more than it says.
    """

    all: int | None = None
    unlinked: int | None = None
    silent: int | None = None
    missed: int | None = None


def lenses(by: Actor) -> tuple[Post, ...]:
    """The posts through which the actor sees lists of households."""
    return tuple(post for post in by.posts if lens_column(post))


def lens(by: Actor, post_id: int | None = None) -> Post:
    """One of them, the first unless one is chosen."""
    able = [post for post in lenses(by) if post_id is None or post.id == post_id]
    if not able:
        raise NotFound()
    return able[0]


async def page(look: Post, chosen: Filter) -> Page[Row]:
    """Some households in the order of their ids."""
    overseen = look.area_level in ("street", "district")
    values: list[Any] = [look.area_id]
    conditions = [f"h.{lens_column(look)} = $1", "h.until IS NOT NULL" if chosen.closed else "h.until IS NULL"]
    if chosen.unlinked:
        conditions.append(_UNLINKED)
    if chosen.silent:
        values.append(clock.now() - timedelta(days=SILENT))
        conditions.append(_SILENT.format(len(values)))
    if chosen.care:
        conditions.append("h.id IN (SELECT household FROM care_watches WHERE until IS NULL)")
    if chosen.missed:
        values.append(clock.now())
        conditions.append(
            f"h.id IN (SELECT household FROM care_watches WHERE until IS NULL AND due_at <= ${len(values)})"
        )
    if chosen.tag is not None:
        values.append(chosen.tag)
        conditions.append(
            f"EXISTS (SELECT FROM household_tags t WHERE t.household = h.id AND t.kind = ${len(values)}"
            " AND t.until IS NULL)"
        )
    if chosen.grid is not None:
        values.append(chosen.grid)
        conditions.append(f"h.grid = ${len(values)}")
    for word in chosen.words.split()[:4]:
        values.append(word)
        at = f"${len(values)}"
        conditions.append(
            f"(strpos(h.place, {at}) > 0 OR h.building = {at} OR h.external_code = {at}"
            f"{'' if overseen else f' OR h.room = {at}'})"
        )
    onward = pages.beyond(chosen.after, {"h.id": UUID}, values)
    room = f"CASE WHEN h.room = '' THEN '' ELSE '{MASK}' END AS room" if overseen else "h.room"
    rows = await database.fetch(
        f"""SELECT h.id, h.place, h.building, h.unit, {room}, a.name AS area, h.last_visit_at, h.last_tried_at,
                   h.next_visit_on, h.until IS NOT NULL AS closed, COALESCE(p.name, '') AS contact,
                   (SELECT count(*) FROM household_links l WHERE l.household = h.id AND l.until IS NULL) AS members,
                   ARRAY(SELECT k.name FROM household_tags t JOIN household_tag_kinds k ON k.id = t.kind
                         WHERE t.household = h.id AND t.until IS NULL ORDER BY k.id) AS tags
            FROM (SELECT * FROM households h WHERE {" AND ".join(conditions)} AND {onward}
                  ORDER BY h.id LIMIT {pages.SIZE + 1}) h
            JOIN areas a ON a.id = COALESCE(h.grid, h.community)
            LEFT JOIN household_people p ON p.household = h.id AND p.contact AND p.until IS NULL ORDER BY h.id""",
        *values,
    )
    return pages.page([msgspec.convert(dict(row), Row) for row in rows], lambda one: (one.id,))


async def counts(look: Post) -> Counts:
    """The living households of a lens, counted in one statement."""
    if look.area_level in ("street", "district"):
        return Counts()
    row = await database.fetch_one(
        f"""SELECT count(*) AS all, count(*) FILTER (WHERE {_UNLINKED}) AS unlinked,
                   count(*) FILTER (WHERE {_SILENT.format(2)}) AS silent,
                   (SELECT count(DISTINCT w.household) FROM care_watches w JOIN households c ON c.id = w.household
                    WHERE w.until IS NULL AND w.due_at <= $3 AND c.{lens_column(look)} = $1) AS missed
            FROM households h WHERE h.{lens_column(look)} = $1 AND h.until IS NULL""",
        look.area_id,
        clock.now() - timedelta(days=SILENT),
        clock.now(),
    )
    return Counts(row["all"], row["unlinked"], row["silent"], row["missed"]) if row else Counts()


_UNLINKED = """(SELECT count(*) FROM (SELECT FROM household_links l
                 WHERE l.household = h.id AND l.until IS NULL LIMIT 1) AS any_link) = 0"""
"""Counted for each row of the lens by an index; as NOT EXISTS it would be a join with all links of the district."""
_SILENT = "COALESCE(h.last_visit_at, h.since) < ${}"


def lens_column(post: Post) -> str:
    """The column that a post's households share; empty for one that sees no list of them."""
    if post.area_level == "community" and post.role in KEEPERS:
        return "community"
    if post.area_level in ("street", "district") and post.role in OVERSEERS:
        return post.area_level
    if post.area_level == "grid" and post.role is Role.GRID_WORKER:
        return "grid"
    return ""
