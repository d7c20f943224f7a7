"""What the desk looks at: late and doubled records, coverage, rectifications and their sheets."""

from datetime import date, timedelta

import pytest

from server.kernel import database
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.patrols import coverage, late, open_tasks, rectifications, sheets
from tests import cast as casting
from tests.patrols.rounds import MONDAY, Ground, ground, on, plan, planned
from tests.patrols.rounds import tasks as all_tasks
from tests.patrols.test_recording import BAD, finding, one, told

UNTIL_DECEMBER = (date(2026, 11, 1), date(2026, 12, 31))


async def a_sheet(of: Ground) -> sheets.Sheet:
    await one(of, told(of, BAD, finding(of, "rectify")))
    [found] = await sheets.sheets(of.cast.staff)
    return found


async def test_a_doubled_record_is_shown_beside_the_other_and_may_take_its_place(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        [task] = await planned(of)
        await one(of, told(of, task=task["id"]))
        second = told(of, BAD, task=task["id"])
        await one(of, second)
        [row] = await late.late(of.cast.staff)
        assert row.words == ("同一任务有两份记录",) and row.other_name == "陈建国"
        assert (await open_tasks.counts(of.cast.staff)).marked == 1
        await late.settle(second.id, of.cast.staff, holds=True)
        await late.settle(second.id, of.cast.staff, holds=True)
        with pytest.raises(NotAllowed):
            await late.settle(second.id, of.cast.staff, holds=False)
        assert await late.late(of.cast.staff) == []
    assert (await all_tasks())[0]["visit"] == second.id


async def test_what_does_not_count_leaves_its_task_open_again(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        [task] = await planned(of)
        gone = told(of, {}, task=task["id"], outcome="closed_down")
        await one(of, gone)
        await late.settle(gone.id, of.cast.staff, holds=False, note="还开着")
    assert (await all_tasks())[0]["state"] == "open"


async def test_the_neighbours_desk_sees_and_settles_nothing(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        refused = told(of, {}, outcome="refused")
        await one(of, refused)
        assert await late.late(of.cast.next_staff) == []
        for by in (of.cast.next_staff, of.cast.grid_worker):
            with pytest.raises(NotFound):
                await late.settle(refused.id, by, holds=True)


async def test_coverage_is_told_by_community_and_kind_with_the_visits_saved(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 4)
        await plan(of, of.market)
        first, second, *_ = await planned(of)
        await one(of, told(of, task=first["id"], place=None))
        await one(of, told(of, {}, task=second["id"], place=None, outcome="refused"))
        [line] = await coverage.by_community(*UNTIL_DECEMBER, of.cast.centre)
        assert (line.area, line.kind, line.wanted, line.seen, line.percent) == ("民乐社区", "消防栓", 4, 2, 50)
        assert await coverage.saved(*UNTIL_DECEMBER, of.cast.staff) == 4
        assert await coverage.by_community(*UNTIL_DECEMBER, of.cast.next_staff) == []


async def test_by_grid_only_its_own_worker_and_desk_see_it(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        await planned(of)
        for by in (of.cast.staff, of.cast.secretary, of.cast.grid_worker):
            [line] = await coverage.by_grid(of.cast.community, *UNTIL_DECEMBER, by)
            assert line.area == "民乐一网格"
        for by in (of.cast.centre, of.cast.street_secretary, of.cast.next_staff, of.cast.next_grid_worker):
            with pytest.raises(NotFound):
                await coverage.by_grid(of.cast.community, *UNTIL_DECEMBER, by)


async def test_the_operator_reads_the_sheet_by_a_link_that_is_stored_nowhere(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        found = await a_sheet(of)
        secret = await sheets.link(found.id, of.cast.staff)
        assert await sheets.link(found.id, of.cast.staff) == secret
        assert (await sheets.opened(secret)).number == found.number
        with pytest.raises(NotFound):
            await sheets.opened(secret[:-2] + "AA")
        with pytest.raises(NotFound):
            await sheets.link(found.id, of.cast.next_staff)
    assert secret not in str(await database.fetch("SELECT * FROM patrol_rectifications"))


async def test_another_day_moves_the_revisit_and_withdrawing_ends_it(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        found = await a_sheet(of)
        later = MONDAY + timedelta(days=14)
        with pytest.raises(NotFound):
            await rectifications.set_due(found.id, later, of.cast.next_staff, reason="店主回乡")
        await rectifications.set_due(found.id, later, of.cast.staff, reason="店主回乡", seen=found.version)
        await rectifications.set_due(found.id, later, of.cast.staff, reason="店主回乡")
        moved = await sheets.sheet(found.id, of.cast.staff)
        assert moved.revisit == later == moved.due
        with pytest.raises(Invalid):
            await rectifications.withdraw(found.id, of.cast.staff, reason="")
        await rectifications.withdraw(found.id, of.cast.staff, reason="不用改了")
        await rectifications.withdraw(found.id, of.cast.staff, reason="不用改了")
        assert (await sheets.sheet(found.id, of.cast.staff)).revisit is None
        assert [one.number for one in await sheets.sheets(of.cast.staff, closed=True)] == [found.number]
