"""Tasks are made by the clock: once, spread over the days, one visit for several departments."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.kernel import database, events
from server.kernel.calendar import WorkCalendar
from server.patrols import making, plans
from server.patrols.grid_plan import Spot, wanted
from server.patrols.merging import Due, Open
from server.patrols.schedule import Rhythm, WorkingDays, windows
from tests import cast as casting
from tests.patrols.rounds import MONDAY, ground, on, plan, tasks, wish

DAYS = WorkingDays(WorkCalendar(), date(2026, 1, 1), date(2027, 12, 31))


async def test_a_plan_makes_one_task_for_each_place_and_never_a_second(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 3)
        await plan(of)
        first = await making.make()
        again = await making.make()
    assert (first.tasks, again.tasks, len(await tasks())) == (3, 0, 3)


async def test_tasks_are_spread_evenly_over_the_working_days_of_their_window(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 11)
        await plan(of, window_days=5)
        await making.make()
    days = Counter(task["day"] for task in await tasks())
    assert len(days) == 5 and max(days.values()) - min(days.values()) <= 1
    assert max(days) == MONDAY + timedelta(days=4)


async def test_two_departments_at_one_place_are_one_visit(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        await plan(of)
        await plan(of, of.market, window_days=5)
        done = await making.make()
    [task] = await tasks()
    assert (done.saved, task["saved"], len(task["plans"])) == (1, 1, 2)
    assert task["window_to"] == MONDAY + timedelta(days=4)


async def test_a_later_plan_joins_the_task_that_is_there(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        await plan(of)
        await making.make()
        await plan(of, of.market, every=7, unit="days", first=MONDAY + timedelta(days=2))
        done = await making.make()
    first, *others = sorted(await tasks(), key=lambda one: one["made_at"])
    assert done.joined == 1 and len(first["plans"]) == 2 and first["saved"] == 1
    assert len(others) == done.tasks


async def test_a_place_that_was_added_meanwhile_gets_its_task_too(db: None) -> None:
    from tests.patrols.making import place

    with on(MONDAY):
        of = await ground(await casting.gather())
        await plan(of)
        await making.make()
        await place(of.cast, of.kind, name="新开的")
        assert (await making.make()).tasks == 1


async def test_a_window_that_has_half_gone_is_met_on_the_days_that_are_left(db: None) -> None:
    with on(MONDAY + timedelta(days=3)):
        of = await ground(await casting.gather(), 4)
        await plan(of, window_days=5)
        await making.make()
    assert {task["day"] for task in await tasks()} == {MONDAY + timedelta(days=3), MONDAY + timedelta(days=4)}


async def test_the_next_period_comes_two_weeks_ahead_and_not_before(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        await plan(of)
        await making.make()
    with on(date(2026, 11, 17)):
        assert (await making.make()).tasks == 0
    with on(date(2026, 11, 19)):
        assert (await making.make()).tasks == 1


async def test_what_was_made_is_told_in_the_history_of_the_grid(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 2)
        await plan(of)
        await making.make()
    [event] = await events.history(f"round:{of.cast.grid}")
    assert event.data == {"by": "系统", "tasks": 2, "joined": 0, "saved": 0}


async def test_ending_a_plan_takes_its_open_tasks_back_but_not_what_others_want_too(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        fire, market = await plan(of), await plan(of, of.market)
        await making.make()
        assert (await plans.end(fire, of.cast.staff, dry_run=True)).released == 0
        await plans.end(fire, of.cast.staff)
        [task] = await tasks()
        assert (task["state"], task["plans"], task["saved"]) == ("open", [market], 0)
        assert (await plans.end(market, of.cast.staff)).released == 1
        assert (await tasks())[0]["state"] == "withdrawn"
        assert (await plans.end(market, of.cast.staff)).released == 0
        assert (await making.make()).tasks == 0


async def test_a_changed_rhythm_makes_what_has_not_begun_anew(db: None) -> None:
    with on(date(2026, 11, 20)):
        of = await ground(await casting.gather())
        one = await plan(of, first=date(2026, 12, 1))
        await making.make()
        effect = await plans.change(one, wish(of, first=date(2026, 12, 1), window_days=2), of.cast.staff)
        assert effect.released == 1
        await making.make()
    [task] = [task for task in await tasks() if task["state"] == "open"]
    assert task["window_to"] == date(2026, 12, 2)


async def test_two_workers_at_once_make_every_task_once(fresh_db: str) -> None:
    async with database.transaction():
        with on(MONDAY):
            of = await ground(await casting.gather(), 20)
            await plan(of)

    async def run() -> making.Done:
        with on(MONDAY):
            return await making.make()

    done = await asyncio.gather(run(), run(), run())
    assert sum(one.tasks for one in done) == 20 == len(await tasks())


async def test_a_run_that_was_killed_is_taken_up_by_the_next(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 3)
        await plan(of)

        async def killed(*_: object) -> None:
            raise RuntimeError("killed")

        with monkeypatch.context() as broken:
            broken.setattr(making.events, "record", killed)
            with pytest.raises(RuntimeError, match="killed"):
                await making.make()
        assert await tasks() == []
        assert (await making.make()).tasks == 3


rhythms = st.builds(
    Rhythm,
    first=st.dates(date(2026, 9, 1), date(2026, 12, 31)),
    every=st.integers(1, 20),
    unit=st.sampled_from(["days", "months"]),
    window=st.integers(0, 10),
)


@settings(max_examples=60)
@given(
    st.lists(rhythms, min_size=1, max_size=4), st.lists(st.integers(0, 40), min_size=1, max_size=6), st.integers(1, 4)
)
def test_however_often_it_is_made_each_period_of_each_plan_has_one_visit_in_its_window(
    rhythms: list[Rhythm], looks: list[int], many: int
) -> None:
    spots = [Spot(UUID(int=number), 1, 22.6 + number / 1000, 114.0) for number in range(many)]
    made: set[tuple[UUID, int, date]] = set()
    there: dict[UUID, dict[UUID, Open]] = {}
    met: dict[tuple[UUID, int, date], UUID] = {}
    dues: dict[tuple[int, date], Due] = {}
    for since in sorted(date(2026, 10, 1) + timedelta(days=look) for look in looks):
        found = [
            Due(plan, one.period, one.begin, one.end)
            for plan, rhythm in enumerate(rhythms)
            for one in windows(rhythm, DAYS, since, since + timedelta(days=14))
        ]
        dues |= {(one.plan, one.period): one for one in found}
        done = wanted(spots, lambda _, found=tuple(found): found, made, there, DAYS, {})  # type: ignore[misc]
        for number, new in enumerate(done.new):
            task = UUID(int=(since.toordinal() << 20) + number)
            there.setdefault(new.place, {})[task] = Open(new.visit.begin, new.visit.end, new.day)
            for one in new.visit.due:
                assert (new.place, one.plan, one.period) not in met
                met[new.place, one.plan, one.period] = task
        for joined in done.joined:
            there[joined.place][joined.task] = joined.now
            for one in joined.due:
                assert (joined.place, one.plan, one.period) not in met
                met[joined.place, one.plan, one.period] = joined.task
        made = set(met)
    for (place, number, period), task in met.items():
        one = dues[number, period]
        assert one.begin <= there[place][task].day <= one.end
        assert WorkCalendar().works(there[place][task].day)
    assert len(met) == len(dues) * many
