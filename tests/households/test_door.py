"""The secretary's door: private talk, a promised day, the next secretary, a case of it, numbers in public."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from server.cases import mine
from server.cases.view import view
from server.households.door import casing, numbers, rule, talking, ticking
from server.households.door import thread as threads
from server.households.door.rule import Reminder
from server.households.door.thread import Side
from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.clock import BEIJING
from server.kernel.errors import HuyingError, Invalid, NotAllowed, NotFound, SignInNeeded, Stale
from server.people import posts
from tests import cast as casting
from tests.cast import Cast

MORNING = datetime(2026, 11, 25, 9, tzinfo=BEIJING)
DAY = date(2026, 11, 27)


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def asked(cast: Cast, text: str = "楼下的婆婆摔了,想请人看看") -> UUID:
    return await talking.write(cast.community, text, by=cast.resident)


async def kinds_of(thread_id: UUID) -> list[str]:
    return [event.kind for event in await events.history(threads.stream_of(thread_id))]


async def test_a_resident_writes_and_the_named_secretary_promises_and_answers(cast: Cast) -> None:
    with clock.at(MORNING):
        made = await asked(cast)
        known, side = await threads.load(made, cast.secretary)
        assert (side, known.resident, known.turn.waiting) == (Side.SECRETARY, "李小梅", True)
        await talking.promise(made, DAY, by=cast.secretary, seen=known.version)
    with clock.at(MORNING + timedelta(days=1)):
        await talking.answer(made, "已经请网格员上门了", by=cast.secretary, seen=None)
    known, side = await threads.load(made, cast.resident)
    assert (side, known.turn.promise, known.turn.waiting) == (Side.RESIDENT, DAY, False)
    assert [(one.from_secretary, one.text) for one in await threads.said(made)] == [
        (False, "楼下的婆婆摔了,想请人看看"),
        (True, "已经请网格员上门了"),
    ]
    history = await events.history(threads.stream_of(made))
    assert [event.kind for event in history] == ["door.opened", "door.asked", "door.promised", "door.answered"]
    assert not any("婆婆" in str(event.data) for event in history)
    row = await database.fetch_one("SELECT history_sequence, history_link FROM door_threads")
    assert row is not None and events.verifies(history, events.Head(*row))


async def test_nobody_else_reads_it_whatever_post_they_hold(cast: Cast) -> None:
    made = await asked(cast)
    others = (
        cast.neighbour,
        cast.stranger,
        cast.staff,
        cast.grid_worker,
        cast.party_member,
        cast.next_secretary,
        cast.street_secretary,
        cast.centre,
        cast.lead,
        cast.area_admin,
        cast.system_admin,
    )
    for by in others:
        with pytest.raises(NotFound):
            await threads.load(made, by)
        with pytest.raises(NotFound):
            await talking.answer(made, "看到了", by=by, seen=None)
        with pytest.raises(NotFound):
            await casing.make(made, "看到了", by=by, seen=None)
    for by in (cast.staff, cast.centre, cast.area_admin):
        with pytest.raises(NotFound):
            await threads.at_the_door(by)
    assert await threads.at_the_door(cast.street_secretary) == ()
    assert len(await threads.at_the_door(cast.secretary)) == 1


async def test_the_resident_does_not_do_what_the_secretary_does(cast: Cast) -> None:
    made = await asked(cast)
    for verb in (
        talking.promise(made, DAY, by=cast.resident, seen=None),
        talking.answer(made, "好", by=cast.resident, seen=None),
        talking.leave_word(made, "好", by=cast.resident, seen=None),
        casing.make(made, "好", by=cast.resident, seen=None),
    ):
        with pytest.raises(NotAllowed):
            await verb
    with pytest.raises(NotAllowed):
        await talking.erase(made, by=cast.secretary)


async def test_what_cannot_be_taken_says_why(cast: Cast) -> None:
    refused: list[tuple[type[HuyingError], int, str, Actor]] = [
        (SignInNeeded, cast.community, "有人吗", cast.stranger),
        (Invalid, cast.community, " \x00 ", cast.resident),
        (Invalid, cast.community, "长" * 2001, cast.resident),
        (Invalid, cast.grid, "有人吗", cast.resident),
        (Invalid, 2**31 - 1, "有人吗", cast.resident),
        (NotAllowed, cast.community, "有人吗", cast.secretary),
    ]
    for error, community, text, by in refused:
        with pytest.raises(error):
            await talking.write(community, text, by=by)
    made = await asked(cast)
    for day in (None, date(2020, 1, 1), date(2999, 1, 1)):
        with pytest.raises(Invalid):
            await talking.promise(made, day, by=cast.secretary, seen=None)
    with pytest.raises(Stale):
        await talking.answer(made, "好的", by=cast.secretary, seen=1)
    for _ in range(talking.MOST_WAITING - 1):
        await asked(cast, "还有一句")
    with pytest.raises(NotAllowed):
        await asked(cast, "再一句")


async def test_what_is_added_belongs_to_what_waits_and_after_an_answer_something_new_begins(cast: Cast) -> None:
    made = await asked(cast)
    assert await asked(cast, "她住 302") == made
    await talking.answer(made, "知道了,明天去", by=cast.secretary, seen=None, final=False)
    known, _ = await threads.load(made, cast.secretary)
    assert known.turn.waiting
    await talking.answer(made, "去过了", by=cast.secretary, seen=None)
    await asked(cast, "谢谢,还有一件事")
    assert await database.fetch_value("SELECT count(*) FROM door_turns") == 2
    await talking.write(cast.next_community, "向阳的书记您好", by=cast.resident)
    assert len(await threads.mine(cast.resident)) == 2


async def test_where_the_post_is_empty_the_street_answers_and_the_resident_is_told(cast: Cast) -> None:
    made = await asked(cast)
    await talking.leave_word(made, "她怕生,先打电话", by=cast.secretary, seen=None)
    await posts.vacate(cast.secretary.posts[0].id, cast.system_admin)
    known, side = await threads.load(made, cast.street_secretary)
    assert (side, known.secretary, known.for_successor) == (
        Side.SECRETARY,
        cast.street_secretary.account_id,
        "她怕生,先打电话",
    )
    assert (await kinds_of(made))[-1] == "door.handed_over"
    assert len(await threads.at_the_door(cast.street_secretary)) == 1
    assert cast.next_secretary.account_id is not None
    await posts.fill(cast.secretary.posts[0].id, cast.next_secretary.account_id, cast.system_admin)
    with pytest.raises(NotFound):
        await threads.load(made, cast.street_secretary)
    assert (await kinds_of(made)).count("door.handed_over") == 2


async def test_what_was_answered_is_not_the_successors(cast: Cast) -> None:
    made = await asked(cast)
    await talking.answer(made, "去过了", by=cast.secretary, seen=None)
    assert cast.next_secretary.account_id is not None
    await posts.vacate(cast.secretary.posts[0].id, cast.system_admin)
    await posts.fill(cast.secretary.posts[0].id, cast.next_secretary.account_id, cast.system_admin)
    successor = casting.actor(cast.next_secretary.account_id, "钱永红", *cast.secretary.posts)
    with pytest.raises(NotFound):
        await threads.load(made, successor)
    assert await threads.at_the_door(successor, answered=True) == ()
    await asked(cast, "又摔了")
    known, side = await threads.load(made, successor)
    assert (side, known.secretary) == (Side.SECRETARY, cast.next_secretary.account_id)


async def test_it_becomes_a_private_case_of_the_residents_and_the_thread_stays_private(cast: Cast) -> None:
    made = await asked(cast)
    await asked(cast, "别说是我讲的")
    known, _ = await threads.load(made, cast.secretary)
    assert await casing.draft(known.turn.id) == "楼下的婆婆摔了,想请人看看\n别说是我讲的"
    number = await casing.make(made, "楼下有老人摔了,请上门看看", by=cast.secretary, seen=None)
    seen = await view(number, cast.secretary)
    assert seen.case.private
    assert [one.text for one in seen.tellings] == ["楼下有老人摔了,请上门看看"]
    with pytest.raises(NotAllowed):
        await casing.make(made, "再来一次", by=cast.secretary, seen=None)
    with pytest.raises(NotFound):
        await threads.load(made, cast.staff)
    known, _ = await threads.load(made, cast.resident)
    assert known.turn.number == number and known.turn.waiting
    assert [one.number for one in await mine.mine(cast.resident, limit=5)] == [number]


async def test_erasing_leaves_that_it_happened_and_nothing_that_was_said(cast: Cast) -> None:
    made = await asked(cast)
    await talking.leave_word(made, "怕生", by=cast.secretary, seen=None)
    await talking.erase(made, by=cast.resident)
    await talking.erase(made, by=cast.resident)
    assert [one.text for one in await threads.said(made)] == [""]
    known, _ = await threads.load(made, cast.resident)
    assert (known.for_successor, known.turn.waiting) == ("", False)
    assert await numbers.of(365) == ()
    row = await database.fetch_one("SELECT history_sequence, history_link FROM door_threads")
    assert row is not None
    assert events.verifies(await events.history(threads.stream_of(made)), events.Head(*row))


async def test_who_promised_nothing_is_reminded_and_after_three_days_the_street_hears(cast: Cast) -> None:
    with clock.at(MORNING):
        made = await asked(cast)
        assert await ticking.tick() == 0
    with clock.at(MORNING + timedelta(days=1)):
        assert (await ticking.tick(), await ticking.tick()) == (1, 0)
    with clock.at(MORNING + timedelta(days=3)):
        assert (await ticking.tick(), await ticking.tick()) == (1, 0)
    history = await events.history(threads.stream_of(made))
    assert [event.data["of"] for event in history if event.kind == "door.reminded"] == ["no_promise", "late"]


async def test_the_promised_day_is_reminded_of_and_its_passing_too(cast: Cast) -> None:
    with clock.at(MORNING):
        made = await asked(cast)
        await talking.promise(made, DAY, by=cast.secretary, seen=None)
    said = []
    for days in (1, 2, 3, 9):
        with clock.at(MORNING + timedelta(days=days)):
            said.append(await ticking.tick())
    assert said == [0, 1, 1, 0]
    history = await events.history(threads.stream_of(made))
    assert [event.data["of"] for event in history if event.kind == "door.reminded"] == ["today", "late"]


async def test_the_numbers_are_public_and_the_first_promise_counts(cast: Cast) -> None:
    with clock.at(MORNING):
        first = await asked(cast)
        await talking.promise(first, DAY, by=cast.secretary, seen=None)
        second = await talking.write(cast.community, "路灯暗", by=cast.neighbour)
        await talking.promise(second, DAY, by=cast.secretary, seen=None)
        await talking.promise(second, DAY + timedelta(days=5), by=cast.secretary, seen=None)
        third = await talking.write(cast.community, "想办养老证", by=cast.lead)
    with clock.at(MORNING + timedelta(days=1)):
        await talking.answer(first, "去过了", by=cast.secretary, seen=None)
    with clock.at(MORNING + timedelta(days=4)):
        await talking.answer(second, "换过了", by=cast.secretary, seen=None)
        [one] = await numbers.of(365)
        assert (one.name, one.street, one.asked, one.answered) == ("民乐社区", "民治街道", 3, 2)
        assert (one.promised, one.kept, one.kept_share, one.waiting, one.late) == (2, 1, 50, 1, 0)
        assert one.hours == pytest.approx((24 + 96) / 2)
        assert await numbers.of(365, street=cast.street) == (one,)
        assert await numbers.of(365, street=cast.district) == ()
        assert third


@pytest.mark.parametrize(
    ("promise", "told", "expected"),
    [
        (None, 0, MORNING + timedelta(days=1)),
        (None, 1, MORNING + timedelta(days=3)),
        (None, 2, None),
        (DAY, 0, datetime(2026, 11, 27, 9, tzinfo=BEIJING)),
        (DAY, 1, datetime(2026, 11, 28, 9, tzinfo=BEIJING)),
        (DAY, 2, None),
    ],
)
def test_when_somebody_is_reminded_next(promise: date | None, told: int, expected: datetime | None) -> None:
    assert rule.next_at(MORNING, promise, told) == expected
    assert [reminder for reminder, _ in rule.steps(MORNING, promise)][-1] is Reminder.LATE
