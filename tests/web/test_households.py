"""The pages of linked households, as a community works with them."""

import html
import re
from datetime import date, timedelta
from uuid import UUID

import httpx
import pytest

from server.households import keeping, people, visits
from server.households.care import agreements, kinds, register
from server.households.care.agreements import Agreed
from server.households.facts import Person
from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.ids import new_id
from tests import cast as casting
from tests.cast import Cast
from tests.households.making import at, household, linked, member
from tests.web.signed_in import another, as_

BASE = "/desk/households"


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


def command(**fields: str) -> dict[str, str]:
    return {"command": str(new_id()), **fields}


async def version(household_id: UUID) -> str:
    return str(await database.fetch_value("SELECT version FROM households WHERE id = $1", household_id))


async def test_from_registering_to_the_first_visit(web: httpx.AsyncClient, cast: Cast) -> None:
    staff = await as_(web, cast.staff)
    assert "还没有登记联系户" in (await staff.get(BASE)).text
    assert "找谁" in (await staff.get(f"{BASE}/new")).text
    form = {"place": "民乐新村", "building": "3", "room": "501", "area": str(cast.grid)}
    empty = await staff.post(BASE, data=command(**form))
    assert empty.status_code == 422 and "请写怎么称呼" in empty.text and 'value="民乐新村"' in empty.text
    made = await staff.post(BASE, data=command(**form, name="郑婆婆", phone="13700000077"))
    assert made.status_code == 303
    page = made.headers["location"].partition("?")[0]
    shown = (await staff.get(made.headers["location"])).text
    assert "已登记。" in shown and "郑婆婆" not in shown and "13700000077" not in shown and "郑**" in shown
    assert "还没有党员联系这户" in shown
    household_id = UUID(page.rpartition("/")[2])
    sent = command(seen="1", account=str(cast.party_member.account_id))
    assert (await staff.post(f"{page}/links", data=sent)).status_code == 303
    assert (await staff.post(f"{page}/links", data=sent)).status_code == 303
    mine = await as_(web, cast.party_member)
    assert "孙先进" in (await mine.get(page)).text
    told = command(way="door", outcome="met", topics="daily", said="都好", needs="楼道灯坏了", ask="on")
    assert (await mine.post(f"{page}/visits", data=told)).status_code == 303
    assert (await mine.post(f"{page}/visits", data=told)).status_code == 303
    [one] = await visits.of(household_id)
    assert one.case_number
    shown = (await staff.get(page)).text
    assert "都好" in shown and one.case_number in shown and "楼道灯坏了" in shown
    assert "都好" not in (await (await as_(web, cast.centre)).get(page)).text
    listed = (await staff.get(BASE)).text
    assert "民乐新村 3栋 501" in listed and "郑婆婆" not in listed and "1 位党员" in listed


async def test_names_and_numbers_are_shown_once_with_a_reason(web: httpx.AsyncClient, cast: Cast) -> None:
    made = await linked(cast)
    [person] = await people.of(made)
    staff = await as_(web, cast.staff)
    without = await staff.post(f"{BASE}/{made}/reveals", data=command(person=str(person.id)))
    assert without.status_code == 422 and "13700000077" not in without.text
    shown = await staff.post(f"{BASE}/{made}/reveals", data=command(person=str(person.id), reason="约时间上门"))
    assert "13700000077" in shown.text
    assert "13700000077" not in (await staff.get(f"{BASE}/{made}")).text
    mine = await as_(web, cast.party_member)
    assert "13700000077" in (await mine.post(f"{BASE}/{made}/reveals", data=command(person=str(person.id)))).text


async def test_above_the_community_nobody_sees_behind_which_door_without_a_reason(
    web: httpx.AsyncClient, cast: Cast
) -> None:
    made = await household(cast, "5017")
    [person] = await people.of(made)
    for by in (cast.street_secretary, cast.centre):
        above = await as_(web, by)
        for page in (f"{BASE}/{made}", BASE, f"{BASE}?q=5017"):
            assert "5017</" not in (await above.get(page)).text, page
        assert "民乐新村 3栋 2单元 ***" in (await above.get(f"{BASE}/{made}")).text
        assert str(made) not in (await above.get(f"{BASE}?q=5017")).text
        shown = await above.post(f"{BASE}/{made}/reveals", data=command(person=str(person.id), reason="核实情况"))
        assert "民乐新村 3栋 2单元 5017" in shown.text
    for by in (cast.staff, cast.grid_worker):
        assert "5017" in (await (await as_(web, by)).get(f"{BASE}?q=5017")).text


