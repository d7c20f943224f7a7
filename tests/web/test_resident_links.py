"""Without an account: the link, the list of this device, and taking reports over into an account."""

import httpx
import pytest

from server.cases import links
from server.kernel import database
from server.kernel.ids import new_id
from tests.cast import Cast, gather
from tests.web.signed_in import another, as_
from tests.web.telling import TEXT, tell


@pytest.fixture
async def cast(web: httpx.AsyncClient) -> Cast:
    return await gather()


async def _path(number: str) -> str:
    report = await database.fetch_value("SELECT id FROM reports WHERE number = $1", number)
    link = await links.link_of(report)
    assert link is not None
    return f"/r/{links.secret_of(link)}"


async def test_the_list_holds_what_this_device_told(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/")
    numbers = [await tell(web, cast, text=f"第{word}件") for word in "一二三"]
    page = (await web.get("/mine")).text
    assert [page.index(f"/mine/{number}") for number in numbers] == sorted(
        (page.index(f"/mine/{number}") for number in numbers), reverse=True
    )
    assert numbers[0] not in (await another(web).get("/mine")).text


async def test_first_nothing_is_there_and_the_page_says_what_to_do(web: httpx.AsyncClient, cast: Cast) -> None:
    page = (await web.get("/mine")).text
    assert "还没有上报过事情" in page and 'href="/report"' in page


async def test_several_links_are_one_cookie(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/")
    one, two = await tell(web, cast), await tell(web, cast)
    other = another(web)
    for number in (one, two, one):
        assert (await other.get(await _path(number))).status_code == 303
    page = (await other.get("/mine")).text
    assert one in page and two in page
    assert len([cookie for cookie in other.cookies.jar if cookie.name == "huying_links"]) == 1


@pytest.mark.parametrize("secret", ["wrong", "A" * 43, "%00", "..%2f..", "<script>", "字", "a" * 4000])
async def test_a_wrong_link_is_calmly_not_found(web: httpx.AsyncClient, cast: Cast, secret: str) -> None:
    answer = await web.get(f"/r/{secret}")
    assert answer.status_code == 404
    assert "huying_links" not in answer.cookies
    assert answer.headers["referrer-policy"] == "no-referrer" or "%2f" in secret
    assert "<script>" not in answer.text


async def test_the_secret_stands_in_no_log(
    web: httpx.AsyncClient, cast: Cast, capfd: pytest.CaptureFixture[str]
) -> None:
    await web.get("/")
    path = await _path(await tell(web, cast))
    await another(web).get(path)
    await another(web).get(path + "x")
    said = capfd.readouterr()
    assert path.removeprefix("/r/") not in said.out + said.err


async def test_a_link_is_a_cookie_that_scripts_do_not_read(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/")
    answer = await another(web).get(await _path(await tell(web, cast)))
    given = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("huying_links="))
    assert "HttpOnly" in given and "SameSite=lax" in given
    assert answer.headers["cache-control"] == "no-store"


async def test_a_forged_link_cookie_opens_nothing(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/")
    number = await tell(web, cast)
    for forged in ("A" * 43, "x", "'; --"):
        assert (await another(web, {"huying_links": forged}).get(f"/mine/{number}")).status_code == 303  # to sign in


async def test_an_account_takes_its_reports_over_and_the_links_end(web: httpx.AsyncClient, cast: Cast) -> None:
    stranger = another(web)
    await stranger.get("/")
    number = await tell(stranger, cast, phone="13800000001")
    path = await _path(number)
    resident = await as_(web, cast.resident)
    assert TEXT in (await resident.get("/mine")).text and "放进我的账号" in (await resident.get("/mine")).text
    neighbour = await as_(web, cast.neighbour)
    assert (await neighbour.post("/mine/claims")).status_code == 303
    assert (await neighbour.get(f"/mine/{number}")).status_code == 404
    for _ in range(2):
        assert (await resident.post("/mine/claims")).status_code == 303
    assert (await resident.get(f"/mine/{number}")).status_code == 200
    assert "放进我的账号" not in (await resident.get("/mine")).text
    assert (await another(web).get(path)).status_code == 404


async def test_whom_it_was_told_for_follows_it_but_never_gets_the_tellers_link(
    web: httpx.AsyncClient, cast: Cast
) -> None:
    teller = another(web)
    await teller.get("/")
    number = await tell(teller, cast, phone="13900000009", for_phone="13800000001", for_name="李阿婆", for_agreed="on")
    path = await _path(number)
    other = await as_(web, cast.resident)
    for page in (f"/mine/{number}", f"/mine/{number}/receipt"):
        assert path in (await teller.get(page)).text
        seen = await other.get(page)
        assert seen.status_code == 200 and path not in seen.text
    await other.post("/mine/claims")
    assert (await teller.get(f"/mine/{number}")).status_code == 200


async def test_signed_out_claims_ask_to_sign_in(web: httpx.AsyncClient, cast: Cast) -> None:
    answer = await web.post("/mine/claims")
    assert answer.status_code == 303 and answer.headers["location"].startswith("/signin")


async def test_home_greets_by_the_place_that_was_chosen(web: httpx.AsyncClient, cast: Cast) -> None:
    first = (await web.get("/")).text
    assert "您住在哪个社区" in first and 'href="/report"' in first and "tel:12345" in first and "长辈版" in first
    answer = await web.post("/place", data={"community_id": str(cast.next_community), "next": "//evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = (await web.get("/")).text
    assert "向阳社区" in page and "钱永红" in page and "您住在哪个社区" not in page
    assert f'value="{cast.next_community}" selected' in (await web.get("/report")).text


async def test_home_without_a_choice_goes_by_the_last_report(web: httpx.AsyncClient, cast: Cast) -> None:
    await database.execute("UPDATE areas SET answers = '工作日 9:00–18:00' WHERE id = $1", cast.community)
    resident = await as_(web, cast.resident)
    number = await tell(resident, cast)
    page = (await resident.get("/")).text
    assert "民乐社区" in page and "赵书平" in page and "工作日 9:00–18:00" in page and f"/mine/{number}" in page


async def test_a_vacant_post_shows_who_answers_instead(web: httpx.AsyncClient, cast: Cast) -> None:
    await database.execute("UPDATE holdings SET until = since WHERE account = $1", cast.secretary.account_id)
    await web.post("/place", data={"community_id": str(cast.community)})
    assert "郑街明" in (await web.get("/")).text


@pytest.mark.parametrize("community", ["", "0", "-1", "99999999999999", "x", "<script>"])
async def test_an_unknown_place_is_forgotten(web: httpx.AsyncClient, cast: Cast, community: str) -> None:
    await web.post("/place", data={"community_id": str(cast.community)})
    assert (await web.post("/place", data={"community_id": community})).status_code == 303
    assert "您住在哪个社区" in (await web.get("/")).text
    forged = another(web, {"huying_place": community or "x"})
    assert (await forged.get("/")).status_code == 200


async def test_a_grid_is_no_community(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.post("/place", data={"community_id": str(cast.grid)})
    assert "您住在哪个社区" in (await web.get("/")).text


async def test_a_point_is_named_and_an_odd_one_is_not(web: httpx.AsyncClient, cast: Cast) -> None:
    there = await web.post("/places/at", data={"latitude": "22.605", "longitude": "114.005"})
    assert there.json() == {"community_id": cast.community, "community": "民乐社区"}
    for odd in ({"latitude": "0", "longitude": "0"}, {"latitude": "999", "longitude": "-999"}):
        assert (await web.post("/places/at", data=odd)).json()["community_id"] is None
    for wrong in ({}, {"latitude": "nan", "longitude": "nan"}, {"latitude": "x", "longitude": "1"}):
        assert (await web.post("/places/at", data=wrong, headers={"accept": "application/json"})).status_code == 422


async def test_the_base_map_holds_the_grids_of_the_street(web: httpx.AsyncClient, cast: Cast) -> None:
    told = (await web.get(f"/places/grids?community={cast.community}")).json()
    assert {one["properties"]["name"] for one in told["features"]} == {"民乐一网格", "民乐二网格", "向阳一网格"}
    assert told["features"][0]["geometry"]["type"] == "Polygon"
    assert len((await web.get("/places/grids?community=999")).json()["features"]) == 3


async def test_two_hundred_reports_are_one_page(web: httpx.AsyncClient, cast: Cast) -> None:
    resident = await as_(web, cast.resident)
    await tell(resident, cast)
    await database.execute(
        """WITH more AS (INSERT INTO reports (id, number, channel, text, account, reported_at, place, datum, name,
               phone, for_phone, for_name, private, answers, refused_photos)
             SELECT gen_random_uuid(), '9' || n, 'web', text, account, reported_at, place, datum, name, phone,
               for_phone, for_name, private, answers, refused_photos
             FROM reports, generate_series(1, 210) n RETURNING id)
           INSERT INTO report_cases (report, "case", since) SELECT more.id, c.id, now() FROM more, cases c"""
    )
    page = (await resident.get("/mine")).text
    assert page.count('class="row-title"') == 200 and "只列出最近 200 件" in page


async def test_a_command_of_its_own_stands_in_every_form(web: httpx.AsyncClient, cast: Cast) -> None:
    one, two = (await web.get("/report")).text, (await web.get("/report")).text
    assert one != two and str(new_id())[:8] in one
