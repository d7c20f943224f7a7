"""The page of a case: what it shows to whom, what it offers, what stays masked, what happens when two act at once."""

import asyncio
import os
import re

import httpx
import pytest
from litestar import Litestar

from server import cases
from server.addresses import register
from server.kernel import database
from tests.cast import Cast, gather
from tests.web import deskwork
from tests.web.admining import words
from tests.web.deskwork import command
from tests.web.signed_in import another, as_

PHONE = "13800000001"


@pytest.fixture
async def cast(web: httpx.AsyncClient) -> Cast:
    return await gather()


async def _page(web: httpx.AsyncClient, cast: Cast, who: str, number: str, more: str = "") -> httpx.Response:
    return await (await as_(web, getattr(cast, who))).get(f"/desk/cases/{number}{more}")


def _offered(page: httpx.Response) -> set[str]:
    return set(re.findall(r"[?&;]do=(\w+)", page.text))


@pytest.mark.parametrize(
    ("begin", "who", "offers"),
    [
        (deskwork.reported, "staff", "accept reject answer ask relocate assign note"),
        (deskwork.reported, "grid_worker", "note"),
        (deskwork.accepted, "staff", "classify dispatch reject answer ask relocate assign note"),
        (deskwork.dispatched, "staff", "classify assign note"),
        (deskwork.finished, "staff", "classify check assign note"),
        (deskwork.finished, "grid_worker", "check note"),
        (deskwork.checked, "centre", "close assign note"),
        (deskwork.checked, "staff", "assign note"),
    ],
)
async def test_only_what_may_be_done_is_offered(
    web: httpx.AsyncClient, cast: Cast, begin: object, who: str, offers: str
) -> None:
    number = await begin(cast)  # type: ignore[operator]
    assert _offered(await _page(web, cast, who, number)) == set(offers.split())


async def test_a_finished_case_that_needs_no_check_can_be_closed(web: httpx.AsyncClient, cast: Cast) -> None:
    free = await deskwork.finished(cast, await deskwork.category(cast, needs_check=False))
    bound = await deskwork.finished(cast, await deskwork.category(cast))
    assert "close" in _offered(await _page(web, cast, "secretary", free))
    assert "close" not in _offered(await _page(web, cast, "secretary", bound))


@pytest.mark.parametrize("do", ["accept", "answer", "ask", "relocate", "assign", "note", "reject", "close", "nonsense"])
async def test_every_form_opens_by_an_address_and_a_wrong_one_opens_none(
    web: httpx.AsyncClient, cast: Cast, do: str
) -> None:
    number = await deskwork.reported(cast)
    page = await _page(web, cast, "staff", number, f"?do={do}")
    assert page.status_code == 200
    assert ("data-doing" in page.text) == (do not in ("close", "nonsense"))


@pytest.mark.parametrize("who", ["next_staff", "next_grid_worker", "system_admin", "neighbour", "handler"])
async def test_others_do_not_learn_that_it_exists(web: httpx.AsyncClient, cast: Cast, who: str) -> None:
    number = await deskwork.reported(cast)
    known, unknown = await _page(web, cast, who, number), await _page(web, cast, who, "99999999999")
    assert known.status_code == unknown.status_code == 404


async def test_a_member_of_staff_does_not_work_on_their_own_report_from_elsewhere(
    web: httpx.AsyncClient, cast: Cast
) -> None:
    number = await deskwork.reported(cast, by=cast.next_staff)
    assert (await _page(web, cast, "next_staff", number)).status_code == 404