async def test_a_stale_form_changes_nothing_and_keeps_what_was_typed(web: httpx.AsyncClient, cast: Cast) -> None:
    made = await household(cast)
    staff = await as_(web, cast.staff)
    form = command(seen="7", place="民乐新村", building="4", room="501", area=str(cast.grid))
    answer = await staff.post(f"{BASE}/{made}/place", data=form)
    assert answer.status_code == 409 and 'value="4"' in answer.text and "刚被改过" in answer.text
    assert await version(made) == "1"


async def test_filters_find_whom_nobody_visits(web: httpx.AsyncClient, cast: Cast) -> None:
    await linked(cast)
    await household(cast, "502")
    staff = await as_(web, cast.staff)
    shown = (await staff.get(f"{BASE}?unlinked=1")).text
    assert "502" in shown and "2单元 501" not in shown
    assert "最近都见到了" in (await staff.get(f"{BASE}?silent=1")).text
    await database.execute("UPDATE households SET since = since - interval '100 days'")
    assert "502" in (await staff.get(f"{BASE}?silent=1&q=502")).text
    assert "没有找到" in (await staff.get(f"{BASE}?q=999")).text
    assert "联系户" in (await (await as_(web, cast.grid_worker)).get(BASE)).text
    assert "还没有登记联系户" in (await (await as_(web, cast.next_grid_worker)).get(BASE)).text


