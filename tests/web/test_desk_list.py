"""The desk's list: whose lens, which filters, how much it asks the database, what it says when there is nothing."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from server import cases
from server.kernel import clock, database
from tests.cast import Cast, gather
from tests.web import deskwork
from tests.web.signed_in import another, as_


@pytest.fixture
async def cast(web: httpx.AsyncClient) -> Cast:
    return await gather()


async def _list(web: httpx.AsyncClient, who: str, cast: Cast, query: str = "", base: str = "/desk") -> httpx.Response:
    return await (await as_(web, getattr(cast, who))).get(f"{base}{query}")


@pytest.mark.parametrize("who", ["staff", "second_staff", "secretary", "street_secretary", "centre", "grid_worker"])
async def test_who_looks_after_the_place_sees_the_case(web: httpx.AsyncClient, cast: Cast, who: str) -> None:
    number = await deskwork.reported(cast)
    assert number in (await _list(web, who, cast)).text


@pytest.mark.parametrize("who", ["next_staff", "next_secretary", "next_grid_worker"])
async def test_the_next_community_does_not(web: httpx.AsyncClient, cast: Cast, who: str) -> None:
    number = await deskwork.reported(cast)
    shown = await _list(web, who, cast)
    assert shown.status_code == 200 and number not in shown.text


@pytest.mark.parametrize("who", ["resident", "party_member", "handler", "area_admin", "system_admin"])
async def test_for_others_there_is_no_desk(web: httpx.AsyncClient, cast: Cast, who: str) -> None:
    assert (await _list(web, who, cast)).status_code == 404


async def test_signed_out_is_asked_to_sign_in_and_comes_back(web: httpx.AsyncClient, cast: Cast) -> None:
    answer = await another(web).get("/desk?overdue=1")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin") and "next=/desk" in answer.headers["location"]


@pytest.mark.parametrize("rows", [1, 50, 60])
async def test_the_list_asks_three_statements_however_long_it_is(web: httpx.AsyncClient, cast: Cast, rows: int) -> None:
    for _ in range(rows):
        await deskwork.reported(cast)
    staff = await as_(web, cast.staff)
    async with database.connection() as connection:
        asked: list[str] = []
        with connection.query_logger(lambda record: asked.append(record.query)):
            shown = await staff.get("/desk")
            await asyncio.sleep(0)  # the logger is called by the loop
    assert shown.text.count('class="row"') == min(rows, 50)
    assert len(asked) == 3, asked  # the session with its posts, the rows with their names, the counts


async def test_fifty_to_a_page_and_every_case_once(web: httpx.AsyncClient, cast: Cast) -> None:
    numbers = {await deskwork.reported(cast) for _ in range(53)}
    staff = await as_(web, cast.staff)
    first = await staff.get("/desk")
    further = first.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = await staff.get(further)
    seen = [number for number in numbers if f"/desk/cases/{number}" in first.text]
    rest = [number for number in numbers if f"/desk/cases/{number}" in second.text]
    assert len(seen) == 50 and set(seen) | set(rest) == numbers and not set(seen) & set(rest)
    assert "回到最前" in second.text


async def test_overdue_comes_first_and_says_by_how_much(web: httpx.AsyncClient, cast: Cast) -> None:
    fresh = await deskwork.reported(cast)
    with clock.at(clock.now() - timedelta(days=40)):
        old = await deskwork.reported(cast)
    shown = (await _list(web, "staff", cast)).text
    assert shown.index(old) < shown.index(fresh)
    assert "超 " in shown and "还有 " in shown
    only = (await _list(web, "staff", cast, "?overdue=1")).text
    assert old in only and fresh not in only


async def test_a_stopped_clock_is_called_so(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.reported(cast)
    await cases.ask(number, cast.staff, seen=None, text="哪一栋?")
    assert "停表" in (await _list(web, "staff", cast)).text


async def test_filters_are_in_the_address_and_counted(web: httpx.AsyncClient, cast: Cast) -> None:
    waiting, sent = await deskwork.reported(cast), await deskwork.dispatched(cast)
    held = await deskwork.reported(cast, held="短时间内上报较多")
    everything = (await _list(web, "staff", cast)).text
    assert "待甄别" in everything and "待接单" in everything
    assert sent in (one := (await _list(web, "staff", cast, "?state=dispatched")).text) and waiting not in one
    assert held in (one := (await _list(web, "staff", cast, "?held=1")).text) and waiting not in one
    assert sent not in (await _list(web, "staff", cast, "?mine=1")).text  # the unit owns it now
    odd = await _list(web, "staff", cast, "?state=nonsense&post=abc&mine=maybe&x=1")
    assert odd.status_code == 200 and waiting in odd.text


async def test_ended_cases_have_their_own_list(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.reported(cast)
    await cases.answer(number, cast.staff, seen=None, text="已经修好了")
    assert number not in (await _list(web, "staff", cast)).text
    assert number in (await _list(web, "staff", cast, "?done=1")).text


async def test_search_finds_by_number_and_by_words(web: httpx.AsyncClient, cast: Cast) -> None:
    lamp = await deskwork.reported(cast)
    bins = await deskwork.reported(cast, text="垃圾没清", place="幸福里东门")
    for words, found, other in ((lamp, lamp, bins), ("垃圾", bins, lamp), ("幸福里", bins, lamp)):
        shown = (await _list(web, "staff", cast, f"?q={words}")).text
        assert f"/desk/cases/{found}" in shown and f"/desk/cases/{other}" not in shown
    nothing = await _list(web, "staff", cast, "?q=%25%27%22%3Cb%3E")
    assert "没有找到" in nothing.text and "<b>" not in nothing.text and "到已结束的里找" in nothing.text


@pytest.mark.parametrize("after", ["x", "2026-01-01T00:00:00_1", "_", "a" * 500])
async def test_a_made_up_place_in_the_list_breaks_nothing(web: httpx.AsyncClient, cast: Cast, after: str) -> None:
    assert (await _list(web, "staff", cast, f"?after={after}")).status_code in (200, 404)


async def test_nothing_to_do_is_said_kindly(web: httpx.AsyncClient, cast: Cast) -> None:
    assert "都办完了" in (await _list(web, "staff", cast)).text
    assert "一件也没有" in (await _list(web, "staff", cast, "?overdue=1")).text


async def test_private_cases_are_in_the_secretarys_list_alone(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.reported(cast, private=True)
    for who in ("staff", "second_staff", "centre", "grid_worker", "next_secretary"):
        assert number not in (await _list(web, who, cast)).text
    shown = (await _list(web, "secretary", cast)).text
    assert number in shown and "私密" in shown


async def test_several_posts_are_chosen_between_and_others_are_not_found(web: httpx.AsyncClient, cast: Cast) -> None:
    post = await database.fetch_value(
        "INSERT INTO posts (role, title, area, since) VALUES ('community_staff', '向阳代班', $1, $2) RETURNING id",
        cast.next_community,
        clock.now(),
    )
    await database.execute(
        "INSERT INTO holdings (post, account, since) VALUES ($1, $2, $3)", post, cast.staff.account_id, clock.now()
    )
    number = await deskwork.reported(cast)
    assert number in (first := (await _list(web, "staff", cast)).text) and "向阳代班" in first
    assert number not in (await _list(web, "staff", cast, f"?post={post}")).text
    foreign = cast.next_staff.posts[0].id
    assert (await _list(web, "staff", cast, f"?post={foreign}")).status_code == 404


async def test_hostile_text_is_shown_as_it_was_typed(web: httpx.AsyncClient, cast: Cast) -> None:
    await deskwork.reported(cast, text="<script>alert(1)</script>", place='"><img src=x onerror=alert(2)>')
    shown = (await _list(web, "staff", cast)).text
    assert "<script>alert" not in shown and "<img src=x" not in shown
    assert "&lt;script&gt;alert(1)" in shown
