"""Posts: made, named, ended; filled, handed over, vacated. Work belongs to the post, so a hand-over keeps it.

What cases do when a post falls vacant they do by following `post.vacated`, in the same transaction.
"""

from typing import Any
from uuid import UUID

import asyncpg
from msgspec import UNSET, UnsetType

from server.kernel import clock, database, events
from server.kernel.actor import Actor, Role
from server.kernel.errors import Invalid, NotAllowed, NotFound, Stale
from server.people import authority, places, post_rows
from server.people.touched import Touched

LONGEST_TITLE = 40


async def create(
    role: Role,
    title: str,
    *,
    area_id: int | None = None,
    unit_id: int | None = None,
    organisation_id: int | None = None,
    second_factor: bool = False,
    by: Actor,
) -> int:
    """A new post, vacant; answers its id."""
    title = _title(title)
    async with database.transaction():
        authority.check_role(role, by)
        paths, level = await post_rows.place(area_id, unit_id, organisation_id)
        if not (await authority.scope_of(by)).reaches(paths):
            raise NotFound()
        places.check(role, level=level if area_id is not None else None, unit_id=unit_id)
        post_id: int = await database.fetch_value(
            """INSERT INTO posts (role, title, area, unit, organisation, second_factor, since)
               VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id""",
            role,
            title,
            area_id,
            unit_id,
            organisation_id,
            second_factor,
            clock.now(),
        )
        await _record(post_id, "post.created", {"title": title, "role": role}, by)
    return post_id


async def rename(post_id: int, title: str, by: Actor) -> None:
    title = _title(title)
    async with database.transaction():
        post = await post_rows.administered(post_id, by)
        if post["title"] != title:
            await database.execute("UPDATE posts SET title = $2 WHERE id = $1", post_id, title)
            await _record(post_id, "post.renamed", {"before": post["title"], "title": title}, by)


async def demand_second_factor(post_id: int, demanded: bool, by: Actor) -> None:
    """Whether whoever holds the post signs in with a second factor; works at their next request."""
    async with database.transaction():
        post = await post_rows.administered(post_id, by)
        if post["second_factor"] != demanded:
            await database.execute("UPDATE posts SET second_factor = $2 WHERE id = $1", post_id, demanded)
            await _record(post_id, "post.second_factor", {"demanded": demanded}, by)


async def fill(post_id: int, account_id: UUID, by: Actor, *, dry_run: bool = False) -> Touched:
    """Give a vacant post to an account; raises `Stale` where somebody else holds it meanwhile. Twice is once."""
    return await hand_over(post_id, account_id, by, seen=None, dry_run=dry_run)


async def hand_over(
    post_id: int, to: UUID, by: Actor, *, seen: UUID | UnsetType | None = UNSET, dry_run: bool = False
) -> Touched:
    """Give a post, with all its work, to another account; `seen` is the holder on the administrator's screen.

    Records `post.handed_over`, or `post.filled` where nobody held it. Twice is once.
    """
    async with database.transaction():
        post = await post_rows.administered(post_id, by)
        authority.check_appointment(Role(post["role"]), by.account_id == to, by)
        before = await post_rows.holder(post_id)
        if before is not None and before["account"] == to:
            return Touched()
        if seen is not UNSET and seen != (before["account"] if before else None):
            raise Stale(
                [f"「{post['title']}」已由{before['name'] or '别人'}担任" if before else "这个岗位已经空出来了"]
            )
        name = await post_rows.open_account(to)
        touched = _touched(post, before, name)
        if dry_run:
            return touched
        if before is not None:
            await _keep_one_system_admin(post, to)
            await _end_holding(post_id)
        await database.execute(
            "INSERT INTO holdings (post, account, since) VALUES ($1, $2, $3)", post_id, to, clock.now()
        )
        data = {"title": post["title"], "to": to, "to_name": name}
        if before is None:
            await _record(post_id, "post.filled", data, by)
        else:
            data |= {"from": before["account"], "from_name": before["name"]}
            await _record(post_id, "post.handed_over", data, by)
    return touched


async def vacate(post_id: int, by: Actor, *, dry_run: bool = False) -> Touched:
    """Let a post stand empty; records `post.vacated`. A vacant one stays as it is."""
    async with database.transaction():
        return await _vacate(await post_rows.administered(post_id, by), by, dry_run)


async def end(post_id: int, by: Actor, *, dry_run: bool = False) -> Touched:
    """End a post for good; it is vacated first. Twice is once."""
    async with database.transaction():
        post = await post_rows.administered(post_id, by, ended_too=True)
        if post["until"] is not None:
            return Touched()
        if dry_run:
            return _touched(post, await post_rows.holder(post_id))
        await database.execute("UPDATE posts SET until = $2 WHERE id = $1", post_id, clock.now())
        touched = await _vacate(post, by, False)
        await _record(post_id, "post.ended", {"title": post["title"]}, by)
    return touched if touched.posts else Touched(posts=(post["title"],))


