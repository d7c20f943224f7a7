"""Categories with their versions, the working calendar, jobs that failed for good: over the pages."""

import asyncio
import json
from datetime import datetime
from typing import Any

import httpx
import pytest

from server import cases
from server.forms import categories, publishing
from server.kernel import clock, database, events
from server.kernel.clock import BEIJING
from tests import cast as casting
from tests.cast import Cast
from tests.web.admining import agree, send, words
from tests.web.signed_in import another, as_
from tests.web.test_admin import admin_of
from tests.web.test_admin_areas import bring

FORM = [{"id": "broken", "kind": "yes_no", "label": "灯全灭了吗", "required": True}]
DEMANDS: dict[str, Any] = {
    "normal_amount": "3",
    "normal_unit": "working_days",
    "urgent_amount": "1",
    "urgent_unit": "working_days",
    "emergency_amount": "2",
    "emergency_unit": "hours",
    "photo_after": "on",
    "needs_check": "on",
    "questions": json.dumps(FORM),
    "seen": "1",
}
LEAVES = "level1,level2,level3\n城乡建设,市政,路灯\n城乡建设,市政,井盖\n城乡建设,园林,树木\n"
IMPORT = "/admin/imports/categories"


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


@pytest.fixture
async def admin(web: httpx.AsyncClient, cast: Cast) -> httpx.AsyncClient:
    return await as_(web, cast.area_admin)


@pytest.fixture
async def category(cast: Cast) -> int:
    return (await publishing.create("试用", "01", "路灯", by=cast.area_admin)).category_id


async def current(category_id: int) -> categories.Version:
    return await categories.current(category_id)


async def test_a_new_version_is_looked_at_then_published_and_open_cases_keep_theirs(
    admin: httpx.AsyncClient, cast: Cast, category: int
) -> None:
    report = await cases.report(cases.Telling(text="路灯坏了", community_id=cast.community), cast.resident)
    await cases.accept(report.case_id, cast.secretary, seen=1, category_id=category)
    asked = await send(admin, f"/admin/categories/{category}/versions", **DEMANDS)
    said = words(asked)
    for word in ("一般期限:5 个工作日 → 3 个工作日", "处理后照片:要", "灯全灭了吗", "1 件", "保留受理时的版本"):
        assert word in said
    assert (await current(category)).version == 1
    for _ in range(2):
        assert (await agree(admin, asked)).status_code == 303
    now = await current(category)
    assert (now.version, now.photo_after, now.questions) == (2, True, FORM)
    page = words(await admin.get(f"/admin/categories/{category}"))
    assert "第 2 版 现行" in page
    assert "1 件未结工单用这一版" in page
    kept = await database.fetch_value(
        "SELECT v.version FROM cases c JOIN category_versions v ON v.id = c.category_version WHERE c.id = $1",
        report.case_id,
    )
    assert kept == 1


async def test_who_published_meanwhile_is_told_and_the_same_again_makes_none(
    admin: httpx.AsyncClient, category: int
) -> None:
    path = f"/admin/categories/{category}/versions"
    first, second = await send(admin, path, **DEMANDS), await send(admin, path, **DEMANDS)
    await agree(admin, first)
    stale = await agree(admin, second)
    assert stale.status_code == 409
    assert "已经发布了第 2 版" in words(stale)
    same = await send(admin, path, **(DEMANDS | {"seen": "2"}))
    assert same.status_code == 409
    assert "与现行版本一致" in words(same)
    assert (await current(category)).version == 2


