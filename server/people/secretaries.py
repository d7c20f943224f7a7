"""Whose door a resident knocks at: the secretary of a community, and who answers where the post is vacant."""

from collections.abc import Collection
from uuid import UUID

import msgspec

from server.kernel import database


class Secretary(msgspec.Struct, frozen=True):
    """A secretary as residents know them; `answers` says when they answer, in words, or is empty."""

    name: str
    title: str
    area_id: int
    level: str
    answers: str


async def of(area_id: int) -> Secretary | None:
    """Who holds the secretary's post of this area, longest held first; where nobody does, that of the area above."""
    row = await database.fetch_one(
        """SELECT a.name, p.title, above.id AS area_id, above.level, above.answers
           FROM areas JOIN areas above ON above.id = ANY (string_to_array(trim(areas.path, '/'), '/')::int[])
           JOIN posts p ON p.area = above.id AND p.role = 'secretary' AND p.until IS NULL
           JOIN holdings h ON h.post = p.id AND h.until IS NULL
           JOIN accounts a ON a.id = h.account AND a.closed_at IS NULL
           WHERE areas.id = $1 ORDER BY length(above.path) DESC, h.since, p.id LIMIT 1""",
        area_id,
    )
    return Secretary(**dict(row)) if row else None


async def nearest(area_ids: Collection[int]) -> dict[int, tuple[UUID, ...]]:
    """Who answers for each of these areas: all who hold its secretary's post, longest held first; where nobody does,
    those of the area above. An area for which nobody answers is left out."""
    return {area: line[0] for area, line in (await lines(area_ids)).items()}


async def lines(area_ids: Collection[int]) -> dict[int, tuple[tuple[UUID, ...], ...]]:
    """The secretaries of each of these areas and of those above it, from the nearest up, each level longest held first;
    levels without any are passed over. One statement, however many areas there are."""
    rows = await database.fetch(
        """SELECT areas.id AS area, above.id AS level, a.id AS account
           FROM areas JOIN areas above ON above.id = ANY (string_to_array(trim(areas.path, '/'), '/')::int[])
           JOIN posts p ON p.area = above.id AND p.role = 'secretary' AND p.until IS NULL
           JOIN holdings h ON h.post = p.id AND h.until IS NULL
           JOIN accounts a ON a.id = h.account AND a.closed_at IS NULL
           WHERE areas.id = ANY($1::int[]) ORDER BY areas.id, length(above.path) DESC, h.since, p.id""",
        list(area_ids),
    )
    found: dict[int, dict[int, dict[UUID, None]]] = {}
    for row in rows:
        found.setdefault(row["area"], {}).setdefault(row["level"], {})[row["account"]] = None
    return {area: tuple(tuple(level) for level in levels.values()) for area, levels in found.items()}
