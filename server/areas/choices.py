"""Streets with their communities, for who chooses where something is by hand."""

from collections.abc import Sequence

import msgspec

from server.areas import epoch
from server.kernel import database


class CommunityChoice(msgspec.Struct, frozen=True):
    """A community to choose."""

    id: int
    name: str
    code: str = ""
    """Which a poster names."""


class StreetChoice(msgspec.Struct, frozen=True):
    """A street with its communities, in the order of their codes."""

    id: int
    name: str
    communities: tuple[CommunityChoice, ...]


class GridChoice(msgspec.Struct, frozen=True):
    """A grid, or a community as a whole, to choose."""

    id: int
    name: str


async def grids_of(community_ids: Sequence[int]) -> tuple[GridChoice, ...]:
    """The grids in use of these communities, each community itself behind its grids, for what lies in none."""
    rows = await database.fetch(
        """SELECT a.id, a.name, a.level FROM areas a
           WHERE a.until IS NULL AND (a.id = ANY($1::int[]) OR (a.parent = ANY($1::int[]) AND a.level = 'grid'))
           ORDER BY a.level <> 'grid', a.code""",
        list(community_ids),
    )
    return tuple(
        GridChoice(row["id"], row["name"] if row["level"] == "grid" else f"{row['name']}(不知道网格)") for row in rows
    )


_kept: tuple[epoch.Epoch, tuple[StreetChoice, ...]] | None = None


async def choices() -> tuple[StreetChoice, ...]:
    """All streets in use that have communities in use; kept until areas change."""
    global _kept
    now = await epoch.epoch()
    kept = _kept
    if kept is None or kept[0] != now:
        kept = _kept = (now, await _read())
    return kept[1]


async def _read() -> tuple[StreetChoice, ...]:
    rows = await database.fetch(
        """SELECT street.id, street.name, array_agg(community.id ORDER BY community.code) AS ids,
                  array_agg(community.name ORDER BY community.code) AS names,
                  array_agg(community.code ORDER BY community.code) AS codes
           FROM areas AS street JOIN areas AS community ON community.parent = street.id
           WHERE street.level = 'street' AND street.until IS NULL AND community.until IS NULL
           GROUP BY street.id ORDER BY street.code"""
    )
    return tuple(
        StreetChoice(row["id"], row["name"], tuple(map(CommunityChoice, row["ids"], row["names"], row["codes"])))
        for row in rows
    )
