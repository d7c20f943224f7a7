"""Who may administer: an area administrator within their areas, a system administrator everywhere.

Nobody gives a role with a wider area than their own, and only a system administrator makes or touches another one.
"""

from collections.abc import Sequence

import msgspec

from server.kernel import database
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotAllowed, NotFound

EVERYWHERE = "/"
"""The path that every area's path begins with."""


class Scope(msgspec.Struct, frozen=True):
    """What an actor administers: paths of areas, as /1/4/; everything below them too."""

    paths: tuple[str, ...]

    @property
    def everywhere(self) -> bool:
        return EVERYWHERE in self.paths

    def reaches(self, paths: Sequence[str]) -> bool:
        """Whether all these places lie within; no place at all is the whole installation."""
        if not paths:
            return self.everywhere
        return all(any(path.startswith(own) for own in self.paths) for path in paths)


def administers(by: Actor) -> bool:
    return by.system is not None or by.has(Role.AREA_ADMIN, Role.SYSTEM_ADMIN)


def demand_administrator(by: Actor) -> None:
    """Raise `NotFound` for who administers nothing: the pages do not exist for them."""
    if not administers(by):
        raise NotFound()


async def scope_of(by: Actor) -> Scope:
    """What the actor administers; raises `NotFound` where it is nothing."""
    demand_administrator(by)
    if by.system is not None or by.has(Role.SYSTEM_ADMIN):
        return Scope((EVERYWHERE,))
    own = [post.area_id for post in by.posts_as(Role.AREA_ADMIN)]
    rows = await database.fetch("SELECT path FROM areas WHERE id = ANY($1)", own)
    return Scope(tuple(row["path"] for row in rows))


async def demand_area(area_id: int, by: Actor) -> None:
    """Raise `NotFound` where the area is not the actor's to administer."""
    scope = await scope_of(by)
    path = await database.fetch_value("SELECT path FROM areas WHERE id = $1 AND until IS NULL", area_id)
    if path is None or not scope.reaches([path]):
        raise NotFound()


def check_role(role: Role, by: Actor) -> None:
    """Raise `NotAllowed` where an area administrator reaches for the role of a system administrator."""
    if role is Role.SYSTEM_ADMIN and by.system is None and not by.has(Role.SYSTEM_ADMIN):
        raise NotAllowed("系统管理员只能由系统管理员任命或变动。")


def check_appointment(role: Role, own: bool, by: Actor) -> None:
    """Raise `NotAllowed` where somebody would give a role that is not theirs to give.

    A system administrator sees no case; so that it stays so, the way to a post that does leads through somebody else.
    """
    check_role(role, by)
    if own and by.has(Role.SYSTEM_ADMIN) and role is not Role.SYSTEM_ADMIN:
        raise NotAllowed("系统管理员不能给自己安排岗位,请由另一位管理员办理。")