async def test_a_long_list_goes_on(web: httpx.AsyncClient, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.kernel.pages.SIZE", 2)
    for room in range(5):
        await household(cast, str(room + 1))
    staff, seen, path = await as_(web, cast.staff), set[str](), BASE
    while path:
        shown = (await staff.get(path)).text
        seen |= set(re.findall(r"2单元 (\d)", shown))
        further = re.findall(r'href="(/desk/households\?[^"]*after=[^"]+)"', shown)
        path = further[0].replace("&amp;", "&") if further else ""
    assert seen == {"1", "2", "3", "4", "5"}


async def test_handing_over_with_what_the_next_should_know(web: httpx.AsyncClient, cast: Cast) -> None:
    made = await linked(cast)
    second = await member(cast, "13700000001", "李党员")
    staff = await as_(web, cast.staff)
    assert "李党员" in (await staff.get(f"{BASE}/members")).text
    form = command(
        seen=await version(made),
        account=str(cast.party_member.account_id),
        why="ill",
        to=str(second.account_id),
        for_successor="敲门要重一点",
    )
    assert (await staff.post(f"{BASE}/{made}/links/ending", data=form)).status_code == 303
    assert "敲门要重一点" in (await (await as_(web, second)).get(f"{BASE}/{made}")).text
    assert (await (await as_(web, cast.party_member)).get(f"{BASE}/{made}")).status_code == 404


async def test_the_district_says_which_tags_there_are_and_why(web: httpx.AsyncClient, cast: Cast) -> None:
    admin, path = await as_(web, cast.area_admin), "/admin/household-tags"
    form = {"name": "信访户", "purpose": "看看", "days": "30", "code": "x"}
    refused = await admin.post(path, data=command(**form))
    assert refused.status_code == 422 and "不能用“信访”这样的标签" in refused.text and 'value="信访户"' in refused.text
    form |= {"name": "独居老人", "purpose": "有人常去看看", "code": "alone"}
    assert (await admin.post(path, data=command(**form))).status_code == 303
    twice = await admin.post(path, data=command(**form))
    assert twice.status_code == 422 and "已经用了" in twice.text
    kind = await database.fetch_value("SELECT id FROM household_tag_kinds")
    off = {"name": "独居老人", "purpose": "有人常去看看", "days": "90"}
    assert (await admin.post(f"{path}/{kind}", data=command(**off))).status_code == 303
    assert "已停用" in (await admin.get(path)).text
    made = await household(cast)
    staff = await as_(web, cast.staff)
    gone = await staff.post(f"{BASE}/{made}/tags", data=command(seen="1", tag=str(kind)))
    assert gone.status_code == 422
    await database.execute("UPDATE household_tag_kinds SET active = TRUE")
    assert (await staff.post(f"{BASE}/{made}/tags", data=command(seen="1", tag=str(kind)))).status_code == 303
    assert "独居老人" in (await staff.get(f"{BASE}/{made}")).text


async def test_a_file_is_checked_first_and_then_brought_in(web: httpx.AsyncClient, cast: Cast) -> None:
    staff, path = await as_(web, cast.staff), f"{BASE}/import"
    assert "external_code" in (await staff.get(path)).text
    content = "external_code,place,room,name\nA1,民乐新村,501,郑婆婆\n".encode()
    shown = await staff.post(path, data=command(), files={"file": ("联系户.csv", content)})
    assert shown.status_code == 200 and "检查通过" in shown.text
    kept = re.search(r'name="kept" value="([^"]+)"', shown.text)
    assert kept is not None
    sent = command(kept=kept[1], counts="1.0.0.0", sure="on")
    done = await staff.post(path, data=sent)
    assert done.status_code == 303 and "文件已导入" in (await staff.get(done.headers["location"])).text
    assert await database.fetch_value("SELECT count(*) FROM households") == 1
    assert (await (await as_(web, cast.centre)).get(path)).status_code == 404


async def test_the_household_sees_asks_copies_and_leaves(web: httpx.AsyncClient, cast: Cast) -> None:
    made = (await keeping.add(at(cast), Person(name="李小梅", phone="13800000001"), by=cast.staff)).household_id
    resident, path = await as_(web, cast.resident), f"/household/{made}"
    assert "我家的联系" in (await resident.get("/me")).text
    assert "13800000001" in (await resident.get("/household")).text
    assert (await resident.get(f"{path}/copy")).json()["words"] == "民乐新村 3栋 2单元 501"
    empty = await resident.post(f"{path}/wishes", data=command(words=""))
    assert empty.status_code == 422
    assert (await resident.post(f"{path}/wishes", data=command(words="换一位来"))).status_code == 303
    staff = await as_(web, cast.staff)
    shown = (await staff.get(f"{BASE}/{made}")).text
    assert "换一位来" in shown
    wish = re.search(rf"{BASE}/{made}/wishes/([0-9a-f-]+)", shown)
    assert wish is not None
    assert (await staff.post(f"{BASE}/{made}/wishes/{wish[1]}", data=command())).status_code == 303
    assert "社区已处理" in (await resident.get("/household")).text
    neighbour = await as_(web, cast.neighbour)
    assert "没有登记在您手机号下的联系户" in (await neighbour.get("/household")).text
    assert (await neighbour.post(f"{path}/erasing", data=command(sure="on"))).status_code == 404
    unsure = await resident.post(f"{path}/erasing", data=command())
    assert unsure.status_code == 200 and "删了找不回来" in unsure.text
    erased = await resident.post(f"{path}/erasing", data=command(sure="on"))
    assert erased.status_code == 303
    assert "都删掉了" in (await resident.get(erased.headers["location"])).text
    assert (await staff.get(f"{BASE}/{made}")).status_code == 200


async def test_care_is_agreed_missed_looked_after_and_left(web: httpx.AsyncClient, cast: Cast) -> None:
    made = await household(cast)
    [person] = await people.of(made)
    kind = await kinds.save("daily", "每天一个电话", "每天有人问一声", "contact", 24, by=cast.area_admin)
    page = f"{BASE}/{made}/care"
    staff = await as_(web, cast.staff)
    assert "没有关爱约定" in (await staff.get(page)).text
    form = {"seen": await version(made), "kinds": str(kind), "person": str(person.id), "until": "2020-01-01"}
    refused = await staff.post(page, data=command(**form, witness="女儿郑芳"))
    assert refused.status_code == 422 and "一年以内" in refused.text and "女儿郑芳" in refused.text
    until = str((clock.now() + timedelta(days=90)).date())
    sent = command(**form | {"until": until}, witness="女儿郑芳")
    for _ in range(2):
        assert (await staff.post(page, data=sent)).status_code == 303
    shown = (await staff.get(page)).text
    assert "每天一个电话" in shown and "郑** 同意" in shown.replace("</strong>", "") and "郑婆婆" not in shown
    [watch] = (await register.watches_of([made]))[made]
    await database.execute("UPDATE care_watches SET due_at = now() - interval '1 hour', next_at = NULL")
    assert "没联系上" in (await staff.get(f"{BASE}?missed=1")).text
    worker = await as_(web, cast.grid_worker)
    assert "没联系上" in (await worker.get(page)).text
    unsaid = await worker.post(f"{page}/{watch.id}/looks", data=command(found=""))
    assert unsaid.status_code == 422 and "请选看到的情况" in unsaid.text
    assert (
        await worker.post(f"{page}/{watch.id}/looks", data=command(found="well", note="在看电视"))
    ).status_code == 303
    assert "在看电视" in (await staff.get(page)).text
    assert (await (await as_(web, cast.centre)).get(page)).status_code == 404
    granny = Actor(account_id=await casting.new_account("13700000077", "郑婆婆"), name="郑婆婆")
    own = await as_(web, granny)
    seen = (await own.get("/household")).text
    assert "您同意的看望" in seen and "女儿郑芳" in seen and "陈建国" in seen
    for _ in range(2):
        assert (await own.post(f"/household/{made}/care/leaving", data=command())).status_code == 303
    assert "您同意的看望" not in (await own.get("/household")).text
    assert (await staff.post(f"{page}/ending", data=command(seen=await version(made)))).status_code == 303


async def test_a_sensor_speaks_with_its_secret_alone(web: httpx.AsyncClient, cast: Cast) -> None:
    made = await household(cast)
    [person] = await people.of(made)
    kind = await kinds.save("water", "用水有动静", "一天没有用水就来看看", "signal", 24, by=cast.area_admin)
    told = Agreed(kinds=(kind,), person=person.id, until=date.today() + timedelta(days=90), witness="女儿")
    await agreements.agree(made, told, by=cast.staff, seen=None)
    [watch] = (await register.watches_of([made]))[made]
    staff = await as_(web, cast.staff)
    answer = await staff.post(f"{BASE}/{made}/care/{watch.id}/key", data=command())
    found = re.search(r'id="secret">([\w-]+)<', answer.text)
    assert found is not None
    secret = found[1]
    assert secret not in (await staff.get(f"{BASE}/{made}/care")).text
    sensor = another(web)
    by = {"Authorization": f"Bearer {secret}"}
    reading = {"id": "r:1", "said": "alive"}
    assert (await sensor.post("/signals", json=reading, headers=by)).json() == {"new": True}
    assert (await sensor.post("/signals", json=reading, headers=by)).json() == {"new": False}
    for headers, body, status in (
        ({}, b"{}", 401),
        ({"Authorization": "Bearer nonsense"}, b'{"id": "1", "said": "alive"}', 401),
        (by, b'{"id": "1", "said": "fine"}', 422),
        (by, b'{"id": "", "said": "alive"}', 422),
        (by, b"\xff\xfe", 422),
        (by, b"[" * 2000, 422),
        (by, b" " * 5000, 413),
    ):
        answer = await sensor.post("/signals", content=body, headers=headers)
        assert (answer.status_code, "traceback" in answer.text.lower()) == (status, False), body[:20]
    assert (await sensor.post("/signals", json={"id": "2", "said": "alarm"}, headers=by)).status_code == 200
    assert "设备报警" in (await staff.get(f"{BASE}/{made}/care")).text


async def test_the_map_and_its_list_say_the_same(web: httpx.AsyncClient, cast: Cast) -> None:
    for number in range(6):
        await household(cast, f"50{number}")
    secretary = await as_(web, cast.secretary)
    shown = (await secretary.get(f"{BASE}/map?show=linked&days=30")).text
    assert "6 户,0 户有人联系" in shown and "6 户还没人联系" in shown and "不到 5 户" in shown
    found = re.search(r'data-areas="([^"]+)"', shown)
    assert found is not None
    shapes = (await secretary.get(html.unescape(found[1]))).json()["features"]
    assert [one["properties"]["words"] for one in shapes] == ["6 户,0 户有人联系", "不到 5 户"]
    assert [one["properties"]["shade"] for one in shapes] == [4, None]
    listed = (await secretary.get(shapes[0]["properties"]["href"])).text
    assert listed.count('class="row-title"') == 6
    assert "还没有登记联系户" not in (await secretary.get(shapes[1]["properties"]["href"])).text
    for query in ("days=7&show=nonsense", "from=99999999999", "post=0"):
        assert (await secretary.get(f"{BASE}/map?{query}")).status_code in (200, 404)
