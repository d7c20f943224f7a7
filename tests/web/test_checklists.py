"""Checklists over the pages: begun, written in the editor, published, compared, retired; and who may not."""

import html
import re
from typing import Any

import httpx
import pytest

from server.forms import checklist_publishing as publishing
from server.forms import checklist_versions as checklists
from server.forms.demo_checklists import CHECKLISTS
from server.kernel import events
from server.kernel.errors import NotAllowed
from server.kernel.ids import new_id
from server.patrols import making, plans
from tests import cast as casting
from tests.cast import Cast
from tests.patrols.rounds import MONDAY, ground, on, plan
from tests.patrols.rounds import tasks as all_tasks
from tests.web.admining import agree, send, send_surely, words
from tests.web.signed_in import another, as_
from tests.web.test_admin import admin_of

ITEM = {"id": "exit", "kind": "check", "label": "通道畅通", "required": True}


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


@pytest.fixture
async def admin(web: httpx.AsyncClient, cast: Cast) -> httpx.AsyncClient:
    return await as_(web, cast.area_admin)


@pytest.fixture
async def checklist(cast: Cast) -> int:
    made = await publishing.create("fire", "店铺消防", "消防", cast.unit, by=cast.area_admin)
    await publishing.publish(made, [ITEM], by=cast.area_admin)
    return made


def fields_of(text: str) -> dict[str, str]:
    """Everything that the editor's form would send."""
    form = text[text.index('id="items"') : text.index("</form>", text.index('id="items"'))]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        one = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if one.get("type") != "checkbox" or " checked" in tag:
            found[one["name"]] = html.unescape(one.get("value", "on"))
    for name, value in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', form):
        found[name] = html.unescape(value)
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found[name] = html.unescape(chosen[1]) if chosen else ""
    return found


async def edited(client: httpx.AsyncClient, checklist: int, typed: dict[str, Any], do: str) -> httpx.Response:
    return await client.post(f"/admin/checklists/{checklist}/editor", data=typed | {"do": do})


async def test_a_checklist_is_begun_written_looked_at_and_published(admin: httpx.AsyncClient, cast: Cast) -> None:
    begun = await send(admin, "/admin/checklists", code="food", name="餐饮", department="市监", unit=cast.unit)
    assert begun.status_code == 303
    path = begun.headers["location"].split("?")[0]
    checklist = int(path.split("/")[3])
    assert "还没发布" in words(await admin.get("/admin/checklists"))

    fields = fields_of((await admin.get(path)).text)
    one = await edited(admin, checklist, fields, "add")
    fields = fields_of(one.text) | {"i0.label": "有冷藏柜", "i0.kind": "yes_no"}
    two = await edited(admin, checklist, fields, "add")
    fields = fields_of(two.text)
    assert fields["i0.label"] == "有冷藏柜"
    fields |= {"i1.label": "冷藏温度", "i1.kind": "number", "i1.if_item": "q1", "i1.if_value": "是"}
    fields |= {"i1.fails_test": "outside", "i1.fails_value": "0 到 8", "i1.rectify_days": "1"}
    fields |= {"i1.photo_if_failed": "on", "i1.photo_reason": "看得见读数"}
    asked = await admin.post(f"/admin/checklists/{checklist}/versions", data=fields)
    assert "第 1 版" in words(asked)
    assert "共 2 项" in words(asked)
    for _ in range(2):
        assert (await agree(admin, asked)).status_code == 303
    now = await checklists.current(checklist)
    assert now.version == 1
    assert now.items[1] == {
        "id": "q2",
        "kind": "number",
        "label": "冷藏温度",
        "required": True,
        "shown_if": {"question": "q1", "is": True},
        "fails_if": {"any": [{"question": "q2", "less": 0}, {"question": "q2", "greater": 8}]},
        "photo_if_failed": True,
        "photo_reason": "看得见读数",
        "rectify_days": 1,
    }
    kinds = [event.kind for event in await events.history(f"checklist:{checklist}")]
    assert kinds == ["checklist.created", "checklist.published"]


