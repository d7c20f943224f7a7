"""A file of addresses: every wrong row named, nothing written then; the same twice changes nothing."""

import pytest

from server.addresses import importing
from server.kernel import database, datum, events
from server.kernel.actor import Actor, Post, Role
from tests import cast as casting
from tests.addresses.register import bring
from tests.cast import Cast

GOOD = {"code": "A1", "text": "榕荫路12号", "community_code": "440300001001"}


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def count() -> int:
    found: int = await database.fetch_value("SELECT count(*) FROM addresses")
    return found


async def test_new_ones_are_written_and_the_same_file_changes_nothing(cast: Cast) -> None:
    rows = [GOOD | {"aliases": "便民超市|老王家"}, {"text": "榕荫路14号", "community_code": "440300001001"}]
    dry = await bring(rows, dry_run=True)
    assert (dry.created, await count()) == (2, 0)
    done = await bring(rows)
    assert (done.created, done.changed, done.unchanged, await count()) == (2, 0, 0, 2)
    again = await bring(rows)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)
    told = await events.history(importing.STREAM)
    assert [event.kind for event in told] == ["addresses.imported"]
    assert told[0].data | {"by": ""} == {
        "by": "", "created": 2, "changed": 0, "unchanged": 0, "aliases": 2, "source": ""
    }  # fmt: skip


async def test_what_differs_is_changed_and_what_is_left_empty_stays(cast: Cast) -> None:
    longitude, latitude = casting.middle(0)
    await bring([GOOD | {"longitude": longitude, "latitude": latitude, "source": "普查"}])
    done = await bring([GOOD | {"text": "榕荫路12号甲", "aliases": "小店"}])
    assert (done.created, done.changed) == (0, 1)
    row = await database.fetch_one("SELECT * FROM addresses")
    assert row is not None
    assert (row["text"], row["grid"], row["source"]) == ("榕荫路12号甲", cast.grid, "普查")
    assert row["longitude"] == pytest.approx(longitude)
    assert (await bring([GOOD | {"text": "榕荫路12号甲", "aliases": "小铺"}])).changed == 1
    assert await database.fetch_value("SELECT count(*) FROM address_aliases") == 2


async def test_every_wrong_row_is_named_and_nothing_is_written(cast: Cast) -> None:
    wrong = [
        (GOOD, ""),
        (GOOD | {"text": "榕荫路13号"}, "与第 2 行重复"),
        ({"text": "", "code": "B", "community_code": "440300001001"}, "地址是空的"),
        ({"text": "一路1号", "community_code": "nowhere"}, "找不到社区 nowhere"),
        ({"text": "一路2号", "community_code": "440300001001", "grid_code": "44030000100201"}, "社区里没有网格"),
        ({"text": "一路3号", "community_code": "440300001001", "longitude": 114.0}, "要一起填"),
        ({"text": "一路4号", "community_code": "440300001001", "longitude": 10, "latitude": 10}, "点不在区内"),
        ({"text": "一路5号", "community_code": "440300001001", "longitude": "x", "latitude": 1}, "不是数字"),
        ({"text": "一路6号", "community_code": "440300001001", "longitude": "nan", "latitude": 1}, "超出范围"),
        (
            {"text": "一路7号", "community_code": "440300001001", "longitude": 1, "latitude": 1, "datum": "MARS"},
            "坐标系",
        ),
        ({"text": "长" * 121, "community_code": "440300001001"}, "太长"),
        ({"text": "!!!", "community_code": "440300001001"}, "没有文字"),
        ({"text": "二路1号", "community_code": "440300001001"}, ""),
        ({"text": "民乐社区二路 1号", "community_code": "440300001001"}, "同一个地址"),
    ]
    done = await bring([row for row, _ in wrong])
    lines = {problem.line: problem.words for problem in done.problems}
    for line, (_, words) in enumerate(wrong, 2):
        assert words in lines.get(line, "") if words else line not in lines, (line, words, lines.get(line))
    assert await count() == 0
    assert await events.history(importing.STREAM) == []


async def test_a_retired_code_is_not_used_again(cast: Cast) -> None:
    await bring([GOOD])
    await database.execute("UPDATE addresses SET until = now()")
    assert "已经停用" in (await bring([GOOD])).problems[0].words


async def test_positions_of_other_datums_are_kept_in_wgs84(cast: Cast) -> None:
    longitude, latitude = casting.middle(1)
    east, north = datum.to_gcj02(longitude, latitude)
    done = await bring([GOOD | {"longitude": east, "latitude": north, "datum": "GCJ-02"}])
    assert not done.problems
    row = await database.fetch_one("SELECT * FROM addresses")
    assert row is not None
    assert (row["longitude"], row["latitude"]) == pytest.approx((longitude, latitude), abs=1e-6)
    assert (row["datum"], row["grid"]) == ("GCJ-02", cast.second_grid)


async def test_an_area_administrator_brings_their_own_communities_only(cast: Cast) -> None:
    post = Post(
        id=1, role=Role.AREA_ADMIN, title="管", area_id=cast.next_community, area_level="community"
    )  # fmt: skip
    neighbour = Actor(account_id=cast.area_admin.account_id, name="管", posts=(post,))
    assert "不在您管理的区域内" in (await bring([GOOD], by=neighbour)).problems[0].words
    await bring([GOOD])
    taken = await bring([GOOD | {"community_code": "440300001002"}], by=neighbour)
    assert "不在您管理的区域内" in taken.problems[0].words
    assert await database.fetch_value("SELECT community FROM addresses") == cast.community
    mine = {"text": "三路1号", "community_code": "440300001002"}
    assert (await bring([mine], by=neighbour)).created == 1


async def test_a_file_with_too_much_wrong_is_not_read_to_its_end(cast: Cast) -> None:
    done = await bring([{"text": "路", "community_code": "x"}] * (importing.MOST_PROBLEMS + 6000))
    assert len(done.problems) == importing.MOST_PROBLEMS
    assert "太多" in done.problems[-1].words


async def test_two_imports_in_one_transaction_do_not_disturb_each_other(cast: Cast) -> None:
    async with database.transaction():
        assert (await bring([GOOD], dry_run=True)).created == 1
        assert (await bring([GOOD])).created == 1
        assert (await bring([GOOD])).unchanged == 1
