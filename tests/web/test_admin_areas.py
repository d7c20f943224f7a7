"""Areas over the pages: one at a time, and by files that are looked at before they are written."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from server import cases
from server.areas import tree
from server.kernel import clock, database, events, kept_files
from server.kernel.ids import new_id
from tests import cast as casting
from tests.cast import Cast
from tests.web.admining import agree, form_of, send, send_surely, words
from tests.web.signed_in import another, as_
from tests.web.test_admin import admin_of

DIVISIONS = "/admin/imports/divisions"
HEADER = "code,name,level,parent_code\n"
NEW = HEADER + "440300001003,新安社区,community,440300001\n44030000100301,新安一网格,grid,440300001003\n"


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


@pytest.fixture
async def admin(web: httpx.AsyncClient, cast: Cast) -> httpx.AsyncClient:
    return await as_(web, cast.area_admin)


async def bring(client: httpx.AsyncClient, path: str, content: bytes | str, **fields: str) -> httpx.Response:
    data = {"command": str(new_id())} | fields
    raw = content.encode() if isinstance(content, str) else content
    return await client.post(path, data=data, files={"file": ("f", raw)})


async def areas() -> int:
    count: int = await database.fetch_value("SELECT count(*) FROM areas")
    return count


async def told(area_id: int) -> list[str]:
    return [event.kind for event in await events.history(f"area:{area_id}")]


async def test_an_area_is_added_renamed_moved_and_retired(admin: httpx.AsyncClient, cast: Cast) -> None:
    made = await send(
        admin, "/admin/areas", code="440300001003", name="新安社区", level="community", parent=cast.street
    )
    path = made.headers["location"].partition("?")[0]
    area_id = int(path.rpartition("/")[2])
    assert "区域已添加" in words(await admin.get(made.headers["location"]))
    await send_surely(admin, f"{path}/name", name="新安新村社区")
    await send(admin, f"{path}/answers", answers="工作日 9:00–18:00")
    await send_surely(admin, f"/admin/areas/{cast.next_grid}/parent", parent=area_id)
    await send_surely(admin, f"/admin/areas/{cast.next_community}/retirement")
    area = await tree.get(area_id)
    assert (area.name, area.answers) == ("新安新村社区", "工作日 9:00–18:00")
    assert (await tree.get(cast.next_grid)).parent_id == area_id
    assert (await tree.get(cast.next_community)).retired
    assert await told(area_id) == ["area.created", "area.renamed", "area.answers_set"]


async def test_what_is_touched_is_said_before_and_nothing_is_written_yet(admin: httpx.AsyncClient, cast: Cast) -> None:
    await cases.report(cases.Telling(text="路灯坏了", community_id=cast.community), cast.resident)
    asked = await send(admin, f"/admin/areas/{cast.community}/name", name="民乐新社区")
    assert "连同下级共 3 个区域" in words(asked)
    assert "1 件" in words(asked)
    asked = await send(admin, f"/admin/areas/{cast.community}/retirement")
    assert "下面还有 2 个区域在用" in words(asked)
    assert "这里有 4 个岗位" in words(asked)
    assert (await tree.get(cast.community)).name == "民乐社区"
    assert await told(cast.community) == []


async def test_sending_twice_is_once(admin: httpx.AsyncClient, cast: Cast) -> None:
    fields = {"command": str(new_id()), "code": "X1", "name": "新安", "level": "community", "parent": cast.street}
    first, second = [await admin.post("/admin/areas", data=fields) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert first.status_code == second.status_code == 303
    asked = await send(admin, f"/admin/areas/{cast.grid}/name", name="新名")
    for _ in range(3):
        assert (await agree(admin, asked)).status_code == 303
    assert await told(cast.grid) == ["area.renamed"]
    changed = await admin.post("/admin/areas", data=fields | {"code": "X2"})
    assert changed.status_code == 409
    assert await tree.by_code("X2") is None


async def test_an_area_that_is_in_use_below_is_not_retired(admin: httpx.AsyncClient, cast: Cast) -> None:
    answer = await send_surely(admin, f"/admin/areas/{cast.community}/retirement")
    assert answer.status_code == 409
    assert "下面还有 2 个区域在用" in words(answer)
    assert not (await tree.get(cast.community)).retired


@pytest.mark.parametrize(
    ("fields", "mend"),
    [
        ({"code": "", "name": "好"}, "编码是空的"),
        ({"code": "440300001001", "name": "好"}, "已经有了"),
        ({"code": "A B", "name": "好"}, "编码只能用"),
        ({"code": "A1", "name": ""}, "名称是空的"),
        ({"code": "A1", "name": "长" * 41}, "最多 40 个字"),
        ({"code": "A1", "name": "长" * 100_000}, "太长了"),
        ({"code": "A1", "name": "看\u200b不见"}, "看不见的字符"),
        ({"code": "A1", "name": "好", "level": "grid"}, "上级应是社区"),
        ({"code": "A1", "name": "好", "level": "planet"}, "层级只能是"),
        ({"code": "A1", "name": "好", "command": "no-uuid"}, "请刷新后再试"),
    ],
)
async def test_what_cannot_be_taken_is_named_and_kept(
    admin: httpx.AsyncClient, cast: Cast, fields: dict[str, str], mend: str
) -> None:
    before = await areas()
    fields = {"level": "community", "parent": str(cast.street)} | fields
    answer = await send(admin, "/admin/areas", **fields)
    assert answer.status_code == 422
    assert mend in words(answer)
    if 0 < len(fields["name"]) < 100:
        assert f'value="{fields["name"]}"' in answer.text
    assert await areas() == before


@pytest.mark.parametrize("parent", ["1e9", "0", "-3", "2147483648", "9" * 30, "x"])
async def test_a_parent_that_cannot_be_does_not_exist(admin: httpx.AsyncClient, cast: Cast, parent: str) -> None:
    answer = await send(admin, "/admin/areas", code="A1", name="好", level="community", parent=parent)
    assert answer.status_code == 404


async def test_a_neighbours_area_cannot_be_changed_and_does_not_exist(web: httpx.AsyncClient, cast: Cast) -> None:
    neighbour, before = await as_(web, await admin_of(cast.next_community)), await areas()
    at = f"/admin/areas/{cast.community}"
    for path, fields in (
        ("/admin/areas", {"code": "Z", "name": "好", "level": "grid", "parent": cast.community}),
        ("/admin/areas", {"code": "Z", "name": "好", "level": "district"}),
        (f"{at}/name", {"name": "好", "sure": "on"}),
        (f"{at}/answers", {"answers": "好"}),
        (f"{at}/parent", {"parent": cast.street, "sure": "on"}),
        (f"/admin/areas/{cast.next_grid}/parent", {"parent": cast.community, "sure": "on"}),
        (f"{at}/retirement", {"sure": "on"}),
    ):
        answer = await send(neighbour, path, **fields)
        assert answer.status_code in (404, 409), (path, answer.status_code)
        for client in (await as_(web, cast.secretary), await as_(web, cast.resident)):
            assert (await send(client, path, **fields)).status_code == 404
        assert (await send(another(web), path, **fields)).status_code == 303
    assert await areas() == before
    assert (await tree.get(cast.community)).name == "民乐社区"
    assert (await tree.get(cast.next_grid)).parent_id == cast.next_community


async def test_another_sites_page_orders_nothing(admin: httpx.AsyncClient, cast: Cast) -> None:
    data = {"command": str(new_id()), "name": "坏", "sure": "on"}
    headers = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    answer = await admin.post(f"/admin/areas/{cast.grid}/name", data=data, headers=headers)
    assert answer.status_code == 403
    assert (await tree.get(cast.grid)).name == "民乐一网格"


async def test_divisions_are_looked_at_then_written_and_the_same_file_changes_nothing(
    admin: httpx.AsyncClient, cast: Cast
) -> None:
    before = await areas()
    dry = await bring(admin, DIVISIONS, NEW.encode("gb18030"))
    assert dry.status_code == 200
    assert "2 添加" in words(dry)
    assert await areas() == before
    done = await agree(admin, dry)
    assert done.headers["location"] == "/admin/areas?said=import"
    assert await areas() == before + 2
    made = await tree.by_code("44030000100301")
    assert made is not None
    assert made.name == "新安一网格"
    assert (await agree(admin, dry)).headers["location"] == "/admin/areas?said=import"
    again = await bring(admin, DIVISIONS, NEW)
    assert "没有改动" in words(again)
    assert 'name="kept"' not in again.text
    assert await areas() == before + 2


async def test_every_wrong_row_is_named_and_nothing_can_be_confirmed(admin: httpx.AsyncClient, cast: Cast) -> None:
    rows = "A1,甲,community,nowhere\nA1,乙,community,440300001\nA2,,grid,440300001001\nA3,<b>丙</b>,planet,\n"
    dry = await bring(admin, DIVISIONS, HEADER + rows)
    assert dry.status_code == 422
    said = words(dry)
    for mend in ("找不到上级 nowhere", "与第 2 行重复", "名称是空的", "不认识层级 planet"):
        assert mend in said
    assert 'name="kept"' not in dry.text
    assert "<b>丙" not in dry.text


@pytest.mark.parametrize("content", [b"", b"\x00\x01\xff", b"a,b\n1,2\n", b"\xff" * 1000, HEADER.encode() * 2])
async def test_what_is_no_divisions_file_is_refused_in_words(admin: httpx.AsyncClient, content: bytes) -> None:
    answer = await bring(admin, DIVISIONS, content)
    assert answer.status_code == 422
    assert "要改" in words(answer) or "请选择一个文件" in words(answer)


async def test_no_file_is_asked_for(admin: httpx.AsyncClient) -> None:
    answer = await send(admin, DIVISIONS)
    assert answer.status_code == 422
    assert "请选择一个文件" in words(answer)


async def test_a_file_too_large_for_any_import_is_refused(admin: httpx.AsyncClient) -> None:
    answer = await bring(admin, DIVISIONS, b"x" * 131_000_000)
    assert answer.status_code == 413


async def test_what_is_confirmed_is_what_was_shown(admin: httpx.AsyncClient, cast: Cast) -> None:
    dry = await bring(admin, DIVISIONS, NEW)
    await send(admin, "/admin/areas", code="440300001003", name="别名", level="community", parent=cast.street)
    before = await areas()
    moved = await agree(admin, dry)
    assert moved.status_code == 409
    assert "在您确认之前" in words(moved)
    assert "1 添加" in words(moved)
    assert "1 更改" in words(moved)
    assert await areas() == before
    assert (await agree(admin, moved)).status_code == 303
    assert await areas() == before + 1


async def test_a_kept_file_is_its_senders_alone_and_for_a_while_only(
    web: httpx.AsyncClient, admin: httpx.AsyncClient, cast: Cast
) -> None:
    dry, before = await bring(admin, DIVISIONS, NEW), await areas()
    path, fields = form_of(dry.text)
    stranger = await as_(web, cast.system_admin)
    assert (await stranger.post(path, data=fields)).status_code == 409
    wrong: list[dict[str, Any]] = [{"kept": str(new_id())}, {"kept": ""}, {"counts": "9.9.9.9"}, {"kept": "x"}]
    for change in wrong:
        answer = await admin.post(path, data=fields | change | {"command": str(new_id())})
        assert answer.status_code in (409, 422), change
    assert (await admin.post("/admin/imports/polygons", data=fields | {"command": str(new_id())})).status_code == 409
    with clock.at(clock.now() + kept_files.GOOD_FOR + timedelta(minutes=1)):
        assert (await admin.post(path, data=fields)).status_code == 409
        await kept_files.forget_old()
    assert await database.fetch_value("SELECT count(*) FROM kept_files") == 0
    assert await areas() == before


async def test_an_area_administrator_brings_their_own_areas_only(web: httpx.AsyncClient, cast: Cast) -> None:
    client = await as_(web, await admin_of(cast.next_community))
    mine = HEADER + "44030000100202,向阳二网格,grid,440300001002\n"
    assert (await agree(client, await bring(client, DIVISIONS, mine))).status_code == 303
    foreign = await bring(client, DIVISIONS, HEADER + "44030000100103,民乐三网格,grid,440300001001\n")
    assert foreign.status_code == 422
    assert "不在您管理的区域内" in words(foreign)


def drawn(code: str, west: float) -> str:
    ring = [[west, 22.6], [west + 0.01, 22.6], [west + 0.01, 22.61], [west, 22.61], [west, 22.6]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"code": code}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


async def test_polygons_are_brought_in_the_same_way(admin: httpx.AsyncClient, cast: Cast) -> None:
    path, file = "/admin/imports/polygons", drawn("44030000100201", 114.02)
    await agree(admin, await bring(admin, path, file, choice="WGS-84"))
    assert "没有改动" in words(await bring(admin, path, file, choice="WGS-84"))
    shifted = await bring(admin, path, drawn("44030000100201", 114.03), choice="WGS-84")
    assert "1 更改" in words(shifted)
    assert (await agree(admin, shifted)).status_code == 303
    shapes = (await admin.get(f"/admin/areas/{cast.next_community}/shapes")).json()
    assert shapes["features"][0]["geometry"]["coordinates"][0][0] == [114.03, 22.6]
    converted = await bring(admin, path, drawn("44030000100201", 114.03), choice="GCJ-02")
    assert "1 更改" in words(converted)
    overlapping = await bring(admin, path, drawn("44030000100101", 114.01), choice="WGS-84")
    assert overlapping.status_code == 422
    assert "重叠" in words(overlapping)
    assert (await bring(admin, path, file, choice="MARS")).status_code == 422
