"""Categories: their versions, default units, standards brought in, the everyday set."""

from pathlib import Path
from typing import Any

import pytest

from server.areas import tree
from server.forms import categories, publishing
from server.forms.categories import DEFAULT_ALLOWANCES, Allowance, Version
from server.forms.demo_categories import CATEGORIES, STANDARD, install_demo
from server.forms.standards import import_categories
from server.kernel import clock, database, events
from server.kernel.actor import Actor, Post, Role
from server.kernel.errors import Invalid, NotAllowed, NotFound, Stale
from server.kernel.sheets import Imported
from tests.areas.ground import SMALL, SYSTEM, admin_of, bring

pytestmark = pytest.mark.usefixtures("db")

REAL = Path(__file__).parents[2].parent / "shared/data/categories.csv"
HEADER = "level1,level2,level3\n"
TREE = HEADER + "城乡建设,市政,路灯\n城乡建设,市政,井盖\n城乡建设,房产,物业\n交通,公交,线路\n"


async def bring_in(text: str, **options: Any) -> Imported:
    return await import_categories(text.encode(), "district-2020", **{"by": SYSTEM, **options})


async def codes(standard: str = "district-2020") -> dict[str, str]:
    rows = await database.fetch("SELECT path, code FROM categories WHERE standard = $1 AND until IS NULL", standard)
    return {row["path"]: row["code"] for row in rows}


@pytest.fixture
async def lamp(db: None) -> Version:
    await bring_in(TREE)
    [leaf] = await categories.leaves("路灯")
    return await categories.current(leaf.id)


def demands(**changed: Any) -> dict[str, Any]:
    return {
        "allowances": DEFAULT_ALLOWANCES,
        "photo_before": False,
        "photo_after": False,
        "needs_check": True,
        "private": False,
        "questions": [],
        **changed,
    }


class TestStandards:
    @pytest.mark.real_input
    async def test_the_real_tree_comes_in_and_twice_changes_nothing(self) -> None:
        if not REAL.exists():
            pytest.skip("../shared/data/categories.csv is absent")
        content = REAL.read_bytes()
        dry = await import_categories(content, "district-2020", by=SYSTEM, dry_run=True)
        assert dry == Imported(created=517)
        assert await codes() == {}
        assert await import_categories(content, "district-2020", by=SYSTEM) == dry
        said = await database.fetch_value("SELECT count(*) FROM events")
        assert await import_categories(content, "district-2020", by=SYSTEM) == Imported(unchanged=517)
        assert await database.fetch_value("SELECT count(*) FROM events") == said
        assert len(await categories.leaves(limit=1000)) == 517
        assert await database.fetch_value("SELECT count(*) FROM category_versions") == 517
        assert (await codes())["城乡建设 / 安全生产 / 安全隐患"] == "010103"

    async def test_codes_are_given_by_order_of_first_appearance(self) -> None:
        await bring_in(TREE)
        assert await codes() == {
            "城乡建设": "01",
            "城乡建设 / 市政": "0101",
            "城乡建设 / 市政 / 路灯": "010101",
            "城乡建设 / 市政 / 井盖": "010102",
            "城乡建设 / 房产": "0102",
            "城乡建设 / 房产 / 物业": "010201",
            "交通": "02",
            "交通 / 公交": "0201",
            "交通 / 公交 / 线路": "020101",
        }

    async def test_a_code_stays_with_its_name_whatever_comes_before_it_later(self) -> None:
        await bring_in(TREE)
        before = await codes()
        assert await bring_in(HEADER + "城乡建设,市政,护栏\n" + TREE.removeprefix(HEADER)) == Imported(
            created=1, unchanged=4
        )
        assert await codes() == {**before, "城乡建设 / 市政 / 护栏": "010103"}

    async def test_names_that_vanish_are_retired_and_come_back_under_their_code(self) -> None:
        await bring_in(TREE)
        before = await codes()
        [leaf] = await categories.leaves("线路")
        smaller = TREE.removesuffix("交通,公交,线路\n")
        assert (await bring_in(smaller, dry_run=True)).retired == 1
        assert await bring_in(smaller) == Imported(unchanged=3, retired=1)
        assert await categories.leaves("线路") == []
        with pytest.raises(NotAllowed, match="已经停用"):
            await categories.current(leaf.id)
        assert await bring_in(TREE) == Imported(changed=1, unchanged=3)
        assert await codes() == before
        kinds = [event.kind for event in await events.history(f"category:{leaf.id}")]
        assert kinds == ["category.created", "category.retired", "category.revived"]

    async def test_two_standards_do_not_touch_each_other(self) -> None:
        await bring_in(TREE)
        await import_categories((HEADER + "a,b,c\n").encode(), "other", by=SYSTEM)
        assert len(await codes()) == 9 and len(await codes("other")) == 3

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ("城乡建设,市政,路灯", "与第 2 行重复"),
            ("城乡建设,市政,", "level3 是空的"),
            (",,路灯", "level1 是空的;level2 是空的"),
            ("城乡建设,市政," + "长" * 41, "太长"),
            ("城乡建设,市政", "有 2 栏"),
            ("城乡建设,市政,路\u200b灯", "看不见"),
        ],
    )
    async def test_a_wrong_row_is_named_and_nothing_is_written(self, row: str, words: str) -> None:
        done = await bring_in(TREE + row + "\n")
        assert [problem.line for problem in done.problems] == [6]
        assert words in done.problems[0].words
        assert await codes() == {}

    async def test_more_than_codes_can_count_is_refused(self) -> None:
        done = await bring_in(HEADER + "".join(f"一,二,{n}\n" for n in range(100)))
        assert ["一 / 二" in problem.words for problem in done.problems] == [True]
        assert await bring_in(HEADER + "".join(f"一,二,{n}\n" for n in range(99))) == Imported(created=99)

    async def test_gb18030_is_read(self) -> None:
        assert await import_categories(TREE.encode("gb18030"), "s", by=SYSTEM) == Imported(created=4)
        assert "交通 / 公交 / 线路" in await codes("s")

    async def test_only_administrators_of_the_district_bring_a_standard_in(self) -> None:
        await bring(SMALL)
        district, street = await tree.by_code("10"), await tree.by_code("1001")
        assert district and street
        for other in (Actor(), admin_of(street.id)):
            with pytest.raises(NotAllowed):
                await bring_in(TREE, by=other)
        assert (await bring_in(TREE, by=admin_of(district.id))).created == 4


