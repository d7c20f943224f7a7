"""The tree of areas and the verbs that change it."""

import pytest

from server.areas import epoch, tree
from server.kernel import database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound
from tests.areas.ground import SMALL, SYSTEM, admin_of, bring

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def ground(db: None) -> None:
    assert not (await bring(SMALL)).problems


async def the(code: str) -> tree.AreaRow:
    area = await tree.by_code(code)
    assert area is not None
    return area


@pytest.mark.usefixtures("ground")
class TestReading:
    async def test_a_line_names_the_levels_down_to_the_area_and_nothing_below(self) -> None:
        line = await tree.line((await the("100101")).id)
        assert (line.district_name, line.street_name, line.community_name, line.grid_name) == (
            "青川区",
            "东街道",
            "梧桐社区",
            "",
        )
        assert line.grid_id is None
        assert line.ids == ((await the("100101")).id, (await the("1001")).id, (await the("10")).id)
        assert line.words == "青川区东街道梧桐社区"

    async def test_under_is_the_area_and_all_below_it_and_nobody_elses(self) -> None:
        codes = [area.code for area in await tree.under((await the("1001")).id)]
        assert codes == ["1001", "100101", "100102", "100101a", "100101b", "100102a"]

    async def test_children_are_the_level_directly_below(self) -> None:
        assert [area.name for area in await tree.children((await the("10")).id)] == ["东街道", "西街道"]
        assert [area.code for area in await tree.districts()] == ["10"]

    async def test_an_unknown_area_is_not_found(self) -> None:
        assert await tree.by_code("nowhere") is None
        for ask in (tree.get, tree.line):
            with pytest.raises(NotFound):
                await ask(2_000_000_000)
        assert await tree.under(2_000_000_000) == []


@pytest.mark.usefixtures("ground")
class TestCreating:
    async def test_a_new_area_has_its_path_its_event_and_a_new_epoch(self) -> None:
        before, parent = await epoch.epoch(), await the("100201")
        change = await tree.create(code="100201a", name="河湾一网格", level="grid", parent_id=parent.id, by=SYSTEM)
        assert change.area is not None
        assert change.area.path == f"{parent.path}{change.area.id}/"
        [event] = await events.history(f"area:{change.area.id}")
        assert event.kind == "area.created"
        assert await epoch.epoch() != before

    async def test_a_dry_run_writes_nothing(self) -> None:
        before, parent = await epoch.epoch(), await the("100201")
        change = await tree.create(
            code="100201a", name="河湾一网格", level="grid", parent_id=parent.id, by=SYSTEM, dry_run=True
        )
        assert [area.code for area in change.touches] == ["100201"]
        assert await tree.by_code("100201a") is None
        assert await epoch.epoch() == before

    @pytest.mark.parametrize(
        ("field", "given"),
        [
            ("code", {"code": ""}),
            ("code", {"code": "1001"}),
            ("code", {"code": "9" * 31}),
            ("code", {"code": "1/2"}),
            ("code", {"code": "１２"}),
            ("name", {"name": "  "}),
            ("name", {"name": "很" * 41}),
            ("name", {"name": "看不\u200b见"}),
            ("level", {"level": "province"}),
            ("parent", {"level": "street"}),
            ("parent", {"level": "district"}),
        ],
    )
    async def test_what_cannot_be_taken_is_named(self, field: str, given: dict[str, str]) -> None:
        wanted = {"code": "100201a", "name": "河湾一网格", "level": "grid", **given}
        parent = await the("100201")
        with pytest.raises(Invalid) as refused:
            await tree.create(**wanted, parent_id=parent.id, by=SYSTEM)
        assert set(refused.value.fields) == {field}

    async def test_only_who_administers_the_parent_adds_below_it(self) -> None:
        east, west = await the("1001"), await the("1002")
        wanted = {"code": "100103", "name": "桂花社区", "level": "community", "parent_id": east.id}
        for neighbour in (admin_of(west.id), Actor()):
            with pytest.raises(NotAllowed):
                await tree.create(**wanted, by=neighbour)
        with pytest.raises(NotAllowed):
            await tree.create(code="11", name="另一区", level="district", by=admin_of(east.id))
        change = await tree.create(**wanted, by=admin_of(east.id))
        assert change.area is not None and change.area.parent_id == east.id


