"""What the desk looks at: late and doubled records, coverage, rectifications and their sheets."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest

from server.kernel import database, pages
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.kernel.pages import Page
from server.patrols import coverage, late, open_tasks, rectifications, sheets
from tests import cast as casting
from tests.patrols.rounds import MONDAY, Ground, ground, on, plan, planned
from tests.patrols.rounds import tasks as all_tasks
from tests.patrols.test_recording import BAD, finding, one, told

UNTIL_DECEMBER = (date(2026, 11, 1), date(2026, 12, 31))


async def a_sheet(of: Ground) -> sheets.Sheet:
    await one(of, told(of, BAD, finding(of, "rectify")))
    [found] = (await sheets.sheets(of.cast.staff)).rows
    return found


async def test_a_doubled_record_is_shown_beside_the_other_and_may_take_its_place(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        [task] = await planned(of)
        await one(of, told(of, task=task["id"]))
        second = told(of, BAD, task=task["id"])
        await one(of, second)
        [row] = (await late.late(of.cast.staff)).rows
        assert row.words == ("同一任务有两份记录",) and row.other_name == "陈建国"
        assert (await open_tasks.counts(of.cast.staff)).marked == 1
        await late.settle(second.id, of.cast.staff, holds=True)
        await late.settle(second.id, of.cast.staff, holds=True)
        with pytest.raises(NotAllowed):
            await late.settle(second.id, of.cast.staff, holds=False)
        assert (await late.late(of.cast.staff)).rows == ()
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
        assert (await late.late(of.cast.next_staff)).rows == ()
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
        assert [one.number for one in (await sheets.sheets(of.cast.staff, closed=True)).rows] == [found.number]


async def pages_of(ask: Callable[[str], Awaitable[Page[Any]]]) -> list[list[Any]]:
    """The ids on every page of a list, from the first to the last."""
    found, after = [], ""
    while True:
        page = await ask(after)
        found.append([row.id for row in page.rows])
        if not page.further:
            return found
        after = page.further


async def test_open_tasks_are_read_page_by_page_and_none_is_lost_or_seen_twice(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SIZE", 3)
    with on(MONDAY):
        of = await ground(await casting.gather(), 8)
        made = await planned(of)
        await database.execute("UPDATE patrol_tasks SET grid = NULL WHERE id = $1", made[3]["id"])
        found = await pages_of(lambda after: open_tasks.open_tasks(of.cast.staff, after=after))
        assert len(found) > 2 and [len(page) for page in found[:-1]] == [3] * (len(found) - 1)
        seen = [one for page in found for one in page]
        assert sorted(seen) == sorted(task["id"] for task in made)
        days = {task["id"]: task["day"] for task in made}
        assert [days[one] for one in seen] == sorted(days.values())
        assert await pages_of(lambda after: open_tasks.open_tasks(of.cast.next_staff, after=after)) == [[]]


async def test_marked_records_are_read_page_by_page(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SIZE", 2)
    with on(MONDAY):
        of = await ground(await casting.gather(), 5)
        told_of = [told(of, {}, outcome="refused", place=where) for where in of.places]
        for one_told in told_of:
            await one(of, one_told)
        found = await pages_of(lambda after: late.late(of.cast.staff, after))
    assert [len(page) for page in found] == [2, 2, 1]
    assert {one for page in found for one in page} == {one.id for one in told_of}


async def test_sheets_are_read_page_by_page_open_ones_and_settled_ones(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SIZE", 2)
    with on(MONDAY):
        of = await ground(await casting.gather(), 5)
        for where in of.places:
            await one(of, told(of, BAD, finding(of, "rectify"), place=where))
        open_ones = await pages_of(lambda after: sheets.sheets(of.cast.staff, after=after))
        assert [len(page) for page in open_ones] == [2, 2, 1]
        numbers = [sheet for page in open_ones for sheet in page]
        for hour, sheet in enumerate(numbers[:3]):
            with on(MONDAY, 10 + hour):
                await rectifications.withdraw(sheet, of.cast.staff, reason="不用改了")
        closed = await pages_of(lambda after: sheets.sheets(of.cast.staff, closed=True, after=after))
        assert closed == [[numbers[2], numbers[1]], [numbers[0]]]
        for nonsense in ("x", "2026-11-02", "_"):
            with pytest.raises(NotFound):
                await sheets.sheets(of.cast.staff, after=nonsense)
