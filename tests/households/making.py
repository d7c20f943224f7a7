"""Households of the cast, and further members."""

from typing import Any
from uuid import UUID

from server.households import keeping, links
from server.households.facts import Facts, Person
from server.kernel.actor import Actor, Post, Role
from tests import cast as casting
from tests.cast import Cast

GRANNY = Person(name="郑婆婆", phone="13700000077", relation="本人")


def at(cast: Cast, room: str = "501", **changes: Any) -> Facts:
    """What is said of a door in the first grid."""
    return Facts(**({"place": "民乐新村", "building": "3", "unit": "2", "room": room, "area_id": cast.grid} | changes))


async def household(cast: Cast, room: str = "501", *, by: Actor | None = None, **changes: Any) -> UUID:
    """A household of 民乐社区."""
    return (await keeping.add(at(cast, room, **changes), GRANNY, by=by or cast.staff)).household_id


async def linked(cast: Cast, room: str = "501", to: Actor | None = None, **changes: Any) -> UUID:
    """A household with a member who is linked to it."""
    made = await household(cast, room, **changes)
    member = to or cast.party_member
    assert member.account_id is not None
    await links.link(made, member.account_id, by=cast.staff)
    return made


async def member(cast: Cast, phone: str, name: str, area: int | None = None) -> Actor:
    """Another party member, of 民乐社区 unless another area is named."""
    account = await casting.new_account(phone, name)
    post: Post = await casting.new_post(Role.PARTY_MEMBER, "党员", area or cast.community, None, account)
    return Actor(account_id=account, name=name, posts=(post,))