@pytest.mark.parametrize(
    ("fields", "mend"),
    [
        ({"normal_amount": ""}, "请填数字"),
        ({"normal_amount": "abc"}, "请填数字"),
        ({"normal_amount": "0"}, "期限应在 1 到"),
        ({"normal_amount": "9" * 40}, "期限应在 1 到"),
        ({"normal_amount": "251"}, "期限应在 1 到 250"),
        ({"urgent_unit": "years"}, "单位只能是"),
        ({"questions": '[{"id": "a",}]'}, "第 1 行第"),
        ({"questions": '{"id": "a"}'}, "应是问题的列表"),
        ({"questions": "[1, 2]"}, "第 1 题:写法不对"),
        ({"questions": '[{"id": "A", "kind": "yes_no", "label": "?"}]'}, "编号只能用小写字母"),
        ({"questions": '[{"id": "a", "kind": "riddle", "label": "?"}]'}, "不认识种类"),
        ({"questions": '[{"id": "a", "kind": "number", "label": "?", "min": NaN}]'}, "写法不对"),
        ({"questions": "[" * 20_000}, "写法不对"),
        ({"questions": "[" + "1," * 40_000}, "太长了"),
        ({"questions": "1" + "0" * 5000}, "写法不对"),
        ({"seen": ""}, "请刷新后再试"),
    ],
)
async def test_what_cannot_be_demanded_is_named_and_kept(
    admin: httpx.AsyncClient, category: int, fields: dict[str, str], mend: str
) -> None:
    answer = await send(admin, f"/admin/categories/{category}/versions", **(DEMANDS | fields))
    assert answer.status_code == 422
    assert mend in words(answer)
    assert "<textarea" in answer.text
    assert (await current(category)).version == 1


async def test_a_default_unit_is_set_for_an_area_and_taken_away(
    admin: httpx.AsyncClient, cast: Cast, category: int
) -> None:
    path = f"/admin/categories/{category}/default-unit"
    await send(admin, path, area=cast.street, unit=cast.unit)
    assert "民治街道:市政维护队" in words(await admin.get(f"/admin/categories/{category}"))
    assert (await send(admin, path, area=cast.street, unit=999_999)).status_code == 422
    assert (await send(admin, path, area=999_999, unit=cast.unit)).status_code == 404
    assert (await send(admin, path, area="", unit=cast.unit)).status_code == 422
    await send(admin, path, area=cast.street)
    assert await categories.default_units(category) == []
    kinds = [event.kind for event in await events.history(f"category:{category}")]
    assert kinds == ["category.created", "category.default_unit_set", "category.default_unit_set"]


async def test_a_category_is_added_and_retired(admin: httpx.AsyncClient, category: int) -> None:
    made = await send(admin, "/admin/categories", standard="试用", code="02", name="井盖")
    assert made.status_code == 303
    taken = await send(admin, "/admin/categories", standard="试用", code="02", name="别的")
    assert taken.status_code == 422
    assert "编码 02 已经有了" in words(taken)
    asked = await send(admin, f"/admin/categories/{category}/retirement")
    assert "0 件" in words(asked)
    assert (await agree(admin, asked)).status_code == 303
    assert (await categories.listed_one(category)).retired
    assert "已停用" in words(await admin.get(f"/admin/categories/{category}"))


async def test_a_standard_is_imported_after_a_dry_run(admin: httpx.AsyncClient, cast: Cast) -> None:
    dry = await bring(admin, IMPORT, LEAVES, choice="国标")
    assert "3 添加" in words(dry)
    assert await categories.leaves() == []
    assert (await agree(admin, dry)).headers["location"] == "/admin/categories?said=import"
    assert len(await categories.leaves()) == 3
    assert "没有改动" in words(await bring(admin, IMPORT, LEAVES, choice="国标"))
    fewer = await bring(admin, IMPORT, LEAVES.replace("城乡建设,园林,树木\n", ""), choice="国标")
    assert "1 停用" in words(fewer)
    nameless = await bring(admin, IMPORT, LEAVES, choice="")
    assert nameless.status_code == 422
    assert "标准的名称是空的" in words(nameless)
    found = words(await admin.get("/admin/categories?q=路 灯&standard=国标"))
    assert "城乡建设 / 市政 / 路灯" in found
    assert "井盖" not in found


