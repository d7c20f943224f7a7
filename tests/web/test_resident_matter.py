"""One report over HTTP: every change works, the neighbour cannot, again is harmless, stale is told."""

from typing import Any

import httpx
import pytest

from server import cases
from server.kernel import clock, database
from server.kernel.ids import new_id
from tests.cast import Cast, gather
from tests.photos import pictures
from tests.web.signed_in import another, as_
from tests.web.telling import hidden, tell, upload


@pytest.fixture
async def cast(web: httpx.AsyncClient) -> Cast:
    return await gather()


class Matter:
    """A report of the resident's, and how its case is brought to where a test needs it."""

    def __init__(self, number: str, cast: Cast, resident: httpx.AsyncClient, neighbour: httpx.AsyncClient) -> None:
        self.number, self.cast, self.resident, self.neighbour = number, cast, resident, neighbour

    async def version(self) -> int:
        return int(await database.fetch_value("SELECT version FROM cases WHERE number = $1", self.number))

    async def state(self) -> str:
        return str(await database.fetch_value("SELECT state FROM cases WHERE number = $1", self.number))

    async def page(self) -> str:
        return (await self.resident.get(f"/mine/{self.number}")).text

    async def ask(self) -> None:
        await cases.ask(self.number, self.cast.staff, seen=await self.version(), text="在几号楼?")

    async def answer(self) -> None:
        await cases.answer(self.number, self.cast.staff, seen=await self.version(), text="已换上新井盖。")

    async def fields(self, **also: Any) -> dict[str, Any]:
        return {"command": str(new_id()), "seen": str(await self.version()), **also}

    async def post(self, what: str, fields: dict[str, Any], by: httpx.AsyncClient | None = None) -> httpx.Response:
        return await (by or self.resident).post(f"/mine/{self.number}/{what}", data=fields)


@pytest.fixture
async def matter(web: httpx.AsyncClient, cast: Cast) -> Matter:
    resident = await as_(web, cast.resident)
    return Matter(await tell(resident, cast), cast, resident, await as_(web, cast.neighbour))


async def _no_way(matter: Matter) -> None:
    return None


