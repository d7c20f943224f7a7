"""An account as an actor without a session: for what its person did earlier and somebody else brings in."""

from uuid import UUID

from server.kernel import database
from server.kernel.actor import Actor, Post, Role
from server.people import accounts


async def actor_for(account_id: UUID, *, device: str | None = None) -> Actor:
    """The account with the posts it holds at this moment; raises `NotFound` where it was closed or never was.

    The caller answers for it that the person did what is done in their name.
    """
    account = await accounts.one(account_id)
    rows = await database.fetch(
        """SELECT p.id, p.role, p.title, p.area, p.unit, p.organisation, areas.level
             FROM holdings h JOIN posts p ON p.id = h.post AND p.until IS NULL
             LEFT JOIN areas ON areas.id = p.area
            WHERE h.account = $1 AND h.until IS NULL ORDER BY p.id""",
        account_id,
    )
    posts = tuple(
        Post(
            id=row["id"],
            role=Role(row["role"]),
            title=row["title"],
            area_id=row["area"],
            area_level=row["level"],
            unit_id=row["unit"],
            organisation_id=row["organisation"],
        )
        for row in rows
    )
    return Actor(account_id=account_id, name=account.name, posts=posts, device=device)
