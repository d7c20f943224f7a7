"""The town that a storm comes over: who holds a phone, what there is to do on it, and what becomes of whom."""

import random
from typing import Literal
from uuid import UUID

import msgspec

from server import cases
from server.cases.reporting import Asked
from server.households import keeping, links
from server.households.facts import Facts, Person
from server.kernel import clock, database
from server.kernel.actor import Actor, Role
from server.kernel.ids import new_id
from server.patrols import orders
from server.patrols.destinations import Wanted
from server.people import accounts, posts, sessions
from tests import cast as casting
from tests.cast import Cast

MOST_PHONES = 50
DEEDS = (2, 5)
"""What one phone has to do, at least and at most."""
ROLES = ("resident", "stranger", "unit", "worker", "member")
OFTEN = (30, 10, 20, 25, 15)
"""Of a hundred phones, by role."""
SIGN_OUTS = 2
"""A phone signs out at most so often."""
PLACES = 4
"""Of one worker."""
CASES = (DEEDS[1] + 1) // 2 + 1
"""Of one handler: each is two deeds, and one more for what is done while the app is updated."""

Fate = Literal["closed", "moved"]


class Case(msgspec.Struct, frozen=True):
    """One that waits to be taken on."""

    number: str
    seen: int


class Checklist(msgspec.Struct, frozen=True):
    """What is asked at every place."""

    version: int
    items: tuple[str, ...]


class Guest(msgspec.Struct, frozen=True):
    """Somebody who has another's phone for a moment."""

    account: UUID
    token: str


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds it and what there is to do; `phones.js` lives it."""

    role: str
    marker: str
    """Begins everything that is written on it."""
    device: str
    deeds: int
    community: int
    account: UUID | None = None
    tokens: tuple[str, ...] = ()
    """Sessions: one to begin with, one after each sign-out."""
    guest: Guest | None = None
    fate: Fate | None = None
    fate_at: int = -1
    """Before which deed; never where it is negative."""
    cases: tuple[Case, ...] = ()
    places: tuple[UUID, ...] = ()
    checklist: Checklist | None = None
    order: UUID | None = None
    household: UUID | None = None
    person: UUID | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One storm."""

    seed: int
    faults: float
    pause: int = 0
    """Milliseconds between two deeds of a phone, at most."""
    phones: tuple[Phone, ...]


