"""Units that go and mend things: departments, contractors, street teams."""

import asyncpg
import msgspec

from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.people import authority, posts
from server.people.touched import Touched

KINDS = {"department": "部门", "contractor": "承包单位", "street_team": "街道队伍"}
LONGEST_NAME = 60


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    code: str
    name: str
    kind: str
    area_id: int
    phone: str


async def create(code: str, name: str, kind: str, area_id: int, *, phone: str = "", by: Actor) -> int:
    """A new unit of an area; answers its id. Raises `Invalid` where the code is taken."""
    code, name = _checked(code, name)
    if kind not in KINDS:
        raise Invalid({"kind": "请选择单位的类型。"})
    async with database.transaction():
        await authority.demand_area(area_id, by)
        unit_id: int | None = await database.fetch_value(
            """INSERT INTO units (code, name, kind, area, phone, since) VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (code) DO NOTHING RETURNING id""",
            code,
            name,
            kind,
            area_id,
            phone.strip()[:40],
            clock.now(),
        )
        if unit_id is None:
            raise Invalid({"code": "这个编号已经有单位在用。"})
        await events.record(f"unit:{unit_id}", "unit.created", {"code": code, "name": name, "kind": kind}, by)
    return unit_id


async def rename(unit_id: int, name: str, by: Actor, *, phone: str | None = None) -> None:
    """Another name, and telephone number where given."""
    async with database.transaction():
        unit = await _administered(unit_id, by)
        _, name = _checked(unit["code"], name)
        phone = unit["phone"] if phone is None else phone.strip()[:40]
        if (unit["name"], unit["phone"]) != (name, phone):
            await database.execute("UPDATE units SET name = $2, phone = $3 WHERE id = $1", unit_id, name, phone)
            await events.record(f"unit:{unit_id}", "unit.renamed", {"before": unit["name"], "name": name}, by)


async def end(unit_id: int, by: Actor, *, dry_run: bool = False) -> Touched:
    """End a unit and all its posts; what it has in hand moves on as its posts fall vacant. Twice is once."""
    async with database.transaction():
        unit = await _administered(unit_id, by, ended_too=True)
        if unit["until"] is not None:
            return Touched()
        touched = await posts.end_of_place("unit", unit_id, by, dry_run=dry_run)
        if not dry_run:
            await database.execute("UPDATE units SET until = $2 WHERE id = $1", unit_id, clock.now())
            await events.record(f"unit:{unit_id}", "unit.ended", {"unit": unit_id, "name": unit["name"]}, by)
    return msgspec.structs.replace(touched, units=(unit["name"],))


async def under(area_id: int, by: Actor) -> list[Unit]:
    """Open units of an area and of all areas below it, for an administrator."""
    await authority.demand_area(area_id, by)
    rows = await database.fetch(
        """SELECT u.id, u.code, u.name, u.kind, u.area AS area_id, u.phone
             FROM units u JOIN areas a ON a.id = u.area
            WHERE u.until IS NULL AND a.path LIKE (SELECT path FROM areas WHERE id = $1) || '%' ORDER BY u.code""",
        area_id,
    )
    return [msgspec.convert(dict(row), Unit) for row in rows]


async def _administered(unit_id: int, by: Actor, *, ended_too: bool = False) -> asyncpg.Record:
    scope = await authority.scope_of(by)
    unit = await database.fetch_one(
        "SELECT u.*, a.path FROM units u JOIN areas a ON a.id = u.area WHERE u.id = $1 FOR UPDATE OF u", unit_id
    )
    if unit is None or not scope.reaches([unit["path"]]):
        raise NotFound()
    if unit["until"] is not None and not ended_too:
        raise NotAllowed("这个单位已经撤销。")
    return unit


def _checked(code: str, name: str) -> tuple[str, str]:
    code, name = code.strip(), " ".join(name.split())
    if not code or len(code) > 30 or not code.isprintable():
        raise Invalid({"code": "请填写编号,最多 30 个字。"})
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid({"name": f"请填写名称,最多 {LONGEST_NAME} 个字。"})
    return code, name
