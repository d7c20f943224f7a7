"""What the desk does, over HTTP: each change works, the neighbour cannot, twice is once, and stale is told."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import msgspec
import pytest

from server import cases
from server.kernel import database
from tests.cast import Cast, gather
from tests.photos import pictures
from tests.web import deskwork
from tests.web.deskwork import command
from tests.web.signed_in import another, as_


class Change(msgspec.Struct, frozen=True):
    """A change of the desk: who may, from where, what is sent, where it leads."""

    resource: str
    who: str
    begin: Callable[[Cast], Awaitable[str]]
    send: Callable[[Cast], dict[str, Any]]
    leads_to: str
    kind: str
    stranger: str = "next_staff"
    """Of the next community, with the same right there."""


CHANGES = (
    Change("acceptance", "staff", deskwork.reported, lambda c: {"level": "urgent"}, "accepted", "case.accepted"),
    Change(
        "rejection", "staff", deskwork.reported, lambda c: {"reason": "不归区里管"}, "rejected", "case.rejected"
    ),
    Change("answer", "staff", deskwork.reported, lambda c: {"text": "今晚就修"}, "closed", "case.answered"),
    Change("question", "staff", deskwork.reported, lambda c: {"text": "哪一栋?"}, "asked", "case.asked"),
    Change(
        "dispatch", "staff", deskwork.accepted, lambda c: {"unit": c.unit, "note": "带梯子"}, "dispatched",
        "case.dispatched",
    ),
    Change(
        "place", "staff", deskwork.reported, lambda c: {"area": c.second_grid, "reason": "在隔壁网格"}, "reported",
        "case.relocated",
    ),
    Change(
        "assignment", "secretary", deskwork.reported, lambda c: {"post": c.street_secretary.posts[0].id}, "reported",
        "case.assigned", "next_secretary",
    ),
    Change("check", "staff", deskwork.finished, lambda c: {"passed": "yes", "note": "亮了"}, "checked", "case.checked"),
    Change(
        "closure", "secretary", deskwork.checked, lambda c: {"stars": 5}, "closed", "case.closed", "next_secretary"
    ),
    Change("notes", "staff", deskwork.reported, lambda c: {"text": "问过物业"}, "reported", "case.noted"),
)  # fmt: skip
ALL = pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.resource)


@pytest.fixture
async def cast(web: httpx.AsyncClient) -> Cast:
    return await gather()


async def _fields(change: Change, cast: Cast, number: str) -> dict[str, Any]:
    return command(await deskwork.version(number), **change.send(cast))


def _path(number: str, change: Change) -> str:
    return f"/desk/cases/{number}/{change.resource}"


@ALL
async def test_it_works_and_leads_back_to_the_case(web: httpx.AsyncClient, cast: Cast, change: Change) -> None:
    number, client = await change.begin(cast), await as_(web, getattr(cast, change.who))
    answer = await client.post(_path(number, change) + "?mine=1", data=await _fields(change, cast, number))
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"/desk/cases/{number}?mine=1&said=")
    assert await deskwork.state(number) == change.leads_to
    assert await deskwork.events(number, change.kind) == 1
    assert (await client.get(answer.headers["location"])).status_code == 200


@ALL
async def test_sending_twice_is_once(web: httpx.AsyncClient, cast: Cast, change: Change) -> None:
    number, client = await change.begin(cast), await as_(web, getattr(cast, change.who))
    sent = await _fields(change, cast, number)
    answers = [await client.post(_path(number, change), data=sent) for _ in range(3)]
    assert [one.status_code for one in answers] == [303] * 3
    assert len({one.headers["location"] for one in answers}) == 1
    assert await deskwork.events(number, change.kind) == 1


@ALL
async def test_the_neighbour_cannot(web: httpx.AsyncClient, cast: Cast, change: Change) -> None:
    number = await change.begin(cast)
    before = await deskwork.version(number)
    sent = await _fields(change, cast, number)
    for who in (change.stranger, "next_handler", "resident", "neighbour", "system_admin", "area_admin", "party_member"):
        client = await as_(web, getattr(cast, who))
        assert (await client.post(_path(number, change), data=sent)).status_code == 404, who
    signed_out = await another(web).post(_path(number, change), data=sent)
    assert signed_out.status_code == 303 and signed_out.headers["location"].startswith("/signin")
    assert await deskwork.version(number) == before and await deskwork.events(number, change.kind) == 0


@ALL
async def test_a_stale_page_is_told_what_happened(web: httpx.AsyncClient, cast: Cast, change: Change) -> None:
    if change.resource == "notes":
        pytest.skip("a note changes nothing that others look at, and is never stale")
    number, client = await change.begin(cast), await as_(web, getattr(cast, change.who))
    seen = await deskwork.version(number)
    sent = command(seen, **change.send(cast))
    colleague = await as_(web, cast.secretary)
    moved = await colleague.post(
        f"/desk/cases/{number}/assignment", data=command(seen, post=cast.street_secretary.posts[0].id)
    )
    assert moved.status_code == 303, moved.text
    answer = await client.post(_path(number, change), data=sent)
    assert answer.status_code == 409
    assert "赵书平转给民治街道书记 郑街明" in answer.text and "没有执行" in answer.text
    assert await deskwork.events(number, change.kind) == (1 if change.resource == "assignment" else 0)
    again = deskwork.form_of(answer, change.resource)
    assert int(again["seen"]) == await deskwork.version(number) and again["command"] != sent["command"]


@pytest.mark.parametrize(
    ("resource", "fields", "words"),
    [
        ("acceptance", {}, "没有执行"),
        ("rejection", {"reason": "太晚了"}, "不能不予受理"),
        ("dispatch", {"unit": 1}, "不能派发"),
        ("check", {"passed": "yes"}, "不能核查"),
        ("closure", {"stars": "5"}, "由指挥中心"),
    ],
)
async def test_visible_but_not_now_is_a_reason(
    web: httpx.AsyncClient, cast: Cast, resource: str, fields: dict[str, Any], words: str
) -> None:
    number, staff = await deskwork.in_hand(cast), await as_(web, cast.staff)
    sent = command(await deskwork.version(number), **fields)
    if words == "由指挥中心":
        words = "“结案”由书记、指挥中心来做"
    answer = await staff.post(f"/desk/cases/{number}/{resource}", data=sent)
    assert answer.status_code == 409 and words in answer.text
    assert all(value not in ("太晚了",) or value in answer.text for value in fields.values())


@pytest.mark.parametrize(
    ("resource", "begin", "fields", "words"),
    [
        ("rejection", deskwork.reported, {"reason": "  "}, "请写明不受理的理由"),
        ("answer", deskwork.reported, {"text": ""}, "请写明答复"),
        ("question", deskwork.reported, {"text": "问" * 5001}, "太长了(5001 字)"),
        ("dispatch", deskwork.accepted, {"unit": "999999"}, "请选择处置单位"),
        ("dispatch", deskwork.accepted, {"unit": "abc", "note": "带梯子去"}, "请填数字"),
        ("place", deskwork.reported, {"area": "999999", "reason": "错了"}, "社区"),
        ("assignment", deskwork.reported, {"post": "999999"}, "请选择一位在岗的同事"),
        ("check", deskwork.finished, {}, "请选择办好了没有"),
        ("check", deskwork.finished, {"passed": "no", "note": ""}, "请写明哪里没有办好"),
        ("notes", deskwork.reported, {"text": "\x00"}, "请写备注内容"),
        ("acceptance", deskwork.reported, {"level": "whatever"}, "请选择紧急程度"),
        ("acceptance", deskwork.reported, {"then": "dispatch"}, "请选择处置单位"),
    ],
)  # fmt: skip
async def test_what_is_missing_is_said_in_place_and_the_rest_is_kept(
    web: httpx.AsyncClient, cast: Cast, resource: str, begin: Any, fields: dict[str, Any], words: str
) -> None:
    number, staff = await begin(cast), await as_(web, cast.staff)
    before = await deskwork.version(number)
    answer = await staff.post(f"/desk/cases/{number}/{resource}", data=command(before, **fields))
    assert answer.status_code == 422 and words in answer.text
    assert answer.headers["hx-push-url"] == "false"
    assert "带梯子去" not in fields.values() or "带梯子去" in answer.text
    assert await deskwork.version(number) == before


@pytest.mark.parametrize("broken", [{"command": "x"}, {"command": ""}, {"seen": "now"}, {"seen": ""}])
async def test_a_form_without_its_hidden_fields_does_nothing(
    web: httpx.AsyncClient, cast: Cast, broken: dict[str, str]
) -> None:
    number, staff = await deskwork.reported(cast), await as_(web, cast.staff)
    answer = await staff.post(f"/desk/cases/{number}/rejection", data=command(1, reason="不归这里") | broken)
    assert answer.status_code == 422 and "不归这里" in answer.text
    assert await deskwork.state(number) == "reported"


async def test_the_same_command_with_other_content_is_refused(web: httpx.AsyncClient, cast: Cast) -> None:
    number, staff = await deskwork.reported(cast), await as_(web, cast.staff)
    sent = command(1, text="第一次")
    await staff.post(f"/desk/cases/{number}/notes", data=sent)
    answer = await staff.post(f"/desk/cases/{number}/notes", data=sent | {"text": "第二次"})
    assert answer.status_code == 409 and "第二次" in answer.text
    assert await deskwork.events(number, "case.noted") == 1


async def test_accept_and_dispatch_is_one_step_or_none(web: httpx.AsyncClient, cast: Cast) -> None:
    number, staff = await deskwork.reported(cast), await as_(web, cast.staff)
    path, category = f"/desk/cases/{number}/acceptance", await deskwork.category(cast)
    wrong = await staff.post(path, data=command(1, category=category, unit=999999, then="dispatch", note="带梯子"))
    assert wrong.status_code == 422 and "带梯子" in wrong.text and await deskwork.state(number) == "reported"
    sent = command(1, category=category, unit=cast.unit, then="dispatch", note="带梯子", level="urgent")
    assert [(await staff.post(path, data=sent)).status_code for _ in range(2)] == [303, 303]
    assert await deskwork.state(number) == "dispatched"
    assert await deskwork.events(number, "case.accepted") == await deskwork.events(number, "case.dispatched") == 1


async def test_a_private_category_takes_the_case_to_the_secretary(web: httpx.AsyncClient, cast: Cast) -> None:
    number, staff = await deskwork.reported(cast), await as_(web, cast.staff)
    category = await deskwork.category(cast, private=True)
    form = await staff.get(f"/desk/cases/{number}?do=accept&category={category}")
    assert "按私密办理" in form.text and "受理并派发" not in form.text
    path = f"/desk/cases/{number}/acceptance"
    both = await staff.post(path, data=command(1, category=category, unit=cast.unit, then="dispatch"))
    assert both.status_code == 409 and "只受理" in both.text and await deskwork.state(number) == "reported"
    only = await staff.post(path, data=command(1, category=category))
    assert only.headers["location"] == "/desk?said=accept"
    assert (await staff.get(f"/desk/cases/{number}")).status_code == 404


async def test_a_case_moved_to_the_next_community_leaves_the_list(web: httpx.AsyncClient, cast: Cast) -> None:
    number, staff = await deskwork.reported(cast), await as_(web, cast.staff)
    sent = command(1, area=cast.next_community, reason="在向阳那边")
    answers = [await staff.post(f"/desk/cases/{number}/place", data=sent) for _ in range(2)]
    assert [one.headers.get("location") for one in answers] == ["/desk?said=relocate"] * 2
    assert (await staff.get(f"/desk/cases/{number}")).status_code == 404
    assert (await (await as_(web, cast.next_staff)).get(f"/desk/cases/{number}")).status_code == 200


async def test_private_cases_do_not_exist_for_staff_and_centre(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.reported(cast, private=True)
    for who in ("staff", "second_staff", "centre", "grid_worker"):
        client = await as_(web, getattr(cast, who))
        assert (await client.get(f"/desk/cases/{number}")).status_code == 404
        assert (await client.get(f"/desk/cases/{number}/ground")).status_code == 404
        assert (await client.post(f"/desk/cases/{number}/notes", data=command(1, text="x"))).status_code == 404
    shown = await (await as_(web, cast.secretary)).get(f"/desk/cases/{number}")
    assert shown.status_code == 200 and "私密" in shown.text


async def test_the_doer_cannot_check_their_own_work(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.finished(cast)
    await database.execute("UPDATE answers SET by = $1", cast.staff.account_id)
    staff = await as_(web, cast.staff)
    sent = command(await deskwork.version(number), passed="yes")
    answer = await staff.post(f"/desk/cases/{number}/check", data=sent)
    assert answer.status_code == 409 and "不能自己核查" in answer.text


async def test_not_passed_goes_back_in_hand_with_the_reason(web: httpx.AsyncClient, cast: Cast) -> None:
    number, worker = await deskwork.finished(cast), await as_(web, cast.grid_worker)
    sent = command(await deskwork.version(number), passed="no", note="还是不亮")
    assert (await worker.post(f"/desk/cases/{number}/check", data=sent)).status_code == 303
    assert await deskwork.state(number) == "in_hand"
    assert "还是不亮" in (await (await as_(web, cast.handler)).get(f"/unit/cases/{number}")).text


async def test_a_low_rating_says_why(web: httpx.AsyncClient, cast: Cast) -> None:
    number, centre = await deskwork.checked(cast), await as_(web, cast.centre)
    seen = await deskwork.version(number)
    for fields in ({}, {"stars": "0"}, {"stars": "6"}, {"stars": "2"}, {"stars": "2", "reason": " "}):
        answer = await centre.post(f"/desk/cases/{number}/closure", data=command(seen, **fields))
        assert answer.status_code == 422, fields
    low = command(seen, stars=2, reason="拖了一个月")
    assert (await centre.post(f"/desk/cases/{number}/closure", data=low)).status_code == 303


async def test_the_secretary_reopens_and_the_way_begins_again(web: httpx.AsyncClient, cast: Cast) -> None:
    number, secretary = await deskwork.reported(cast), await as_(web, cast.secretary)
    await cases.answer(number, cast.staff, seen=None, text="修好了")
    sent = command(await deskwork.version(number), reason="又不亮了")
    answers = [await secretary.post(f"/desk/cases/{number}/reopening", data=sent) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303] and await deskwork.state(number) == "accepted"
    assert await deskwork.events(number, "case.reopened") == 1
    staff = await as_(web, cast.staff)
    refused = await staff.post(f"/desk/cases/{number}/reopening", data=command(1, reason="x"))
    assert refused.status_code == 409


async def test_photos_come_with_the_form_and_twice_is_once(web: httpx.AsyncClient, cast: Cast) -> None:
    number, staff = await deskwork.reported(cast), await as_(web, cast.staff)
    sent = command(1, text="已经修好,见照片")
    for _ in range(2):
        files = [("photos", ("a.jpg", pictures.jpeg(), "image/jpeg"))]
        answer = await staff.post(f"/desk/cases/{number}/answer", data=sent, files=files)
        assert answer.status_code == 303, answer.text
    assert await database.fetch_value("SELECT count(*) FROM case_photos") == 1
    shown = await staff.get(answer.headers["location"])
    assert shown.text.count("/thumb") == 1


async def test_a_refused_photo_keeps_the_words_and_the_other_photos(web: httpx.AsyncClient, cast: Cast) -> None:
    number, staff = await deskwork.reported(cast), await as_(web, cast.staff)
    files = [
        ("photos", ("a.jpg", pictures.jpeg(), "image/jpeg")),
        ("photos", ("b.jpg", b"<svg onload=alert(1)>", "image/jpeg")),
    ]
    refused = await staff.post(f"/desk/cases/{number}/answer", data=command(1, text="修好了,见照片"), files=files)
    assert refused.status_code == 422 and "修好了,见照片" in refused.text
    assert await deskwork.state(number) == "reported"
    kept = refused.text.split('name="photos_id" value="')[1].split('"')[0]
    again = deskwork.form_of(refused, "answer") | {"text": "修好了,见照片", "photos_id": kept}
    assert (await staff.post(f"/desk/cases/{number}/answer", data=again)).status_code == 303
    assert str(await database.fetch_value("SELECT photo FROM case_photos")) == kept


async def test_somebody_elses_photo_cannot_be_hung_up(web: httpx.AsyncClient, cast: Cast) -> None:
    from tests.cast import photo

    number, staff = await deskwork.reported(cast), await as_(web, cast.staff)
    sent = command(1, text="见照片", photos_id=await photo(cast.neighbour))
    assert (await staff.post(f"/desk/cases/{number}/answer", data=sent)).status_code == 422
    assert (await staff.post(f"/desk/cases/{number}/answer", data=sent | {"photos_id": "../../x"})).status_code == 422