async def test_the_category_tells_what_it_demands_and_by_when(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.reported(cast)
    category = await deskwork.category(cast, photo_after=True)
    await database.execute(
        "INSERT INTO default_units (category, area, unit) VALUES ($1, $2, $3)", category, cast.district, cast.next_unit
    )
    searched = await _page(web, cast, "staff", number, "?do=accept&find=路灯")
    assert f"category={category}" in searched.text
    assert "没有“不存在的事”" in (await _page(web, cast, "staff", number, "?do=accept&find=不存在的事")).text
    chosen = await _page(web, cast, "staff", number, f"?do=accept&category={category}")
    assert "要有处理后的照片" in chosen.text and "3 个工作日" in chosen.text and "2 小时" in chosen.text
    units = re.findall(r'<option value="(\d+)"( selected)?>', chosen.text.split('name="unit"')[1].split("</select>")[0])
    assert units[0] == (str(cast.next_unit), " selected")
    assert "没有人在岗" in chosen.text
    for odd in ("abc", "0", "-1", "99999999999999"):
        assert (await _page(web, cast, "staff", number, f"?do=accept&category={odd}")).status_code == 200


async def test_name_and_phone_are_masked_until_a_reason_is_given(web: httpx.AsyncClient, cast: Cast) -> None:
    number, staff = await deskwork.reported(cast), await as_(web, cast.staff)
    page = await staff.get(f"/desk/cases/{number}")
    assert PHONE not in page.text and "李小梅" not in page.text and "138****0001" in page.text and "李**" in page.text
    hidden = deskwork.form_of(page, "reveals")
    assert (await staff.post(f"/desk/cases/{number}/reveals", data=hidden)).status_code == 422
    assert await deskwork.events(number, "case.revealed") == 0
    sent = hidden | {"reason": "核实位置"}
    for _ in range(2):
        shown = await staff.post(f"/desk/cases/{number}/reveals", data=sent)
        assert shown.status_code == 200 and f'href="tel:{PHONE}"' in shown.text and "李小梅" in shown.text
    assert await deskwork.events(number, "case.revealed") == 1
    after = await staff.get(f"/desk/cases/{number}")
    assert PHONE not in after.text and "刘慧查看了联系方式" in after.text and "核实位置" in after.text
    kept = await database.fetch_value("SELECT string_agg(answer::text, '') FROM receipts")
    assert PHONE not in kept and "李小梅" not in kept


async def test_a_report_of_another_case_is_not_revealed(web: httpx.AsyncClient, cast: Cast) -> None:
    here, there = await deskwork.reported(cast), await deskwork.reported(cast, by=cast.neighbour)
    staff = await as_(web, cast.staff)
    foreign = await database.fetch_value("SELECT id FROM reports WHERE number = $1", there)
    sent = command(1, report=foreign, reason="看看")
    assert (await staff.post(f"/desk/cases/{here}/reveals", data=sent)).status_code == 404
    for who in ("next_staff", "resident", "system_admin"):
        client = await as_(web, getattr(cast, who))
        assert (await client.post(f"/desk/cases/{there}/reveals", data=sent)).status_code == 404
    assert await database.fetch_value("SELECT count(*) FROM reveals") == 0


async def test_hostile_text_stays_text_everywhere(web: httpx.AsyncClient, cast: Cast) -> None:
    evil = "<script>alert(1)</script>{{7*7919}}'\"><img src=x onerror=alert(2)>"
    number = await deskwork.reported(cast, text=evil, place=evil, name=evil)
    staff = await as_(web, cast.staff)
    for resource, fields in (
        ("notes", {"text": evil}),
        ("acceptance", {"then": "dispatch", "unit": cast.unit, "note": evil}),
    ):
        await staff.post(f"/desk/cases/{number}/{resource}", data=command(await deskwork.version(number), **fields))
    refused = await staff.post(f"/desk/cases/{number}/rejection", data=command(1, reason=evil))
    for page in (await staff.get(f"/desk/cases/{number}"), refused):
        assert "<script>alert" not in page.text and "<img src=x" not in page.text and "55433" not in page.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7919}}" in page.text


