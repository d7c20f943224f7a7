"""The unit's pages over HTTP: take on, return, finish, hand to a colleague, call; and who cannot."""

from typing import Any

import httpx
import pytest

from server import cases
from server.kernel import database
from tests.cast import Cast, gather
from tests.photos import pictures
from tests.web import deskwork
from tests.web.deskwork import command
from tests.web.signed_in import another, as_

PHONE = "13800000001"
CHANGES: list[Any] = [
    ("taking", "handler", deskwork.dispatched, {"quick": "今天下午去看"}, "in_hand", "case.taken_on"),
    ("return", "handler", deskwork.dispatched, {"reason": "不归我们"}, "accepted", "case.returned"),
    ("result", "handler", deskwork.in_hand, {"text": "换了灯头"}, "finished", "case.finished"),
    ("notes", "handler", deskwork.in_hand, {"text": "要带梯子"}, "in_hand", "case.noted"),
    ("assignment", "lead", deskwork.in_hand, {"account": "lead"}, "in_hand", "case.assigned"),
]
ALL = pytest.mark.parametrize(("resource", "who", "begin", "fields", "leads_to", "kind"), CHANGES)


@pytest.fixture
async def cast(web: httpx.AsyncClient) -> Cast:
    return await gather()


async def _sent(cast: Cast, number: str, fields: dict[str, Any]) -> dict[str, Any]:
    given = {name: cast.lead.account_id if value == "lead" else value for name, value in fields.items()}
    return command(await deskwork.version(number), **given)


@ALL
async def test_it_works_and_twice_is_once(
    web: httpx.AsyncClient, cast: Cast, resource: str, who: str, begin: Any, fields: Any, leads_to: str, kind: str
) -> None:
    number, client = await begin(cast), await as_(web, getattr(cast, who))
    before, sent = await deskwork.events(number, kind), await _sent(cast, number, fields)
    answers = [await client.post(f"/unit/cases/{number}/{resource}", data=sent) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303], answers[0].text
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert await deskwork.state(number) == leads_to
    assert await deskwork.events(number, kind) == before + 1
    assert (await client.get(answers[0].headers["location"])).status_code == 200


@ALL
async def test_the_neighbour_cannot(
    web: httpx.AsyncClient, cast: Cast, resource: str, who: str, begin: Any, fields: Any, leads_to: str, kind: str
) -> None:
    number = await begin(cast)
    before, sent = await deskwork.version(number), await _sent(cast, number, fields)
    for other in ("next_handler", "staff", "secretary", "resident", "neighbour", "system_admin", "grid_worker"):
        client = await as_(web, getattr(cast, other))
        assert (await client.post(f"/unit/cases/{number}/{resource}", data=sent)).status_code == 404, other
    signed_out = await another(web).post(f"/unit/cases/{number}/{resource}", data=sent)
    assert signed_out.status_code == 303 and signed_out.headers["location"].startswith("/signin")
    assert await deskwork.version(number) == before


@ALL
async def test_stale_is_told_and_the_words_are_kept(
    web: httpx.AsyncClient, cast: Cast, resource: str, who: str, begin: Any, fields: Any, leads_to: str, kind: str
) -> None:
    if resource == "notes":
        pytest.skip("a note is never stale")
    number, client = await begin(cast), await as_(web, getattr(cast, who))
    sent = await _sent(cast, number, fields)
    await cases.assign(number, cast.lead, seen=None, account_id=cast.lead.account_id)
    answer = await client.post(f"/unit/cases/{number}/{resource}", data=sent)
    assert answer.status_code == 409 and "黄队转给黄队" in answer.text
    for value in fields.values():
        assert value == "lead" or value in answer.text


async def test_not_now_is_a_reason(web: httpx.AsyncClient, cast: Cast) -> None:
    number, handler = await deskwork.finished(cast), await as_(web, cast.handler)
    answer = await handler.post(
        f"/unit/cases/{number}/result", data=command(await deskwork.version(number), text="再办一次")
    )
    assert answer.status_code == 409 and "现在是“待核查”,不能办结" in answer.text and "再办一次" in answer.text


async def test_only_the_lead_hands_on(web: httpx.AsyncClient, cast: Cast) -> None:
    number, handler = await deskwork.in_hand(cast), await as_(web, cast.handler)
    assert "do=assign" not in (await handler.get(f"/unit/cases/{number}")).text
    sent = command(await deskwork.version(number), account=cast.lead.account_id)
    assert (await handler.post(f"/unit/cases/{number}/assignment", data=sent)).status_code == 409
    lead = await as_(web, cast.lead)
    assert (
        "马师"
        not in (await lead.get(f"/unit/cases/{number}?do=assign")).text.split("data-doing")[1].split("</section>")[0]
    )
    foreign = command(await deskwork.version(number), account=cast.next_handler.account_id)
    refused = await lead.post(f"/unit/cases/{number}/assignment", data=foreign)
    assert refused.status_code == 422 and "不在本单位" in refused.text


