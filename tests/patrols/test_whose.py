"""Whose a task is: handed over, away, with the desk; and orders to go."""

from datetime import timedelta

import pytest

from server.addresses.importing import import_addresses
from server.kernel import database
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.patrols import absences, carrying, making, open_tasks, orders, tasks
from server.patrols.destinations import Wanted
from tests import cast as casting
from tests.cast import middle
from tests.patrols.making import place
from tests.patrols.rounds import MONDAY, ground, on, plan, planned
from tests.patrols.rounds import tasks as all_tasks


async def test_a_handed_over_task_is_in_the_colleagues_round_and_not_in_the_own(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        [task] = await planned(of)
        other = of.cast.next_grid_worker
        assert await tasks.hand_over([task["id"]], other.posts[0].id, of.cast.street_secretary) == 1
        assert await tasks.hand_over([task["id"]], other.posts[0].id, of.cast.street_secretary) == 0
        [theirs] = (await carrying.round_of(other)).tasks
        assert theirs.given and (await carrying.round_of(of.cast.grid_worker)).tasks == ()


async def test_only_the_desk_of_both_hands_over(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        [task] = await planned(of)
        other = of.cast.next_grid_worker.posts[0].id
        with pytest.raises(Invalid):
            await tasks.hand_over([task["id"]], other, of.cast.staff)
        for by in (of.cast.next_staff, of.cast.grid_worker, of.cast.resident):
            with pytest.raises(NotFound):
                await tasks.hand_over([task["id"]], other, by)


async def test_a_withdrawn_task_needs_a_reason_and_a_revisit_is_never_withdrawn_so(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        [task] = await planned(of)
        with pytest.raises(Invalid):
            await tasks.withdraw([task["id"]], of.cast.staff, reason=" ")
        with pytest.raises(NotFound):
            await tasks.withdraw([task["id"]], of.cast.next_staff, reason="拆了")
        assert await tasks.withdraw([task["id"]], of.cast.staff, reason="拆了") == 1
        assert await tasks.withdraw([task["id"]], of.cast.staff, reason="拆了") == 0
        assert (await making.make()).tasks == 0


async def test_sick_leave_moves_the_tasks_of_these_days_and_they_come_back(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 5)
        await plan(of, window_days=5)
        await making.make()
        post, other = of.cast.grid_worker.posts[0].id, of.cast.next_grid_worker.posts[0].id
        until = MONDAY + timedelta(days=2)
        preview = await absences.begin(post, MONDAY, until, of.cast.street_secretary, to_post=other, dry_run=True)
        assert preview == absences.Moved(0, 3) and await absences.absences(of.cast.street_secretary) == []
        moved = await absences.begin(post, MONDAY, until, of.cast.street_secretary, to_post=other)
        assert moved.tasks == 3 == len((await carrying.round_of(of.cast.next_grid_worker)).tasks)
        assert (await absences.end(moved.absence_id, of.cast.street_secretary)).tasks == 3
        assert (await absences.end(moved.absence_id, of.cast.street_secretary)).tasks == 0
        assert len((await carrying.round_of(of.cast.grid_worker)).tasks) == 5


async def test_without_a_colleague_the_desk_has_them_also_those_that_are_made_later(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        post = of.cast.grid_worker.posts[0].id
        await absences.begin(post, MONDAY, MONDAY + timedelta(days=60), of.cast.staff)
        await planned(of)
        [task] = (await open_tasks.open_tasks(of.cast.staff, nobody=True)).rows
        assert task.at_desk and (await carrying.round_of(of.cast.grid_worker)).tasks == ()
        assert (await open_tasks.counts(of.cast.staff)).nobody == 1


async def test_an_absence_is_the_desks_to_note_and_does_not_overlap(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        post = of.cast.grid_worker.posts[0].id
        with pytest.raises(Invalid):
            await absences.begin(post, MONDAY, MONDAY, of.cast.next_staff)
        with pytest.raises(Invalid):
            await absences.begin(post, MONDAY, MONDAY - timedelta(days=1), of.cast.staff)
        made = await absences.begin(post, MONDAY, MONDAY, of.cast.staff)
        with pytest.raises(NotAllowed):
            await absences.begin(post, MONDAY, MONDAY, of.cast.staff)
        with pytest.raises(NotFound):
            await absences.end(made.absence_id, of.cast.next_staff)


async def test_a_task_without_a_worker_is_seen_by_the_desk(db: None) -> None:
    from server.people import posts

    with on(MONDAY):
        of = await ground(await casting.gather())
        await planned(of)
        await posts.vacate(of.cast.grid_worker.posts[0].id, of.cast.area_admin)
        [task] = (await open_tasks.open_tasks(of.cast.staff, nobody=True)).rows
        assert not task.walked and (await open_tasks.counts(of.cast.staff)).nobody == 1
        assert await open_tasks.workers(of.cast.staff) == []


async def test_an_order_leads_to_exactly_somewhere_the_desk_may_see(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        post = of.cast.grid_worker.posts[0].id
        longitude, latitude = middle(0)
        await orders.send(post, of.cast.staff, words="去看看", to=Wanted(latitude=latitude, longitude=longitude))
        for where in (Wanted(), Wanted(place="ABC"), Wanted(case="1"), Wanted(latitude=100.0, longitude=0.0)):
            with pytest.raises(Invalid):
                await orders.send(post, of.cast.staff, words="去看看", to=where)
        with pytest.raises(Invalid):
            await orders.send(
                post, of.cast.next_staff, words="去看看", to=Wanted(latitude=latitude, longitude=longitude)
            )
        assert len((await orders.orders(of.cast.staff)).rows) == 1
        assert (await orders.orders(of.cast.next_staff)).rows == ()


async def test_an_order_leads_to_an_address_of_the_register(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        post, longitude, latitude = of.cast.grid_worker.posts[0].id, *middle(0)
        line = f"民治路12号3栋,440300001001,44030000100101,{longitude},{latitude}"
        far = f"向阳路5号,440300001002,44030000100201,{middle(2)[0]},{middle(2)[1]}"
        rows = f"text,community_code,grid_code,longitude,latitude\n{line}\n{far}\n".encode()
        assert (await import_addresses(rows, by=of.cast.area_admin)).created == 2
        await orders.send(post, of.cast.staff, words="去看看", to=Wanted(address="民治路12号3栋"))
        [sent] = (await orders.orders(of.cast.staff)).rows
        row = await database.fetch_one("SELECT latitude, community FROM patrol_orders WHERE id = $1", sent.id)
        assert row is not None and (row["latitude"], row["community"]) == (latitude, of.cast.community)
        for address, words in (
            ("向阳路5号", "不在您管的社区"),
            ("没有这条路99号", "没有认出"),
            ("", "请写地址"),
            ("长" * 121, "太长"),
        ):
            with pytest.raises(Invalid, match=words):
                await orders.send(post, of.cast.staff, words="去看看", to=Wanted(address=address))
        await orders.send(post, of.cast.staff, words="去看看", to=Wanted(address="没有这条路99号", unknown=True))
        carried = (await carrying.round_of(of.cast.grid_worker)).orders
    assert [order.place_words for order in carried] == ["民治路12号3栋", "没有这条路99号"]


async def test_a_point_without_words_is_named_by_its_grid_and_stays_within_the_desk(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        post, longitude, latitude = of.cast.grid_worker.posts[0].id, *middle(0)
        await orders.send(post, of.cast.staff, words="去看看", to=Wanted(latitude=latitude, longitude=longitude))
        [order] = (await carrying.round_of(of.cast.grid_worker)).orders
        assert (order.place_words, order.latitude) == ("民乐一网格,地图上的点", latitude)
        for square, words in ((2, "不在您管的社区"), (50, "不在任何社区")):
            with pytest.raises(Invalid, match=words):
                await orders.send(
                    post,
                    of.cast.staff,
                    words="去看看",
                    to=Wanted(latitude=middle(square)[1], longitude=middle(square)[0]),
                )


async def test_a_worker_with_a_whole_community_walks_all_its_grids(db: None) -> None:
    from server.kernel.actor import Actor, Post, Role

    with on(MONDAY):
        of = await ground(await casting.gather())
        await place(of.cast, of.kind, by=of.cast.staff, name="二网格的", square=1)
        await planned(of)
        post = Post(id=1, role=Role.GRID_WORKER, title="", area_id=of.cast.community, area_level="community")
        carried = await carrying.round_of(Actor(posts=(post,)))
    assert len(carried.tasks) == 2 == len(carried.grids) and len(await all_tasks()) == 2
