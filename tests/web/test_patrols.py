"""The desk of rounds over HTTP: every page, every form, the neighbour, and sending twice."""

import html
import re
from urllib.parse import unquote

import httpx
import pytest

from server.kernel import database, pages
from server.kernel.ids import new_id
from server.patrols import making
from server.patrols.visit import ListTold
from tests import cast as casting
from tests.cast import Cast, middle
from tests.patrols.rounds import MONDAY, Ground, ground, on, plan, planned, version
from tests.patrols.rounds import tasks as all_tasks
from tests.patrols.test_recording import BAD, finding, one, told
from tests.web.admining import send, send_surely, words
from tests.web.signed_in import another, as_

BASE = "/desk/patrols"
PAGES = (
    *("", "/plans", "/plans/new", "/tasks", "/tasks?show=nobody", "/coverage", "/rectifications", "/late"),
    *("/orders", "/absences"),
)


async def a_ground(many: int = 1) -> Ground:
    return await ground(await casting.gather(), many)


async def a_sheet(of: Ground) -> str:
    await one(of, told(of, BAD, finding(of, "rectify")))
    return str(await database.fetch_value("SELECT id FROM patrol_rectifications"))


@pytest.mark.parametrize("full", [False, True], ids=["empty", "with everything"])
async def test_every_page_opens_for_the_desk(web: httpx.AsyncClient, full: bool) -> None:
    with on(MONDAY):
        of = await a_ground(3)
        if full:
            [task, *_] = await planned(of)
            await one(of, told(of, task=task["id"]))
            await one(of, told(of, BAD, finding(of, "rectify"), task=task["id"]))
        for by in (of.cast.staff, of.cast.secretary, of.cast.centre):
            client = await as_(web, by)
            for path in PAGES:
                answer = await client.get(BASE + path)
                assert answer.status_code == 200, (path, answer.text[-1500:])


async def test_who_has_no_desk_finds_nothing(web: httpx.AsyncClient) -> None:
    cast: Cast = await casting.gather()
    for by in (cast.resident, cast.grid_worker, cast.handler, cast.area_admin, cast.party_member):
        client = await as_(web, by)
        for path in PAGES:
            if by is not cast.grid_worker or path != "/coverage":
                assert (await client.get(BASE + path)).status_code == 404