async def test_a_position_is_asked_for_with_its_reason_and_only_by_such_an_item(
    admin: httpx.AsyncClient, cast: Cast, checklist: int
) -> None:
    fields = fields_of((await admin.get(f"/admin/checklists/{checklist}/versions")).text)
    fields = fields_of((await edited(admin, checklist, fields, "add")).text)
    fields |= {"i1.label": "它在哪里", "i1.kind": "position", "i1.position_reason": "抢修要找得到"}
    shown = await edited(admin, checklist, fields, "look")
    assert "取位置:抢修要找得到" in words(shown)
    fields = fields_of(shown.text)
    asked = await admin.post(f"/admin/checklists/{checklist}/versions", data=fields)
    assert (await agree(admin, asked)).status_code == 303
    item = (await checklists.current(checklist)).items[1]
    assert (item["kind"], item["position_reason"]) == ("position", "抢修要找得到")
    fields = fields_of((await admin.get(f"/admin/checklists/{checklist}/versions")).text) | {"i1.kind": "text"}
    asked = await admin.post(f"/admin/checklists/{checklist}/versions", data=fields)
    assert (await agree(admin, asked)).status_code == 303
    assert "position_reason" not in (await checklists.current(checklist)).items[1]


async def test_every_demo_checklist_comes_back_from_the_editor_as_it_was(admin: httpx.AsyncClient, cast: Cast) -> None:
    for one in CHECKLISTS:
        made = await publishing.create(one.code, one.name, one.department, by=cast.area_admin)
        await publishing.publish(made, list(one.items), by=cast.area_admin)
        fields = fields_of((await admin.get(f"/admin/checklists/{made}/versions")).text)
        again = fields_of((await edited(admin, made, fields, "look")).text)
        same = await admin.post(f"/admin/checklists/{made}/versions", data=again)
        assert same.status_code == 409, words(same)
        assert "与现行版本一致" in words(same)


async def test_items_are_moved_and_removed_and_nothing_typed_is_lost(admin: httpx.AsyncClient, checklist: int) -> None:
    fields = fields_of((await admin.get(f"/admin/checklists/{checklist}/versions")).text)
    fields = fields_of((await edited(admin, checklist, fields, "add")).text)
    fields |= {"i1.label": "灭火器", "i1.kind": "number", "i1.min": "不是数", "i1.choices": "甲\n乙=乙的话"}
    moved = fields_of((await edited(admin, checklist, fields, "up:1")).text)
    assert (moved["i0.label"], moved["i1.label"]) == ("灭火器", "通道畅通")
    assert (moved["i0.min"], moved["i0.choices"]) == ("不是数", "甲\n乙=乙的话")
    down = fields_of((await edited(admin, checklist, moved, "down:0")).text)
    assert down["i1.label"] == "灭火器"
    gone = fields_of((await edited(admin, checklist, down, "remove:0")).text)
    assert gone["i0.label"] == "灭火器"
    assert "i1.label" not in gone
    for nonsense in ("up:9", "remove:x", "dance", "up:", "remove:-1", "down:²"):
        assert (await edited(admin, checklist, gone, nonsense)).status_code == 200
    assert (await checklists.current(checklist)).version == 1


@pytest.mark.parametrize(
    ("typed", "mend"),
    [
        ({"i0.label": ""}, "问题不能空着"),
        ({"i0.photo_if_failed": "on"}, "必须写明拍照的理由"),
        ({"i0.kind": "photo", "i0.required": "on"}, "必须写明拍照的理由"),
        ({"i0.kind": "position"}, "必须写明取位置的理由"),
        ({"i0.kind": "choice"}, "没有选项"),
        ({"i0.kind": "number", "i0.min": "多"}, "应是数字"),
        ({"i0.kind": "riddle"}, "不认识种类"),
        ({"i0.rectify_days": "一周"}, "整改期限应是天数"),
        ({"i0.rectify_days": "0"}, "1 到 365 天"),
        ({"i0.rectify_days": "²"}, "整改期限应是天数"),
        ({"i0.if_item": "later", "i0.if_value": "是"}, "应在这一项之前"),
        ({"i0.if_test": "json", "i0.if_json": "{"}, "显示条件的写法不对"),
        ({"i0.if_test": "json", "i0.if_json": "[" * 5000}, "显示条件的写法不对"),
        ({"i0.kind": "yes_no", "i0.fails_test": "is", "i0.fails_value": "也许"}, "不会答成“也许”"),
        ({f"i0.outcome_{one}": "" for one in ("note", "fixed", "rectify", "case")}, "至少要有一种处理方式"),
        ({"i0.id": "A 1"}, "编号只能用"),
    ],
)
async def test_what_cannot_be_published_is_named_at_its_item_and_kept(
    admin: httpx.AsyncClient, checklist: int, typed: dict[str, str], mend: str
) -> None:
    fields = fields_of((await admin.get(f"/admin/checklists/{checklist}/versions")).text) | typed
    answer = await admin.post(f"/admin/checklists/{checklist}/versions", data=fields)
    assert answer.status_code == 422
    assert mend in words(answer)
    kept = fields_of(answer.text)
    # An unknown kind stands in no list to choose from.
    assert all(kept.get(name, "") == value for name, value in typed.items() if value != "riddle"), kept
    assert (await checklists.current(checklist)).version == 1


