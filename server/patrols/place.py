"""A place as a value, who may do what with it, and how it is loaded: through the actor's scope, nowhere else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from server.areas.locate import Place as Areas
from server.areas.tree import Line
from server.kernel import database
from server.kernel.actor import Actor, Post, Role
from server.kernel.errors import NotAllowed, NotFound
from server.patrols import codes

KEEPERS = (Role.COMMUNITY_STAFF, Role.SECRETARY, Role.CENTRE_OFFICER, Role.AREA_ADMIN)
"""Who may also retire, merge and import."""
ROLES = (Role.GRID_WORKER, *KEEPERS)
MISSING = "没有找到这个对象,或者您没有权限查看。"


class PlaceRow(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a place (see tables.Place)."""

    id: UUID
    code: str
    external_code: str
    kind: int
    kind_version: int
    name: str
    address_text: str
    address: int | None
    """Of the register, where it is sure what the words mean."""
    latitude: float | None
    longitude: float | None
    accuracy: float | None
    position_source: str
    datum: str
    operator: str
    operator_phone: str
    answers: dict[str, Any]
    district: int
    street: int | None
    community: int | None
    grid: int | None
    version: int
    since: datetime
    until: datetime | None
    merged_into: UUID | None
    last_visit_at: datetime | None
    last_finding: str

    @property
    def stream(self) -> str:
        return stream_of(self.id)

    @property
    def live(self) -> bool:
        return self.until is None

    @property
    def areas(self) -> dict[str, int | None]:
        """Level -> area id."""
        return {"district": self.district, "street": self.street, "community": self.community, "grid": self.grid}


class Changed(msgspec.Struct, frozen=True):
    """What a verb answers: which place, and the version to send back as `seen`."""

    place_id: UUID
    code: str
    version: int


def stream_of(place_id: UUID) -> str:
    """The name of a place's history."""
    return f"place:{place_id}"


def covers(post: Post, areas: dict[str, int | None]) -> bool:
    """Whether a post of a role that knows places stands at one of these areas (level -> id)."""
    return post.role in ROLES and post.area_level is not None and areas.get(post.area_level) == post.area_id


def sees(by: Actor, areas: dict[str, int | None]) -> bool:
    """Whether places in these areas exist for the actor."""
    return by.system is not None or any(covers(post, areas) for post in by.posts)


def keeps(by: Actor, areas: dict[str, int | None]) -> bool:
    """Whether the actor may retire and merge there."""
    return by.system is not None or any(post.role in KEEPERS and covers(post, areas) for post in by.posts)


def walks(by: Actor, areas: dict[str, int | None]) -> bool:
    """Whether it is the actor's own round: for them the assignment is the reason to call the operator."""
    return any(post.role is Role.GRID_WORKER and covers(post, areas) for post in by.posts)


def levels(areas: Areas | Line) -> dict[str, int | None]:
    """What `locate` found, as level -> id."""
    return {
        "district": areas.district_id,
        "street": areas.street_id,
        "community": areas.community_id,
        "grid": areas.grid_id,
    }


async def load(place: UUID | str, by: Actor, *, lock: bool = False) -> PlaceRow:
    """The place with this id or code (however typed) as `by` may see it; `NotFound` where they may not know of it.

    `lock` takes the row FOR UPDATE, for a verb's transaction.
    """
    found = await find(place, lock=lock)
    if found is None or not sees(by, found.areas):
        raise NotFound(MISSING)
    return found


async def load_many(places: Sequence[UUID], by: Actor) -> dict[UUID, PlaceRow]:
    """Those of these places that the actor may see, by id; one statement."""
    rows = await database.fetch("SELECT * FROM places WHERE id = ANY($1::uuid[])", list(places))
    found = [place_from(row) for row in rows]
    return {one.id: one for one in found if sees(by, one.areas)}


async def load_any(places: Sequence[UUID]) -> dict[UUID, PlaceRow]:
    """These places, whoever asks; the caller decides what of them the actor may touch."""
    rows = await database.fetch("SELECT * FROM places WHERE id = ANY($1::uuid[])", list(places)) if places else []
    return {row["id"]: place_from(row) for row in rows}


async def find(place: UUID | str, *, lock: bool = False) -> PlaceRow | None:
    """The place, whoever asks: for the page of its label, which tells nothing but the kind and the community."""
    ending = " FOR UPDATE" if lock else ""
    if isinstance(place, UUID):
        row = await database.fetch_one(f"SELECT * FROM places WHERE id = $1{ending}", place)
    else:
        code = codes.read(place)
        row = await database.fetch_one(f"SELECT * FROM places WHERE code = $1{ending}", code) if code else None
    return place_from(row) if row else None


async def standing(place_id: UUID) -> UUID:
    """Where a place's work goes on: itself, or the one that it was merged into, however often."""
    found: UUID | None = await database.fetch_value(
        """WITH RECURSIVE way AS (
               SELECT id, merged_into FROM places WHERE id = $1
               UNION SELECT p.id, p.merged_into FROM places p JOIN way ON p.id = way.merged_into)
           SELECT id FROM way WHERE merged_into IS NULL""",
        place_id,
    )
    return found or place_id


def must_keep(place: PlaceRow, by: Actor) -> None:
    """Raise `NotAllowed` where the actor sees the place but may not retire or merge it."""
    if not keeps(by, place.areas):
        raise NotAllowed("停用和合并由社区来做,请告诉社区工作者。")


def must_live(place: PlaceRow) -> None:
    """Raise `NotAllowed` where the place is out of use."""
    if place.merged_into is not None:
        raise NotAllowed(f"“{place.name}”已经并入另一处,请到那一处去改。")
    if place.until is not None:
        raise NotAllowed(f"“{place.name}”已经停用。")


def place_from(row: asyncpg.Record) -> PlaceRow:
    """The value of a row of `places`; further columns are passed over."""
    values = {name: row[name] for name in PlaceRow.__struct_fields__}
    return PlaceRow(**{**values, "answers": msgspec.json.decode(row["answers"])})