async def test_a_worker_sees_the_coverage_of_their_own_grids_alone(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await a_ground(3)
        await planned(of)
        page = (await (await as_(web, of.cast.grid_worker)).get(f"{BASE}/coverage?month=2026-12")).text
        assert "我的网格" in page and "按社区" not in page
        other = (await (await as_(web, of.cast.next_grid_worker)).get(f"{BASE}/coverage?month=2026-12")).text
        assert "这个月没有任务" in other


async def test_a_plan_is_shown_before_it_is_made_and_made_once(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await a_ground(3)
        client = await as_(web, of.cast.staff)
        fields = {
            "name": "消防月查",
            "checklist": of.fire,
            "area": of.cast.community,
            "kinds": of.kind.id,
            "every": 1,
            "unit": "months",
            "window_days": 5,
            "first": "2026-11-02",
        }
        asked = await send(client, f"{BASE}/plans", **fields)
        assert "涉及 3 处对象" in words(asked) and await database.fetch_value("SELECT count(*) FROM patrol_plans") == 0
        done = await send_surely(client, f"{BASE}/plans", **fields)
        assert done.status_code == 303 and done.headers["location"].endswith("said=plan.create")
        assert "消防月查" in (await client.get(f"{BASE}/plans")).text
        wrong = await send(client, f"{BASE}/plans", **fields | {"every": 0, "name": "记住我"})
        assert wrong.status_code == 422 and "记住我" in wrong.text


async def test_a_plan_is_changed_and_ended_and_from_above_only_seen(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await a_ground()
        own, above = await plan(of), await plan(of, by=of.cast.centre, area=of.cast.district)
        await making.make()
        client = await as_(web, of.cast.staff)
        assert "看看影响" in (await client.get(f"{BASE}/plans/{own}")).text
        assert "由上级制定" in (await client.get(f"{BASE}/plans/{above}")).text
        assert (await send_surely(client, f"{BASE}/plans/{own}/end")).status_code == 303
        assert (await send(client, f"{BASE}/plans/{above}/end")).status_code == 409
        assert (await send(await as_(web, of.cast.next_staff), f"{BASE}/plans/{own}/end")).status_code == 404


async def test_ticked_tasks_are_handed_over_or_withdrawn(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await a_ground(2)
        first, second = await planned(of)
        client = await as_(web, of.cast.street_secretary)
        to = of.cast.next_grid_worker.posts[0].id
        done = await send(client, f"{BASE}/tasks/hand-over", tasks=str(first["id"]), to_post=to)
        assert done.status_code == 303
        assert "交给周向东" in (await client.get(f"{BASE}/tasks")).text
        refused = await send(client, f"{BASE}/tasks/withdrawal", tasks=str(second["id"]))
        assert refused.status_code == 422 and 'value="' + str(second["id"]) + '" checked' in refused.text
        done = await send(client, f"{BASE}/tasks/withdrawal", tasks=str(second["id"]), reason="拆了")
        assert done.status_code == 303
        other = await as_(web, of.cast.next_staff)
        assert (await send(other, f"{BASE}/tasks/hand-over", tasks=str(first["id"]))).status_code == 404
    assert sorted(task["state"] for task in await all_tasks()) == ["open", "withdrawn"]


async def test_an_absence_is_noted_and_ended(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await a_ground(2)
        await planned(of)
        client = await as_(web, of.cast.staff)
        post = of.cast.grid_worker.posts[0].id
        fields = {"post": post, "since": "2026-11-02", "until": "2026-12-31"}
        asked = await send(client, f"{BASE}/absences", **fields)
        assert "现有 2 个任务" in words(asked)
        assert (await send_surely(client, f"{BASE}/absences", **fields)).status_code == 303
        absence = await database.fetch_value("SELECT id FROM patrol_absences")
        other = await as_(web, of.cast.next_staff)
        assert (await send(other, f"{BASE}/absences/{absence}/end")).status_code == 404
        assert (await send(client, f"{BASE}/absences/{absence}/end")).status_code == 303
        assert (await send(client, f"{BASE}/absences", **fields | {"until": "2026-11-01"})).status_code == 422


async def test_somebody_is_sent_and_called_back(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await a_ground()
        client = await as_(web, of.cast.staff)
        code = await database.fetch_value("SELECT code FROM places")
        fields = {"post": of.cast.grid_worker.posts[0].id, "words": "看看水管", "place": code}
        assert (await send(client, f"{BASE}/orders", **fields)).status_code == 303
        refused = await send(client, f"{BASE}/orders", **fields | {"place": "不对", "words": "别丢了我"})
        assert refused.status_code == 422 and "别丢了我" in refused.text
        order = await database.fetch_value("SELECT id FROM patrol_orders")
        other = await as_(web, of.cast.next_staff)
        assert (await send(other, f"{BASE}/orders/{order}/withdrawal")).status_code == 404
        assert (await send(client, f"{BASE}/orders/{order}/withdrawal")).status_code == 303
        assert "已撤回" in (await client.get(f"{BASE}/orders?ended=1")).text


async def test_somebody_is_sent_to_an_address_or_a_point_and_what_is_not_known_is_asked(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await a_ground()
        client = await as_(web, of.cast.staff)
        fields = {"post": of.cast.grid_worker.posts[0].id, "words": "看看水管"}
        refused = await send(client, f"{BASE}/orders", **fields, address="没有这条路99号")
        assert refused.status_code == 422 and "没有这条路99号" in refused.text and 'name="unknown"' in refused.text
        nowhere = await send(client, f"{BASE}/orders", **fields)
        assert nowhere.status_code == 422 and "请写地址" in nowhere.text
        far = middle(2)
        outside = await send(client, f"{BASE}/orders", **fields, latitude=far[1], longitude=far[0])
        assert outside.status_code == 422 and "不在您管的社区" in outside.text
        longitude, latitude = middle(0)
        point = {"address": "水塔边上", "latitude": latitude, "longitude": longitude}
        assert (await send(client, f"{BASE}/orders", **fields, **point)).status_code == 303
        assert (
            await send(client, f"{BASE}/orders", **fields, address="没有这条路99号", unknown="on")
        ).status_code == 303
        page = (await client.get(f"{BASE}/orders")).text
        assert "水塔边上" in page and "没有这条路99号" in page
        assert (await send(await as_(web, of.cast.next_staff), f"{BASE}/orders", **fields | point)).status_code == 422
    assert await database.fetch_value("SELECT count(*) FROM patrol_orders") == 2


async def test_a_list_goes_on_to_its_next_page_and_comes_back_to_where_it_was(
    web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SIZE", 2)
    with on(MONDAY):
        of = await a_ground(5)
        await planned(of)
        client = await as_(web, of.cast.staff)
        further, seen = f"{BASE}/tasks?show=", []
        while further:
            text = (await client.get(further)).text
            seen += re.findall(r'name="tasks" value="([^"]+)"', text)
            there, further = further, next(map(html.unescape, re.findall(r'href="([^"]+)"[^>]*rel="next"', text)), "")
        assert sorted(seen) == sorted(str(task["id"]) for task in await all_tasks())
        after = there.split("after=")[1]
        done = await send(client, f"{BASE}/tasks/withdrawal", tasks=seen[-1], reason="拆了", after=unquote(after))
        assert after in done.headers["location"]
        assert "回到最前" in (await client.get(done.headers["location"])).text
        assert (await client.get(f"{BASE}/tasks?after=nonsense")).status_code == 404


async def test_a_sheet_is_printed_moved_and_withdrawn(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await a_ground()
        path = f"{BASE}/rectifications/{await a_sheet(of)}"
        client = await as_(web, of.cast.staff)
        assert "清走杂物" in (await client.get(path)).text
        assert "整改通知" in (await client.get(f"{path}/sheet")).text
        assert (await send(client, f"{path}/due", due="2026-12-01", reason="店主回乡")).status_code == 303
        assert (await send(client, f"{path}/due", due="2026-12-01")).status_code == 422
        other = await as_(web, of.cast.next_staff)
        assert (await other.get(path)).status_code == 404
        assert (await send(other, f"{path}/withdrawal", reason="不要了")).status_code == 404
        assert (await send(client, f"{path}/withdrawal", reason="不要了")).status_code == 303


async def test_the_operator_opens_the_link_without_an_account_and_it_leaves_the_address(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await a_ground()
        path = f"{BASE}/rectifications/{await a_sheet(of)}"
        client = await as_(web, of.cast.staff)
        made = await send(client, f"{path}/link")
        shown = (await client.get(made.headers["location"])).text
        link = shown[shown.index("/z/") :].split("<")[0].strip()
        operator = another(web)
        assert (await operator.get("/sheet")).status_code == 404
        opened = await operator.get(link)
        assert opened.status_code == 303 and opened.headers["location"] == "/sheet"
        assert opened.headers["referrer-policy"] == "no-referrer"
        page = await operator.get("/sheet")
        assert "清走杂物" in page.text and "陈建国" not in page.text
        assert (await operator.get(link[:-2] + "AA")).status_code == 404


async def test_a_doubled_record_is_settled(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await a_ground()
        [task] = await planned(of)
        await one(of, told(of, task=task["id"]))
        second = told(of, task=task["id"])
        await one(of, second)
        client, other = await as_(web, of.cast.staff), await as_(web, of.cast.next_staff)
        assert "同一任务有两份记录" in (await client.get(f"{BASE}/late")).text
        assert (await send(other, f"{BASE}/late/{second.id}", holds="false")).status_code == 404
        assert (await send(client, f"{BASE}/late/{second.id}", holds="false")).status_code == 303
        assert (await send(client, f"{BASE}/late/{second.id}", holds="true")).status_code == 409
        assert "没有要看的记录" in (await client.get(f"{BASE}/late")).text


async def test_a_record_shows_the_positions_that_its_checklist_asked_for(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await a_ground()
        asked = {"kind": "position", "position_reason": "抢修要找得到"}
        asks = await version(of.fire, [asked | {"id": "a", "label": "井盖"}, asked | {"id": "b", "label": "阀门"}])
        here = {"latitude": 22.612345, "longitude": 114.03, "accuracy": 8.2}
        lists = (ListTold(version=asks, answers={"a": here, "b": {"missing": "refused"}}),)
        record = told(of, lists=lists)
        await one(of, record)
        page = await (await as_(web, of.cast.staff)).get(f"{BASE}/visits/{record.id}")
    assert "22.61235, 114.03000(大约准到 8 米)" in page.text
    assert "没有取到:手机没有允许取位置" in page.text
    assert "data-map" in page.text and "&#34;latitude&#34;: 22.612345" in page.text


async def test_a_record_is_read_whole_with_its_versions_and_photos(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await a_ground()
        first = told(of, BAD, finding(of, "rectify", words="堆满纸箱", photos=(new_id(),)))
        await one(of, first)
        again = told(of, BAD, finding(of, "case"), corrects=first.id)
        await one(of, again)
        client = await as_(web, of.cast.staff)
        text = (await client.get(f"{BASE}/visits/{first.id}")).text
        assert "堆满纸箱" in text and "还有 1 张照片没到" in text and "后来改过" in text and "第 2 版" in text
        assert "转为工单" in (await client.get(f"{BASE}/visits/{again.id}")).text
        for other in (of.cast.next_staff, of.cast.grid_worker):
            assert (await (await as_(web, other)).get(f"{BASE}/visits/{first.id}")).status_code == 404
