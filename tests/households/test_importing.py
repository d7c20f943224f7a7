"""A file of households: all or nothing, doubles named, the same file twice changes nothing."""

from typing import Any

import pytest

from server.households import keeping, people, tags
from server.households.importing import MOST, import_households
from server.kernel import database
from server.kernel.errors import NotFound
from tests import cast as casting
from tests.cast import Cast
from tests.households.making import household

HEADER = "external_code,place,building,unit,room,area_code,name,phone,relation,tags,private"
ROWS = (
    "A1,民乐新村,3,2,501,44030000100101,郑婆婆,13700000077,本人,独居老人,否",
    "A2,民乐新村,3,2,502,,小周,,房东,,是",
)


@pytest.fixture
async def cast(db: None) -> Cast:
    made = await casting.gather()
    await tags.save_kind("alone", "独居老人", "有人常去看看", 90, by=made.area_admin)
    return made


def file(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows]).encode()


async def stored() -> list[Any]:
    return [
        tuple(row)
        for row in await database.fetch("SELECT external_code, room, grid, private, version FROM households ORDER BY 1")
    ]


async def test_a_dry_run_counts_and_writes_nothing_and_the_import_does_what_it_said(cast: Cast) -> None:
    tried = await import_households(file(*ROWS), by=cast.staff, dry_run=True)
    assert (tried.created, tried.problems, await stored()) == (2, (), [])
    done = await import_households(file(*ROWS), by=cast.staff)
    assert done.created == 2
    assert await stored() == [("A1", "501", cast.grid, False, 2), ("A2", "502", None, True, 1)]
    again = await import_households(file(*ROWS), by=cast.staff)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)


async def test_an_empty_cell_leaves_what_is_known_and_a_new_value_changes_it(cast: Cast) -> None:
    await import_households(file(*ROWS), by=cast.staff)
    done = await import_households(file("A1,民乐新村,,,601,,郑婆婆,,,,"), by=cast.secretary)
    assert (done.changed, done.unchanged) == (1, 0)
    row = await database.fetch_one("SELECT * FROM households WHERE external_code = 'A1'")
    assert row is not None
    assert (row["building"], row["unit"], row["room"], row["grid"]) == ("3", "2", "601", cast.grid)
    [person] = await people.of(row["id"])
    assert (person.phone, person.relation) == ("13700000077", "本人")
    assert [one.name for one in await tags.of(row["id"])] == ["独居老人"]


async def test_everything_wrong_is_named_by_its_line_and_nothing_is_written(cast: Cast) -> None:
    await household(cast, "999")
    rows = (
        ROWS[0],
        ",民乐新村,3,2,503,,甲,,,,",
        "B1,民乐新村,3,2,504,44030000100201,乙,,,,",
        "B2,民乐新村,3,2,505,,丙,12,,,",
        "B3,民乐新村,3,2,506,,丁,,,重点人员,",
        "B4,民乐新村,3,2,999,44030000100101,戊,,,,",
        "B5,民乐新村,3,2,507,,己,,,,也许",
        "A1,民乐新村,3,2,508,44030000100101,庚,,,,",
    )
    found = await import_households(file(*rows), by=cast.staff)
    assert {problem.line: problem.words for problem in found.problems} == {
        3: "原编号是空的",
        4: "没有编码是 44030000100201 的社区或网格",
        5: "请填手机或固定电话号码,例:0755-12345678",
        6: "没有“重点人员”这个标签",
        7: "“民乐新村 3栋 2单元 999”已经登记过,原编号 没有",
        8: "private 请填“是”或“否”",
        9: "与第 2 行是同一户",
    }
    assert len(await stored()) == 1


async def test_a_closed_household_is_not_taken_up_by_a_file(cast: Cast) -> None:
    await import_households(file(ROWS[1]), by=cast.staff)
    made = await database.fetch_value("SELECT id FROM households")
    await keeping.close(made, by=cast.staff, seen=None, why="moved_away")
    found = await import_households(file(ROWS[1]), by=cast.staff)
    assert "已经结束联系" in found.problems[0].words


async def test_only_a_community_brings_in_its_own(cast: Cast) -> None:
    for by in (cast.party_member, cast.grid_worker, cast.area_admin, cast.resident):
        with pytest.raises(NotFound):
            await import_households(file(*ROWS), by=by)
    found = await import_households(file(ROWS[0]), by=cast.next_secretary)
    assert "没有编码是" in found.problems[0].words
    much = await import_households(file(*(f"C{n},民乐新村,1,1,{n},,甲,,,," for n in range(MOST + 1))), by=cast.staff)
    assert "请分几次导入" in much.problems[0].words
