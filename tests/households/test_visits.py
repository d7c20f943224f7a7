"""Contacts: recorded by the linked member, at the desk for them, late or not; needs that become cases."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from server import cases
from server.cases import Phone
from server.cases.view import view
from server.households import household as households
from server.households import keeping, links, visits
from server.households.visit import Recorded, Told
from server.kernel import clock, database, events
from server.kernel.clock import BEIJING
from server.kernel.errors import HuyingError, Invalid, NotAllowed, NotFound
from server.kernel.ids import new_id
from tests import cast as casting
from tests.cast import Cast
from tests.households.making import household, linked, member


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


def contact(household_id: UUID, **changes: Any) -> Told:
    """The usual one."""
    return Told(**({"id": new_id(), "household": household_id, "way": "door", "outcome": "met"} | changes))


async def test_the_usual_contact_is_kept_and_the_household_remembers_it(cast: Cast) -> None:
    made = await linked(cast)
    tomorrow = clock.now().astimezone(BEIJING).date() + timedelta(days=1)
    told = contact(made, topics=("daily", "safety"), said="都好", next_on=tomorrow)
    done = await visits.record(told, cast.party_member)
    assert (done.version, done.number, done.marks) == (1, "", ())
    [one] = await visits.of(made)
    assert (one.name, one.way_words, one.outcome_words) == ("孙先进", "上门", "见到了")
    assert (one.topic_words, one.said, one.next_on) == (("日常生活", "用火用电"), "都好", tomorrow)
    now = (await households.load(made, cast.staff)).household
    assert now.last_visit_at is not None and now.next_visit_on == tomorrow
    history = await events.history(households.stream_of(made))
    assert events.verifies(history, now.head)
    assert not any("都好" in str(event.data) for event in history)


async def test_nobody_home_is_an_outcome_but_no_visit(cast: Cast) -> None:
    made = await linked(cast)
    await visits.record(contact(made, outcome="nobody_home"), cast.party_member)
    now = (await households.load(made, cast.staff)).household
    assert (now.last_visit_at, now.last_tried_at is not None) == (None, True)


async def test_only_who_is_linked_or_keeps_it_records(cast: Cast) -> None:
    made = await linked(cast)
    for by in (cast.grid_worker, cast.centre, cast.next_staff, cast.resident, cast.system_admin):
        with pytest.raises(NotFound):
            await visits.record(contact(made), by)
    await visits.record(contact(made), cast.staff)


async def test_everything_wrong_is_named(cast: Cast) -> None:
    made = await linked(cast)
    with pytest.raises(Invalid) as refused:
        await visits.record(
            contact(
                made,
                way="dream",
                outcome="",
                topics=("illness",),
                said="好" * 3000,
                ask=True,
                next_on=clock.now().date() - timedelta(days=9),
            ),
            cast.party_member,
        )
    assert set(refused.value.fields) == {"way", "outcome", "topics", "said", "needs", "next_on"}
    assert await visits.of(made) == ()


async def test_the_same_record_is_never_two(cast: Cast) -> None:
    made = await linked(cast)
    told = contact(made)
    await visits.record(told, cast.party_member)
    with pytest.raises(NotAllowed):
        await visits.record(told, cast.party_member)
    assert len(await visits.of(made)) == 1


async def test_a_correction_is_a_new_version_and_the_old_one_stays(cast: Cast) -> None:
    made = await linked(cast)
    first = contact(made, said="都好", needs="灯坏了", ask=True)
    done = await visits.record(first, cast.party_member)
    again = contact(made, said="都好,灯坏了", needs="楼道灯坏了", ask=True, corrects=first.id)
    second = await visits.record(again, cast.party_member)
    assert (second.version, second.number, second.case_id) == (2, "", done.case_id)
    [one] = await visits.of(made)
    assert (one.said, one.version) == ("都好,灯坏了", 2)
    assert await database.fetch_value("SELECT count(*) FROM household_visits") == 2
    assert await database.fetch_value("SELECT count(*) FROM cases") == 1
    second_member = await member(cast, "13700000001", "李党员")
    await links.link(made, second_member.account_id or new_id(), by=cast.staff)
    with pytest.raises(NotFound):
        await visits.record(contact(made, corrects=first.id), second_member)


@pytest.mark.parametrize(("home", "wish", "private"), [(False, None, False), (True, None, True), (True, False, False)])
async def test_a_need_becomes_a_case_as_private_as_the_household_wants(
    cast: Cast, home: bool, wish: bool | None, private: bool
) -> None:
    made = await linked(cast, private=home)
    told = contact(made, needs="楼道灯坏了,晚上看不见", ask=True, private=wish)
    done = await visits.record(told, cast.party_member)
    assert done.case_id is not None
    shown = await view(done.case_id, cast.secretary)
    assert (shown.case.private, shown.case.place, shown.case.grid) == (private, "民乐新村 3栋 2单元 501", cast.grid)
    assert (await view(done.number, cast.party_member)).mine
    helper = await database.fetch_value("""SELECT account FROM standings WHERE kind = 'linked_member'""")
    assert helper == cast.party_member.account_id
    await cases.accept(done.case_id, cast.secretary, seen=None)
    [one] = await visits.of(made)
    assert (one.case_number, one.case_state) == (done.number, "accepted")


async def test_staff_write_it_for_a_member_without_a_phone(cast: Cast) -> None:
    made = await linked(cast)
    await visits.record(contact(made, member=cast.party_member.account_id), cast.staff)
    [one] = await visits.of(made)
    assert (one.name, one.entered_by) == ("孙先进", "刘慧")
    other = await member(cast, "13700000001", "李党员")
    with pytest.raises(Invalid):
        await visits.record(contact(made, member=other.account_id), cast.staff)
    with pytest.raises(NotAllowed):
        await links.link(made, other.account_id or new_id(), by=cast.staff)
        await visits.record(contact(made, member=other.account_id), cast.party_member)


async def test_what_is_late_is_received_with_a_mark(cast: Cast) -> None:
    made, other = await linked(cast), await household(cast, "502")
    odd = Phone(at="1970-01-01T08:00:00+08:00", odd=True)
    await links.unlink(made, cast.party_member.account_id or new_id(), by=cast.staff, why="asked")
    done = await visits.record(contact(made, phone=odd), cast.party_member)
    assert set(done.marks) == {"not_linked", "odd_clock"}
    await keeping.merge(made, other, by=cast.staff, seen=None)
    done = await visits.record(contact(made), cast.party_member)
    assert set(done.marks) == {"not_linked", "merged"}
    await keeping.close(other, by=cast.staff, seen=None, why="moved_away")
    done = await visits.record(contact(made), cast.party_member)
    assert set(done.marks) == {"not_linked", "merged", "closed"}
    assert len(await visits.of(other)) == 3


async def test_many_at_once_each_for_itself(cast: Cast) -> None:
    made = await linked(cast)
    told = [contact(made), contact(new_id()), contact(made, way=""), contact(made, outcome="not_now")]
    done = await visits.record_all(told, cast.party_member)
    assert [isinstance(one, Recorded) for one in done] == [True, False, False, True]
    assert all(isinstance(one, (Recorded, HuyingError)) for one in done)
    assert len(await visits.of(made)) == 2


async def test_the_past_of_a_merged_household_is_read_with_it(cast: Cast) -> None:
    made, other = await linked(cast), await household(cast, "502")
    await visits.record(contact(made, said="以前的"), cast.party_member)
    await keeping.merge(made, other, by=cast.staff, seen=None)
    assert [one.said for one in await visits.of(other)] == ["以前的"]
    await keeping.unmerge(made, by=cast.staff, seen=None)
    assert await visits.of(other) == ()
