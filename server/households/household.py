"""A household as a value, how somebody stands to it, and how it is loaded: through the actor's scope, nowhere else."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from server.kernel import database, events
from server.kernel.actor import Actor, Post, Role, the_system
from server.kernel.errors import NotAllowed, NotFound, Stale
from server.kernel.events import Head

SYSTEM = the_system("households")
MISSING = "没有找到这户,或者您没有权限查看。"
KEEPERS = (Role.COMMUNITY_STAFF, Role.SECRETARY)
"""Of the household's community: who adds, changes, links, merges."""
OVERSEERS = (Role.SECRETARY, Role.CENTRE_OFFICER)
"""Of the street and the district: who sees that it is there, masked."""


MASK = "***"


class Stands(StrEnum):
    """How somebody stands to a household."""

    LINKED = "linked"
    """The member who is linked to it now."""
    KEEPER = "keeper"
    WORKER = "worker"
    """The grid worker of its grid."""
    OVERSEER = "overseer"


class HouseholdRow(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a household (see tables.Household)."""

    id: UUID
    place: str
    building: str
    unit: str
    room: str
    address: int | None
    latitude: float | None
    longitude: float | None
    district: int
    street: int | None
    community: int
    grid: int | None
    external_code: str
    private: bool
    version: int
    history_sequence: int
    history_link: bytes
    since: datetime
    until: datetime | None
    merged_into: UUID | None
    last_visit_at: datetime | None
    last_tried_at: datetime | None
    next_visit_on: date | None

    @property
    def stream(self) -> str:
        return stream_of(self.id)

    @property
    def head(self) -> Head:
        return Head(self.history_sequence, self.history_link)

    @property
    def areas(self) -> dict[str, int | None]:
        """Level -> area id."""
        return {"district": self.district, "street": self.street, "community": self.community, "grid": self.grid}

    @property
    def words(self) -> str:
        """Where it is, as a neighbour says it."""
        return words_of(self.place, self.building, self.unit, self.room)


class Known(msgspec.Struct, frozen=True):
    """A household with how the actor stands to it."""

    household: HouseholdRow
    stands: frozenset[Stands]


class Changed(msgspec.Struct, frozen=True):
    """What a verb answers: which household, and the version to send back as `seen`."""

    household_id: UUID
    version: int


def stream_of(household_id: UUID) -> str:
    """The name of a household's history."""
    return f"household:{household_id}"


def words_of(place: str, building: str, unit: str, room: str) -> str:
    """民乐新村 3栋 2单元 501."""
    parts = (
        place,
        building and (f"{building}栋" if building.isdigit() else building),
        unit and (f"{unit}单元" if unit.isdigit() else unit),
        room,
    )
    return " ".join(part for part in parts if part)


def masked(household: HouseholdRow, how: frozenset[Stands]) -> HouseholdRow:
    """As who stands so may see it without a reason: of streets and districts nobody needs to know behind which door."""
    if how and how <= {Stands.OVERSEER} and household.room:
        return msgspec.structs.replace(household, room=MASK)
    return household


def stands(by: Actor, areas: dict[str, int | None], linked: bool) -> frozenset[Stands]:
    """How the actor stands to a household in these areas; nothing at all means that it does not exist for them."""
    found = {Stands.LINKED} if linked else set()
    for post in by.posts:
        found |= _by_post(post, areas)
    return frozenset(found)


def _by_post(post: Post, areas: dict[str, int | None]) -> set[Stands]:
    if post.area_level is None or areas.get(post.area_level) != post.area_id:
        return set()
    if post.role in KEEPERS and post.area_level == "community":
        return {Stands.KEEPER}
    if post.role is Role.GRID_WORKER:
        return {Stands.WORKER}
    if post.role in OVERSEERS and post.area_level in ("street", "district"):
        return {Stands.OVERSEER}
    return set()


async def load(household_id: UUID, by: Actor, *, lock: bool = False) -> Known:
    """The household as `by` may see it; `NotFound` where they may not know of it. `lock`: FOR UPDATE, for a verb."""
    row = await database.fetch_one(
        f"SELECT * FROM households WHERE id = $1{' FOR UPDATE' if lock else ''}", household_id
    )
    if row is None:
        raise NotFound(MISSING)
    found = household_from(row)
    how = stands(by, found.areas, await is_linked(found.id, by))
    if not how and by.system is None:
        raise NotFound(MISSING)
    return Known(found, how)


async def load_many(household_ids: Sequence[UUID], by: Actor, *, lock: bool = False) -> dict[UUID, Known]:
    """Those of these households that the actor may see; two statements."""
    ending = " ORDER BY id FOR UPDATE" if lock else ""
    rows = await database.fetch(f"SELECT * FROM households WHERE id = ANY($1::uuid[]){ending}", list(household_ids))
    linked = await linked_among(household_ids, by)
    found = [household_from(row) for row in rows]
    known = {one.id: Known(one, stands(by, one.areas, one.id in linked)) for one in found}
    return {one: each for one, each in known.items() if each.stands or by.system is not None}


async def is_linked(household_id: UUID, by: Actor) -> bool:
    """Whether the actor is linked to it now, as a member."""
    return household_id in await linked_among([household_id], by)


async def linked_among(household_ids: Sequence[UUID], by: Actor) -> set[UUID]:
    """To which of these the actor is linked now; a link counts while its member holds a member's post."""
    if not household_ids or by.account_id is None or not by.has(Role.PARTY_MEMBER):
        return set()
    rows = await database.fetch(
        """SELECT household FROM household_links
           WHERE household = ANY($1::uuid[]) AND account = $2 AND until IS NULL""",
        list(household_ids),
        by.account_id,
    )
    return {row["household"] for row in rows}


def must_keep(known: Known, by: Actor) -> None:
    """Raise `NotAllowed` where the actor sees the household but may not change it."""
    if Stands.KEEPER not in known.stands and by.system is None:
        raise NotAllowed("这户的信息由社区来改,请告诉社区工作者。")


def must_live(household: HouseholdRow) -> None:
    """Raise `NotAllowed` where it is closed or merged."""
    if household.merged_into is not None:
        raise NotAllowed("这户已经并入另一户,请到那一户去改。")
    if household.until is not None:
        raise NotAllowed("这户已经结束联系。")


def must_be_seen(household: HouseholdRow, seen: int | None) -> None:
    """Raise `Stale` where the household was changed since the page was made."""
    if seen is not None and seen != household.version:
        raise Stale(["这户的信息刚被改过"])


async def write(
    known: HouseholdRow, by: Actor, kind: str, data: dict[str, Any], columns: dict[str, Any] | None = None
) -> Changed:
    """Write an event and columns of a locked household, with its next version. Personal values never go into events."""
    version = known.version + 1
    head = await events.record(
        known.stream, kind, {"version": version, **data}, by, post_id=post_of(by, known.areas), head=known.head
    )
    named = {
        **(columns or {}),
        "version": version,
        "history_sequence": head.sequence,
        "history_link": head.link,
    }
    await database.execute(
        f"UPDATE households SET {', '.join(f'{name} = ${at}' for at, name in enumerate(named, 2))} WHERE id = $1",
        known.id,
        *named.values(),
    )
    return Changed(known.id, version)


async def tell(known: HouseholdRow, by: Actor, kind: str, data: dict[str, Any]) -> None:
    """Write an inner event (a look, a call) without a new version."""
    head = await events.record(
        known.stream, kind, data, by, post_id=post_of(by, known.areas), internal=True, head=known.head
    )
    await database.execute(
        "UPDATE households SET history_sequence = $2, history_link = $3 WHERE id = $1",
        known.id,
        head.sequence,
        head.link,
    )


def post_of(by: Actor, areas: dict[str, int | None]) -> int | None:
    """The post through which the actor acts: the first that stands to it, else a member's."""
    near = [post.id for post in by.posts if _by_post(post, areas)]
    return next(iter(near + [post.id for post in by.posts_as(Role.PARTY_MEMBER)]), None)


def household_from(row: asyncpg.Record) -> HouseholdRow:
    """The value of a row of `households`; further columns are passed over."""
    return HouseholdRow(**{name: row[name] for name in HouseholdRow.__struct_fields__})