@pytest.mark.usefixtures("ground")
class TestChanging:
    async def test_a_name_changes_with_an_event_and_the_same_name_without_one(self) -> None:
        area = await the("100101")
        await tree.rename(area.id, "老梧桐社区", by=SYSTEM)
        await tree.rename(area.id, " 老梧桐社区 ", by=SYSTEM)
        kinds = [event.kind for event in await events.history(f"area:{area.id}")]
        assert kinds == ["area.created", "area.renamed"]
        assert (await tree.get(area.id)).name == "老梧桐社区"

    async def test_moving_keeps_the_paths_of_everything_below_right(self) -> None:
        community, west, neighbour = await the("100101"), await the("1002"), await the("100102a")
        change = await tree.move(community.id, west.id, by=SYSTEM)
        assert {area.code for area in change.touches} == {"100101", "100101a", "100101b"}
        for code in ("100101a", "100101b"):
            grid = await the(code)
            assert grid.path == f"{west.path}{community.id}/{grid.id}/"
            assert (await tree.line(grid.id)).street_name == "西街道"
        assert (await tree.get(neighbour.id)).path == neighbour.path

    async def test_a_dry_run_of_a_move_tells_whom_it_touches_and_moves_nothing(self) -> None:
        before, community, west = await epoch.epoch(), await the("100101"), await the("1002")
        change = await tree.move(community.id, west.id, by=SYSTEM, dry_run=True)
        assert len(change.touches) == 3
        assert await the("100101") == community
        assert await epoch.epoch() == before

    async def test_an_area_moves_only_under_the_level_above_it(self) -> None:
        community, grid = await the("100101"), await the("100101a")
        for parent in (community, grid, await the("10"), await the("100102")):
            with pytest.raises(Invalid):
                await tree.move(community.id, parent.id, by=SYSTEM)

    async def test_moving_needs_both_ends(self) -> None:
        community, east, west = await the("100101"), await the("1001"), await the("1002")
        for one_end in (east, west):
            with pytest.raises(NotAllowed):
                await tree.move(community.id, west.id, by=admin_of(one_end.id))

    async def test_retiring_is_refused_while_areas_below_are_in_use(self) -> None:
        community = await the("100101")
        told = await tree.retire(community.id, by=SYSTEM, dry_run=True)
        assert {area.code for area in told.touches} == {"100101", "100101a", "100101b"}
        with pytest.raises(NotAllowed, match="2 个区域"):
            await tree.retire(community.id, by=SYSTEM)

    async def test_a_retired_area_leaves_the_lists_keeps_its_row_and_changes_no_more(self) -> None:
        grid = await the("100101b")
        await tree.retire(grid.id, by=SYSTEM)
        assert (await tree.get(grid.id)).retired
        assert [area.code for area in await tree.children((await the("100101")).id)] == ["100101a"]
        with pytest.raises(NotAllowed, match="已经停用"):
            await tree.rename(grid.id, "新名", by=SYSTEM)
        with pytest.raises(NotAllowed, match="已经停用"):
            await tree.retire(grid.id, by=SYSTEM)

    async def test_nothing_new_comes_below_a_retired_area(self) -> None:
        river = await the("100201")
        await tree.retire(river.id, by=SYSTEM)
        with pytest.raises(Invalid, match="已经停用"):
            await tree.create(code="100201a", name="河湾一网格", level="grid", parent_id=river.id, by=SYSTEM)

    async def test_when_the_secretary_answers_is_set_and_taken_away(self) -> None:
        area = await the("100101")
        await tree.set_answers(area.id, "工作日 9:00–18:00", by=SYSTEM)
        assert (await tree.get(area.id)).answers == "工作日 9:00–18:00"
        await tree.set_answers(area.id, "", by=SYSTEM)
        assert (await tree.get(area.id)).answers == ""
        with pytest.raises(Invalid):
            await tree.set_answers(area.id, "说" * 101, by=SYSTEM)

    async def test_the_neighbour_cannot(self) -> None:
        area, neighbour = await the("100101"), admin_of((await the("100102")).id)
        with pytest.raises(NotAllowed):
            await tree.rename(area.id, "改名", by=neighbour)
        with pytest.raises(NotAllowed):
            await tree.retire(area.id, by=neighbour)
        with pytest.raises(NotAllowed):
            await tree.set_answers(area.id, "随时", by=neighbour)
        assert await tree.get(area.id) == area


async def test_an_epoch_never_comes_again_after_a_change_was_undone() -> None:
    seen = {await epoch.epoch()}
    for _ in range(2):
        try:
            async with database.transaction():
                await epoch.advance()
                now = await epoch.epoch()
                assert now not in seen
                seen.add(now)
                raise LookupError
        except LookupError:
            pass
