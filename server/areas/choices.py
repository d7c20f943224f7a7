"""Streets with their communities, for who chooses where something is by hand."""

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