class TestVersions:
    async def test_a_new_category_has_the_default_demands(self, lamp: Version) -> None:
        assert (lamp.version, lamp.name, lamp.path) == (1, "路灯", "城乡建设 / 市政 / 路灯")
        assert lamp.allowances == {
            "normal": Allowance(5, "working_days"),
            "urgent": Allowance(1, "working_days"),
            "emergency": Allowance(4, "hours"),
        }

    async def test_publishing_makes_the_next_version_and_leaves_the_old_one(self, lamp: Version) -> None:
        questions = [{"id": "lamps", "kind": "number", "label": "几盏", "min": 1}]
        done = await publishing.publish(
            lamp.category_id, by=SYSTEM, seen=1, **demands(photo_after=True, questions=questions)
        )
        assert done.version.version == 2
        assert done.version.photo_after and done.version.questions == questions
        assert done.changes == ("处理后照片:要", "附加问题:0 题 → 1 题")
        assert await categories.version(lamp.id) == lamp
        assert await categories.current(lamp.category_id) == done.version
        assert await categories.versions(lamp.category_id) == [done.version, lamp]
        kinds = [event.kind for event in await events.history(f"category:{lamp.category_id}")]
        assert kinds == ["category.created", "category.published"]

    async def test_the_same_demands_again_make_no_version(self, lamp: Version) -> None:
        done = await publishing.publish(lamp.category_id, by=SYSTEM, **demands())
        assert done.version == lamp and done.changes == ()

    async def test_a_dry_run_tells_what_changes_and_publishes_nothing(self, lamp: Version) -> None:
        shorter = {**DEFAULT_ALLOWANCES, "normal": Allowance(3, "working_days")}
        done = await publishing.publish(lamp.category_id, by=SYSTEM, dry_run=True, **demands(allowances=shorter))
        assert done.changes == ("一般期限:5 个工作日 → 3 个工作日",)
        assert await categories.versions(lamp.category_id) == [lamp]

    async def test_who_comes_second_is_told_so(self, lamp: Version) -> None:
        await publishing.publish(lamp.category_id, by=SYSTEM, seen=1, **demands(private=True))
        with pytest.raises(Stale, match="第 2 版"):
            await publishing.publish(lamp.category_id, by=SYSTEM, seen=1, **demands(photo_before=True))

    @pytest.mark.parametrize(
        ("field", "changed"),
        [
            (
                "allowances.urgent",
                {"allowances": {"normal": Allowance(1, "hours"), "emergency": Allowance(1, "hours")}},
            ),
            ("allowances.normal", {"allowances": {**DEFAULT_ALLOWANCES, "normal": Allowance(0, "hours")}}),
            ("allowances.normal", {"allowances": {**DEFAULT_ALLOWANCES, "normal": Allowance(251, "working_days")}}),
            ("allowances.normal", {"allowances": {**DEFAULT_ALLOWANCES, "normal": Allowance(5, "fortnights")}}),
            ("allowances", {"allowances": {**DEFAULT_ALLOWANCES, "someday": Allowance(5, "hours")}}),
            ("questions", {"questions": [{"id": "a", "kind": "choice", "label": "问"}]}),
        ],
    )
    async def test_wrong_demands_are_named(self, lamp: Version, field: str, changed: dict[str, Any]) -> None:
        with pytest.raises(Invalid) as refused:
            await publishing.publish(lamp.category_id, by=SYSTEM, **demands(**changed))
        assert set(refused.value.fields) == {field}

    async def test_what_is_not_there_is_not_found(self, lamp: Version) -> None:
        for ask in (categories.current, categories.version):
            with pytest.raises(NotFound):
                await ask(2_000_000_000)
        with pytest.raises(NotFound):
            await publishing.publish(2_000_000_000, by=SYSTEM, **demands())
        assert await categories.versions(2_000_000_000) == []

    async def test_only_administrators_publish_create_and_retire(self, lamp: Version) -> None:
        officer = Actor(posts=(Post(id=1, role=Role.CENTRE_OFFICER, title="值班员", area_id=1),))
        for other in (Actor(), officer):
            with pytest.raises(NotAllowed):
                await publishing.publish(lamp.category_id, by=other, **demands(private=True))
            with pytest.raises(NotAllowed):
                await publishing.retire(lamp.category_id, by=other)
            with pytest.raises(NotAllowed):
                await publishing.create("s", "1", "名", by=other)
        assert await categories.versions(lamp.category_id) == [lamp]


