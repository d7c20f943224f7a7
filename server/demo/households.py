"""The linked households of the demo: six in every grid, each with its member, tags and some visits."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from server.demo.district import District
from server.demo.ground import Spot
from server.demo.names import ESTATES
from server.demo.people import SYSTEM, phone
from server.households import keeping, links, people, tags, visits
from server.households.care import agreements
from server.households.care import kinds as care_kinds
from server.households.care.agreements import Agreed
from server.households.facts import Facts, Person
from server.households.visit import Told
from server.kernel import clock
from server.kernel.actor import Actor, Role
from server.kernel.clock import BEIJING
from server.kernel.ids import new_id

EACH_GRID = 6
_TAGS = (
    ("alone", "独居老人", "有人常去看看,有事找得到人", 365),
    ("steps", "行动不便", "上门办事,不用跑", 365),
    ("new", "新搬来", "认认门,告诉附近有什么", 180),
    ("children", "孩子放学没人接", "知道可以去哪里写作业", 365),
)
_LOOKING_IN = (
    ("call", "每天一个电话", "每天有人问一声,有事找得到人", "contact", 24),
    ("weekly", "每周上门", "每周有人上门坐坐,看看有什么要帮忙", "visit", 168),
    ("water", "用水有动静", "一整天没有用水就来看看", "signal", 24),
)
_CALLED = ("奶奶", "爷爷", "阿姨", "大叔", "师傅", "老师")
_SURNAMES = "陈林黄李张吴刘杨王何"
_SAID = ("都好,刚买菜回来。", "最近在学用手机挂号。", "楼上装修有点吵。", "想知道老年食堂几点开。", "")


async def settle(district: District) -> int:
    """Give every grid its households, linked to the grid's members; how many were made."""
    kinds = [await tags.save_kind(*one, by=SYSTEM) for one in _TAGS]
    made = 0
    for spot in district.spots("grid"):
        chance = Random(f"households {district.size.seed} {spot.code}")
        members = district.cast.by_area.get((Role.PARTY_MEMBER, district.ids[spot.code]), [])
        for number in range(EACH_GRID):
            await _household(district, spot, chance, number, kinds, members)
            made += 1
    return made


async def visit(district: District, begin: datetime, until: datetime) -> int:
    """Let the members look in now and then between the two moments; how many visits there were."""
    made = 0
    for spot in district.spots("grid"):
        chance = Random(f"visits {district.size.seed} {spot.code}")
        for member in district.cast.by_area.get((Role.PARTY_MEMBER, district.ids[spot.code]), []):
            for household in await links.households_of(member):
                for moment in _moments(begin, until, chance):
                    with clock.at(moment):
                        await visits.record(_told(household, chance, moment), member)
                    made += 1
    return made


async def look_in(district: District, until: datetime) -> int:
    """Let one household of each grid agree to be looked in on, some of them so long ago that a contact was missed."""
    care = [await care_kinds.save(*one, by=SYSTEM) for one in _LOOKING_IN]
    made = 0
    for spot in district.spots("grid"):
        chance = Random(f"care {district.size.seed} {spot.code}")
        for member in district.cast.by_area.get((Role.PARTY_MEMBER, district.ids[spot.code]), [])[:1]:
            for household in (await links.households_of(member))[:1]:
                [person] = await people.of(household)
                day = until.astimezone(BEIJING).date() + timedelta(days=365)
                kind = chance.choice(care)
                told = Agreed(kinds=(kind,), person=person.id, until=day, witness="女儿", account=member.account_id)
                with clock.at(until - timedelta(days=2 if chance.random() < 0.2 else 0, hours=2)):
                    await agreements.agree(household, told, by=SYSTEM, seen=None)
                made += 1
    return made


async def _household(
    district: District, spot: Spot, chance: Random, number: int, kinds: list[int], members: list[Actor]
) -> None:
    facts = Facts(
        place=chance.choice(ESTATES),
        building=str(chance.randint(1, 12)),
        unit=str(chance.randint(1, 3)),
        room=f"{chance.randint(1, 18)}0{number + 1}",
        area_id=district.ids[spot.code],
        external_code=f"{spot.code}-{number + 1:02}",
        private=chance.random() < 0.2,
    )
    called = f"{chance.choice(_SURNAMES)}{chance.choice(_CALLED)}"
    number_to_call = f"1370000{chance.randrange(10_000):04}"
    if spot.code == district.spots("grid")[0].code and number == 0:
        # The resident whom the demo offers sees what is kept of a household.
        called, number_to_call = district.cast.residents[0].name, phone(0, 1)
    person = Person(name=called, phone=number_to_call, relation="本人")
    done = await keeping.add(facts, person, by=SYSTEM)
    if chance.random() < 0.6:
        await tags.put(done.household_id, chance.choice(kinds), by=SYSTEM, seen=None)
    # The last one of each grid still waits for somebody.
    if members and number < EACH_GRID - 1:
        member = members[number % len(members)]
        assert member.account_id is not None
        await links.link(done.household_id, member.account_id, by=SYSTEM)


def _moments(begin: datetime, until: datetime, chance: Random) -> list[datetime]:
    """Twice at most, by day, one after the other."""
    days = sorted(begin + (until - begin) * chance.random() for _ in range(chance.randint(0, 2)))
    return [min(until, day.astimezone(BEIJING).replace(hour=chance.randint(9, 17))) for day in days]


def _told(household: UUID, chance: Random, moment: datetime) -> Told:
    met = chance.random() < 0.8
    return Told(
        id=new_id(),
        household=household,
        way=chance.choice(("door", "door", "phone", "passing")),
        outcome="met" if met else "nobody_home",
        topics=tuple(chance.sample(("daily", "housing", "safety", "errands"), k=chance.randint(0, 2))) if met else (),
        said=chance.choice(_SAID) if met else "",
        next_on=(moment + timedelta(days=chance.choice((14, 30)))).date(),
    )
