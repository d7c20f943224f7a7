"""Who does it: a plain value, made once per request from the session and handed down to every verb."""

from enum import StrEnum
from uuid import UUID

import msgspec


class Role(StrEnum):
    """The roles a post can have (design: who sees what)."""

    GRID_WORKER = "grid_worker"
    PARTY_MEMBER = "party_member"
    COMMUNITY_STAFF = "community_staff"
    SECRETARY = "secretary"
    UNIT_HANDLER = "unit_handler"
    UNIT_LEAD = "unit_lead"
    CENTRE_OFFICER = "centre_officer"
    AREA_ADMIN = "area_admin"
    SYSTEM_ADMIN = "system_admin"


ROLE_WORDS: dict[Role, str] = {
    Role.GRID_WORKER: "网格员",
    Role.PARTY_MEMBER: "党员",
    Role.COMMUNITY_STAFF: "社区工作者",
    Role.SECRETARY: "书记",
    Role.UNIT_HANDLER: "处置人员",
    Role.UNIT_LEAD: "处置单位负责人",
    Role.CENTRE_OFFICER: "指挥中心值班员",
    Role.AREA_ADMIN: "区域管理员",
    Role.SYSTEM_ADMIN: "系统管理员",
}


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A role within an area or a unit, held by the actor now."""

    id: int
    role: Role
    title: str
    area_id: int | None = None
    area_level: str | None = None
    unit_id: int | None = None
    organisation_id: int | None = None


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts: an account with its posts, a reporter known only by the link they hold, or the system itself."""

    account_id: UUID | None = None
    name: str = ""
    posts: tuple[Post, ...] = ()
    links: tuple[UUID, ...] = ()
    """Reports whose secret link this device has opened."""
    device: str | None = None
    """Digest (hex) of the device cookie; counts towards limits, names nobody."""
    address: str | None = None
    session_id: UUID | None = None
    system: str | None = None
    """Name of the job or command that acts, where no person does."""

    @property
    def signed_in(self) -> bool:
        return self.account_id is not None

    @property
    def is_staff(self) -> bool:
        return bool(self.posts)

    def posts_as(self, *roles: Role) -> tuple[Post, ...]:
        """The actor's posts with one of these roles."""
        return tuple(post for post in self.posts if post.role in roles)

    def has(self, *roles: Role) -> bool:
        return any(post.role in roles for post in self.posts)

    @property
    def unit_ids(self) -> tuple[int, ...]:
        return tuple(
            post.unit_id for post in self.posts_as(Role.UNIT_HANDLER, Role.UNIT_LEAD) if post.unit_id is not None
        )


def the_system(name: str) -> Actor:
    """The actor for schedules, imports and other work that no person does by hand."""
    return Actor(system=name, name="系统")
