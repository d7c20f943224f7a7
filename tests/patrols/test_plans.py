"""Plans: who makes them, what is wrong with one, whom it touches."""

from datetime import date, timedelta

import pytest

from server.kernel import events
from server.kernel.errors import Invalid, NotAllowed, NotFound, Stale
from server.patrols import plans
from server.patrols.plans import stream_of
from tests import cast as casting
from tests.patrols.rounds import MONDAY, ground, on, plan, wish


async def test_a_dry_run_says_how_many_tasks_and_whom_it_touches_and_leaves_nothing(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 6)
        effect = await plans.create(wish(of, every=2, window_days=5), of.cast.staff, dry_run=True)
    assert (effect.plan, effect.places, effect.a_month, effect.workers, effect.no_worker) == (None, 6, 3, 1, 0)
    assert await plans.plans(of.cast.staff) == []


async def test_places_where_nobody_walks_are_counted(db: None) -> None:
    from server.people import posts

    with on(MONDAY):
        of = await ground(await casting.gather(), 2)
        await posts.vacate(of.cast.grid_worker.posts[0].id, of.cast.area_admin)
        assert (await plans.create(wish(of), of.cast.staff, dry_run=True)).no_worker == 2


async def test_what_is_wrong_is_named_field_by_field(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        wrong = wish(of, name=" ", every=0, kinds=(), checklist=1_000_000, window_days=-1, last=date(2020, 1, 1))
        with pytest.raises(Invalid) as told:
            await plans.create(wrong, of.cast.staff)
    assert told.value.fields.keys() == {"name", "every", "kinds", "checklist", "window_days", "last"}


async def test_a_plan_stays_within_the_area_of_who_makes_it(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        for by in (of.cast.next_staff, of.cast.grid_worker, of.cast.resident):
            with pytest.raises(Invalid) as told:
                await plans.create(wish(of), by)
            assert list(told.value.fields) == ["area"]


async def test_those_below_see_a_plan_from_above_and_cannot_change_it(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        made = await plan(of, by=of.cast.centre, area=of.cast.district)
        assert [one.id for one in await plans.plans(of.cast.staff)] == [made]
        with pytest.raises(NotAllowed):
            await plans.end(made, of.cast.staff)
        local = await plan(of)
        with pytest.raises(NotFound):
            await plans.end(local, of.cast.next_staff)


async def test_changing_to_the_same_changes_nothing_and_a_stale_page_is_told(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        made = await plan(of)
        await plans.change(made, wish(of, department="消防"), of.cast.staff, seen=1)
        assert [event.kind for event in await events.history(stream_of(made))] == ["plan.created"]
        await plans.change(made, wish(of, name="每季巡查", every=3), of.cast.staff, seen=1)
        with pytest.raises(Stale):
            await plans.change(made, wish(of), of.cast.staff, seen=1)
        assert (await plans.plan(made, of.cast.staff)).every == 3


async def test_an_ended_plan_is_shown_last_and_not_changed_any_more(db: None) -> None:
    with on(MONDAY + timedelta(days=40)):
        of = await ground(await casting.gather())
        first, second = await plan(of), await plan(of, of.market)
        await plans.end(first, of.cast.staff)
        assert [one.id for one in await plans.plans(of.cast.staff)] == [second, first]
        with pytest.raises(NotAllowed):
            await plans.change(first, wish(of, every=5), of.cast.staff)
