"""Polygons from GeoJSON."""

import json
from typing import Any

import msgspec
import pytest

from server.areas import tree
from server.areas.polygons import import_polygons, shapes
from server.kernel import database, datum, events
from server.kernel.sheets import Imported
from tests.areas.ground import SMALL, SYSTEM, admin_of, bring, draw, feature, square

TURNED = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]


@pytest.fixture(autouse=True)
async def ground(db: None) -> None:
    assert not (await bring(SMALL)).problems


async def drawn() -> int:
    return int(await database.fetch_value("SELECT count(*) FROM areas WHERE polygon IS NOT NULL"))


async def test_polygons_come_in_and_twice_changes_nothing() -> None:
    file = (feature("100101a", square(113, 22)), feature("100101b", square(114, 22), square(114.2, 22.2, 0.5)))
    assert await draw(*file, dry_run=True) == Imported(created=2)
    assert await drawn() == 0
    assert await draw(*file) == Imported(created=2)
    epoch = await database.fetch_value("SELECT epoch FROM area_epochs")
    assert await draw(*file) == Imported(unchanged=2)
    assert await database.fetch_value("SELECT epoch FROM area_epochs") == epoch
    assert await draw(feature("100101a", square(113, 22, 0.5))) == Imported(changed=1)
    area = await tree.by_code("100101a")
    assert area is not None and area.has_polygon
    kinds = [event.kind for event in await events.history(f"area:{area.id}")]
    assert kinds == ["area.created", "area.polygon_set", "area.polygon_set"]


async def test_a_multipolygon_a_number_as_code_and_heights_are_taken() -> None:
    parts = [[square(113, 22)], [square(115, 22)]]
    multi = {
        "type": "Feature",
        "properties": {"code": 1001},
        "geometry": {
            "type": "MultiPolygon",
            "coordinates": [[[[*at, 12.5] for at in ring] for ring in p] for p in parts],
        },
    }
    assert await draw(multi) == Imported(created=1)
    district = await tree.by_code("10")
    assert district is not None
    [shape] = await shapes(district.id, "street")
    assert shape.code == "1001"
    stored = msgspec.json.decode(shape.polygon)
    assert stored == {"type": "MultiPolygon", "coordinates": parts}


async def test_gcj02_is_stored_as_wgs84_and_twice_changes_nothing() -> None:
    ring = square(113, 22, 0.01)
    shifted = [list(datum.to_gcj02(*position)) for position in ring]
    assert await draw(feature("100101a", shifted), datum="GCJ-02") == Imported(created=1)
    assert await draw(feature("100101a", shifted), datum="GCJ-02") == Imported(unchanged=1)
    district = await tree.by_code("10")
    assert district is not None
    [shape] = await shapes(district.id, "grid")
    [stored] = msgspec.json.decode(shape.polygon)["coordinates"]
    for got, wanted in zip(stored, ring, strict=True):
        assert abs(got[0] - wanted[0]) < 1e-7 and abs(got[1] - wanted[1]) < 1e-7


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (feature("100101a", TURNED), "自相交"),
        (feature("nowhere", square(113, 22)), "没有编码为 nowhere 的区域"),
        (feature(None, square(113, 22)), "没有区域编码"),
        (feature("", square(113, 22)), "没有区域编码"),
        (feature(True, square(113, 22)), "没有区域编码"),
        ({"type": "Feature", "properties": None, "geometry": None}, "没有区域编码"),
        ("polygon", "没有区域编码"),
        ({"type": "Feature", "properties": {"code": "100101a"}, "geometry": None}, "没有图形"),
        (
            {"properties": {"code": "100101a"}, "geometry": {"type": "Point", "coordinates": [113, 22]}},
            "Polygon 或 MultiPolygon",
        ),
        ({"properties": {"code": "100101a"}, "geometry": {"type": "MultiPolygon", "coordinates": []}}, "图形是空的"),
        ({"properties": {"code": "100101a"}, "geometry": {"type": "MultiPolygon", "coordinates": [[]]}}, "图形是空的"),
        (feature("100101a"), "图形是空的"),
        (feature("100101a", []), "空的"),
        (feature("100101a", square(113, 22)[:-1]), "没有闭合"),
        (feature("100101a", [[113, 22], [114, 22], [113, 22]]), "点太少"),
        (feature("100101a", [[113, 22]] * 5), "点太少"),
        (feature("100101a", [[113, 22], [114, 22], [115, 22], [113, 22]]), ""),
        (feature("100101a", [[22, 113], [22, 114], [23, 114], [22, 113]]), "经纬度范围"),
        (feature("100101a", [["113", "22"]] * 4), "[经度, 纬度]"),
        (feature("100101a", [[True, False]] * 4), "[经度, 纬度]"),
        (feature("100101a", [[10**400, 22]] * 4), "经纬度范围"),
        (feature("100101a", [113, 22, 114, 22]), "[经度, 纬度]"),
        (feature("100101a", square(113, 22), square(120, 22)), "洞在外圈之外"),
        (feature("100101a", square(113, 22), square(113.1, 22.1, 0.8), square(113.2, 22.2, 0.1)), "洞套在洞里"),
    ],
)
async def test_a_wrong_feature_is_named_and_nothing_is_written(wrong: Any, words: str) -> None:
    done = await draw(feature("100102a", square(100, 22)), wrong)
    [problem] = done.problems
    assert problem.line == 2
    assert words in problem.words
    assert await drawn() == 0


