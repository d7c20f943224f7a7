"""Divisions from a CSV."""

from pathlib import Path

import pytest

from server.areas import tree
from server.areas.divisions import import_divisions
from server.kernel import database, events
from server.kernel.sheets import Imported
from tests.areas.ground import SMALL, SYSTEM, admin_of, bring

pytestmark = pytest.mark.usefixtures("db")

REAL = Path(__file__).parents[2].parent / "shared/data/divisions_longhua.csv"
HEADER = "code,name,level,parent_code\n"


async def count() -> int:
    return int(await database.fetch_value("SELECT count(*) FROM areas"))


@pytest.mark.real_input
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_the_real_district_comes_in_as_it_is_and_twice_changes_nothing(encoding: str) -> None:
    if not REAL.exists():
        pytest.skip("../shared/data/divisions_longhua.csv is absent")
    content = REAL.read_text(encoding="utf-8-sig").encode(encoding)
    if encoding == "utf-8":
        content = REAL.read_bytes()
    assert await import_divisions(content, by=SYSTEM, dry_run=True) == Imported(created=120)
    assert await count() == 0
    assert await import_divisions(content, by=SYSTEM) == Imported(created=120)
    epoch = await database.fetch_value("SELECT epoch FROM area_epochs")
    said = await database.fetch_value("SELECT count(*) FROM events")
    assert await import_divisions(content, by=SYSTEM) == Imported(unchanged=120)
    assert (epoch, said) == (
        await database.fetch_value("SELECT epoch FROM area_epochs"),
        await database.fetch_value("SELECT count(*) FROM events"),
    )
    levels = {row["level"]: row["n"] for row in await database.fetch("SELECT level, count(*) n FROM areas GROUP BY 1")}
    assert levels == {"district": 1, "street": 6, "community": 113}
    [district] = await tree.districts()
    assert len(await tree.under(district.id)) == 120


async def test_rows_may_come_in_any_order() -> None:
    header, *rows = SMALL.splitlines()
    assert await bring("\n".join([header, *reversed(rows)])) == Imported(created=9)
    grid = await tree.by_code("100101a")
    assert grid is not None and (await tree.line(grid.id)).words == "青川区东街道梧桐社区梧桐一网格"


async def test_other_columns_empty_lines_and_spaces_are_passed_over() -> None:
    text = "name,parent_code,note,level,code\n\n 青川区 ,,旧称青县,district,\u300010\n,,,,\n东街道,10,,street,1001\n"
    assert await bring(text) == Imported(created=2)
    assert [area.name for area in await tree.districts()] == ["青川区"]


async def test_another_name_or_parent_is_an_update_with_its_event() -> None:
    await bring(SMALL)
    grid = await tree.by_code("100101a")
    assert grid is not None
    text = HEADER + "100101,老梧桐社区,community,1002\n100102,银杏社区,community,1001\n"
    assert await bring(text) == Imported(changed=1, unchanged=1)
    moved = await tree.by_code("100101")
    assert moved is not None and moved.name == "老梧桐社区"
    kinds = [event.kind for event in await events.history(f"area:{moved.id}")]
    assert kinds == ["area.created", "area.renamed", "area.moved"]
    assert events.verifies(await events.history(f"area:{moved.id}"))
    assert (await tree.line(grid.id)).street_name == "西街道"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1003,南街道,street,99", "找不到上级 99"),
        ("1001,又一东街道,street,10", "重复"),
        ("100103,桂花社区,community,10", "社区的上级应是镇街"),
        ("1003,南街道,street,", "没有上级编码"),
        ("11,另一区,district,10", "没有上级"),
        ("1003,,street,10", "名称是空的"),
        (",南街道,street,10", "编码是空的"),
        ("1003,南街道,town,10", "不认识层级 town"),
        ("1003," + "长" * 41 + ",street,10", "太长"),
        ("1" * 31 + ",南街道,street,10", "太长"),
        ("10'; drop,南街道,street,10", "编码只能用"),
        ("1003,南\x07街道,street,10", "看不见"),
        ("1003,南街道,street", "有 3 栏"),
        ("1003,南街道,street,1003", "上级应是区"),
    ],
)
async def test_a_wrong_row_is_named_with_its_line_and_nothing_is_written(row: str, words: str) -> None:
    text = SMALL + row + "\n"
    for dry_run in (True, False):
        done = await bring(text, dry_run=dry_run)
        [problem] = done.problems
        assert problem.line == 11
        assert words in problem.words
        assert (done.created, done.changed, done.unchanged) == (0, 0, 0)
    assert await count() == 0


async def test_every_wrong_row_is_named_not_only_the_first() -> None:
    done = await bring(SMALL + "1003,,street,10\n1004,北街道,street,77\n1001,东,street,10\n")
    assert [problem.line for problem in done.problems] == [11, 12, 13]


async def test_a_line_is_where_its_record_begins_even_with_breaks_in_quotes() -> None:
    done = await bring(HEADER + '10,"青川\n区",district,\n1001,东街道,street,nowhere\n')
    assert [problem.line for problem in done.problems] == [2, 4]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "没有内容"),
        (b"code,name\n1,2\n", "缺少栏目"),
        (b"code,code,name,level,parent_code\n", "重复"),
        (HEADER.encode() + b'10,"open,district,\n', "引号"),
        (b"PK\x03\x04\x00\x00", "打不开"),
        (b"\xff\xfe\xff\xff", "读不出文字"),
        (HEADER.encode() + b"1," + b"x" * 200_000 + b",district,\n", "太长"),
        (HEADER.encode() + b"\n" * 20_000_001, "太大"),
    ],
)
async def test_a_file_that_is_none_is_refused_in_words(content: bytes, words: str) -> None:
    done = await import_divisions(content, by=SYSTEM)
    assert len(done.problems) == 1
    assert words in done.problems[0].words


async def test_a_header_alone_changes_nothing() -> None:
    assert await bring(HEADER) == await bring(HEADER, dry_run=True)
    assert await count() == 0


async def test_a_level_never_changes_and_a_retired_code_never_returns() -> None:
    await bring(SMALL)
    grid = await tree.by_code("100101b")
    assert grid is not None
    await tree.retire(grid.id, by=SYSTEM)
    done = await bring(HEADER + "100101a,梧桐一网格,community,1001\n100101b,梧桐二网格,grid,100101\n")
    assert [problem.line for problem in done.problems] == [2, 3]
    assert "层级不能改" in done.problems[0].words
    assert "已经停用" in done.problems[1].words


async def test_an_area_administrator_imports_only_what_lies_in_their_area() -> None:
    await bring(SMALL)
    east = await tree.by_code("1001")
    assert east is not None
    text = HEADER + "100103,桂花社区,community,1001\n100202,滩头社区,community,1002\n"
    done = await bring(text, by=admin_of(east.id))
    assert [problem.line for problem in done.problems] == [3]
    fetched = await bring(HEADER + "100201,河湾社区,community,1001\n", by=admin_of(east.id))
    assert [problem.line for problem in fetched.problems] == [2]
    assert await bring(HEADER + "100103,桂花社区,community,1001\n", by=admin_of(east.id)) == Imported(created=1)