async def test_an_empty_checklist_and_an_endless_one_are_refused(admin: httpx.AsyncClient, checklist: int) -> None:
    path = f"/admin/checklists/{checklist}/versions"
    empty = await send(admin, path, seen="1")
    assert empty.status_code == 422
    assert "还没有项目" in words(empty)
    many = {f"i{n}.{name}": value for n in range(130) for name, value in (("id", f"q{n}"), ("kind", "check"))}
    endless = await send(admin, path, seen="1", **many)
    assert endless.status_code == 422
    assert "项目太多" in words(endless)


@pytest.mark.parametrize("items", ["{", "{}", "[1]", '[{"id": "a"}]', "[" * 9000, "1" + "0" * 5000])
async def test_a_confirmation_that_was_tampered_with_changes_nothing(
    admin: httpx.AsyncClient, checklist: int, items: str
) -> None:
    for sure in (None, "on"):
        answer = await send(admin, f"/admin/checklists/{checklist}/versions", seen="1", items=items, sure=sure)
        assert answer.status_code == 422
    assert (await checklists.current(checklist)).version == 1


async def test_who_published_meanwhile_is_told_and_what_was_typed_is_kept(
    admin: httpx.AsyncClient, cast: Cast, checklist: int
) -> None:
    path = f"/admin/checklists/{checklist}/versions"
    fields = fields_of((await admin.get(path)).text) | {"i0.label": "通道和出口畅通"}
    asked = await admin.post(path, data=fields)
    assert "改了“通道畅通”:问题 通道畅通 → 通道和出口畅通" in words(asked)
    await publishing.publish(checklist, [ITEM | {"label": "别的"}], by=cast.area_admin)
    for late in (await agree(admin, asked), await admin.post(path, data=fields)):
        assert late.status_code == 409
        assert "已经发布了第 2 版" in words(late)
        assert fields_of(late.text)["i0.label"] == "通道和出口畅通"


async def test_versions_stay_and_are_compared(admin: httpx.AsyncClient, cast: Cast, checklist: int) -> None:
    second = [ITEM | {"rectify_days": 3}, {"id": "n", "kind": "number", "label": "灭火器"}]
    await publishing.publish(checklist, second, by=cast.area_admin)
    await publishing.publish(checklist, second[1:], by=cast.area_admin)
    path = f"/admin/checklists/{checklist}"
    assert "7 天 → 3 天" in words(await admin.get(f"{path}/versions/2"))
    third = words(await admin.get(f"{path}/versions/3?against=1"))
    assert "新增 灭火器" in third
    assert "删去 通道畅通" in third
    assert "从这一版写新版" in words(await admin.get(f"{path}/versions/1"))
    assert fields_of((await admin.get(f"{path}/versions?from=1")).text)["i0.label"] == "通道畅通"
    for nowhere in (f"{path}/versions/9", f"{path}/versions/1?against=9", "/admin/checklists/99999"):
        assert (await admin.get(nowhere)).status_code == 404
    [_, _, first] = await checklists.versions(checklist)
    assert (await checklists.version(first.id)).items == [ITEM]


