"""The errand, verb by verb: it works, the neighbour cannot, the wrong moment is said, what was demanded was given."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from server import cases
from server.cases import case as case_room
from server.cases.case import stream_of
from server.cases.view import view
from server.cases.way import Relation, State
from server.forms.demo_categories import install_demo
from server.kernel import clock, database, events
from server.kernel.actor import Actor, the_system
from server.kernel.errors import Invalid, NotAllowed, NotFound, Stale
from tests import cast as casting
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("db")


@pytest_asyncio.fixture(loop_scope="session")
async def cast(db: None) -> AsyncIterator[Cast]:
    yield await casting.gather()


async def told(cast: Cast, by: Actor | None = None, **more: object) -> cases.Reported:
    telling = cases.Telling(text="楼下路灯坏了三天,老人晚上不敢出门", community_id=cast.community)
    return await cases.report(msgspec.structs.replace(telling, **more), by or cast.resident)


async def accepted(cast: Cast, **more: object) -> cases.Changed:
    report = await told(cast, **more)
    desk = cast.secretary if more.get("private") else cast.staff
    return await cases.accept(report.case_id, desk, seen=1)


async def in_hand(cast: Cast, **more: object) -> cases.Changed:
    now = await accepted(cast, **more)
    desk = cast.secretary if more.get("private") else cast.staff
    now = await cases.dispatch(now.case_id, desk, seen=now.version, unit_id=cast.unit)
    return await cases.take_on(now.case_id, cast.handler, seen=now.version, promise="今天下午去看")


async def finished(cast: Cast) -> cases.Changed:
    now = await in_hand(cast)
    return await cases.finish(now.case_id, cast.handler, seen=now.version, text="灯泡已换,线路已查")


async def closed(cast: Cast, by: Actor | None = None) -> cases.Changed:
    now = await finished(cast)
    now = await cases.check(now.case_id, cast.staff, seen=now.version, passed=True)
    return await cases.close(now.case_id, by or cast.centre, seen=now.version, stars=5)


async def row(case_id: UUID) -> case_room.CaseRow:
    return (await case_room.load(case_id, the_system("test"))).case


async def owner_of(case_id: UUID) -> int:
    standing: int = await database.fetch_value(
        """SELECT post FROM standings WHERE "case" = $1 AND kind = 'owner' AND until IS NULL""", case_id
    )
    assert standing == (await row(case_id)).owner_post
    return standing


async def test_the_whole_errand_from_report_to_rating(cast: Cast) -> None:
    done = await closed(cast)
    done = await cases.rate(done.case_id, cast.resident, seen=done.version, stars=5)
    found = await view(done.number, cast.resident)
    assert found.case.state is State.CLOSED
    assert [line.kind.removeprefix("case.") for line in found.track] == [
        "reported",
        "accepted",
        "dispatched",
        "taken_on",
        "finished",
        "checked",
        "closed",
        "rated",
    ]
    assert found.answer == "灯泡已换,线路已查"
    assert found.verified


async def test_a_report_has_an_owner_and_a_deadline_from_the_first_second(cast: Cast) -> None:
    report = await told(cast)
    case = await row(report.case_id)
    assert await owner_of(report.case_id) in (cast.staff.posts[0].id, cast.second_staff.posts[0].id)
    assert case.due_at == report.due_at
    assert case.due_at is not None and case.due_at > clock.now()


async def test_a_point_finds_its_grid_and_the_tellers_choice_wins(cast: Cast) -> None:
    longitude, latitude = casting.middle(1)
    by_point = await row((await told(cast, community_id=None, longitude=longitude, latitude=latitude)).case_id)
    assert (by_point.grid, by_point.community) == (cast.second_grid, cast.community)
    chosen = await row(
        (await told(cast, community_id=cast.next_community, longitude=longitude, latitude=latitude)).case_id
    )
    assert (chosen.grid, chosen.community) == (None, cast.next_community)


async def test_a_report_from_outside_all_grids_goes_to_the_district_centre(cast: Cast) -> None:
    report = await told(cast, community_id=None, longitude=0.0, latitude=0.0)
    assert await owner_of(report.case_id) == cast.centre.posts[0].id


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("text", {"text": " \n\t"}),
        ("text", {"text": "长" * 20_001}),
        ("community_id", {"community_id": None}),
        ("community_id", {"community_id": 999_999}),
        ("community_id", {"latitude": 91.0, "longitude": 114.0}),
        ("community_id", {"latitude": float("nan"), "longitude": 114.0}),
        ("community_id", {"latitude": 22.6}),
        ("phone", {"phone": "12345"}),
        ("for_agreed", {"for_phone": "13800000002"}),
        ("for_phone", {"for_phone": "x", "for_agreed": True}),
        ("name", {"name": "名" * 201}),
        ("channel", {"channel": "telepathy"}),
    ],
)
async def test_a_report_that_cannot_be_taken_names_the_field(cast: Cast, field: str, wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        await told(cast, **wrong)
    assert field in refused.value.fields


async def test_odd_texts_stay_as_they_were_typed(cast: Cast) -> None:
    odd = "  <script>alert(1)</script> '; DROP TABLE cases;-- \u202e🙏\r\n%s {{7*7}} \t末尾  "
    report = await told(cast, text=odd)
    found = await view(report.number, cast.resident)
    assert found.tellings[0].text == odd


async def test_somebody_elses_photo_cannot_be_hung_up(cast: Cast) -> None:
    photo = await casting.photo(cast.neighbour)
    with pytest.raises(Invalid):
        await told(cast, photos=(photo,))


async def test_a_photo_hangs_once(cast: Cast) -> None:
    photo = await casting.photo(cast.resident)
    await told(cast, photos=(photo,))
    with pytest.raises(Invalid):
        await told(cast, photos=(photo,))


async def test_the_next_community_does_not_know_of_the_case(cast: Cast) -> None:
    report = await told(cast)
    for stranger in (cast.next_staff, cast.next_secretary, cast.neighbour, cast.next_grid_worker, cast.system_admin):
        with pytest.raises(NotFound):
            await view(report.number, stranger)
        with pytest.raises(NotFound):
            await cases.accept(report.case_id, stranger, seen=1)


async def test_a_unit_knows_of_a_case_only_once_it_has_it(cast: Cast) -> None:
    now = await accepted(cast)
    with pytest.raises(NotFound):
        await view(now.number, cast.handler)
    await cases.dispatch(now.case_id, cast.staff, seen=now.version, unit_id=cast.unit)
    assert Relation.UNIT in (await view(now.number, cast.handler)).relations
    with pytest.raises(NotFound):
        await view(now.number, cast.next_handler)


async def test_accepting_twice_says_what_happened_meanwhile(cast: Cast) -> None:
    report = await told(cast)
    await cases.accept(report.case_id, cast.staff, seen=1)
    with pytest.raises(Stale) as late:
        await cases.accept(report.case_id, cast.second_staff, seen=1)
    assert late.value.meanwhile == ("刘慧受理",)


async def test_the_resident_cannot_accept_their_own_report(cast: Cast) -> None:
    report = await told(cast)
    with pytest.raises(NotAllowed, match="受理台"):
        await cases.accept(report.case_id, cast.resident, seen=1)


async def test_a_category_brings_its_deadline_and_its_privacy(cast: Cast) -> None:
    await install_demo(the_system("test"))
    category = await database.fetch_one(
        """SELECT c.id FROM categories c JOIN category_versions v ON v.category = c.id WHERE v.private LIMIT 1"""
    )
    assert category is not None
    report = await told(cast)
    await cases.accept(report.case_id, cast.staff, seen=1, category_id=category["id"], level="emergency")
    case = await row(report.case_id)
    assert case.private
    assert await owner_of(report.case_id) == cast.secretary.posts[0].id
    assert case.due_at is not None and case.due_at - case.reported_at <= timedelta(days=3)
    with pytest.raises(NotFound):
        await view(report.number, cast.second_staff)


async def test_answers_to_the_categorys_questions_are_kept_and_wrong_ones_named(cast: Cast) -> None:
    await install_demo(the_system("test"))
    found = await database.fetch_one(
        """SELECT v.category, q ->> 'id' AS question, q -> 'choices' -> 0 ->> 'value' AS first
           FROM category_versions v, jsonb_array_elements(v.questions) AS q WHERE q ->> 'kind' = 'choice' LIMIT 1"""
    )
    assert found is not None
    report = await told(cast)
    with pytest.raises(Invalid) as refused:
        await cases.accept(
            report.case_id,
            cast.secretary,
            seen=1,
            category_id=found["category"],
            answers={found["question"]: "没有这项"},
        )
    assert set(refused.value.fields) == {f"answers.{found['question']}"}
    given = {found["question"]: found["first"], "unknown": "x"}
    await cases.accept(report.case_id, cast.secretary, seen=1, category_id=found["category"], answers=given)
    assert msgspec.json.decode((await row(report.case_id)).answers) == {found["question"]: found["first"]}


async def test_a_category_can_be_given_and_changed_after_accepting(cast: Cast) -> None:
    await install_demo(the_system("test"))
    first, second = await database.fetch(
        "SELECT category FROM category_versions WHERE NOT private AND photo_after ORDER BY id LIMIT 2"
    )
    now = await in_hand(cast)
    with pytest.raises(Invalid):
        await cases.classify(now.case_id, cast.staff, seen=now.version, category_id=None)
    with pytest.raises(NotAllowed):
        await cases.classify(now.case_id, cast.handler, seen=now.version, category_id=first["category"])
    now = await cases.classify(now.case_id, cast.staff, seen=now.version, category_id=first["category"])
    now = await cases.classify(
        now.case_id, cast.staff, seen=now.version, category_id=second["category"], level="urgent"
    )
    case = await row(now.case_id)
    assert (case.state, case.level) == (State.IN_HAND, "urgent")
    assert case.due_at is not None and case.due_at - case.reported_at < timedelta(days=12)
    with pytest.raises(Invalid):
        await cases.finish(now.case_id, cast.handler, seen=now.version, text="修好了")


async def test_a_case_that_becomes_private_on_its_way_stays_with_the_unit_and_returns_to_the_secretary(
    cast: Cast,
) -> None:
    await install_demo(the_system("test"))
    category = await database.fetch_value("SELECT category FROM category_versions WHERE private LIMIT 1")
    now = await in_hand(cast)
    now = await cases.classify(now.case_id, cast.staff, seen=now.version, category_id=category)
    assert await owner_of(now.case_id) == cast.lead.posts[0].id
    with pytest.raises(NotFound):
        await view(now.number, cast.second_staff)
    now = await cases.finish(now.case_id, cast.handler, seen=now.version, text="办好了")
    assert await owner_of(now.case_id) == cast.secretary.posts[0].id


async def test_rejecting_demands_a_reason_that_the_reporter_reads(cast: Cast) -> None:
    report = await told(cast)
    with pytest.raises(Invalid):
        await cases.reject(report.case_id, cast.staff, seen=1, reason="  ")
    await cases.reject(report.case_id, cast.staff, seen=1, reason="这是小区业主的自用灯")
    track = (await view(report.number, cast.resident)).track
    assert track[-1].said == "这是小区业主的自用灯"


async def test_the_desk_answers_without_dispatch_and_the_reporter_rates(cast: Cast) -> None:
    report = await told(cast, text="老年证在哪里办?")
    now = await cases.answer(report.case_id, cast.staff, seen=1, text="社区服务站周一至周五都可以办")
    assert now.state is State.CLOSED
    rated = await cases.rate(report.case_id, cast.resident, seen=now.version, stars=4)
    with pytest.raises(NotAllowed, match="评价过"):
        await cases.rate(report.case_id, cast.resident, seen=rated.version, stars=1, reason="not_fixed")


async def test_asking_stops_the_clock_and_the_answer_lets_it_run(cast: Cast) -> None:
    report = await told(cast)
    before = (await row(report.case_id)).due_at
    asked_at = clock.now() + timedelta(hours=1)
    with clock.at(asked_at):
        now = await cases.ask(report.case_id, cast.staff, seen=1, text="是哪一栋?")
    assert (await row(report.case_id)).due_at is None
    assert (await view(report.number, cast.resident)).question == "是哪一栋?"
    with pytest.raises(NotAllowed):
        await cases.dispatch(report.case_id, cast.staff, seen=now.version, unit_id=cast.unit)
    with clock.at(asked_at + timedelta(days=10)):
        now = await cases.reply(report.case_id, cast.resident, text="三栋楼下")
    case = await row(report.case_id)
    assert now.state is State.REPORTED
    assert before is not None and case.due_at is not None and case.due_at > before + timedelta(days=5)


async def test_only_the_reporter_answers_the_question(cast: Cast) -> None:
    report = await told(cast)
    await cases.ask(report.case_id, cast.staff, seen=1, text="是哪一栋?")
    with pytest.raises(NotAllowed):
        await cases.reply(report.case_id, cast.staff, text="三栋")
    with pytest.raises(NotFound):
        await cases.reply(report.case_id, cast.neighbour, text="三栋")


async def test_dispatching_needs_a_unit_that_exists(cast: Cast) -> None:
    now = await accepted(cast)
    for unit in (None, 999_999):
        with pytest.raises(Invalid):
            await cases.dispatch(now.case_id, cast.staff, seen=now.version, unit_id=unit)


async def test_a_dispatched_case_belongs_to_the_units_lead(cast: Cast) -> None:
    now = await accepted(cast)
    await cases.dispatch(now.case_id, cast.staff, seen=now.version, unit_id=cast.unit)
    assert await owner_of(now.case_id) == cast.lead.posts[0].id


async def test_a_case_for_an_empty_unit_falls_to_the_secretary_with_an_event(cast: Cast) -> None:
    now = await accepted(cast)
    await cases.dispatch(now.case_id, cast.staff, seen=now.version, unit_id=cast.empty_unit)
    assert await owner_of(now.case_id) == cast.secretary.posts[0].id
    kinds = [event.kind for event in await events.history(stream_of(now.case_id))]
    assert kinds[-2:] == ["case.dispatched", "case.fell"]


async def test_who_a_case_fell_to_takes_it_back_and_dispatches_anew(cast: Cast) -> None:
    now = await accepted(cast)
    now = await cases.dispatch(now.case_id, cast.staff, seen=now.version, unit_id=cast.empty_unit)
    with pytest.raises(NotAllowed):
        await cases.return_case(now.case_id, cast.staff, seen=now.version, reason="没有人")
    now = await cases.return_case(now.case_id, cast.secretary, seen=now.version, reason="单位没有人在岗")
    assert (await row(now.case_id)).handler_unit is None
    told = [line.words for line in (await view(now.case_id, cast.resident)).track]
    assert told[-1] == "无人值守队现在没有人去,民乐社区已收回,重新安排。"
    now = await cases.dispatch(now.case_id, cast.secretary, seen=now.version, unit_id=cast.unit)
    assert await owner_of(now.case_id) == cast.lead.posts[0].id


async def test_returning_demands_a_reason_and_brings_it_back_to_the_desk(cast: Cast) -> None:
    now = await in_hand(cast)
    with pytest.raises(Invalid):
        await cases.return_case(now.case_id, cast.handler, seen=now.version, reason="")
    now = await cases.return_case(now.case_id, cast.handler, seen=now.version, reason="属于供电局")
    case = await row(now.case_id)
    assert (case.state, case.handler_unit) == (State.ACCEPTED, None)
    assert await owner_of(now.case_id) == case.desk_post
    with pytest.raises(NotFound):
        await view(now.number, cast.handler)


async def test_finishing_gives_the_photos_that_the_category_demands(cast: Cast) -> None:
    await install_demo(the_system("test"))
    category = await database.fetch_value(
        """SELECT v.category FROM category_versions v WHERE v.photo_after AND NOT v.private ORDER BY v.id LIMIT 1"""
    )
    report = await told(cast, photos=(await casting.photo(cast.resident),))
    now = await cases.accept(report.case_id, cast.staff, seen=1, category_id=category)
    now = await cases.dispatch(now.case_id, cast.staff, seen=now.version, unit_id=cast.unit)
    now = await cases.take_on(now.case_id, cast.handler, seen=now.version)
    with pytest.raises(Invalid) as refused:
        await cases.finish(now.case_id, cast.handler, seen=now.version, text="修好了")
    assert "after" in refused.value.fields
    after = await casting.photo(cast.handler)
    now = await cases.finish(now.case_id, cast.handler, seen=now.version, text="修好了", after=[after])
    assert now.state is State.FINISHED
    assert [photo.id for photo in (await view(now.number, cast.resident)).strip("after")] == [after]


async def test_who_did_it_does_not_check_it(cast: Cast) -> None:
    now = await finished(cast)
    both = msgspec.structs.replace(cast.handler, posts=cast.handler.posts + cast.staff.posts)
    with pytest.raises(NotAllowed, match="自己核查"):
        await cases.check(now.case_id, both, seen=now.version, passed=True)


async def test_a_check_that_fails_puts_it_back_in_hand(cast: Cast) -> None:
    now = await finished(cast)
    with pytest.raises(Invalid):
        await cases.check(now.case_id, cast.staff, seen=now.version, passed=False)
    now = await cases.check(now.case_id, cast.staff, seen=now.version, passed=False, note="还是不亮")
    assert now.state is State.IN_HAND
    assert await owner_of(now.case_id) == cast.lead.posts[0].id
    now = await cases.finish(now.case_id, cast.handler, seen=now.version, text="又换了一个")
    assert now.state is State.FINISHED


async def test_closing_demands_a_rating_and_a_check_before(cast: Cast) -> None:
    now = await finished(cast)
    with pytest.raises(NotAllowed, match="先核查"):
        await cases.close(now.case_id, cast.centre, seen=now.version, stars=5)
    now = await cases.check(now.case_id, cast.staff, seen=now.version, passed=True)
    with pytest.raises(Invalid):
        await cases.close(now.case_id, cast.centre, seen=now.version, stars=None)
    with pytest.raises(Invalid):
        await cases.close(now.case_id, cast.centre, seen=now.version, stars=1, reason="")
    with pytest.raises(NotAllowed):
        await cases.close(now.case_id, cast.staff, seen=now.version, stars=5)


async def test_a_low_rating_says_why(cast: Cast) -> None:
    done = await closed(cast)
    with pytest.raises(Invalid):
        await cases.rate(done.case_id, cast.resident, seen=done.version, stars=1)
    await cases.rate(done.case_id, cast.resident, seen=done.version, stars=1, reason="not_fixed", text="又灭了")
    assert (await view(done.number, cast.resident)).my_stars == 1


async def test_reopening_within_the_window_begins_a_new_deadline(cast: Cast) -> None:
    done = await closed(cast)
    with clock.at(clock.now() + timedelta(days=10)):
        now = await cases.reopen(done.case_id, cast.resident, seen=done.version, reason="又灭了")
        case = await row(now.case_id)
        assert case.state is State.ACCEPTED and case.open and case.handler_unit is None
        assert case.due_at is not None and case.due_at > clock.now()


async def test_nothing_restarts_the_reopening_window(cast: Cast) -> None:
    done = await closed(cast)
    with clock.at(clock.now() + timedelta(days=14)):
        rated = await cases.rate(done.case_id, cast.resident, seen=done.version, stars=2, reason="too_slow")
        await cases.note(done.case_id, cast.staff, text="已回访")
    with clock.at(clock.now() + timedelta(days=16)), pytest.raises(NotAllowed, match="期限"):
        await cases.reopen(done.case_id, cast.resident, seen=rated.version, reason="又灭了")


async def test_a_withdrawn_report_ends_the_case(cast: Cast) -> None:
    now = await accepted(cast)
    now = await cases.withdraw(now.case_id, cast.resident, seen=now.version, reason="自己好了")
    assert now.state is State.WITHDRAWN
    with pytest.raises(NotAllowed):
        await cases.add(now.case_id, cast.resident, text="还有一句")


async def test_once_in_hand_it_can_no_longer_be_withdrawn(cast: Cast) -> None:
    now = await in_hand(cast)
    with pytest.raises(NotAllowed, match="处理中"):
        await cases.withdraw(now.case_id, cast.resident, seen=now.version)


async def test_a_note_is_never_told_to_the_reporter_and_makes_nobody_stale(cast: Cast) -> None:
    now = await accepted(cast)
    await cases.note(now.case_id, cast.second_staff, text="此人常来,语气要和气")
    assert "语气" not in str((await view(now.number, cast.resident)).track)
    assert "语气" in str((await view(now.number, cast.staff)).track)
    await cases.dispatch(now.case_id, cast.staff, seen=now.version, unit_id=cast.unit)


async def test_the_resident_cannot_write_inner_notes(cast: Cast) -> None:
    report = await told(cast)
    with pytest.raises(NotAllowed):
        await cases.note(report.case_id, cast.resident, text="我也要写")


async def test_assigning_goes_to_a_colleague_of_the_same_desk_only(cast: Cast) -> None:
    now = await accepted(cast)
    before = await owner_of(now.case_id)
    other = cast.second_staff if before == cast.staff.posts[0].id else cast.staff
    now = await cases.assign(now.case_id, cast.staff, seen=now.version, post_id=other.posts[0].id)
    assert await owner_of(now.case_id) == other.posts[0].id
    for stranger in (cast.next_staff.posts[0].id, cast.handler.posts[0].id, None, 999_999):
        with pytest.raises(Invalid):
            await cases.assign(now.case_id, cast.staff, seen=now.version, post_id=stranger)


async def test_the_lead_gives_it_to_a_colleague_of_the_unit(cast: Cast) -> None:
    now = await in_hand(cast)
    assert cast.lead.account_id is not None
    now = await cases.assign(now.case_id, cast.lead, seen=now.version, account_id=cast.lead.account_id)
    assert (await row(now.case_id)).handler_account == cast.lead.account_id
    with pytest.raises(Invalid):
        await cases.assign(now.case_id, cast.lead, seen=now.version, account_id=cast.next_handler.account_id)
    with pytest.raises(NotAllowed):
        await cases.assign(now.case_id, cast.handler, seen=now.version, account_id=cast.lead.account_id)


async def test_relocating_finds_the_owner_of_the_new_place(cast: Cast) -> None:
    now = await accepted(cast)
    await cases.relocate(now.case_id, cast.staff, seen=now.version, area_id=cast.next_grid, reason="在路的那边")
    case = await row(now.case_id)
    assert (case.community, case.grid) == (cast.next_community, cast.next_grid)
    assert await owner_of(now.case_id) == cast.next_staff.posts[0].id


async def test_revealing_needs_a_reason_and_leaves_an_event(cast: Cast) -> None:
    report = await told(cast, phone="13800000009", name="李小梅")
    with pytest.raises(Invalid):
        await cases.reveal(report.case_id, cast.staff, report_id=report.report_id)
    contact = await cases.reveal(report.case_id, cast.staff, report_id=report.report_id, reason="核实楼栋")
    assert contact.phone == "13800000009"
    history = await events.history(stream_of(report.case_id))
    assert history[-1].kind == "case.revealed" and history[-1].internal
    assert await database.fetch_value("SELECT count(*) FROM reveals") == 1


async def test_for_the_handling_unit_the_assignment_is_the_reason(cast: Cast) -> None:
    now = await in_hand(cast, phone="13800000009")
    reports = (await view(now.number, cast.handler)).tellings
    assert (await cases.reveal(now.case_id, cast.handler, report_id=reports[0].id)).phone == "13800000009"


async def test_nobody_reveals_through_another_case(cast: Cast) -> None:
    mine, other = await told(cast), await told(cast, by=cast.neighbour)
    with pytest.raises(NotFound):
        await cases.reveal(mine.case_id, cast.staff, report_id=other.report_id, reason="好奇")


async def test_a_private_case_is_for_secretaries_and_the_unit_that_has_it(cast: Cast) -> None:
    report = await told(cast, private=True)
    assert await owner_of(report.case_id) == cast.secretary.posts[0].id
    for other in (cast.staff, cast.centre, cast.grid_worker, cast.next_secretary, cast.area_admin):
        with pytest.raises(NotFound):
            await view(report.number, other)
    assert (await view(report.number, cast.street_secretary)).may("accept")
    now = await cases.accept(report.case_id, cast.secretary, seen=1)
    now = await cases.dispatch(now.case_id, cast.secretary, seen=now.version, unit_id=cast.unit)
    now = await cases.take_on(now.case_id, cast.handler, seen=now.version)
    now = await cases.finish(now.case_id, cast.handler, seen=now.version, text="办好了")
    now = await cases.check(now.case_id, cast.secretary, seen=now.version, passed=True)
    now = await cases.close(now.case_id, cast.secretary, seen=now.version, stars=5)
    assert now.state is State.CLOSED


async def test_a_held_report_is_a_case_like_any_other_and_accepting_lets_it_go(cast: Cast) -> None:
    telling = cases.Telling(text="测试", community_id=cast.community)
    report = await cases.report(telling, cast.stranger, held="这台手机短时间内上报较多")
    assert (await row(report.case_id)).held
    await cases.accept(report.case_id, cast.staff, seen=1)
    assert not (await row(report.case_id)).held


async def test_what_another_reporter_says_stays_theirs(cast: Cast) -> None:
    report, other = await told(cast), await told(cast, by=cast.neighbour, text="我家的私事也在这里")
    await database.execute('UPDATE report_cases SET "case" = $1 WHERE report = $2', report.case_id, other.report_id)
    await cases.add(report.case_id, cast.neighbour, text="只说给你们听")
    assert "只说给你们听" not in str((await view(report.number, cast.resident)).track)
    assert "只说给你们听" in str((await view(report.number, cast.neighbour)).track)
    assert "楼下路灯" not in str((await view(report.number, cast.neighbour)).track)
    assert "只说给你们听" in str((await view(report.number, cast.staff)).track)


async def test_told_for_somebody_else_both_follow_it(cast: Cast) -> None:
    report = await told(cast, for_phone="13800000002", for_name="王大山", for_agreed=True)
    assert (await view(report.number, cast.neighbour)).relations == {Relation.REPORTER}
    assert (await view(report.number, cast.resident)).relations == {Relation.REPORTER}
