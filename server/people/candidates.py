"""Which posts are held by active people: what the cases ask when they look for an owner.

Held by an active person: the holding, the post and the account are all open.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from server.kernel import database
from server.kernel.actor import Role


class Candidate(NamedTuple):
    post_id: int
    role: Role
    area_id: int | None
    account_id: UUID


async def active_posts(area_ids: Sequence[int], roles: Sequence[Role]) -> list[Candidate]:
    """Posts of these roles in exactly these areas, longest held first."""
    return await _candidates("p.area = ANY($1) AND p.role = ANY($2)", list(area_ids), [str(role) for role in roles])


async def unit_posts(unit_id: int) -> list[Candidate]:
    """Posts of a unit, its leads first, then longest held first."""
    return await _candidates("p.unit = $1", unit_id)


async def is_active(post_id: int) -> bool:
    """Whether the post is held by an active person."""
    return bool(await _candidates("p.id = $1", post_id))


async def _candidates(condition: str, *values: object) -> list[Candidate]:
    rows = await database.fetch(
        f"""SELECT p.id, p.role, p.area, h.account
              FROM posts p
              JOIN holdings h ON h.post = p.id AND h.until IS NULL
              JOIN accounts a ON a.id = h.account AND a.closed_at IS NULL
             WHERE p.until IS NULL AND {condition}
             ORDER BY p.role <> 'unit_lead', h.since, p.id""",
        *values,
    )
    return [Candidate(row["id"], Role(row["role"]), row["area"], row["account"]) for row in rows]
