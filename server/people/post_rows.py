"""Rows of posts as the verbs load them: locked, with the places they name, with who holds them."""

from uuid import UUID

import asyncpg
import msgspec

from server.kernel import database
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotAllowed, NotFound
from server.people import authority

PLACES = """LEFT JOIN areas pa ON pa.id = p.area
             LEFT JOIN units u ON u.id = p.unit LEFT JOIN areas ua ON ua.id = u.area
             LEFT JOIN organisations o ON o.id = p.organisation LEFT JOIN areas oa ON oa.id = o.area"""
PATHS = "array_remove(ARRAY[pa.path, ua.path, oa.path], NULL)"
"""A post can name an area, a unit and an organisation; who administers it administers them all."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A post with who holds it now."""

    id: int
    role: Role
    title: str
    area_id: int | None
    unit_id: int | None
    organisation_id: int | None
    second_factor: bool
    account_id: UUID | None
    name: str | None
    phone: str | None


async def administered(post_id: int, by: Actor, *, ended_too: bool = False) -> asyncpg.Record:
    """The post, locked, if it is the actor's to administer."""
    scope = await authority.scope_of(by)
    post = await locked(post_id)
    if not scope.reaches(post["paths"]):
        raise NotFound()
    authority.check_role(Role(post["role"]), by)
    if post["until"] is not None and not ended_too:
        raise NotAllowed("这个岗位已经撤销。")
    return post


async def locked(post_id: int) -> asyncpg.Record:
    post = await database.fetch_one(
        f"SELECT p.*, {PATHS} AS paths FROM posts p {PLACES} WHERE p.id = $1 FOR UPDATE OF p", post_id
    )
    if post is None:
        raise NotFound()
    return post


async def holder(post_id: int) -> asyncpg.Record | None:
    return await database.fetch_one(
        """SELECT h.account, a.name FROM holdings h JOIN accounts a ON a.id = h.account
            WHERE h.post = $1 AND h.until IS NULL""",
        post_id,
    )


async def open_account(account_id: UUID) -> str:
    """The name of an open account, which cannot close before this transaction ends."""
    name = await database.fetch_value(
        "SELECT name FROM accounts WHERE id = $1 AND closed_at IS NULL FOR SHARE", account_id
    )
    if name is None:
        raise NotFound("没有这个账号,或者它已经注销。")
    return str(name)


async def place(area_id: int | None, unit_id: int | None, organisation_id: int | None) -> tuple[list[str], str | None]:
    """Paths of the places that a post would name, and the level of its area; `NotFound` where one does not exist."""
    row = await database.fetch_one(
        f"""SELECT {PATHS} AS paths, pa.level, ($1::int IS NULL OR pa.id IS NOT NULL)
                   AND ($2::int IS NULL OR u.id IS NOT NULL) AND ($3::int IS NULL OR o.id IS NOT NULL) AS there
              FROM (SELECT $1::int AS area, $2::int AS unit, $3::int AS organisation) p {PLACES}
             WHERE (pa.until, u.until, o.until) IS NOT DISTINCT FROM (NULL, NULL, NULL)""",
        area_id,
        unit_id,
        organisation_id,
    )
    if row is None or not row["there"]:
        raise NotFound()
    return row["paths"], row["level"]


async def listed(condition: str, *values: object) -> list[Held]:
    rows = await database.fetch(
        f"""SELECT p.id, p.role, p.title, p.area AS area_id, p.unit AS unit_id, p.organisation AS organisation_id,
                   p.second_factor, h.account AS account_id, a.name, a.phone
              FROM posts p
              LEFT JOIN holdings h ON h.post = p.id AND h.until IS NULL
              LEFT JOIN accounts a ON a.id = h.account
             WHERE p.until IS NULL AND {condition} ORDER BY p.id""",
        *values,
    )
    return [msgspec.convert(dict(row), Held) for row in rows]