CHANGES: dict[str, tuple[Any, dict[str, str], str, str]] = {
    "additions": (_no_way, {"text": "又坏了一处"}, "reported", "又坏了一处"),
    "reply": (Matter.ask, {"text": "三栋"}, "reported", "三栋"),
    "rating": (Matter.answer, {"stars": "5", "text": "谢谢"}, "closed", "您评价了 5 星"),
    "reopening": (Matter.answer, {"text": "还是坏的"}, "accepted", "已要求重办"),
    "withdrawal": (_no_way, {"text": "自己修好了"}, "withdrawn", "已按您的意思撤回"),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_every_change_works_and_again_is_harmless(matter: Matter, what: str) -> None:
    before, told, state, words = CHANGES[what]
    await before(matter)
    sent = await matter.fields(**told)
    first = await matter.post(what, sent)
    assert first.status_code == 303, first.text
    version = await matter.version()
    second = await matter.post(what, sent)
    assert second.headers["location"] == first.headers["location"]
    assert (await matter.version(), await matter.state()) == (version, state)
    page = (await matter.resident.get(first.headers["location"])).text
    assert words in page and "记录已核对" in page


@pytest.mark.parametrize("what", CHANGES)
async def test_the_neighbour_and_the_signed_out_cannot(web: httpx.AsyncClient, matter: Matter, what: str) -> None:
    before, told, _, _ = CHANGES[what]
    await before(matter)
    version = await matter.version()
    for other, status in ((matter.neighbour, 404), (another(web), 303), (await as_(web, matter.cast.staff), 404)):
        answers = [
            await matter.post(what, await matter.fields(**told), other),
            await other.get(f"/mine/{matter.number}"),
            await other.get(f"/mine/{matter.number}/receipt"),
        ]
        assert [one.status_code for one in answers] == [status] * 3
        assert status == 404 or all("/signin" in one.headers["location"] for one in answers)
    assert await matter.version() == version


@pytest.mark.parametrize("what", CHANGES)
async def test_another_site_cannot_order_a_change(matter: Matter, what: str) -> None:
    before, told, _, _ = CHANGES[what]
    await before(matter)
    answer = await matter.resident.post(
        f"/mine/{matter.number}/{what}", data=await matter.fields(**told), headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("what", ["reply", "rating", "reopening", "withdrawal"])
async def test_a_stale_page_says_what_happened_and_keeps_what_was_typed(matter: Matter, what: str) -> None:
    before, told, _, _ = CHANGES[what]
    await before(matter)
    sent = {**await matter.fields(**told), "seen": "1" if what != "withdrawal" else "0", "text": "我写的一大段话"}
    if what == "withdrawal":
        await cases.accept(matter.number, matter.cast.staff, seen=await matter.version())
        sent["seen"] = "1"
    version = await matter.version()
    answer = await matter.post(what, sent)
    assert answer.status_code == 409
    assert "有了新的进展" in answer.text and "我写的一大段话" in answer.text
    assert await matter.version() == version
    assert str(version) in hidden(answer.text, "seen")


async def test_what_can_no_longer_be_sent_is_not_lost(matter: Matter) -> None:
    await matter.ask()
    sent = await matter.fields(text="三栋二单元门口")
    await matter.post("reply", {**sent, "command": str(new_id()), "text": "已答"})
    answer = await matter.post("reply", sent)
    assert answer.status_code == 409
    assert "您刚才写的" in answer.text and "三栋二单元门口" in answer.text


@pytest.mark.parametrize("what", CHANGES)
async def test_odd_fields_are_taken_calmly(matter: Matter, what: str) -> None:
    before = CHANGES[what][0]
    await before(matter)
    for odd in (
        {},
        {"seen": "x", "text": "a"},
        {"seen": "-1", "command": "x", "text": "a"},
        {"seen": "9" * 40, "text": "\x00"},
        {"stars": "99", "seen": str(await matter.version())},
        {"stars": "1", "reason": "<script>", "seen": str(await matter.version())},
    ):
        answer = await matter.post(what, odd)
        assert answer.status_code in (303, 409, 422), answer.text


@pytest.mark.parametrize(("what", "longest"), [("additions", 5000), ("reply", 5000), ("reopening", 5000)])
async def test_too_long_a_text_is_said_in_place_and_kept(matter: Matter, what: str, longest: int) -> None:
    await CHANGES[what][0](matter)
    text = "长" * (longest + 1)
    answer = await matter.post(what, await matter.fields(text=text))
    assert answer.status_code == 422
    assert f"太长了({longest + 1} 字)" in answer.text and text in answer.text


async def test_hostile_text_is_shown_as_it_is(matter: Matter) -> None:
    await matter.post("additions", await matter.fields(text="</textarea><script>alert(1)</script>"))
    page = await matter.page()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


async def test_more_can_be_added_with_photos_and_a_refused_one_is_told(matter: Matter) -> None:
    photo = await upload(matter.resident)
    answer = await matter.resident.post(
        f"/mine/{matter.number}/additions",
        data=await matter.fields(text="见照片", photo=str(photo)),
        files=[("photos", ("b.jpg", pictures.jpeg(300, 200))), ("photos", ("c.jpg", b"nothing"))],
    )
    page = (await matter.resident.get(answer.headers["location"])).text
    assert page.count("您发的照片") == 2
    assert "有一张照片没有收下:这个文件不是照片" in page
    assert "没有收下" not in await matter.page()


async def test_photos_of_an_addition_without_words_are_kept(matter: Matter) -> None:
    answer = await matter.resident.post(
        f"/mine/{matter.number}/additions",
        data=await matter.fields(text=""),
        files={"photos": ("a.jpg", pictures.jpeg())},
    )
    assert answer.status_code == 422
    assert len(hidden(answer.text, "photo")) == 1


async def test_a_low_rating_says_why(matter: Matter) -> None:
    await matter.answer()
    answer = await matter.post("rating", await matter.fields(stars="1", text="没修"))
    assert answer.status_code == 422 and "请选一个原因" in answer.text and "没修" in answer.text
    assert 'value="1" required checked' in answer.text
    assert (await matter.post("rating", await matter.fields(stars="1", reason="not_fixed"))).status_code == 303
    page = await matter.page()
    assert "可以要求重办" in page and 'name="stars"' not in page


async def test_a_low_rating_can_ask_for_it_again_in_one_go(matter: Matter) -> None:
    await matter.answer()
    sent = await matter.fields(stars="2", reason="not_fixed", again="on")
    assert (await matter.post("rating", sent)).status_code == 303
    assert (await matter.post("rating", sent)).status_code == 303
    assert await matter.state() == "accepted"
    assert await database.fetch_value("SELECT count(*) FROM ratings") == 1


async def test_a_high_rating_never_reopens(matter: Matter) -> None:
    await matter.answer()
    await matter.post("rating", await matter.fields(stars="5", reason="not_fixed", again="on"))
    assert await matter.state() == "closed"


async def test_after_the_window_it_cannot_be_reopened(matter: Matter, monkeypatch: pytest.MonkeyPatch) -> None:
    await matter.answer()
    await database.execute("UPDATE closures SET at = at - interval '16 days'")
    assert "要求重办" not in await matter.page()
    answer = await matter.post("reopening", await matter.fields(text="还是坏的"))
    assert answer.status_code == 409 and "重办期限" in answer.text and "还是坏的" in answer.text


async def test_the_question_and_the_result_are_shown(matter: Matter) -> None:
    await matter.ask()
    page = await matter.page()
    assert "在几号楼?" in page and "期限先停着" in page
    await matter.post("reply", await matter.fields(text="三栋"))
    await matter.answer()
    page = await matter.page()
    assert "办理结果" in page and "已换上新井盖。" in page and "满意吗?" in page


async def test_a_changed_record_is_told_calmly(matter: Matter) -> None:
    await database.execute("UPDATE events SET content = content || ' '::bytea WHERE stream LIKE 'case:%'")
    page = await matter.page()
    assert "没有通过核对" in page and "12345" in page and "记录已核对" not in page


async def test_a_deadline_that_passed_is_said(matter: Matter) -> None:
    await database.execute("UPDATE cases SET due_at = $1::timestamptz - interval '49 hours'", clock.now())
    page = await matter.page()
    assert "超 2 天" in page and "12345" in page


@pytest.mark.parametrize("number", ["0", "abc", "%00", "1" * 300, "26112100042'--", "../signin", "２６１１２１"])
async def test_odd_numbers_are_calmly_not_found(web: httpx.AsyncClient, cast: Cast, number: str) -> None:
    assert (await web.get(f"/mine/{number}", follow_redirects=False)).status_code in (303, 404, 200)
    assert (await web.post(f"/mine/{number}/additions", data={"text": "x"})).status_code in (303, 404, 405)