async def leave(post_id: int, by: Actor) -> None:
    """Vacate a post because its holder's account closes; the caller has asked whether that is allowed."""
    post = await post_rows.locked(post_id)
    await _vacate(post, by, False)


async def end_of_place(column: str, place_id: int, by: Actor, *, dry_run: bool) -> Touched:
    """End all posts of a `unit` or an `organisation` that ends."""
    rows = await database.fetch(f'SELECT id FROM posts WHERE "{column}" = $1 AND until IS NULL ORDER BY id', place_id)
    each = [await end(row["id"], by, dry_run=dry_run) for row in rows]
    return Touched(
        posts=tuple(title for one in each for title in one.posts),
        people=tuple(name for one in each for name in one.people),
    )


async def held_by(account_id: UUID) -> list[post_rows.Held]:
    """The posts an account holds now."""
    return await post_rows.listed("h.account = $1", account_id)


async def holders(
    by: Actor, *, area_id: int | None = None, unit_id: int | None = None, organisation_id: int | None = None
) -> list[post_rows.Held]:
    """Open posts of one place with their holders, vacant ones too, for an administrator; `NotFound` for others."""
    scope = await authority.scope_of(by)
    if (area_id, unit_id, organisation_id) == (None, None, None):
        if not scope.everywhere:
            raise NotFound()
        return await post_rows.listed("p.area IS NULL AND p.unit IS NULL AND p.organisation IS NULL")
    paths, _ = await post_rows.place(area_id, unit_id, organisation_id)
    if not scope.reaches(paths):
        raise NotFound()
    return await post_rows.listed(
        "($1::int IS NULL OR p.area = $1) AND ($2::int IS NULL OR p.unit = $2)"
        " AND ($3::int IS NULL OR p.organisation = $3)",
        area_id,
        unit_id,
        organisation_id,
    )


async def demand_administered(account_id: UUID, by: Actor) -> None:
    """Raise `NotFound` where the account is not the actor's to administer.

    A system administrator's are all; an area administrator's those who hold posts in their areas and none elsewhere.
    """
    scope = await authority.scope_of(by)
    if scope.everywhere:
        return
    rows = await database.fetch(
        f"SELECT p.role, {post_rows.PATHS} AS paths FROM posts p {post_rows.PLACES} JOIN holdings h ON h.post = p.id"
        " WHERE h.account = $1 AND h.until IS NULL AND p.until IS NULL",
        account_id,
    )
    if not rows or not all(scope.reaches(row["paths"]) for row in rows):
        raise NotFound()


async def _vacate(post: asyncpg.Record, by: Actor, dry_run: bool) -> Touched:
    before = await post_rows.holder(post["id"])
    if before is None:
        return Touched()
    await _keep_one_system_admin(post, None)
    if not dry_run:
        await _end_holding(post["id"])
        data = {"title": post["title"], "from": before["account"], "from_name": before["name"]}
        await _record(post["id"], "post.vacated", data, by)
    return _touched(post, before)


async def _keep_one_system_admin(post: asyncpg.Record, to: UUID | None) -> None:
    if post["role"] != Role.SYSTEM_ADMIN or to is not None:
        return
    # Locked in one order, so that two who leave at the same time see each other.
    rows = await database.fetch(
        """SELECT h.post FROM holdings h JOIN posts p ON p.id = h.post
            WHERE p.role = 'system_admin' AND h.until IS NULL ORDER BY h.id FOR UPDATE OF h"""
    )
    if [row["post"] for row in rows] == [post["id"]]:
        raise NotAllowed("这是最后一位系统管理员,请先任命另一位。")


async def _end_holding(post_id: int) -> None:
    await database.execute("UPDATE holdings SET until = $2 WHERE post = $1 AND until IS NULL", post_id, clock.now())


async def _record(post_id: int, kind: str, data: dict[str, Any], by: Actor) -> None:
    await events.record(f"post:{post_id}", kind, {"post": post_id, **data}, by)


def _touched(post: asyncpg.Record, before: asyncpg.Record | None, *names: str) -> Touched:
    holder = (before["name"],) if before is not None else ()
    return Touched(posts=(post["title"],), people=(*holder, *names))


def _title(typed: str) -> str:
    plain = " ".join(typed.split())
    if not plain or len(plain) > LONGEST_TITLE or not plain.isprintable():
        raise Invalid({"title": f"请填写岗位名称,最多 {LONGEST_TITLE} 个字。"})
    return plain