class TestChoosing:
    async def test_every_word_must_be_found_and_own_names_come_first(self, lamp: Version) -> None:
        assert [leaf.name for leaf in await categories.leaves("市政 灯")] == ["路灯"]
        assert [leaf.name for leaf in await categories.leaves("城乡")] == ["路灯", "井盖", "物业"]
        assert await categories.leaves("灯 交通") == []
        assert len(await categories.leaves("")) == 4
        assert len(await categories.leaves("", limit=2)) == 2
        assert await categories.leaves("", standard="other") == []

    async def test_signs_of_patterns_are_plain_text(self, lamp: Version) -> None:
        for hostile in ("%", "_", "' OR true --", "\\"):
            assert await categories.leaves(hostile) == []


class TestLists:
    async def test_a_standard_is_listed_whole_by_code(self, lamp: Version) -> None:
        await publishing.publish(lamp.category_id, by=SYSTEM, **demands(private=True))
        await bring_in(TREE.removesuffix("交通,公交,线路\n"))
        listed = await categories.listed("district-2020")
        assert [one.code for one in listed] == sorted(one.code for one in listed)
        by_name = {one.name: one for one in listed}
        assert by_name["路灯"].version == 2 and by_name["路灯"].parent_id == by_name["市政"].id
        assert by_name["市政"].version is None and not by_name["市政"].is_leaf
        assert {one.name for one in listed if one.retired} == {"交通", "公交", "线路"}
        assert await categories.standards() == ["district-2020"]
        assert await categories.listed("other") == []


class TestOneByOne:
    async def test_a_group_and_a_category_below_it(self) -> None:
        group = await publishing.create_group("own", "01", "市政", by=SYSTEM)
        assert await publishing.create_group("own", "01", "市政", by=SYSTEM) == group
        made = await publishing.create("own", "0101", "路灯", group, by=SYSTEM)
        assert made.path == "市政 / 路灯"
        with pytest.raises(NotAllowed, match="1 个类别"):
            await publishing.retire(group, by=SYSTEM)
        await publishing.retire(made.category_id, by=SYSTEM)
        with pytest.raises(NotAllowed):
            await publishing.retire(made.category_id, by=SYSTEM)
        assert await categories.version(made.id) == made

    @pytest.mark.parametrize(
        ("field", "standard", "code", "name"),
        [
            ("code", "own", "01", "又一个"),
            ("code", "own", "", "名"),
            ("name", "own", "02", " "),
            ("name", "own", "02", "长" * 41),
            ("standard", "", "02", "名"),
        ],
    )
    async def test_what_cannot_be_taken_is_named(self, field: str, standard: str, code: str, name: str) -> None:
        await publishing.create("own", "01", "路灯", by=SYSTEM)
        with pytest.raises(Invalid) as refused:
            await publishing.create(standard, code, name, by=SYSTEM)
        assert set(refused.value.fields) == {field}

    async def test_nothing_comes_below_what_cases_are_given_or_another_standard(self, lamp: Version) -> None:
        group = await publishing.create_group("own", "01", "市政", by=SYSTEM)
        for standard, parent in (("district-2020", lamp.category_id), ("district-2020", group)):
            with pytest.raises(Invalid) as refused:
                await publishing.create(standard, "990101", "灯泡", parent, by=SYSTEM)
            assert set(refused.value.fields) == {"parent"}