async def test_a_checklist_is_renamed_and_retired_and_stays_readable(
    admin: httpx.AsyncClient, cast: Cast, checklist: int
) -> None:
    path = f"/admin/checklists/{checklist}"
    await send(admin, f"{path}/name", name="沿街店铺消防", department="消防", unit="")
    await send(admin, f"{path}/name", name="沿街店铺消防", department="消防", unit="")
    assert (await send(admin, f"{path}/name", name="", department="消防")).status_code == 422
    assert (await send(admin, f"{path}/name", name="店", department="消防", unit=999_999)).status_code == 422
    assert "沿街店铺消防" in words(await admin.get(path))
    assert (await send_surely(admin, f"{path}/retirement")).status_code == 303
    assert (await send(admin, f"{path}/retirement")).status_code == 409
    with pytest.raises(NotAllowed, match="已经停用"):
        await checklists.current(checklist)
    assert [one.id for one in await checklists.listed(in_use=True)] == []
    page = words(await admin.get(path))
    assert "已停用" in page
    assert "通道畅通" in page
    kinds = [event.kind for event in await events.history(f"checklist:{checklist}")]
    assert kinds[-2:] == ["checklist.renamed", "checklist.retired"]
    assert "已停用" in words(await admin.get("/admin/checklists"))


async def test_the_confirmations_say_whom_a_checklist_touches_and_plans_keep_it(
    web: httpx.AsyncClient, db: None
) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 3)
        made = await plan(of)
        await making.make()
        many = len(await all_tasks())
        admin = await as_(web, of.cast.area_admin)
        path = f"/admin/checklists/{of.fire}"
        fields = fields_of((await admin.get(f"{path}/versions")).text) | {"i0.label": "安全出口不堵"}
        asked = words(await admin.post(f"{path}/versions", data=fields))
        assert "“每月巡查”(民乐社区)" in asked and "3 处" in asked and f"{many} 个,手机下次同步后换成新版" in asked
        refused = await send(admin, f"{path}/retirement")
        assert refused.status_code == 409 and "“每月巡查”(民乐社区)" in refused.text
        await plans.end(made, of.cast.staff)
        asked = await send(admin, f"{path}/retirement")
        assert "没有计划在用" in words(asked)
        assert (await agree(admin, asked)).status_code == 303


async def test_a_code_is_given_once_and_names_are_needed(admin: httpx.AsyncClient, checklist: int) -> None:
    taken = await send(admin, "/admin/checklists", code="fire", name="又一份", department="消防")
    assert taken.status_code == 422
    assert "编码 fire 已经有了" in words(taken)
    bare = await send(admin, "/admin/checklists")
    for word in ("编码是空的", "名称是空的", "部门是空的"):
        assert word in words(bare)


async def test_an_administrator_of_a_community_reads_and_writes_nothing(
    web: httpx.AsyncClient, cast: Cast, checklist: int
) -> None:
    mine = await as_(web, await admin_of(cast.next_community))
    path = f"/admin/checklists/{checklist}"
    page = await mine.get(path)
    assert page.status_code == 200
    assert "写新版" not in page.text
    assert (await mine.get(f"{path}/versions")).status_code == 409
    for to in (path + "/editor", path + "/versions", path + "/retirement", path + "/name", "/admin/checklists"):
        sent = {"code": "x", "name": "某", "department": "某", "seen": "1", "i0.id": "a", "i0.kind": "check"}
        answer = await mine.post(to, data=sent | {"command": str(new_id()), "i0.label": "某", "i0.rectify_days": "7"})
        assert answer.status_code in (409, 422), to
    assert len(await events.history(f"checklist:{checklist}")) == 2


@pytest.mark.parametrize("who", ["grid_worker", "staff", "secretary", "lead", "centre", "resident"])
async def test_the_pages_do_not_exist_for_others(web: httpx.AsyncClient, cast: Cast, checklist: int, who: str) -> None:
    client = await as_(web, getattr(cast, who))
    for path in ("/admin/checklists", f"/admin/checklists/{checklist}", f"/admin/checklists/{checklist}/versions"):
        assert (await client.get(path)).status_code == 404
    assert (await client.post(f"/admin/checklists/{checklist}/retirement", data={})).status_code == 404
    assert (await another(web).get("/admin/checklists")).status_code == 303
