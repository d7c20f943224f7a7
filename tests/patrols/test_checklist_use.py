"""A checklist that plans work by: whom a new version touches, and why it cannot end under them."""

from datetime import timedelta

import pytest

from server.forms import checklist_versions
from server.kernel import events
from server.kernel.errors import NotAllowed
from server.patrols import checklist_use, making, plans, recording
from server.patrols.visit import Recorded
from tests import cast as casting
from tests.patrols.rounds import MONDAY, ground, on, plan, planned, tasks, version, wish
from tests.patrols.test_recording import GOOD, told


async def test_nothing_uses_a_checklist_that_no_plan_has(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 2)
        await plan(of)
        use = await checklist_use.use_of(of.market)
    assert (use.plans, use.places, use.tasks) == ((), 0, 0)


async def test_a_place_that_two_plans_want_is_one_place_and_ended_plans_want_none(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 3)
        await plan(of)
        await plan(of, by=of.cast.centre, area=of.cast.district, name="全区普查")
        over = await plan(of, name="过去的")
        await making.make()
        await plans.end(over, of.cast.staff)
        use = await checklist_use.use_of(of.fire)
    assert [one.words for one in use.plans] == ["“全区普查”(呼应区)", "“每月巡查”(民乐社区)"]
    assert (use.places, use.tasks) == (3, len(await tasks()))


async def test_a_checklist_in_use_is_not_retired_and_the_plans_are_named(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        made = await plan(of)
        with pytest.raises(NotAllowed, match=r"每月巡查.*民乐社区.*先结束"):
            await checklist_use.retire(of.fire, of.cast.area_admin)
        assert not (await checklist_versions.listed_one(of.fire)).retired
        await plans.end(made, of.cast.staff)
        await checklist_use.retire(of.fire, of.cast.area_admin)
    assert (await checklist_versions.listed_one(of.fire)).retired
    assert [event.kind for event in await events.history(f"checklist:{of.fire}")] == ["checklist.retired"]


async def test_only_a_district_administrator_ends_a_checklist(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        for by in (of.cast.staff, of.cast.grid_worker, of.cast.resident):
            with pytest.raises(NotAllowed):
                await checklist_use.retire(of.fire, by)


async def test_what_is_still_to_be_done_is_done_by_a_retired_checklist(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        [task] = await planned(of)
        await plans.change(task["plans"][0], wish(of, of.market), of.cast.staff)
    with on(MONDAY + timedelta(days=1)):
        assert (await checklist_use.use_of(of.fire)).plans == ()
        await checklist_use.retire(of.fire, of.cast.area_admin)
        [outcome] = await recording.record([told(of, GOOD)], of.cast.grid_worker)
    assert isinstance(outcome, Recorded)


async def test_a_new_version_reaches_the_tasks_that_wait(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 2)
        await planned(of)
        await version(of.fire)
        assert (await checklist_use.use_of(of.fire)).tasks == len(await tasks())
