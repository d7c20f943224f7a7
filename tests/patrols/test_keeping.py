"""Places are added, changed, retired and merged by who looks after them, and by nobody else."""

import msgspec
import pytest

from server.kernel import database, events
from server.kernel.errors import Invalid, NotAllowed, NotFound, Stale
from server.kernel.ids import new_id
from server.patrols import keeping, kinds
from server.patrols import place as places
from tests import cast as making
from tests.patrols.making import facts, kind, place


async def test_a_worker_adds_a_place_and_its_position_says_the_grid(db: None) -> None:
    cast = await making.gather()
    made = await place(cast, await kind(cast))
    found = await places.load(made.code.lower(), cast.staff)
    assert (found.grid, found.community, found.district) == (cast.grid, cast.community, cast.district)
    assert (found.version, found.live, found.position_source) == (1, True, "map")
    assert events.verifies(await events.history(found.stream))


async def test_without_a_position_the_chosen_grid_or_community_counts(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    one = await place(cast, of, square=None, area_id=cast.grid)
    assert (await places.load(one.place_id, cast.grid_worker)).grid == cast.grid
    other = await place(cast, of, cast.staff, square=None, area_id=cast.community)
    assert (await places.load(other.place_id, cast.staff)).grid is None
    with pytest.raises(Invalid) as error:
        await place(cast, of, square=None)
    assert set(error.value.fields) == {"area"}


async def test_a_position_of_gcj02_is_kept_as_wgs84(db: None) -> None:
    cast = await making.gather()
    made = await place(cast, await kind(cast), datum="GCJ-02")
    found = await places.load(made.place_id, cast.grid_worker)
    assert found.datum == "GCJ-02"
    assert found.longitude != making.middle(0)[0]


async def test_nobody_adds_places_where_they_do_not_look_after_any(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    for by in (cast.next_grid_worker, cast.next_staff):
        with pytest.raises(Invalid, match="负责的区域"):
            await place(cast, of, by)
    for by in (cast.resident, cast.party_member, cast.handler, cast.system_admin, cast.stranger):
        with pytest.raises(NotFound):
            await place(cast, of, by)


async def test_everything_wrong_is_named_at_once(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast, operator=True, asks=True)
    told = facts(of, name="", latitude=95.0, operator="", operator_phone="abc", answers={"rooms": 0})
    with pytest.raises(Invalid) as error:
        await keeping.add_place(told, by=cast.grid_worker)
    assert {"name", "position", "operator", "operator_phone", "answers.rooms"} <= set(error.value.fields)


async def test_a_change_is_seen_by_the_next_and_the_same_again_changes_nothing(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast, asks=True)
    made = await place(cast, of)
    told = facts(of, name="三栋西侧消防栓", answers={"rooms": 3})
    changed = await keeping.change_place(made.place_id, told, by=cast.staff, seen=1)
    assert changed.version == 2
    assert (await keeping.change_place(made.place_id, told, by=cast.staff, seen=2)).version == 2
    assert (await places.load(made.place_id, cast.staff)).answers == {"rooms": 3}
    with pytest.raises(Stale) as error:
        await keeping.change_place(made.place_id, told, by=cast.grid_worker, seen=1)
    assert error.value.meanwhile == ("刘慧更改名称、登记内容",)


async def test_neighbours_do_not_know_of_a_place(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    made = await place(cast, of)
    for by in (cast.next_grid_worker, cast.next_staff, cast.resident, cast.handler, cast.system_admin):
        with pytest.raises(NotFound):
            await places.load(made.place_id, by)
        with pytest.raises(NotFound):
            await keeping.change_place(made.place_id, facts(of), by=by, seen=None)
        with pytest.raises(NotFound):
            await keeping.retire_place(made.place_id, by=by, seen=None, reason="没有了")
        with pytest.raises(NotFound):
            await keeping.reveal_operator(made.place_id, by=by, reason="看看")


async def test_a_worker_may_not_move_a_place_out_of_the_own_grid(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    made = await place(cast, of)
    with pytest.raises(Invalid):
        await keeping.change_place(made.place_id, facts(of, square=1), by=cast.grid_worker, seen=1)
    await keeping.change_place(made.place_id, facts(of, square=1), by=cast.staff, seen=1)
    with pytest.raises(NotFound):
        await places.load(made.place_id, cast.grid_worker)


async def test_the_community_retires_with_a_reason_and_brings_back(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    made = await place(cast, of)
    with pytest.raises(NotAllowed):
        await keeping.retire_place(made.place_id, by=cast.grid_worker, seen=1, reason="拆了")
    with pytest.raises(Invalid):
        await keeping.retire_place(made.place_id, by=cast.staff, seen=1, reason=" ")
    await keeping.retire_place(made.place_id, by=cast.staff, seen=1, reason="拆了")
    with pytest.raises(NotAllowed, match="已经停用"):
        await keeping.change_place(made.place_id, facts(of), by=cast.staff, seen=2)
    with pytest.raises(NotAllowed):
        await keeping.retire_place(made.place_id, by=cast.staff, seen=2, reason="拆了")
    assert (await keeping.restore_place(made.place_id, by=cast.secretary, seen=2)).version == 3
    assert (await places.load(made.place_id, cast.staff)).live


async def test_a_merge_moves_nothing_and_can_be_undone(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    one, other = await place(cast, of), await place(cast, of, name="同一个消防栓")
    await keeping.merge_places(one.place_id, other.code, by=cast.staff, seen=1)
    assert await places.standing(one.place_id) == other.place_id
    assert (await places.load(other.place_id, cast.staff)).version == 2
    with pytest.raises(NotAllowed, match="并入"):
        await keeping.change_place(one.place_id, facts(of), by=cast.staff, seen=2)
    with pytest.raises(NotAllowed, match="撤销合并"):
        await keeping.restore_place(one.place_id, by=cast.staff, seen=2)
    await keeping.unmerge_place(one.place_id, by=cast.staff, seen=2)
    found = await places.load(one.place_id, cast.staff)
    assert (found.live, found.merged_into) == (True, None)
    assert await places.standing(one.place_id) == one.place_id
    with pytest.raises(NotAllowed):
        await keeping.unmerge_place(one.place_id, by=cast.staff, seen=3)


async def test_a_merge_needs_another_place_that_the_actor_keeps(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    one = await place(cast, of)
    far = await place(cast, of, cast.next_grid_worker, square=2)
    for into in (one.code, far.code, "nothing", new_id()):
        with pytest.raises(Invalid) as error:
            await keeping.merge_places(one.place_id, into, by=cast.staff, seen=1)
        assert set(error.value.fields) == {"into"}
    with pytest.raises(NotAllowed):
        await keeping.merge_places(one.place_id, one.code, by=cast.grid_worker, seen=1)
    await keeping.merge_places(one.place_id, far.code, by=cast.centre, seen=1)


async def test_the_workers_round_is_the_reason_to_call_and_others_say_theirs(db: None) -> None:
    cast = await making.gather()
    made = await place(cast, await kind(cast, "出租屋", operator=True))
    told = await keeping.reveal_operator(made.place_id, by=cast.grid_worker)
    assert (told.name, told.phone) == ("张三丰", "13912345678")
    with pytest.raises(Invalid):
        await keeping.reveal_operator(made.place_id, by=cast.staff)
    await keeping.reveal_operator(made.place_id, by=cast.staff, reason="通知停水")
    told_of = [event for event in await events.history(places.stream_of(made.place_id)) if event.internal]
    assert [event.data["reason"] for event in told_of] == ["巡查这个网格", "通知停水"]


async def test_no_history_holds_who_runs_a_place(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast, "出租屋", operator=True)
    made = await place(cast, of)
    told = facts(of, operator="李四光", operator_phone="0755-12345678")
    await keeping.change_place(made.place_id, told, by=cast.staff, seen=1)
    kept = msgspec.structs.replace(told, operator=None, operator_phone=None, name="李家")
    await keeping.change_place(made.place_id, kept, by=cast.staff, seen=2)
    assert (await places.load(made.place_id, cast.staff)).operator == "李四光"
    content = "".join(str(event.data) for event in await events.history(places.stream_of(made.place_id)))
    assert "张三丰" not in content and "李四光" not in content and "12345678" not in content


async def test_a_retired_kind_takes_no_new_places_and_an_external_code_is_used_once(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    made = await place(cast, of, external_code="XF-1")
    with pytest.raises(Invalid) as error:
        await place(cast, of, external_code="XF-1")
    assert set(error.value.fields) == {"external_code"}
    await kinds.change_kind(of.id, by=cast.area_admin, name=of.name, needs_operator=False, active=False)
    with pytest.raises(Invalid) as error:
        await place(cast, of)
    assert set(error.value.fields) == {"kind"}
    await keeping.change_place(made.place_id, facts(of, name="改了名"), by=cast.staff, seen=1)
    assert await database.fetch_value("SELECT count(*) FROM places") == 1
