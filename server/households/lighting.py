"""The map that lights up: where households are linked and were met, grid by grid; places, not people.

Where a grid has fewer than `FEW` households nothing is said of it but that: a number of two or three is nearly a name.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from server.households.lists import lens_column
from server.kernel import clock, database
from server.kernel.actor import Post

FEW = 5
FRESH = timedelta(minutes=1)
"""So old may the numbers of a street or a district be."""
PERIODS = {30: "近 30 天", 90: "近 90 天", 365: "近一年"}
SHOWS: dict[str, str] = {"met": "见过面的", "linked": "有人联系的"}
Show = Literal["met", "linked"]
DARKEST = 4


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """A grid's households. Where there are few, `linked` and `met` are 0 and say nothing."""

    id: int
    code: str
    name: str
    community: str
    households: int
    linked: int
    met: int

    @property
    def few(self) -> bool:
        return self.households < FEW

    def lit(self, show: Show) -> int:
        """How many of them shine: are linked, or were met in the period."""
        return self.linked if show == "linked" else self.met

    def dark(self, show: Show) -> int:
        """How many do not."""
        return 0 if self.few else self.households - self.lit(show)

    def shade(self, show: Show) -> int | None:
        """0 where every household shines, 4 where hardly one does; None where too few are there to say."""
        if self.few:
            return None
        return min(DARKEST, self.dark(show) * (DARKEST + 1) // self.households)

    def words(self, show: Show) -> str:
        """32 户,28 户见过面."""
        if self.few:
            return f"不到 {FEW} 户"
        return f"{self.households} 户,{self.lit(show)} 户{'有人联系' if show == 'linked' else '见过面'}"


async def grids(look: Post, days: int) -> tuple[Grid, ...]:
    """The grids of a lens in the order of their codes, with what is said of each."""
    return tuple(_grid(row) for row in await _rows(look, days))


def darkest(found: Sequence[Grid], show: Show) -> list[Grid]:
    """Those with the most households without contact first."""
    return sorted(found, key=lambda one: (one.few, -one.dark(show), one.code))


def _grid(row: Any) -> Grid:
    few = row["households"] < FEW
    return Grid(
        id=row["id"],
        code=row["code"],
        name=row["name"],
        community=row["community"],
        households=row["households"],
        linked=0 if few else row["linked"],
        met=0 if few else row["met"],
    )


async def _rows(look: Post, days: int) -> list[Any]:
    """Through a wide lens the numbers of the last minute do, and who asks while they are counted waits for them."""
    if look.area_level not in ("street", "district"):
        return await _count(look, days, _LINKED_OF_FEW)
    key = (look.area_id or 0, days)
    kept = _kept.get(key)
    if kept is not None and clock.now() - kept[0] < FRESH:
        return kept[1]
    counting = _counting.get(key)
    if counting is None:
        counting = _counting[key] = asyncio.ensure_future(_count(look, days, _LINKED_OF_MANY))
        counting.add_done_callback(lambda _: _counting.pop(key, None))
        rows = await asyncio.shield(counting)
        _kept[key] = (clock.now(), rows)
        return rows
    return await asyncio.shield(counting)


async def _count(look: Post, days: int, linked: str) -> list[Any]:
    return await database.fetch(
        f"""WITH known AS (
                SELECT h.grid, count(*) AS households, count(*) FILTER (WHERE {linked}) AS linked,
                       count(*) FILTER (WHERE h.last_visit_at > $2) AS met
                FROM households h
                WHERE h.{lens_column(look)} = $1 AND h.until IS NULL AND h.grid IS NOT NULL GROUP BY h.grid)
            SELECT a.id, a.code, a.name, c.name AS community, COALESCE(k.households, 0) AS households,
                   COALESCE(k.linked, 0) AS linked, COALESCE(k.met, 0) AS met
            FROM areas a JOIN areas c ON c.id = a.parent LEFT JOIN known k ON k.grid = a.id
            WHERE a.level = 'grid' AND a.until IS NULL
              AND a.path LIKE (SELECT path FROM areas WHERE id = $1) || '%' ORDER BY a.code""",
        look.area_id,
        clock.now() - timedelta(days=days),
    )


_kept: dict[tuple[int, int], tuple[datetime, list[Any]]] = {}
"""Per street or district and period: a few of them, in each process."""
_counting: dict[tuple[int, int], asyncio.Future[list[Any]]] = {}
_LINKED_OF_MANY = "EXISTS (SELECT FROM household_links l WHERE l.household = h.id AND l.until IS NULL)"
"""All links read once into a hash."""
_LINKED_OF_FEW = """(SELECT count(*) FROM (SELECT FROM household_links l
                     WHERE l.household = h.id AND l.until IS NULL LIMIT 1) AS any_link) = 1"""
"""One look at the index for each household."""