async def test_five_hundred_leaves_stay_folded_and_searchable(admin: httpx.AsyncClient, cast: Cast) -> None:
    rows = "".join(f"大类{n // 100},中类{n // 20},小类{n}\n" for n in range(517))
    await agree(admin, await bring(admin, IMPORT, "level1,level2,level3\n" + rows, choice="大标准"))
    page = await admin.get("/admin/categories")
    assert page.text.count('<details class="fold">') == 6 + 26
    assert "100 类" in words(page)
    found = await admin.get("/admin/categories?q=小类51")
    assert found.text.count('class="fold-leaf"') == 8


async def test_a_year_is_entered_after_a_dry_run_and_deadlines_are_counted_again(
    admin: httpx.AsyncClient, cast: Cast
) -> None:
    with clock.at(datetime(2030, 12, 30, 10, tzinfo=BEIJING)):
        await cases.report(cases.Telling(text="一件事", community_id=cast.community), cast.resident)
    assert "1 件未结工单的期限是暂定的" in words(await admin.get("/admin/calendar"))
    path = "/admin/calendar/2031"
    asked = await send(admin, path, days_off="2031-01-01\n2031-01-02\n\n", days_worked="2031-01-04")
    assert "1 件" in words(asked)
    assert "放假 2 天,周末上班 1 天" in words(asked)
    assert await database.fetch_value("SELECT count(*) FROM calendar_years") == 0
    for _ in range(2):
        assert (await agree(admin, asked)).status_code == 303
    assert await database.fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'cases.recount'") == 1
    said = words(await admin.get(path))
    assert "放假 2 天,调班 1 天" in said
    assert "2031-01-02" in said
    assert "会代替以前录入的" in words(await send(admin, path, days_off="2031-01-01"))


@pytest.mark.parametrize(
    ("fields", "mend"),
    [
        ({"days_off": "元旦"}, "第 1 行“元旦”不是"),
        ({"days_off": "2031-02-30"}, "不是 2027-01-01 这样的日期"),
        ({"days_off": "20310101"}, "不是 2027-01-01 这样的日期"),
        ({"days_off": "2031-W01-1"}, "不是 2027-01-01 这样的日期"),
        ({"days_off": "2030-01-01"}, "不在 2031 年"),
        ({"days_off": "2031-01-04"}, "本来就是周末"),
        ({"days_worked": "2031-01-01"}, "本来就是工作日"),
        ({"days_off": "2031-01-01", "days_worked": "2031-01-01"}, "两边都写了"),
        ({"days_off": "\n".join(f"2031-{m:02}-{d:02}" for m in range(1, 8) for d in range(1, 29))}, "日子太多"),
        ({"days_off": "坏\n" * 50_000}, "还有 49995 行"),
    ],
)
async def test_days_that_cannot_be_are_named(admin: httpx.AsyncClient, fields: dict[str, str], mend: str) -> None:
    answer = await send(admin, "/admin/calendar/2031", **fields)
    assert answer.status_code == 422
    assert mend in words(answer)
    assert await database.fetch_value("SELECT count(*) FROM calendar_years") == 0


async def test_what_counts_for_the_whole_district_is_not_for_one_communitys_administrator(
    web: httpx.AsyncClient, cast: Cast, category: int
) -> None:
    client = await as_(web, await admin_of(cast.next_community))
    assert "写新版" not in words(await client.get(f"/admin/categories/{category}"))
    assert (await client.get(f"/admin/categories/{category}/versions")).status_code == 409
    refused = [
        (f"/admin/categories/{category}/versions", DEMANDS),
        (f"/admin/categories/{category}/retirement", {}),
        ("/admin/categories", {"standard": "试用", "code": "09", "name": "坏"}),
        ("/admin/calendar/2031", {"days_off": "2031-01-01"}),
    ]
    for path, fields in refused:
        for sure in (None, "on"):
            assert (await send(client, path, **fields, sure=sure)).status_code == 409, path
    answer = await bring(client, IMPORT, LEAVES, choice="国标")
    assert answer.status_code == 409
    foreign = {"area": cast.community, "unit": cast.unit}
    assert (await send(client, f"/admin/categories/{category}/default-unit", **foreign)).status_code == 404
    own = {"area": cast.next_community, "unit": cast.unit}
    assert (await send(client, f"/admin/categories/{category}/default-unit", **own)).status_code == 303
    assert (await current(category)).version == 1
    assert len(await categories.leaves()) == 1


