"""Party organisations: committees, general branches and branches, a tree beside that of the areas."""

import asyncpg
import msgspec

from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.people import authority, posts
from server.people.touched import Touched

KINDS = {"committee": "党委", "general_branch": "党总支", "branch": "党支部"}
LONGEST_NAME = 60


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str
    kind: str
    parent_id: int | None
    area_id: int


async def create(name: str, kind: str, area_id: int, *, parent_id: int | None = None, by: Actor) -> int:
    """A new organisation of an area; answers its id. Its parent may be one the actor does not administer."""
    name = _name(name)
    if kind not in KINDS:
        raise Invalid({"kind": "请选择党组织的类型。"})
    async with database.transaction():
        await authority.demand_area(area_id, by)
        if parent_id is not None and not await _is_open(parent_id):
            raise Invalid({"parent_id": "上级党组织不存在或已撤销。"})
        organisation_id: int = await database.fetch_value(
            """INSERT INTO organisations (name, kind, parent, area, since) VALUES ($1, $2, $3, $4, $5) RETURNING id""",
            name,
            kind,
            parent_id,
            area_id,
            clock.now(),
        )
        data = {"name": name, "kind": kind, "parent": parent_id}
        await events.record(f"organisation:{organisation_id}", "organisation.created", data, by)
    return organisation_id


async def rename(organisation_id: int, name: str, by: Actor) -> None:
    name = _name(name)
    async with database.transaction():
        before = await _administered(organisation_id, by)
        if before["name"] != name:
            await database.execute("UPDATE organisations SET name = $2 WHERE id = $1", organisation_id, name)
            data = {"before": before["name"], "name": name}
            await events.record(f"organisation:{organisation_id}", "organisation.renamed", data, by)


async def end(organisation_id: int, by: Actor, *, dry_run: bool = False) -> Touched:
    """End an organisation and its posts; one with open organisations below it cannot end. Twice is once."""
    async with database.transaction():
        organisation = await _administered(organisation_id, by, ended_too=True)
        if organisation["until"] is not None:
            return Touched()
        below = await database.fetch(
            "SELECT name FROM organisations WHERE parent = $1 AND until IS NULL ORDER BY id", organisation_id
        )
        if below:
            raise NotAllowed("它还有下级党组织,请先处理:" + "、".join(row["name"] for row in below[:5]))
        touched = await posts.end_of_place("organisation", organisation_id, by, dry_run=dry_run)
        if not dry_run:
            await database.execute("UPDATE organisations SET until = $2 WHERE id = $1", organisation_id, clock.now())
            data = {"organisation": organisation_id, "name": organisation["name"]}
            await events.record(f"organisation:{organisation_id}", "organisation.ended", data, by)
    return msgspec.structs.replace(touched, organisations=(organisation["name"],))


async def under(area_id: int, by: Actor) -> list[Organisation]:
    """Open organisations of an area and of all areas below it, for an administrator."""
    await authority.demand_area(area_id, by)
    rows = await database.fetch(
        """SELECT o.id, o.name, o.kind, o.parent AS parent_id, o.area AS area_id
             FROM organisations o JOIN areas a ON a.id = o.area
            WHERE o.until IS NULL AND a.path LIKE (SELECT path FROM areas WHERE id = $1) || '%'
            ORDER BY a.path, o.id""",
        area_id,
    )
    return [msgspec.convert(dict(row), Organisation) for row in rows]


async def _administered(organisation_id: int, by: Actor, *, ended_too: bool = False) -> asyncpg.Record:
    scope = await authority.scope_of(by)
    row = await database.fetch_one(
        "SELECT o.*, a.path FROM organisations o JOIN areas a ON a.id = o.area WHERE o.id = $1 FOR UPDATE OF o",
        organisation_id,
    )
    if row is None or not scope.reaches([row["path"]]):
        raise NotFound()
    if row["until"] is not None and not ended_too:
        raise NotAllowed("这个党组织已经撤销。")
    return row


async def _is_open(organisation_id: int) -> bool:
    return bool(
        await database.fetch_value(
            "SELECT true FROM organisations WHERE id = $1 AND until IS NULL FOR SHARE", organisation_id
        )
    )


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid({"name": f"请填写名称,最多 {LONGEST_NAME} 个字。"})
    return name