async def test_a_held_case_says_why(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.reported(cast, held="这台手机短时间内上报较多")
    page = await _page(web, cast, "staff", number)
    assert "这台手机短时间内上报较多" in page.text and "待甄别" in page.text
    assert "待甄别" not in (await (await as_(web, cast.resident)).get(f"/mine/{number}")).text


async def test_the_track_has_the_inner_steps_with_their_reasons(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.dispatched(cast)
    await cases.return_case(number, cast.handler, seen=None, reason="灯归园林队管")
    await cases.note(number, cast.second_staff, text="已问过园林队")
    page = await _page(web, cast, "staff", number)
    for said in (
        "市政维护队马师退单",
        "灯归园林队管",
        "何静备注(内部)",
        "已问过园林队",
        "经过完整,没有被改动过",
        "现在:待派发",
    ):
        assert said in page.text
    theirs = (await (await as_(web, cast.resident)).get(f"/mine/{number}")).text
    assert "灯归园林队管" not in theirs and "已问过园林队" not in theirs


async def test_a_history_that_was_tampered_with_is_said_so(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.accepted(cast)
    await database.execute("UPDATE events SET at = at - interval '1 day' WHERE kind = 'case.accepted'")
    page = await _page(web, cast, "staff", number)
    assert page.status_code == 200 and "经过的记录对不上" in page.text


async def test_the_map_gets_its_ground(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.reported(cast)
    assert f'data-areas="/desk/cases/{number}/ground"' in (await _page(web, cast, "staff", number)).text
    ground = await _page(web, cast, "staff", number, "/ground")
    assert ground.headers["content-type"].startswith("application/geo+json")
    assert [one["properties"]["name"] for one in ground.json()["features"]] == ["民乐一网格"]
    assert (await _page(web, cast, "next_staff", number, "/ground")).status_code == 404


async def test_the_list_stays_beside_the_case(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.reported(cast)
    page = await _page(web, cast, "staff", number, "?state=reported&q=路灯")
    assert f"/desk/cases/{number}?state=reported&amp;q=" in page.text and 'aria-current="true"' in page.text


async def test_a_case_is_fifteen_statements_at_most_whatever_happened_to_it(web: httpx.AsyncClient, cast: Cast) -> None:
    young, old = await deskwork.reported(cast), await deskwork.checked(cast)
    for _ in range(20):
        await cases.note(old, cast.staff, text="x")
    staff, counted = await as_(web, cast.staff), []
    for number in (young, old):
        asked: list[str] = []
        async with database.connection() as connection:
            with connection.query_logger(lambda record: asked.append(record.query)):  # noqa: B023
                await staff.get(f"/desk/cases/{number}")
                await asyncio.sleep(0)
        counted.append(len(asked))
    assert max(counted) <= 15, counted


@pytest.mark.parametrize(
    ("first", "second", "meanwhile"),
    [
        (("acceptance", {}), ("rejection", {"reason": "不归区里管"}), "受理"),
        (("notes", {"text": "记一笔"}), ("acceptance", {}), ""),
    ],
)
async def test_two_people_at_once(
    fresh_db: str,
    app: Litestar,
    first: tuple[str, dict[str, str]],
    second: tuple[str, dict[str, str]],
    meanwhile: str,
) -> None:
    """One wins, the other is told what happened meanwhile; a note stands in nobody's way."""
    cast = await gather()
    number = await deskwork.reported(cast)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=os.environ["PUBLIC_URL"]) as web:
        one, other = await as_(web, cast.staff), await as_(web, cast.second_staff)
        answers = await asyncio.gather(
            one.post(f"/desk/cases/{number}/{first[0]}", data=command(1, **first[1])),
            other.post(f"/desk/cases/{number}/{second[0]}", data=command(1, **second[1])),
        )
    codes = sorted(answer.status_code for answer in answers)
    if not meanwhile:
        assert codes == [303, 303]
        return
    assert codes == [303, 409]
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert "有了新进展" in loser.text and meanwhile in loser.text
    assert await database.fetch_value("SELECT version FROM cases WHERE number = $1", number) == 2


async def test_the_same_form_sent_twice_at_once_is_one_change(fresh_db: str, app: Litestar) -> None:
    cast = await gather()
    number = await deskwork.reported(cast)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=os.environ["PUBLIC_URL"]) as web:
        staff, sent = await as_(web, cast.staff), command(1)
        path = f"/desk/cases/{number}/acceptance"
        answers = await asyncio.gather(*(staff.post(path, data=sent) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [303] * 4
    assert await deskwork.events(number, "case.accepted") == 1


async def test_another_sites_form_is_refused(web: httpx.AsyncClient, cast: Cast) -> None:
    number, staff = await deskwork.reported(cast), await as_(web, cast.staff)
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    answer = await staff.post(f"/desk/cases/{number}/acceptance", data=command(1), headers=headers)
    assert answer.status_code == 403 and await deskwork.state(number) == "reported"
    assert another(web) is not web


async def test_the_relocate_form_offers_what_the_register_knows_of_the_place(
    web: httpx.AsyncClient, cast: Cast
) -> None:
    for number, grid in ((1, cast.grid), (2, cast.second_grid)):
        given = register.Given(text=f"民乐花园{number}栋", grid_id=grid)
        await register.add(cast.community, given, by=cast.area_admin)
    no_position = {"latitude": None, "longitude": None, "community_id": cast.community}
    case = await deskwork.reported(cast, place="民乐花园", **no_position)
    staff = await as_(web, cast.staff)
    offered = words(await staff.get(f"/desk/cases/{case}?do=relocate"))
    assert "民乐二网格 · 民乐花园" in offered
    assert "小区一致" in offered
    surely = await deskwork.reported(cast, place="民乐花园二栋", **no_position)
    assert "网格按地址推断,把握" in words(await staff.get(f"/desk/cases/{surely}"))
