"""The care register: what a household agrees to, what is missed, who hears, what a sensor says."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from server.households import household as households
from server.households import keeping, links, own, people, visits
from server.households.care import agreements, kinds, looking, readings, register, rule, ticking
from server.households.care.agreements import Agreed
from server.households.care.readings import Reading
from server.households.care.register import Watch
from server.households.care.rule import Rung, Watched
from server.kernel import clock, database, events
from server.kernel.actor import Actor, the_system
from server.kernel.clock import BEIJING
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.kernel.ids import new_id
from tests import cast as casting
from tests.cast import Cast
from tests.households.making import GRANNY, household, linked, member
from tests.households.test_visits import contact

MORNING = datetime(2026, 11, 25, 9, tzinfo=BEIJING)
SYSTEM = the_system("test")


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def kind(code: str = "daily", way: str = "contact", hours: int = 24) -> int:
    return await kinds.save(code, "每天一个电话", "有人每天问一声", way, hours, by=SYSTEM)


async def agreed(cast: Cast, household_id: UUID, *kind_ids: int, **changes: Any) -> None:
    """The household agrees to be looked in on for half a year."""
    until = clock.now().astimezone(BEIJING).date() + timedelta(days=180)
    [person, *_] = await people.of(household_id)
    told = Agreed(**({"kinds": kind_ids, "person": person.id, "until": until, "witness": "女儿郑芳"} | changes))
    await agreements.agree(household_id, told, by=cast.staff, seen=None)


async def watch(household_id: UUID) -> Watch:
    [one] = (await register.watches_of([household_id]))[household_id]
    return one


async def missed(household_id: UUID) -> list[dict[str, Any]]:
    history = await events.history(households.stream_of(household_id))
    return [event.data for event in history if event.kind == "household.missed"]


async def test_what_was_agreed_is_kept_with_who_until_when_and_before_whom(cast: Cast) -> None:
    made = await linked(cast)
    with clock.at(MORNING):
        await agreed(cast, made, await kind(), account=cast.party_member.account_id)
        [one] = await register.read(made, cast.secretary)
    assert (one.agreed_by, one.witness, one.taken_by) == (GRANNY.name, "女儿郑芳", "刘慧")
    assert (one.agreed_at, one.until) == (MORNING, date(2027, 5, 24))
    [each] = one.watches
    assert (each.name, each.member, each.due_at) == (
        "每天一个电话",
        "孙先进",
        datetime(2026, 11, 26, 18, tzinfo=BEIJING),
    )
    history = await events.history(households.stream_of(made))
    assert [event.kind for event in history][-2:] == ["household.care_agreed", "household.care_read"]
    assert not any("郑" in str(event.data) for event in history if event.kind == "household.care_agreed")


async def test_a_bad_agreement_names_every_field(cast: Cast) -> None:
    made = await linked(cast)
    told = Agreed(kinds=(), person=new_id(), until=date(2020, 1, 1), witness="刘慧", account=cast.staff.account_id)
    with pytest.raises(Invalid) as refused:
        await agreements.agree(made, told, by=cast.staff, seen=None)
    assert set(refused.value.fields) == {"kinds", "person", "until", "witness", "account"}
    [person] = await people.of(made)
    until = clock.now().astimezone(BEIJING).date() + timedelta(days=30)
    for witness in ("", "x" * 41):
        told = Agreed(kinds=(await kind(),), person=person.id, until=until, witness=witness)
        with pytest.raises(Invalid) as refused:
            await agreements.agree(made, told, by=cast.staff, seen=None)
        assert set(refused.value.fields) == {"witness"}


async def test_only_the_community_takes_it_down(cast: Cast) -> None:
    made = await linked(cast)
    [person] = await people.of(made)
    until = clock.now().astimezone(BEIJING).date() + timedelta(days=30)
    told = Agreed(kinds=(await kind(),), person=person.id, until=until, witness="女儿郑芳")
    for by, refusal in (
        (cast.party_member, NotAllowed),
        (cast.grid_worker, NotAllowed),
        (cast.next_staff, NotFound),
        (cast.resident, NotFound),
        (cast.system_admin, NotFound),
    ):
        with pytest.raises(refusal):
            await agreements.agree(made, told, by=by, seen=None)
    assert await register.of(made) == ()


async def test_a_new_agreement_takes_the_place_of_the_one_before(cast: Cast) -> None:
    made = await linked(cast)
    daily, weekly = await kind(), await kind("weekly", "visit", 168)
    await agreed(cast, made, daily)
    await agreed(cast, made, weekly)
    now, before = await register.of(made)
    assert [each.way for each in now.watches] == ["visit"]
    assert (before.why_ended, before.watches) == ("重新约定", ())


async def test_a_missed_call_warns_the_member_then_the_worker_then_the_secretary(cast: Cast) -> None:
    made = await linked(cast)
    with clock.at(MORNING):
        await agreed(cast, made, await kind())
    due = datetime(2026, 11, 26, 18, tzinfo=BEIJING)
    heard = []
    for moment in (due - timedelta(minutes=1), due, due + timedelta(hours=3), due + timedelta(hours=6)):
        with clock.at(moment):
            assert await ticking.tick() == (moment >= due)
            assert await ticking.tick() == 0
        heard.append([rung for each in await missed(made) for rung in each["to"].values()])
    assert heard == [[], ["member"], ["member", "worker"], ["member", "worker", "secretary"]]
    assert (await missed(made))[1]["to"] == {str(cast.grid_worker.account_id): "worker"}
    with clock.at(due + timedelta(days=9)):
        assert await ticking.tick() == 0


async def test_a_contact_in_time_warns_nobody_and_counts_from_when_somebody_was_met(cast: Cast) -> None:
    made = await linked(cast)
    with clock.at(MORNING):
        await agreed(cast, made, await kind())
    with clock.at(MORNING + timedelta(days=1)):
        await visits.record(contact(made, way="phone"), cast.party_member)
    with clock.at(MORNING + timedelta(days=1, hours=10)):
        assert await ticking.tick() == 0
    assert (await watch(made)).due_at == datetime(2026, 11, 27, 18, tzinfo=BEIJING)


async def test_nobody_home_counts_as_no_contact_and_a_call_as_no_visit(cast: Cast) -> None:
    made = await linked(cast)
    with clock.at(MORNING):
        await agreed(cast, made, await kind("weekly", "visit", 168))
    before = (await watch(made)).due_at
    with clock.at(MORNING + timedelta(days=1)):
        await visits.record(contact(made, way="phone"), cast.party_member)
        await visits.record(contact(made, outcome="nobody_home"), cast.party_member)
    assert (await watch(made)).due_at == before
    with clock.at(MORNING + timedelta(days=2)):
        await visits.record(contact(made), cast.party_member)
    assert (await watch(made)).due_at == before + timedelta(days=2)


async def test_the_member_whom_it_agreed_on_hears_alone_while_they_are_linked(cast: Cast) -> None:
    made = await linked(cast)
    other = await member(cast, "13800000099", "何党员")
    assert other.account_id is not None and cast.party_member.account_id is not None
    await links.link(made, other.account_id, by=cast.staff)
    with clock.at(MORNING):
        await agreed(cast, made, await kind(), account=other.account_id)
    one = await watch(made)
    assert (await ticking.people([one.id]))[one.id][Rung.MEMBER] == [other.account_id]
    await links.unlink(made, other.account_id, by=cast.staff, why="moved")
    assert (await ticking.people([one.id]))[one.id][Rung.MEMBER] == [cast.party_member.account_id]


async def test_where_nobody_is_linked_the_grid_worker_hears_at_once(cast: Cast) -> None:
    made = await household(cast)
    with clock.at(MORNING):
        await agreed(cast, made, await kind())
    with clock.at(datetime(2026, 11, 26, 18, tzinfo=BEIJING)):
        await ticking.tick()
    [one] = await missed(made)
    assert (one["to"], one["empty"]) == ({str(cast.grid_worker.account_id): "worker"}, ["member"])


async def test_whoever_went_to_look_says_so_once(cast: Cast) -> None:
    made = await linked(cast)
    with clock.at(MORNING):
        await agreed(cast, made, await kind())
    one = await watch(made)
    with clock.at(MORNING + timedelta(days=3)):
        await ticking.tick()
        for by in (cast.next_grid_worker, cast.next_staff, cast.resident):
            with pytest.raises(NotFound):
                await looking.look(made, one.id, by=by, found="well")
        for by in (cast.centre, cast.street_secretary):
            with pytest.raises(NotAllowed):
                await looking.look(made, one.id, by=by, found="well")
        with pytest.raises(Invalid):
            await looking.look(made, one.id, by=cast.grid_worker, found="dancing")
        for _ in range(2):
            await looking.look(made, one.id, by=cast.grid_worker, found="well", note="在看电视")
        assert await ticking.tick() == 0
    assert await database.fetch_value("SELECT count(*) FROM care_looks") == 1
    assert (await watch(made)).told == 0


async def test_a_sensor_speaks_by_its_secret_and_twice_is_once(cast: Cast) -> None:
    made = await linked(cast)
    with clock.at(MORNING):
        await agreed(cast, made, await kind("water", "signal", 12))
    one = await watch(made)
    with pytest.raises(NotAllowed):
        await key_of(made, one, cast.party_member)
    secret = await key_of(made, one, cast.staff)
    with clock.at(MORNING + timedelta(hours=2)):
        assert await readings.receive(secret, Reading(id="r1", said="alive"))
        assert not await readings.receive(secret, Reading(id="r1", said="alive"))
        for wrong in ("", "nonsense", secret[:-1]):
            with pytest.raises(NotFound):
                await readings.receive(wrong, Reading(id="r2", said="alive"))
        for bad in (Reading(id="", said="alive"), Reading(id="r3", said="dead")):
            with pytest.raises(Invalid):
                await readings.receive(secret, bad)
    assert (await watch(made)).due_at == MORNING + timedelta(hours=14)
    said = [event.kind for event in await events.history(households.stream_of(made))]
    assert said.count("household.signalled") == 1
    with clock.at(MORNING + timedelta(hours=14)):
        assert await ticking.tick() == 1
    await key_of(made, one, cast.staff)
    with pytest.raises(NotFound):
        await readings.receive(secret, Reading(id="r9", said="alive"))


async def key_of(household_id: UUID, one: Watch, by: Actor) -> str:
    return await readings.new_key(household_id, one.id, by=by)


async def test_an_alarm_reaches_member_and_worker_at_once_and_stands_until_somebody_looked(cast: Cast) -> None:
    made = await linked(cast)
    with clock.at(MORNING):
        await agreed(cast, made, await kind("button", "signal", 48))
    one = await watch(made)
    secret = await key_of(made, one, cast.staff)
    moment = MORNING + timedelta(hours=3)
    with clock.at(moment):
        await readings.receive(secret, Reading(id="a1", said="alarm"))
        await readings.receive(secret, Reading(id="a2", said="alive"))
        await ticking.tick()
    with clock.at(moment + timedelta(minutes=10)):
        await readings.receive(secret, Reading(id="a3", said="alarm"))
        await ticking.tick()
    assert [sorted(each["to"].values()) for each in await missed(made)] == [["member", "worker"], ["secretary"]]
    assert all(each["alarm"] for each in await missed(made))
    with clock.at(moment + timedelta(minutes=20)):
        await looking.look(made, one.id, by=cast.party_member, found="helped")
        after = await watch(made)
        assert (after.alarm, after.missed) == (False, False)


async def test_the_household_sees_it_all_and_takes_its_word_back_at_once(cast: Cast) -> None:
    made = await household(cast)
    granny = Actor(account_id=await casting.new_account(GRANNY.phone, GRANNY.name), name=GRANNY.name)
    await agreed(cast, made, await kind())
    await register.read(made, cast.grid_worker)
    [seen] = await own.of(granny)
    [one] = seen.care
    assert (one.witness, one.ended_at, [each.name for each in one.watches]) == ("女儿郑芳", None, ["每天一个电话"])
    assert [reader.name for reader in seen.readers] == ["陈建国"]
    with pytest.raises(NotFound):
        await own.leave_care(made, cast.neighbour)
    for _ in range(2):
        await own.leave_care(made, granny)
    [one] = (await own.of(granny))[0].care
    assert (one.why_ended, one.watches) == ("住户不要了", ())
    assert (await households.load(made, cast.staff)).household.until is None
    with clock.at(clock.now() + timedelta(days=30)):
        assert await ticking.tick() == 0


async def test_what_was_erased_says_no_name_and_the_history_still_verifies(cast: Cast) -> None:
    made = await household(cast)
    granny = Actor(account_id=await casting.new_account(GRANNY.phone, GRANNY.name), name=GRANNY.name)
    await agreed(cast, made, await kind())
    await own.erase(made, granny)
    [one] = await register.of(made)
    assert (one.agreed_by, one.witness, one.why_ended) == ("", "", "不再联系这户")
    known = await households.load(made, households.SYSTEM)
    assert events.verifies(await events.history(households.stream_of(made)), known.household.head)


async def test_an_agreement_ends_with_its_day_with_the_household_and_before_a_merge(cast: Cast) -> None:
    one, other, third = await household(cast, "501"), await household(cast, "502"), await household(cast, "503")
    for each in (one, other):
        with clock.at(MORNING):
            await agreed(cast, each, await kind(), until=date(2026, 12, 1))
    with pytest.raises(NotAllowed):
        await keeping.merge(one, third, by=cast.staff, seen=None)
    await keeping.close(one, by=cast.staff, seen=None, why="moved_away")
    assert [each.why_ended for each in await register.of(one)] == ["不再联系这户"]
    with clock.at(datetime(2026, 12, 1, 23, tzinfo=BEIJING)):
        await agreements.lapse()
    assert (await register.of(other))[0].ended_at is None
    with clock.at(datetime(2026, 12, 2, 1, tzinfo=BEIJING)):
        await agreements.lapse()
        assert (await register.of(other))[0].why_ended == "到期"
        assert await ticking.tick() == 0


async def test_streets_districts_and_neighbours_never_read_the_register(cast: Cast) -> None:
    made = await linked(cast)
    await agreed(cast, made, await kind())
    for by in (cast.centre, cast.street_secretary, cast.next_staff, cast.next_grid_worker, cast.resident):
        with pytest.raises(NotFound):
            await register.read(made, by)
    for by in (cast.party_member, cast.grid_worker, cast.staff):
        assert len(await register.read(made, by)) == 1


async def test_kinds_are_the_districts_and_name_no_illness(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        await kinds.save("x", "看看", "问一声", "contact", 24, by=cast.staff)
    with pytest.raises(Invalid) as refused:
        await kinds.save("坏 码", "精神病人", "", "sing", 0, by=cast.area_admin)
    assert set(refused.value.fields) == {"code", "name", "purpose", "way", "hours"}
    await kind()
    with pytest.raises(Invalid):
        await kinds.save("daily", "每天一个电话", "问一声", "visit", 24, by=cast.area_admin)
    with pytest.raises(Invalid):
        await kinds.save("daily", "每天一个电话", "问一声", "contact", 24, by=cast.area_admin, new=True)


@pytest.mark.parametrize(
    ("way", "contact", "outcome", "counts"),
    [
        ("contact", "phone", "met", True),
        ("contact", "door", "met", True),
        ("contact", "message", "nobody_home", False),
        ("visit", "door", "met", True),
        ("visit", "passing", "met", False),
        ("visit", "door", "not_now", False),
        ("signal", "door", "met", False),
    ],
)
def test_what_counts_as_looking_in(way: str, contact: str, outcome: str, counts: bool) -> None:
    assert rule.satisfies(way, contact, outcome) is counts


def test_after_a_long_pause_everybody_whose_time_has_come_hears_together() -> None:
    due = MORNING
    one = Watched(way="contact", every_hours=24, due_at=due, alarm=False, told=0)
    a, b, c = new_id(), new_id(), new_id()
    held = {Rung.MEMBER: [a], Rung.WORKER: [b], Rung.SECRETARY: [c]}
    climb = rule.climb(one, held, due + timedelta(days=4))
    assert (set(climb.to), climb.told, climb.next_at) == ({a, b, c}, 3, None)
    nobody = rule.climb(one, {}, due)
    assert (dict(nobody.to), nobody.told, nobody.next_at) == ({}, 0, due + timedelta(hours=1))
