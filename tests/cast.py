"""The small fixed cast of all tests, in a district of one street, two communities and three grids.

民乐社区 has grids 01 and 02, 向阳社区 has grid 01; polygons are squares of 0.01 degrees in a row from (114.00, 22.60).
"""

from typing import Any
from uuid import UUID

import msgspec

from server.kernel import clock, database
from server.kernel.actor import Actor, Post, Role
from server.kernel.ids import new_id

SQUARE = 0.01
WEST, SOUTH = 114.00, 22.60


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody, as actors ready to act; and the ids of where they are."""

    district: int
    street: int
    community: int
    next_community: int
    grid: int
    second_grid: int
    next_grid: int
    unit: int
    next_unit: int
    empty_unit: int

    resident: Actor
    neighbour: Actor
    """Another resident."""
    stranger: Actor
    """Nobody signed in, on a phone of their own."""
    grid_worker: Actor
    next_grid_worker: Actor
    party_member: Actor
    staff: Actor
    second_staff: Actor
    next_staff: Actor
    secretary: Actor
    next_secretary: Actor
    street_secretary: Actor
    handler: Actor
    lead: Actor
    next_handler: Actor
    centre: Actor
    area_admin: Actor
    system_admin: Actor


def middle(place: int) -> tuple[float, float]:
    """Longitude and latitude of the middle of the square of grid `place` (0, 1, 2)."""
    return WEST + SQUARE * (place + 0.5), SOUTH + SQUARE / 2


async def gather() -> Cast:
    """Make the district, its units and its people; answer the cast."""
    district = await new_area("440300", "呼应区", "district", None, None)
    street = await new_area("440300001", "民治街道", "street", district, None)
    community = await new_area("440300001001", "民乐社区", "community", street, None)
    next_community = await new_area("440300001002", "向阳社区", "community", street, None)
    grid = await new_area("44030000100101", "民乐一网格", "grid", community, 0)
    second_grid = await new_area("44030000100102", "民乐二网格", "grid", community, 1)
    next_grid = await new_area("44030000100201", "向阳一网格", "grid", next_community, 2)
    unit = await new_unit("U1", "市政维护队", district)
    next_unit = await new_unit("U2", "园林绿化队", district)
    empty_unit = await new_unit("U3", "无人值守队", district)

    async def with_post(
        phone: str, name: str, role: Role, title: str, area: int | None, at_unit: int | None = None
    ) -> Actor:
        account = await new_account(phone, name)
        return actor(account, name, await new_post(role, title, area, at_unit, account))

    return Cast(
        district=district,
        street=street,
        community=community,
        next_community=next_community,
        grid=grid,
        second_grid=second_grid,
        next_grid=next_grid,
        unit=unit,
        next_unit=next_unit,
        empty_unit=empty_unit,
        resident=actor(await new_account("13800000001", "李小梅"), "李小梅"),
        neighbour=actor(await new_account("13800000002", "王大山"), "王大山"),
        stranger=Actor(device="d" * 64, address="192.0.2.7"),
        grid_worker=await with_post("13800000011", "陈建国", Role.GRID_WORKER, "网格员", grid),
        next_grid_worker=await with_post("13800000012", "周向东", Role.GRID_WORKER, "网格员", next_grid),
        party_member=await with_post("13800000013", "孙先进", Role.PARTY_MEMBER, "党员", community),
        staff=await with_post("13800000021", "刘慧", Role.COMMUNITY_STAFF, "社区工作者", community),
        second_staff=await with_post("13800000022", "何静", Role.COMMUNITY_STAFF, "社区工作者", community),
        next_staff=await with_post("13800000023", "吴敏", Role.COMMUNITY_STAFF, "社区工作者", next_community),
        secretary=await with_post("13800000031", "赵书平", Role.SECRETARY, "民乐社区书记", community),
        next_secretary=await with_post("13800000032", "钱永红", Role.SECRETARY, "向阳社区书记", next_community),
        street_secretary=await with_post("13800000033", "郑街明", Role.SECRETARY, "民治街道书记", street),
        handler=await with_post("13800000041", "马师", Role.UNIT_HANDLER, "维护员", None, unit),
        lead=await with_post("13800000042", "黄队", Role.UNIT_LEAD, "队长", None, unit),
        next_handler=await with_post("13800000043", "林绿", Role.UNIT_HANDLER, "养护员", None, next_unit),
        centre=await with_post("13800000051", "冯值", Role.CENTRE_OFFICER, "指挥中心值班员", district),
        area_admin=await with_post("13800000061", "管区", Role.AREA_ADMIN, "区域管理员", district),
        system_admin=await with_post("13800000062", "系管", Role.SYSTEM_ADMIN, "系统管理员", None),
    )


async def photo(by: Actor) -> UUID:
    """A photo row that `by` has sent, without bytes behind it: for tests of what hangs on what."""
    photo_id = new_id()
    await database.execute(
        """INSERT INTO photos (id, digest, kind, width, height, bytes, created_at, account_id, device)
           VALUES ($1, $2, 'jpeg', 1600, 1200, 300000, $3, $4, $5)""",
        photo_id,
        photo_id.bytes * 2,
        clock.now(),
        by.account_id,
        by.device,
    )
    return photo_id


def actor(account: UUID, name: str, *posts: Post) -> Actor:
    """Somebody on a phone of their own."""
    return Actor(account_id=account, name=name, posts=posts, device=account.hex * 2, address="192.0.2.1")


async def new_area(code: str, name: str, level: str, parent: int | None, square: int | None = None) -> int:
    """An area; without a square it lies nowhere on the map."""
    polygon = None if square is None else database.to_jsonb({"type": "Polygon", "coordinates": [_ring(square)]})
    area_id: int = await database.fetch_value(
        """INSERT INTO areas (code, name, level, parent, path, polygon, answers, since)
           VALUES ($1, $2, $3, $4, '', $5, '', $6) RETURNING id""",
        code,
        name,
        level,
        parent,
        polygon,
        clock.now(),
    )
    await database.execute(
        "UPDATE areas SET path = COALESCE((SELECT path FROM areas WHERE id = $2), '/') || id || '/' WHERE id = $1",
        area_id,
        parent,
    )
    await database.execute("UPDATE area_epochs SET epoch = epoch + 1")
    return area_id


def _ring(square: int) -> list[list[float]]:
    west, east = WEST + SQUARE * square, WEST + SQUARE * (square + 1)
    return [[west, SOUTH], [east, SOUTH], [east, SOUTH + SQUARE], [west, SOUTH + SQUARE], [west, SOUTH]]


async def new_unit(code: str, name: str, area: int) -> int:
    """A street's team."""
    return await _new_id(
        "INSERT INTO units (code, name, kind, area, since) VALUES ($1, $2, 'street_team', $3, $4) RETURNING id",
        code,
        name,
        area,
        clock.now(),
    )


async def new_account(phone: str, name: str) -> UUID:
    """A person who can sign in."""
    account = new_id()
    await database.execute(
        "INSERT INTO accounts (id, phone, name, created_at) VALUES ($1, $2, $3, $4)", account, phone, name, clock.now()
    )
    return account


async def new_post(role: Role, title: str, area: int | None, unit: int | None, account: UUID) -> Post:
    """A post, held from now on."""
    post = await _new_id(
        "INSERT INTO posts (role, title, area, unit, since) VALUES ($1, $2, $3, $4, $5) RETURNING id",
        role.value,
        title,
        area,
        unit,
        clock.now(),
    )
    await database.execute(
        "INSERT INTO holdings (post, account, since) VALUES ($1, $2, $3)", post, account, clock.now()
    )
    level = await database.fetch_value("SELECT level FROM areas WHERE id = $1", area)
    return Post(id=post, role=role, title=title, area_id=area, area_level=level, unit_id=unit)


async def _new_id(statement: str, *values: Any) -> int:
    made: int = await database.fetch_value(statement, *values)
    return made
