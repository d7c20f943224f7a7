"""The cast of the demo: who there is, with phones easy to remember, and the posts they hold."""

from collections import defaultdict
from collections.abc import Iterator
from random import Random
from uuid import UUID

import msgspec

from server.kernel import database
from server.kernel.actor import Actor, Post, Role, the_system
from server.people import accounts, organisations, passwords, posts
from server.people.demo import PASSWORD

SYSTEM = the_system("demo")

BLOCKS = {
    Role.GRID_WORKER: 1,
    Role.PARTY_MEMBER: 2,
    Role.COMMUNITY_STAFF: 3,
    Role.SECRETARY: 4,
    Role.UNIT_LEAD: 5,
    Role.UNIT_HANDLER: 6,
    Role.CENTRE_OFFICER: 7,
    Role.AREA_ADMIN: 8,
    Role.SYSTEM_ADMIN: 9,
}
"""The eighth digit of a phone tells the role; residents have 0."""


def phone(block: int, number: int) -> str:
    """138 0000 4001: the block, and a number within it from 1; large districts go on in 138 14…"""
    return f"1380000{block}{number:03}" if number < 1000 else f"1381{block}{number:06}"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a post is: an area, a unit, an organisation."""

    area_id: int | None = None
    area_level: str | None = None
    unit_id: int | None = None
    organisation_id: int | None = None


class Cast:
    """Everybody, as actors ready to act, by role and place. Made once, in a fixed order."""

    def __init__(self, names: Iterator[str], chance: Random, password_hash: str) -> None:
        self.residents: list[Actor] = []
        self.strangers: list[Actor] = []
        """Phones of people without an account."""
        self.by_area: dict[tuple[Role, int], list[Actor]] = defaultdict(list)
        self.by_unit: dict[int, list[Actor]] = defaultdict(list)
        self.system_admins: list[Actor] = []
        self._names = names
        self._chance = chance
        self._hash = password_hash
        self._count: dict[int, int] = defaultdict(int)

    def of_area(self, role: Role, area_id: int) -> Actor:
        """The first with this role in an area."""
        return self.by_area[role, area_id][0]

    async def welcome_residents(self, how_many: int, districts: int) -> None:
        """Open accounts for residents, and let some more people have a phone and no account."""
        for _ in range(how_many):
            account_id, name = await self._account(0)
            self.residents.append(self._actor(account_id, name))
        for number in range(how_many):
            device = Random(f"device {number} {districts}").randbytes(32).hex()
            self.strangers.append(Actor(device=device, address="192.0.2.8"))

    async def appoint(self, role: Role, title: str, place: Place) -> Actor:
        """Open an account and give it a new post."""
        account_id, name = await self._account(BLOCKS[role])
        await database.execute("UPDATE accounts SET password_hash = $2 WHERE id = $1", account_id, self._hash)
        post_id = await posts.create(
            role,
            title,
            area_id=place.area_id,
            unit_id=place.unit_id,
            organisation_id=place.organisation_id,
            by=SYSTEM,
        )
        await posts.fill(post_id, account_id, SYSTEM)
        post = Post(
            id=post_id,
            role=role,
            title=title,
            area_id=place.area_id,
            area_level=place.area_level,
            unit_id=place.unit_id,
            organisation_id=place.organisation_id,
        )
        actor = self._actor(account_id, name, post)
        if place.unit_id is not None:
            self.by_unit[place.unit_id].append(actor)
        elif place.area_id is not None:
            self.by_area[role, place.area_id].append(actor)
        else:
            self.system_admins.append(actor)
        return actor

    async def _account(self, block: int) -> tuple[UUID, str]:
        self._count[block] += 1
        name = next(self._names)
        return await accounts.find_or_create(phone(block, self._count[block]), SYSTEM, name=name), name

    def _actor(self, account_id: UUID, name: str, *held: Post) -> Actor:
        return Actor(
            account_id=account_id, name=name, posts=held, device=self._chance.randbytes(32).hex(), address="192.0.2.9"
        )


async def begin(names: Iterator[str], chance: Random) -> Cast:
    """An empty cast. One hash serves all: the password of a demo is printed beside it anyway."""
    return Cast(names, chance, await passwords.hashed(PASSWORD))


async def found_party(name: str, kind: str, area_id: int, parent_id: int | None) -> int:
    """A party organisation of an area."""
    return await organisations.create(name, kind, area_id, parent_id=parent_id, by=SYSTEM)
