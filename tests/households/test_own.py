"""The household's own side: its contact sees all that is kept, asks, leaves, and has it erased."""

from uuid import UUID

import pytest

from server import cases
from server.households import household as households
from server.households import keeping, links, own, people, tags, visits
from server.households.facts import Person
from server.households.visit import Told
from server.kernel import database, events
from server.kernel.errors import Invalid, NotFound
from server.kernel.events import Head
from server.kernel.ids import new_id
from server.notices.following import follow
from tests import cast as casting
from tests.cast import Cast
from tests.households.making import at


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def home(cast: Cast) -> UUID:
    """A household whose contact is the resident, with all that may be kept of one."""
    person = Person(name="李小梅", phone="13800000001", relation="本人")
    made = (await keeping.add(at(cast), person, by=cast.staff)).household_id
    kind = await tags.save_kind("alone", "独居老人", "有人常去看看", 90, by=cast.area_admin)
    await tags.put(made, kind, by=cast.staff, seen=None)
    assert cast.party_member.account_id is not None
    await links.link(made, cast.party_member.account_id, by=cast.staff)
    told = Told(id=new_id(), household=made, way="door", outcome="met", said="都好", needs="楼道灯坏了", ask=True)
    await visits.record(told, cast.party_member)
    await keeping.move(made, at(cast, "601室"), by=cast.staff, seen=None)
    return made


async def test_its_contact_sees_everything_that_is_kept_and_nobody_else_does(cast: Cast) -> None:
    made = await home(cast)
    [one] = await own.of(cast.resident)
    assert (one.id, one.words) == (made, "民乐新村 3栋 2单元 601室")
    assert [each.phone for each in one.people] == ["13800000001"]
    assert [each.purpose for each in one.tags] == ["有人常去看看"]
    assert [each.name for each in one.coming] == ["孙先进"]
    assert [(each.said, each.needs) for each in one.visits] == [("都好", "楼道灯坏了")]
    assert [each.words for each in one.lived] == ["民乐新村 3栋 2单元 501"]
    for who in (cast.neighbour, cast.party_member, cast.staff, cast.system_admin):
        assert await own.of(who) == ()
        assert not await own.is_contact(who)
        for verb in (own.leave(made, who), own.erase(made, who), own.ask(made, who, words="改")):
            with pytest.raises(NotFound):
                await verb


async def test_a_number_that_is_not_the_contacts_any_more_opens_nothing(cast: Cast) -> None:
    made = await home(cast)
    [person] = await people.of(made)
    await people.change(made, person.id, by=cast.staff, seen=None, name="李小梅", phone="13700000009")
    assert await own.of(cast.resident) == ()


async def test_what_it_asks_for_reaches_its_community_until_it_is_seen_to(cast: Cast) -> None:
    made = await home(cast)
    await follow()
    with pytest.raises(Invalid):
        await own.ask(made, cast.resident, words=" ")
    await own.ask(made, cast.resident, words="换一位来")
    await follow()
    told = await database.fetch("SELECT account, href FROM notices WHERE title = '联系户有话要说'")
    assert {row["href"] for row in told} == {f"/desk/households/{made}"}
    assert {row["account"] for row in told} == {
        cast.staff.account_id,
        cast.second_staff.account_id,
        cast.secretary.account_id,
    }
    [wish] = await own.wishes_of(made)
    with pytest.raises(NotFound):
        await own.see_to(made, wish.id, cast.next_staff)
    await own.see_to(made, wish.id, cast.staff)
    await own.see_to(made, wish.id, cast.staff)
    [one] = await own.of(cast.resident)
    assert one.wishes[0].done_at is not None


async def test_a_member_is_told_whom_to_look_in_on(cast: Cast) -> None:
    await home(cast)
    await follow()
    rows = await database.fetch("SELECT account, href, line FROM notices WHERE title = '请您联系一户'")
    assert [(row["account"], row["href"]) for row in rows] == [(cast.party_member.account_id, "/households")]


async def test_leaving_ends_the_links_and_keeps_what_was(cast: Cast) -> None:
    made = await home(cast)
    await own.leave(made, cast.resident)
    assert await own.of(cast.resident) == ()
    with pytest.raises(NotFound):
        await households.load(made, cast.party_member)
    assert [one.said for one in await visits.of(made)] == ["都好"]


async def test_erasing_leaves_nothing_personal_and_the_history_verifies(cast: Cast) -> None:
    made = await home(cast)
    other = (await keeping.add(at(cast, "777室"), Person(name="周重复", phone=""), by=cast.staff)).household_id
    await keeping.merge(other, made, by=cast.staff, seen=None)
    await own.ask(made, cast.resident, words="把我的都删掉")
    await own.erase(made, cast.resident)
    tables = ("households", "household_people", "household_visits", "household_links", "household_addresses")
    kept = ""
    for table in (*tables, "household_tags", "household_wishes"):
        kept += "".join(str(tuple(row)) for row in await database.fetch(f"SELECT * FROM {table}"))
    for each in (made, other):
        history = await events.history(households.stream_of(each))
        kept += "".join(str(event.data) for event in history)
        row = await database.fetch_one("SELECT history_sequence, history_link FROM households WHERE id = $1", each)
        assert row is not None
        assert events.verifies(history, Head(row["history_sequence"], row["history_link"]))
    for word in ("李小梅", "周重复", "13800000001", "民乐新村", "都好", "楼道灯", "独居", "删掉", "601室", "777室"):
        assert word not in kept, word
    # The case that the need became is the reporter's, and stays.
    assert await database.fetch_value("SELECT count(*) FROM cases") == 1
    assert (await cases.accept(await database.fetch_value("SELECT id FROM cases"), cast.staff, seen=None)).version
