"""Alarms as they ring: told on the way up, ended by what is done, caught up with after a long silence."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from server import cases
from server.cases import case as case_room
from server.cases import story
from server.cases.case import stream_of
from server.kernel import clock, database, events
from server.kernel.actor import Actor, the_system
from server.kernel.clock import BEIJING
from server.notices.alarms import ticking, watching
from server.notices.alarms.ticking import FEW, tick
from server.notices.following import follow
from server.people import posts
from tests import cast as casting
from tests.cast import Cast

# A Monday; five working days from here end on Monday the 9th at 18:00.
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=BEIJING)
DUE = datetime(2026, 3, 9, 18, 0, tzinfo=BEIJING)


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def at(moment: datetime) -> None:
    """What the worker does at this moment."""
    with clock.at(moment):
        await follow()
        await tick()
        await follow()


async def told(*kinds: str) -> list[tuple[str, UUID]]:
    """Notices of these kinds, in order, and whom they reached."""
    rows = await database.fetch("SELECT kind, account FROM notices WHERE kind = ANY($1) ORDER BY id", list(kinds))
    return [(row["kind"], row["account"]) for row in rows]


def whom(*people: Actor) -> set[Any]:
    return {one.account_id for one in people}


async def reported(cast: Cast, **more: Any) -> cases.Reported:
    with clock.at(MONDAY):
        return await cases.report(cases.Telling(text="路灯不亮", community_id=cast.community, **more), cast.resident)


async def in_hand(cast: Cast) -> cases.Changed:
    report = await reported(cast)
    with clock.at(MONDAY + timedelta(hours=1)):
        now = await cases.accept(report.case_id, cast.staff, seen=None)
        now = await cases.dispatch(now.case_id, cast.staff, seen=None, unit_id=cast.unit)
        return await cases.take_on(now.case_id, cast.handler, seen=None)


async def test_a_case_that_nobody_finishes_climbs_to_the_district_step_by_step(cast: Cast) -> None:
    now = await in_hand(cast)
    await at(DUE - timedelta(days=4))
    assert await told("due_soon") == []
    steps: list[tuple[datetime, str, Actor]] = [
        (datetime(2026, 3, 6, 15, 45, tzinfo=BEIJING), "due_soon", cast.handler),
        (datetime(2026, 3, 9, 12, 23, tzinfo=BEIJING), "due_soon", cast.lead),
        (DUE, "overdue", cast.handler),
        (datetime(2026, 3, 10, 13, 30, tzinfo=BEIJING), "escalated", cast.lead),
        (datetime(2026, 3, 10, 18, 0, tzinfo=BEIJING), "escalated", cast.secretary),
        (datetime(2026, 3, 11, 18, 0, tzinfo=BEIJING), "escalated", cast.street_secretary),
        (datetime(2026, 3, 13, 18, 0, tzinfo=BEIJING), "escalated", cast.centre),
    ]
    heard: list[tuple[str, Any]] = []
    for moment, kind, person in steps:
        await at(moment - timedelta(minutes=1))
        assert await told("due_soon", "overdue", "escalated") == heard, moment
        await at(moment)
        heard.append((kind, person.account_id))
        assert await told("due_soon", "overdue", "escalated") == heard
    await at(DUE + timedelta(days=60))
    assert await told("due_soon", "overdue", "escalated") == heard
    lines = [line.words for line in story.for_staff(await events.history(stream_of(now.case_id)))]
    assert lines[-1] == "提醒:已超期,已告诉区里"
    case = (await case_room.load(now.case_id, the_system("test"))).case
    assert case.version == now.version
    assert events.verifies(await events.history(case.stream), case.head)


async def test_what_is_acted_on_rings_no_more(cast: Cast) -> None:
    now = await in_hand(cast)
    await at(DUE)
    with clock.at(DUE + timedelta(minutes=30)):
        await cases.finish(now.case_id, cast.handler, seen=None, text="修好了")
    # Before the worker has read what happened, too: the tick looks at the case itself.
    with clock.at(DUE + timedelta(hours=19.5)):
        await tick()
    await at(DUE + timedelta(hours=20))
    assert {account for _, account in await told("escalated")} == set()
    with clock.at(DUE + timedelta(hours=21)):
        await cases.check(now.case_id, cast.staff, seen=None, passed=True)
        await cases.close(now.case_id, cast.centre, seen=None, stars=5)
    await at(DUE + timedelta(days=30))
    assert {account for _, account in await told("escalated")} == set()


async def test_whoever_gets_a_late_case_has_their_own_time_before_it_climbs(cast: Cast) -> None:
    now = await in_hand(cast)
    tuesday = DUE + timedelta(hours=15)
    with clock.at(tuesday):
        await cases.finish(now.case_id, cast.handler, seen=None, text="修好了")
    await at(tuesday + timedelta(hours=8))
    assert await told("overdue") == []
    await at(tuesday + timedelta(days=1))
    # The desk has no supervisor; its secretary hears a fifth of the time after it came back.
    assert {account for _, account in await told("escalated")} == whom(cast.secretary)


async def test_an_empty_rung_is_climbed_past_and_named(cast: Cast) -> None:
    await in_hand(cast)
    with clock.at(MONDAY + timedelta(hours=2)):
        for leaving in (cast.lead, cast.secretary):
            await posts.vacate(leaving.posts[0].id, cast.area_admin)
    await at(datetime(2026, 3, 6, 15, 45, tzinfo=BEIJING))
    await at(datetime(2026, 3, 9, 12, 23, tzinfo=BEIJING))
    row = await database.fetch_one("SELECT title, line, account FROM notices WHERE kind = 'due_soon' ORDER BY id DESC")
    assert row is not None
    assert row["account"] == cast.street_secretary.account_id
    assert row["line"].endswith("期限 3月9日 18:00 · 单位负责人、社区书记空缺,已报到街道")


async def test_of_a_private_case_the_secretaries_hear_and_nothing_but_number_and_deadline(cast: Cast) -> None:
    await reported(cast, private=True)
    await at(DUE + timedelta(days=30))
    rows = await database.fetch("SELECT account, title, line FROM notices WHERE kind IN ('overdue', 'escalated')")
    assert {row["account"] for row in rows} == whom(cast.secretary, cast.street_secretary)
    assert {row["line"].partition(" · ")[2] for row in rows} == {"期限 3月9日 18:00"}


async def test_a_case_that_fell_to_the_secretary_and_lies_there_reaches_the_street(cast: Cast) -> None:
    report = await reported(cast)
    with clock.at(MONDAY + timedelta(hours=1)):
        await cases.accept(report.case_id, cast.staff, seen=None)
        await cases.dispatch(report.case_id, cast.staff, seen=None, unit_id=cast.empty_unit)
    await at(MONDAY + timedelta(hours=2))
    assert {account for _, account in await told("floats")} == whom(cast.secretary)
    await at(MONDAY + timedelta(days=2))
    assert {account for _, account in await told("floats")} == whom(cast.secretary, cast.street_secretary)


async def test_a_case_that_comes_back_twice_goes_to_the_secretary_at_once(cast: Cast) -> None:
    report = await reported(cast)
    with clock.at(MONDAY + timedelta(hours=1)):
        await cases.accept(report.case_id, cast.staff, seen=None)
        for _ in range(2):
            await at(MONDAY + timedelta(hours=1))
            assert await told("returned_twice") == []
            await cases.dispatch(report.case_id, cast.staff, seen=None, unit_id=cast.unit)
            await cases.return_case(report.case_id, cast.handler, seen=None, reason="不归我们")
    await at(MONDAY + timedelta(hours=1))
    assert {account for _, account in await told("returned_twice")} == whom(cast.secretary)
    with clock.at(MONDAY + timedelta(hours=2)):
        await cases.dispatch(report.case_id, cast.staff, seen=None, unit_id=cast.next_unit)
    await at(MONDAY + timedelta(days=4))
    assert {account for _, account in await told("returned_twice")} == whom(cast.secretary)


async def rated_low(cast: Cast) -> cases.Reported:
    report = await reported(cast)
    with clock.at(MONDAY + timedelta(hours=1)):
        await cases.answer(report.case_id, cast.staff, seen=None, text="已知悉")
        await cases.rate(report.case_id, cast.resident, seen=None, stars=1, reason="not_fixed")
    return report


async def test_a_low_rating_without_a_word_climbs(cast: Cast) -> None:
    await rated_low(cast)
    await at(MONDAY + timedelta(hours=2))
    first = Counter(await told("low_rating"))
    await at(MONDAY + timedelta(hours=11))
    await at(MONDAY + timedelta(days=1, hours=1))
    again = Counter(await told("low_rating")) - first
    case = await database.fetch_one("SELECT owner_post FROM cases")
    assert case is not None
    assert {account for _, account in again} < whom(cast.staff, cast.second_staff)
    await at(MONDAY + timedelta(days=30))
    assert {account for _, account in await told("escalated")} == whom(cast.secretary, cast.street_secretary)


async def test_an_answered_low_rating_is_told_to_the_resident_and_rings_no_more(cast: Cast) -> None:
    report = await rated_low(cast)
    await at(MONDAY + timedelta(hours=2))
    with clock.at(MONDAY + timedelta(hours=3)):
        await cases.respond(report.case_id, cast.staff, seen=None, text="对不起,明天再去")
    await at(MONDAY + timedelta(days=30))
    assert await told("responded") == [("responded", cast.resident.account_id)]
    assert await told("escalated") == []


async def test_a_worker_that_was_down_for_days_wakes_up_to_one_digest_a_person(cast: Cast) -> None:
    reports = [await reported(cast) for _ in range(3 * FEW)]
    for report in reports:
        with clock.at(MONDAY + timedelta(hours=1)):
            await cases.accept(report.case_id, cast.staff, seen=None)
            await cases.dispatch(report.case_id, cast.staff, seen=None, unit_id=cast.unit)
    await at(DUE + timedelta(days=1))
    rows = await database.fetch(
        "SELECT account, title, line, href FROM notices WHERE kind IN ('overdue', 'due_soon', 'escalated')"
    )
    assert Counter(row["account"] for row in rows) == Counter(whom(cast.handler, cast.lead, cast.secretary))
    assert {(row["title"], row["href"]) for row in rows} == {(f"{3 * FEW} 件事等着,最急的在前", "/alarms")}
    worst = "、".join(report.number for report in reports[: ticking.NAMED])
    assert {row["line"] for row in rows} == {f"已超期 {3 * FEW} 件。最急:{worst}。"}
    told_of = [event for report in reports for event in await events.history(stream_of(report.case_id))]
    assert len([event for event in told_of if event.kind == "case.warned"]) == 3 * FEW


async def test_the_tick_waits_while_much_is_untold_but_not_forever(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    await in_hand(cast)
    with clock.at(DUE):
        await follow()
        await events.record("area:1", "area.renamed", {}, cast.area_admin)
    with clock.at(DUE + timedelta(minutes=5)):
        assert await tick() == 0
        monkeypatch.setattr(ticking, "PATIENCE", 0.0)
        assert await tick() == 1


async def test_a_case_in_somebodys_hands_is_left_for_the_next_tick(fresh_db: str) -> None:
    cast = await casting.gather()
    now = await in_hand(cast)
    with clock.at(DUE):
        await follow()
        async with database.engine().pool.acquire() as other, other.transaction():  # type: ignore[union-attr]
            await other.execute("SELECT FROM cases WHERE id = $1 FOR UPDATE", now.case_id)
            assert await tick() == 0
        assert await tick() == 1


async def test_what_was_changed_around_the_verbs_is_watched_within_the_hour(cast: Cast) -> None:
    await in_hand(cast)
    await follow()
    await database.execute("DELETE FROM alarms")
    with clock.at(DUE):
        assert await watching.watch_all() == 1
        assert await watching.watch_all() == 0
    await at(DUE)
    assert await told("overdue") == [("overdue", cast.handler.account_id)]


async def test_the_index_is_what_the_tick_looks_at(cast: Cast) -> None:
    await in_hand(cast)
    await follow()
    await database.execute("SET LOCAL enable_seqscan = off")
    plan = await database.fetch(f"EXPLAIN {ticking._DUE}", DUE, 10)
    assert "alarms_next" in "\n".join(row[0] for row in plan)