class Town:
    """The tests' cast with as many further people as there are phones."""

    def __init__(self, cast: Cast, checklist: Checklist) -> None:
        self.cast = cast
        self.checklist = checklist
        self.people = 0

    @classmethod
    async def make(cls) -> "Town":
        """Build it in an empty database."""
        from bench import rounds

        cast = await casting.gather()
        of = await rounds.prepare(cast, 1)
        return cls(cast, Checklist(of.version, tuple(str(item["id"]) for item in rounds.ITEMS)))

    async def plan(self, seed: int, faults: float, most: int = MOST_PHONES, rare: int = 12) -> Plan:
        """The phones of one seed, with all that they need: `most` at most, and the larger `rare`, the fewer mostly."""
        draw = random.Random(seed)
        many = 1 + int((most - 1) * draw.random() ** rare)
        phones = [await self._phone(seed, place, draw) for place in range(many)]
        return Plan(seed=seed, faults=faults, phones=tuple(phones))

    async def befall(self, account: UUID, fate: Fate) -> None:
        """Somebody's account closes, or their post or their household is not theirs any more."""
        if fate == "closed":
            await accounts.close(account, Actor(account_id=account))
            return
        for post in await posts.held_by(account):
            await posts.vacate(post.id, self.cast.area_admin)

    async def _phone(self, seed: int, place: int, draw: random.Random) -> Phone:
        role = draw.choices(ROLES, OFTEN)[0]
        deeds = draw.randint(*DEEDS)
        phone = Phone(
            role=role,
            marker=f"storm {seed} {place}",
            device=f"d{seed}x{place}".ljust(43, "0"),
            deeds=deeds,
            community=self.cast.community,
        )
        if role == "stranger":
            return phone
        account = await self.somebody(role)
        staff = role in ("unit", "worker", "member")
        tokens = [await sessions.open_session(account, password=staff) for _ in range(1 + SIGN_OUTS)]
        with_account = msgspec.structs.replace(phone, account=account, tokens=tuple(tokens))
        ready = await self._furnished(with_account, account)
        doom = draw.random()
        if doom < 0.05 or (staff and doom < 0.12):
            fate: Fate = "closed" if doom < 0.05 else "moved"
            return msgspec.structs.replace(ready, fate=fate, fate_at=draw.randrange(deeds))
        guest = await self.somebody("客人")
        lent = Guest(guest, await sessions.open_session(guest))
        return msgspec.structs.replace(ready, guest=lent)

    async def somebody(self, name: str) -> UUID:
        """One person more."""
        self.people += 1
        return await casting.new_account(f"139{self.people:08d}", name)

    async def _furnished(self, phone: Phone, account: UUID) -> Phone:
        match phone.role:
            case "unit":
                return await self._unit(phone, account)
            case "worker":
                return await self._worker(phone, account)
            case "member":
                return await self._member(phone, account)
        return phone

    async def _unit(self, phone: Phone, account: UUID) -> Phone:
        """A handler of a unit of their own, with cases that were sent there."""
        unit = await casting.new_unit(f"S{self.people}", f"风暴队{self.people}", self.cast.district)
        await casting.new_post(Role.UNIT_HANDLER, "维护员", None, unit, account)
        asked = [
            Asked(telling=cases.Telling(text=f"{phone.marker} told {at}", community_id=phone.community))
            for at in range(CASES)
        ]
        waiting = []
        for told in await cases.report_all(asked, self.cast.neighbour):
            accepted = await cases.accept(told.case_id, self.cast.staff, seen=None)
            sent = await cases.dispatch(told.case_id, self.cast.staff, seen=accepted.version, unit_id=unit)
            waiting.append(Case(told.number, sent.version))
        return msgspec.structs.replace(phone, cases=tuple(waiting))

    async def _worker(self, phone: Phone, account: UUID) -> Phone:
        """The worker of a grid of their own, with places, and an order of the desk."""
        number = self.people
        grid = await casting.new_area(f"4403000010019{number:06d}", f"风暴网格{number}", "grid", self.cast.community)
        post = await casting.new_post(Role.GRID_WORKER, "网格员", grid, None, account)
        places = tuple(new_id() for _ in range(PLACES))
        await database.execute(
            """INSERT INTO places (id, code, kind, kind_version, name, address_text, district, street, community, grid,
                                   answers, since)
               SELECT p.id, 'S' || lpad(($2::int * 10 + p.n)::text, 9, '0'), v.kind, v.id, '便利店', '民乐新村',
                      $3, $4, $5, $6, '{}', $7
               FROM unnest($1::uuid[]) WITH ORDINALITY AS p (id, n), place_kind_versions v""",
            *(places, number, self.cast.district, self.cast.street, self.cast.community, grid, clock.now()),
        )
        there = Wanted(latitude=casting.SOUTH + 0.005, longitude=casting.WEST + 0.005)
        order = await orders.send(post.id, self.cast.staff, words="去看看", to=there)
        return msgspec.structs.replace(phone, places=places, checklist=self.checklist, order=order.order_id)

    async def _member(self, phone: Phone, account: UUID) -> Phone:
        """A party member who is linked to a household."""
        await casting.new_post(Role.PARTY_MEMBER, "党员", self.cast.community, None, account)
        door = Facts(place="民乐新村", building="3", unit="2", room=str(self.people), area_id=self.cast.grid)
        granny = Person(name="郑婆婆", phone="13700000077", relation="本人")
        made = await keeping.add(door, granny, by=self.cast.staff)
        await links.link(made.household_id, account, by=self.cast.staff)
        person = await database.fetch_value("SELECT id FROM household_people WHERE household = $1", made.household_id)
        return msgspec.structs.replace(phone, household=made.household_id, person=person)
