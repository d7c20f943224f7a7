"""Whose door a resident knocks at: the secretary of a community, and who answers where the post is vacant."""

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