async def test_lists_are_todo_by_default_and_mine_on_demand(web: httpx.AsyncClient, cast: Cast) -> None:
    new, going, done = await deskwork.dispatched(cast), await deskwork.in_hand(cast), await deskwork.finished(cast)
    handler = await as_(web, cast.handler)

    async def shown(query: str = "") -> set[str]:
        page = await handler.get(f"/unit{query}")
        assert page.status_code == 200
        return {number for number in (new, going, done) if f"/unit/cases/{number}" in page.text}

    assert await shown() == {new, going}
    assert await shown("?state=dispatched") == {new}
    assert await shown("?state=finished&state=checked") == {done}
    assert await shown("?mine=1") == {going, done}
    other = await as_(web, cast.next_handler)
    assert "都办完了" in (await other.get("/unit")).text
    assert (await other.get(f"/unit/cases/{new}")).status_code == 404


async def test_what_the_category_demands_is_said_and_held(web: httpx.AsyncClient, cast: Cast) -> None:
    category = await deskwork.category(cast, photo_before=True, photo_after=True)
    number, handler = await deskwork.in_hand(cast, category), await as_(web, cast.handler)
    form = await handler.get(f"/unit/cases/{number}?do=finish")
    assert "补一张做对比" in form.text and "让上报人看到确实办好了" in form.text
    seen = await deskwork.version(number)
    refused = await handler.post(f"/unit/cases/{number}/result", data=command(seen, text="换了灯头"))
    assert refused.status_code == 422 and "要有处理后的照片" in refused.text and "换了灯头" in refused.text
    half = [("after", ("a.jpg", pictures.jpeg(), "image/jpeg"))]
    more = await handler.post(f"/unit/cases/{number}/result", data=command(seen, text="换了灯头"), files=half)
    assert more.status_code == 422 and "要有处理前的照片" in more.text
    kept = more.text.split('name="after_id" value="')[1].split('"')[0]
    rest = [("before", ("b.jpg", pictures.jpeg(320, 240), "image/jpeg"))]
    sent = deskwork.form_of(more, "result") | {"text": "换了灯头", "after_id": kept}
    done = await handler.post(f"/unit/cases/{number}/result", data=sent, files=rest)
    assert done.status_code == 303, done.text
    roles = await database.fetch("SELECT role FROM case_photos ORDER BY role")
    assert [row["role"] for row in roles] == ["after", "before"]


async def test_too_many_photos_are_refused_in_words(web: httpx.AsyncClient, cast: Cast) -> None:
    number, handler = await deskwork.in_hand(cast), await as_(web, cast.handler)
    files = [("after", (f"{n}.jpg", pictures.jpeg(64, 64), "image/jpeg")) for n in range(10)]
    sent = command(await deskwork.version(number), text="都拍了")
    answer = await handler.post(f"/unit/cases/{number}/result", data=sent, files=files)
    assert answer.status_code == 422 and "最多 9 张" in answer.text and "都拍了" in answer.text


async def test_one_tap_calls_and_leaves_its_event(web: httpx.AsyncClient, cast: Cast) -> None:
    number, handler = await deskwork.in_hand(cast), await as_(web, cast.handler)
    page = await handler.get(f"/unit/cases/{number}")
    assert PHONE not in page.text and "拨打" in page.text
    called = await handler.post(f"/unit/cases/{number}/reveals", data=deskwork.form_of(page, "reveals"))
    assert called.status_code == 200 and f'href="tel:{PHONE}"' in called.text
    assert await database.fetch_value("SELECT reason FROM reveals") == "承办这件事"
    assert await deskwork.events(number, "case.revealed") == 1


async def test_a_returned_case_is_theirs_no_more(web: httpx.AsyncClient, cast: Cast) -> None:
    number, handler = await deskwork.dispatched(cast), await as_(web, cast.handler)
    sent = command(await deskwork.version(number), reason="不归我们")
    answer = await handler.post(f"/unit/cases/{number}/return", data=sent)
    assert answer.headers["location"] == "/unit?said=return"
    assert "已退单" in (await handler.get("/unit?said=return")).text
    assert (await handler.get(f"/unit/cases/{number}")).status_code == 404


async def test_a_private_case_reaches_the_unit_that_has_it(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.reported(cast, private=True)
    await cases.accept(number, cast.secretary, seen=None)
    await cases.dispatch(number, cast.secretary, seen=None, unit_id=cast.unit)
    handler, staff = await as_(web, cast.handler), await as_(web, cast.staff)
    shown = await handler.get(f"/unit/cases/{number}")
    assert shown.status_code == 200 and "私密" in shown.text
    assert (await staff.get(f"/desk/cases/{number}")).status_code == 404


@pytest.mark.parametrize("who", ["staff", "resident", "system_admin", "grid_worker"])
async def test_for_others_there_is_no_unit(web: httpx.AsyncClient, cast: Cast, who: str) -> None:
    assert (await (await as_(web, getattr(cast, who))).get("/unit")).status_code == 404