class TestDefaultUnits:
    @pytest.fixture
    async def ground(self, lamp: Version) -> None:
        await bring(SMALL)

    async def unit(self, code: str) -> int:
        area = await tree.by_code("10")
        assert area is not None
        unit: int = await database.fetch_value(
            """INSERT INTO units (code, name, kind, area, phone, since)
               VALUES ($1, $1, 'department', $2, '', $3) RETURNING id""",
            code,
            area.id,
            clock.now(),
        )
        return unit

    async def at(self, code: str) -> tree.Line:
        area = await tree.by_code(code)
        assert area is not None
        return await tree.line(area.id)

    @pytest.mark.usefixtures("ground")
    async def test_the_nearest_area_upwards_wins_then_the_categorys_parents(self, lamp: Version) -> None:
        grid, elsewhere = await self.at("100101a"), await self.at("100201")
        district, street = grid.ids[-1], grid.ids[-2]
        assert await categories.default_unit(lamp.category_id, grid) is None
        top, works, east = [await self.unit(code) for code in ("top", "works", "east")]
        group = await database.fetch_value("SELECT parent FROM categories WHERE id = $1", lamp.category_id)
        await publishing.set_default_unit(group, street, top, by=SYSTEM)
        assert await categories.default_unit(lamp.category_id, grid) == top
        assert await categories.default_unit(lamp.category_id, elsewhere) is None
        await publishing.set_default_unit(lamp.category_id, district, works, by=SYSTEM)
        assert await categories.default_unit(lamp.category_id, grid) == works
        await publishing.set_default_unit(lamp.category_id, street, east, by=SYSTEM)
        assert await categories.default_unit(lamp.category_id, grid) == east
        assert await categories.default_unit(lamp.category_id, elsewhere) == works
        there = await categories.default_units(lamp.category_id)
        assert [(one.area_name, one.unit_name) for one in there] == [("青川区", "works"), ("东街道", "east")]
        await publishing.set_default_unit(lamp.category_id, street, None, by=SYSTEM)
        assert await categories.default_unit(lamp.category_id, grid) == works

    @pytest.mark.usefixtures("ground")
    async def test_a_unit_that_is_no_more_is_neither_offered_nor_set(self, lamp: Version) -> None:
        line, unit = await self.at("10"), await self.unit("works")
        await publishing.set_default_unit(lamp.category_id, line.ids[0], unit, by=SYSTEM)
        await database.execute("UPDATE units SET until = now() WHERE id = $1", unit)
        assert await categories.default_unit(lamp.category_id, line) is None
        for gone in (unit, 2_000_000_000):
            with pytest.raises(Invalid):
                await publishing.set_default_unit(lamp.category_id, (await self.at("1001")).ids[0], gone, by=SYSTEM)

    @pytest.mark.usefixtures("ground")
    async def test_a_street_sets_its_own_and_not_its_neighbours(self, lamp: Version) -> None:
        east, west, unit = await self.at("1001"), await self.at("1002"), await self.unit("works")
        with pytest.raises(NotAllowed):
            await publishing.set_default_unit(lamp.category_id, west.ids[0], unit, by=admin_of(east.ids[0]))
        for _ in range(2):
            await publishing.set_default_unit(lamp.category_id, east.ids[0], unit, by=admin_of(east.ids[0]))
        kinds = [event.kind for event in await events.history(f"category:{lamp.category_id}")]
        assert kinds == ["category.created", "category.default_unit_set"]


class TestEverydaySet:
    async def test_it_installs_once_and_leaves_what_was_published_since(self) -> None:
        assert await install_demo(SYSTEM) == len(CATEGORIES)
        [leaf] = await categories.leaves("井盖缺失")
        manhole = await categories.current(leaf.id)
        assert manhole.standard == STANDARD and manhole.photo_after
        assert manhole.allowances["emergency"] == Allowance(2, "hours")
        assert [question["id"] for question in manhole.questions] == ["open", "guarded"]
        await publishing.publish(leaf.id, by=SYSTEM, **demands())
        assert await install_demo(SYSTEM) == 0
        assert not (await categories.current(leaf.id)).photo_after

    async def test_disputes_and_calls_for_help_are_private(self) -> None:
        await install_demo(SYSTEM)
        private = set()
        for leaf in await categories.leaves():
            if (await categories.current(leaf.id)).private:
                private.add(leaf.name)
        assert private == {"邻里纠纷", "独居老人求助"}

    def test_no_name_is_there_twice(self) -> None:
        names = [everyday.name for everyday in CATEGORIES]
        assert len(set(names)) == len(names) >= 20
