"""A year's calendar is entered after deadlines were already promised on plain weekdays."""

from datetime import date, datetime

import msgspec
import pytest

from server import cases
from server.cases import case as case_room
from server.cases.case import stream_of
from server.cases.recounting import Recount, recount
from server.kernel import clock, database, events
from server.kernel.actor import the_system
from server.kernel.clock import BEIJING
from server.kernel.errors import Invalid, NotAllowed
from tests import cast as casting
from tests.cast import Cast

NEW_YEAR = frozenset({date(2031, 1, 1), date(2031, 1, 2)})


async def told_at_the_end_of_2030(cast: Cast) -> cases.Reported:
    with clock.at(datetime(2030, 12, 30, 10, tzinfo=BEIJING)):
        return await cases.report(cases.Telling(text="一件事", community_id=cast.community), cast.resident)


async def case_of(report: cases.Reported) -> case_room.CaseRow:
    return (await case_room.load(report.case_id, the_system("test"))).case


async def test_a_provisional_deadline_is_counted_again_once_its_year_is_entered(db: None) -> None:
    cast = await casting.gather()
    report = await told_at_the_end_of_2030(cast)
    before = await case_of(report)
    assert before.due_provisional
    assert before.due_at == datetime(2031, 1, 6, 18, tzinfo=BEIJING)
    await cases.enter_year(2030, frozenset(), frozenset(), cast.system_admin)
    entered = await cases.enter_year(2031, NEW_YEAR, frozenset({date(2031, 1, 4)}), cast.system_admin)
    assert entered.open_cases == 1
    await recount(Recount(2031))
    after = await case_of(report)
    assert not after.due_provisional
    assert after.due_at == datetime(2031, 1, 7, 18, tzinfo=BEIJING)
    assert after.version == before.version
    history = await events.history(stream_of(report.case_id))
    assert history[-1].kind == "case.recounted"
    assert events.verifies(history, after.head)


async def test_counting_again_twice_tells_once(db: None) -> None:
    cast = await casting.gather()
    report = await told_at_the_end_of_2030(cast)
    await cases.enter_year(2031, NEW_YEAR, frozenset(), cast.system_admin)
    for _ in range(2):
        await recount(Recount(2031))
    kinds = [event.kind for event in await events.history(stream_of(report.case_id))]
    assert kinds.count("case.recounted") == 1


async def test_a_dry_run_says_how_many_and_changes_nothing(db: None) -> None:
    cast = await casting.gather()
    await told_at_the_end_of_2030(cast)
    assert (await cases.enter_year(2031, NEW_YEAR, frozenset(), cast.system_admin, dry_run=True)).open_cases == 1
    assert await database.fetch_value("SELECT count(*) FROM calendar_years") == 0


async def test_days_that_cannot_be_are_named(db: None) -> None:
    cast = await casting.gather()
    for off, worked, field in (
        ({date(2030, 1, 1)}, set(), "days"),
        ({date(2031, 1, 4)}, set(), "days_off"),
        (set(), {date(2031, 1, 2)}, "days_worked"),
    ):
        with pytest.raises(Invalid) as refused:
            await cases.enter_year(2031, frozenset(off), frozenset(worked), cast.system_admin)
        assert field in refused.value.fields


async def test_only_administrators_enter_a_year(db: None) -> None:
    cast = await casting.gather()
    for other in (cast.staff, cast.centre, cast.secretary, cast.resident):
        with pytest.raises(NotAllowed):
            await cases.enter_year(2031, NEW_YEAR, frozenset(), other)


async def test_the_calendar_of_all_is_not_for_the_administrator_of_one_community(db: None) -> None:
    cast = await casting.gather()
    post = msgspec.structs.replace(cast.area_admin.posts[0], area_id=cast.community, area_level="community")
    of_one_community = msgspec.structs.replace(cast.area_admin, posts=(post,))
    with pytest.raises(NotAllowed):
        await cases.enter_year(2031, NEW_YEAR, frozenset(), of_one_community)
    assert await database.fetch_value("SELECT count(*) FROM calendar_years") == 0