async def test_the_place_of_a_crossing_is_said() -> None:
    done = await draw(feature("100101a", TURNED))
    assert "0.5, 0.5 附近" in done.problems[0].words


async def test_a_code_given_twice_is_named_whatever_else_is_wrong() -> None:
    done = await draw(
        feature("100101a", TURNED), feature("100101a", square(113, 22)), feature("100102a", square(113, 22))
    )
    assert [problem.line for problem in done.problems] == [1, 2]
    assert "与第 1 个图形重复" in done.problems[1].words


async def test_siblings_that_overlap_are_named_and_a_sliver_is_let_be() -> None:
    one_metre = 1 / 111_320
    await draw(feature("100101a", square(113, 22)), feature("100101b", square(114 - one_metre, 22)))
    assert await drawn() == 2
    done = await draw(feature("100101a", square(113, 22)), feature("100101b", square(114 - 5 * one_metre, 22)))
    [problem] = done.problems
    assert (problem.line, problem.code) == (2, "100101b")
    assert "100101a" in problem.words


async def test_a_file_is_held_against_the_siblings_that_stay() -> None:
    await draw(feature("100101a", square(113, 22)))
    done = await draw(feature("100101b", square(113.5, 22)))
    assert [problem.code for problem in done.problems] == ["100101b"]
    both = await draw(feature("100101a", square(112, 22)), feature("100101b", square(113.5, 22)))
    assert both == Imported(created=1, changed=1)


async def test_a_grid_within_its_community_and_grids_of_two_communities_are_no_overlap() -> None:
    file = [feature(code, square(113, 22)) for code in ("10", "1001", "100101", "100101a", "100102a")]
    assert (await draw(file[0], file[1], file[2], file[3], file[4])).problems == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"type": "FeatureCollection", "features": []}',
        b'{"type": "FeatureCollection"}',
        b'{"type": "FeatureCollection", "features": {"a": 1}}',
        b'{"type": "Feature"}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
async def test_a_file_that_is_no_feature_collection_is_refused_in_words(content: bytes) -> None:
    done = await import_polygons(content, by=SYSTEM)
    assert [problem.line for problem in done.problems] == [0]


async def test_an_unknown_datum_is_refused() -> None:
    assert (await draw(feature("100101a", square(113, 22)), datum="BD-09")).problems
    assert await drawn() == 0


async def test_a_byte_order_mark_is_passed_over() -> None:
    collection = {"type": "FeatureCollection", "features": [feature("100101a", square(113, 22))]}
    content = b"\xef\xbb\xbf" + json.dumps(collection).encode()
    assert await import_polygons(content, by=SYSTEM) == Imported(created=1)


async def test_an_area_administrator_draws_only_their_own() -> None:
    west = await tree.by_code("1002")
    assert west is not None
    done = await draw(feature("100201", square(113, 22)), feature("100101a", square(115, 22)), by=admin_of(west.id))
    assert [problem.line for problem in done.problems] == [2]
    assert await draw(feature("100201", square(113, 22)), by=admin_of(west.id)) == Imported(created=1)


async def test_a_retired_area_gets_no_polygon() -> None:
    grid = await tree.by_code("100101a")
    assert grid is not None
    await tree.retire(grid.id, by=SYSTEM)
    assert "停用" in (await draw(feature("100101a", square(113, 22)))).problems[0].words
