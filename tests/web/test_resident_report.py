"""找书记 over HTTP: it works without an account, twice is once, and what was typed is never lost."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from server.kernel import database
from server.kernel.ids import new_id
from tests.cast import Cast, gather, middle
from tests.photos import pictures
from tests.web.signed_in import another, as_
from tests.web.telling import TEXT, form, hidden, number_in, tell, upload


@pytest.fixture
async def cast(web: httpx.AsyncClient) -> Cast:
    return await gather()


async def _count(table: str) -> int:
    return int(await database.fetch_value(f"SELECT count(*) FROM {table}"))


async def test_a_report_without_an_account_gives_a_number_and_a_link(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    answer = await web.post("/report", data=form(cast))
    number = number_in(answer)
    receipt = await web.get(answer.headers["location"])
    assert receipt.status_code == 200
    assert number in receipt.text and "请收好这个链接" in receipt.text and "民乐社区收到了" in receipt.text
    link = receipt.text.split('class="keep-link">')[1].split("<")[0]
    other = another(web)
    opened = await other.get(httpx.URL(link).path)
    assert (opened.status_code, opened.headers["location"]) == (303, f"/mine/{number}")
    assert opened.headers["referrer-policy"] == "no-referrer"
    assert TEXT in (await other.get(f"/mine/{number}")).text


async def test_a_browser_that_keeps_no_cookies_gets_number_and_link_at_once(web: httpx.AsyncClient, cast: Cast) -> None:
    answer = await another(web).post("/report", data=form(cast), files={"photos": ("a.jpg", pictures.jpeg())})
    assert answer.status_code == 201
    link = answer.text.split('class="keep-link">')[1].split("<")[0]
    number = await database.fetch_value("SELECT number FROM reports")
    assert number in answer.text and len(await _hung(number)) == 1
    assert (await another(web).get(httpx.URL(link).path)).headers["location"] == f"/mine/{number}"


async def test_a_signed_in_resident_gets_no_link(web: httpx.AsyncClient, cast: Cast) -> None:
    resident = await as_(web, cast.resident)
    number = await tell(resident, cast)
    receipt = await resident.get(f"/mine/{number}/receipt")
    assert "keep-link" not in receipt.text
    assert (
        await database.fetch_value("SELECT account FROM reports WHERE number = $1", number) == cast.resident.account_id
    )


async def test_sent_twice_it_is_one_report_with_the_same_number(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    sent = form(cast)
    photo = ("a.jpg", pictures.jpeg())
    first = await web.post("/report", data=sent, files={"photos": photo})
    second = await web.post("/report", data=sent, files={"photos": photo})
    assert first.headers["location"] == second.headers["location"]
    assert (await _count("reports"), await _count("photos")) == (1, 1)


async def test_another_persons_command_is_not_answered_with_their_number(web: httpx.AsyncClient, cast: Cast) -> None:
    sent = form(cast)
    resident, neighbour = await as_(web, cast.resident), await as_(web, cast.neighbour)
    number = number_in(await resident.post("/report", data=sent))
    answer = await neighbour.post("/report", data=sent)
    assert answer.status_code == 409
    assert number not in answer.text and TEXT in answer.text
    again = await neighbour.post("/report", data={**sent, "command": hidden(answer.text, "command")[0]})
    assert number_in(again) != number


async def test_the_same_command_with_other_words_is_refused_and_the_words_stay(
    web: httpx.AsyncClient, cast: Cast
) -> None:
    await web.get("/report")
    sent = form(cast)
    await web.post("/report", data=sent)
    answer = await web.post("/report", data={**sent, "text": "别的事"})
    assert answer.status_code == 409 and "别的事" in answer.text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"text": ""}, "请写一两句话"),
        ({"text": "   \n\t "}, "请写一两句话"),
        ({"text": "字" * 20_001}, "太长了(20001 字)"),
        ({"community_id": ""}, "请选择在哪个社区"),
        ({"community_id": "999999999"}, "没有这个社区"),
        ({"community_id": "99999999999999999999"}, "没有这个社区"),
        ({"community_id": "'; DROP TABLE reports; --"}, "没有这个社区"),
        ({"latitude": "abc", "longitude": "114"}, "这个位置不对"),
        ({"latitude": "nan", "longitude": "nan"}, "这个位置不对"),
        ({"latitude": "1e999", "longitude": "0"}, "这个位置不对"),
        ({"latitude": "22.6"}, "这个位置不对"),
        ({"phone": "123"}, "请填写 11 位手机号码"),
        ({"for_phone": "13900000000"}, "要先得到对方同意"),
        ({"place": "长" * 201}, "太长了"),
        ({"name": "长" * 201}, "太长了"),
    ],
)
async def test_what_has_to_be_mended_is_said_and_nothing_typed_is_lost(
    web: httpx.AsyncClient, cast: Cast, wrong: dict[str, str], words: str
) -> None:
    await web.get("/report")
    typed = form(cast, place="三栋东侧", for_name="王奶奶", private="on") | wrong
    answer = await web.post("/report", data=typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert await _count("reports") == 0
    kept = {"text": TEXT, "for_name": "王奶奶", "place": "三栋东侧"} | {
        name: value for name, value in wrong.items() if name in ("text", "place")
    }
    assert all(value.strip() in answer.text for value in kept.values())
    assert 'name="private" checked' in answer.text
    assert hidden(answer.text, "command") == [typed["command"]]


async def test_photos_sent_with_a_form_that_must_be_mended_are_kept(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    files = [("photos", ("a.jpg", pictures.jpeg())), ("photos", ("b.jpg", pictures.jpeg(320, 200)))]
    answer = await web.post("/report", data=form(cast, text=""), files=files)
    assert answer.status_code == 422
    kept = hidden(answer.text, "photo")
    assert len(kept) == 2
    assert (await web.get(f"/photos/{kept[0]}/thumb")).status_code == 200
    number = await tell(web, cast, photo=kept)
    assert await _hung(number) == [UUID(one) for one in kept]


async def test_a_kept_photo_can_be_left_out_without_javascript(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    one, other = await upload(web), await upload(web, pictures.jpeg(300, 200))
    number = await tell(web, cast, photo=[str(one), str(other)], drop=str(one))
    assert await _hung(number) == [other]


async def test_somebody_elses_photo_is_not_taken_and_the_report_goes_through(
    web: httpx.AsyncClient, cast: Cast
) -> None:
    neighbour = await as_(web, cast.neighbour)
    theirs = await upload(neighbour)
    resident = await as_(web, cast.resident)
    number = await tell(resident, cast, photo=[str(theirs), "not-an-id", str(new_id())])
    assert await _hung(number) == []
    assert "没有收下" in (await resident.get(f"/mine/{number}/receipt")).text


async def test_a_tenth_photo_is_told_and_nine_are_kept(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    files = [("photos", (f"{size}.jpg", pictures.jpeg(100 + size, 80))) for size in range(10)]
    answer = await web.post("/report", data=form(cast), files=files)
    number = number_in(answer)
    assert len(await _hung(number)) == 9
    assert "一次最多 9 张" in (await web.get(answer.headers["location"])).text


async def test_without_javascript_the_photos_own_place_finds_the_community(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    longitude, latitude = middle(2)
    photo = pictures.jpeg(exif=pictures.exif(gps=_gps(latitude, longitude)))
    answer = await web.post("/report", data=form(cast, community_id=""), files={"photos": ("a.jpg", photo)})
    row = await _case(number_in(answer))
    assert (row["community"], row["grid"]) == (cast.next_community, cast.next_grid)
    assert await database.fetch_value("SELECT position_source FROM reports") == "photo"


async def test_a_community_that_was_chosen_wins_over_the_photos_place(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    longitude, latitude = middle(2)
    photo = pictures.jpeg(exif=pictures.exif(gps=_gps(latitude, longitude)))
    answer = await web.post("/report", data=form(cast), files={"photos": ("a.jpg", photo)})
    row = await _case(number_in(answer))
    assert (row["community"], row["latitude"]) == (cast.community, None)


async def test_a_point_of_the_phone_finds_its_grid(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    longitude, latitude = middle(1)
    point = {"latitude": str(latitude), "longitude": str(longitude), "accuracy": "12", "position_source": "phone"}
    row = await _case(await tell(web, cast, **point))
    assert (row["grid"], row["community"]) == (cast.second_grid, cast.community)


async def test_hostile_words_are_kept_and_shown_as_they_are(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{ 7*7 }} \u202e 𠮷 👨‍👩‍👧"
    number = await tell(web, cast, text=hostile, place="<b>这里</b>")
    for path in (f"/mine/{number}", "/mine", "/", f"/mine/{number}/receipt"):
        page = (await web.get(path)).text
        assert "<script>alert" not in page and "<img src=x" not in page and "<b>这里" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in (await web.get(f"/mine/{number}")).text
    assert await database.fetch_value("SELECT text FROM reports") == hostile


async def test_nul_and_line_ends_do_no_harm(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    await tell(web, cast, text="一\x00二\r\n三")
    assert await database.fetch_value("SELECT text FROM reports") == "一二\n三"


async def test_many_reports_from_one_phone_are_held_and_nobody_is_told(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    numbers = [await tell(web, cast, text=f"第 {count} 件") for count in range(8)]
    held = {row["number"]: row["held"] for row in await database.fetch("SELECT number, held FROM cases")}
    assert len(held) == 8
    assert not held[numbers[0]] and held[numbers[-1]]
    first, last = (await web.get(f"/mine/{numbers[0]}")).text, (await web.get(f"/mine/{numbers[-1]}")).text
    assert "甄别" not in last and ("民乐社区正在看" in first) == ("民乐社区正在看" in last)


async def test_a_form_that_has_to_be_mended_does_not_count_as_a_report(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    for _ in range(10):
        await web.post("/report", data=form(cast, text=""))
    await tell(web, cast)
    assert not await database.fetch_value("SELECT held FROM cases")


async def test_for_somebody_else_both_follow_it(web: httpx.AsyncClient, cast: Cast) -> None:
    resident = await as_(web, cast.resident)
    number = await tell(resident, cast, for_phone="13800000002", for_name="王大山", for_agreed="on")
    neighbour = await as_(web, cast.neighbour)
    assert (await neighbour.get(f"/mine/{number}")).status_code == 200
    assert "别人替您上报" in (await neighbour.get("/mine")).text
    assert (await (await as_(web, cast.handler)).get(f"/mine/{number}")).status_code == 404


async def test_another_site_cannot_send_a_report(web: httpx.AsyncClient, cast: Cast) -> None:
    answer = await web.post("/report", data=form(cast), headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403 and await _count("reports") == 0


async def test_an_unreadable_command_is_as_if_sent_for_the_first_time(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    await tell(web, cast, command="nonsense")
    assert await _count("reports") == 1


async def test_emergency_numbers_stand_before_the_form(web: httpx.AsyncClient, cast: Cast) -> None:
    page = (await web.get("/report")).text
    for number in ("110", "119", "120"):
        assert page.index(f"tel:{number}") < page.index('action="/report"')
    assert "分类" not in page


async def _hung(number: str) -> list[UUID]:
    rows = await database.fetch(
        """SELECT h.photo FROM case_photos h JOIN reports r ON r.id = h.report
           WHERE r.number = $1 ORDER BY h.place, h.id""",
        number,
    )
    return [row["photo"] for row in rows]


async def _case(number: str) -> Any:
    return await database.fetch_one("SELECT * FROM cases WHERE number = $1", number)


def _gps(latitude: float, longitude: float) -> dict[int, Any]:
    return pictures.position(_degrees(latitude), "N", _degrees(longitude), "E")


def _degrees(value: float) -> tuple[float, float, float]:
    whole = int(value)
    minutes = int((value - whole) * 60)
    return float(whole), float(minutes), round((value - whole - minutes / 60) * 3600, 4)