async def test_rules_are_not_for_staff_residents_and_strangers(
    web: httpx.AsyncClient, cast: Cast, category: int
) -> None:
    changes = [
        (f"/admin/categories/{category}/versions", DEMANDS),
        (f"/admin/categories/{category}/default-unit", {"area": cast.street}),
        (f"/admin/categories/{category}/retirement", {}),
        ("/admin/calendar/2031", {"days_off": "2031-01-01"}),
        ("/admin/system/retries", {"job": "1"}),
        (IMPORT, {"choice": "x"}),
    ]
    for who in (cast.secretary, cast.resident, cast.centre):
        client = await as_(web, who)
        for path, fields in changes:
            assert (await send(client, path, **fields, sure="on")).status_code == 404, path
    for path, fields in changes:
        assert (await send(another(web), path, **fields, sure="on")).status_code == 303
    area = await as_(web, cast.area_admin)
    assert (await send(area, "/admin/system/retries", job="1")).status_code == 404


async def failed_job(words: str = "phone 13800000001 unknown") -> int:
    number: int = await database.fetch_value(
        """INSERT INTO pgqueuer (priority, status, entrypoint, payload, created, updated, execute_after, attempts)
           VALUES (0, 'failed', 'notices.send', NULL, now(), now(), now(), 11) RETURNING id"""
    )
    await database.execute(
        """INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint, traceback, created)
           VALUES ($1, 'failed', 0, 'notices.send', $2, now())""",
        number,
        json.dumps({"exception_type": "GatewayDown", "exception_message": words}),
    )
    return number


async def test_a_job_that_failed_for_good_is_shown_without_numbers_and_tried_again_once(
    web: httpx.AsyncClient, cast: Cast
) -> None:
    number, client = await failed_job(), await as_(web, cast.system_admin)
    page = words(await client.get("/admin/system"))
    assert "notices.send" in page
    assert "GatewayDown" in page
    assert "13800000001" not in page
    fields = {"command": "01a20000-0000-7000-8000-000000000001", "job": str(number)}
    for _ in range(2):
        assert (await client.post("/admin/system/retries", data=fields)).status_code == 303
    assert await database.fetch_value("SELECT status FROM pgqueuer WHERE id = $1", number) == "queued"
    assert [event.kind for event in await events.history("jobs:failed")] == ["jobs.retried"]
    assert "没有失败的任务" in words(await client.get("/admin/system"))


async def test_jobs_that_are_gone_or_none_are_left_alone(web: httpx.AsyncClient, cast: Cast) -> None:
    client = await as_(web, cast.system_admin)
    none = await send(client, "/admin/system/retries")
    assert none.status_code == 422
    assert "请至少选一个任务" in words(none)
    assert (await send(client, "/admin/system/retries", job="424242")).status_code == 303
    assert (await send(client, "/admin/system/retries", job="x")).status_code == 422
    assert await events.history("jobs:failed") == []


async def test_a_rehearsal_leaves_no_trace(db: None) -> None:
    from web.pages.admin.acting import rehearse

    async def make() -> int:
        await casting.gather()
        await asyncio.sleep(0)
        return int(await database.fetch_value("SELECT count(*) FROM accounts"))

    before = await database.fetch_value("SELECT count(*) FROM accounts")
    assert await rehearse(make) > before
    assert await database.fetch_value("SELECT count(*) FROM accounts") == before
