"""Posters: their codes say where they hang, the report believes what it can read, and nobody makes a neighbour's."""

import io
import re
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
import pytest
import segno
from PIL import Image

from server.areas import tree
from server.kernel.actor import the_system
from tests.cast import Cast, gather
from tests.web.signed_in import another, as_
from web.pages.posters import code

COMMUNITY, NEXT, GRID, NEXT_GRID = "440300001001", "440300001002", "44030000100101", "44030000100201"


@pytest.fixture
async def cast(db: None) -> Cast:
    return await gather()


def matrix_of(png: bytes) -> list[list[int]]:
    """The code's modules as a camera would see them: dark is 1, without the quiet edge."""
    picture = Image.open(io.BytesIO(png)).convert("L")
    side = picture.width // 20
    return [
        [int(picture.getpixel((x * 20 + 10, y * 20 + 10)) < 128) for x in range(4, side - 4)]
        for y in range(4, side - 4)
    ]


async def test_the_picture_is_the_code_of_the_address_that_opens_the_report_filled_in(
    web: httpx.AsyncClient, cast: Cast
) -> None:
    place = "3 栋东侧 & <b>电梯间</b>"
    async with await as_(web, cast.secretary) as secretary:
        page = await secretary.get("/desk/posters", params={"area": COMMUNITY, "place": place})
        png = await secretary.get("/desk/posters/code/png", params={"area": COMMUNITY, "place": place})
    expected = "http://testserver.local/report?" + urlencode({"c": COMMUNITY, "p": place})
    assert matrix_of(png.content) == [list(row) for row in segno.make_qr(expected, error="q").matrix]
    assert expected.replace("&", "&amp;") in page.text
    async with another(web) as resident:
        report = (await resident.get(expected.removeprefix("http://testserver.local"))).text
    assert f'value="{cast.community}" selected' in report
    assert 'value="3 栋东侧 &amp; &lt;b&gt;电梯间&lt;/b&gt;"' in report
    assert "<b>电梯间" not in report + page.text


@pytest.mark.parametrize(
    ("kind", "media_type", "begins"),
    [("png", "image/png", b"\x89PNG"), ("svg", "image/svg+xml", b"<?xml"), ("pdf", "application/pdf", b"%PDF-")],
)
async def test_it_can_be_taken_along_in_three_kinds(
    web: httpx.AsyncClient, cast: Cast, kind: str, media_type: str, begins: bytes
) -> None:
    async with await as_(web, cast.staff) as staff:
        answer = await staff.get(f"/desk/posters/code/{kind}", params={"area": GRID, "place": "门口", "download": 1})
        assert answer.headers["content-type"].split(";")[0] == media_type
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert quote("门口") in answer.headers["content-disposition"]
        assert answer.content.startswith(begins)
        assert (await staff.get(f"/desk/posters/code/{kind}x", params={"area": GRID})).status_code == 404


@pytest.mark.parametrize("path", ["/desk/posters", "/desk/posters/sheet", "/desk/posters/code/png"])
async def test_a_neighbours_area_is_not_found(web: httpx.AsyncClient, cast: Cast, path: str) -> None:
    async with await as_(web, cast.next_staff) as neighbour:
        for wanted in (COMMUNITY, GRID, "440300001", "440300", "nothing", "0' OR 1=1", "\x00", "9" * 5000):
            assert (await neighbour.get(path, params={"area": wanted})).status_code == 404, wanted
        assert (await neighbour.get(path, params={"area": NEXT})).status_code == 200
        assert (await neighbour.get(path, params={"area": NEXT, "grid": NEXT_GRID})).status_code == 200
        assert (await neighbour.get(path, params={"area": NEXT, "grid": GRID})).status_code == 404


async def test_who_does_not_speak_for_an_area_has_no_posters(web: httpx.AsyncClient, cast: Cast) -> None:
    for actor in (cast.resident, cast.grid_worker, cast.handler, cast.centre, cast.party_member):
        async with await as_(web, actor) as client:
            for site in ("/desk", "/admin"):
                answer = await client.get(f"{site}/posters", params={"area": COMMUNITY})
                assert answer.status_code in (303, 401, 404), (actor.name, answer.status_code)
    async with another(web) as stranger:
        assert (await stranger.get("/desk/posters", follow_redirects=False)).status_code in (303, 401)


async def test_every_level_sees_its_own_communities(web: httpx.AsyncClient, cast: Cast) -> None:
    expected = {
        "staff": [COMMUNITY],
        "secretary": [COMMUNITY],
        "next_staff": [NEXT],
        "street_secretary": [COMMUNITY, NEXT],
        "area_admin": [COMMUNITY, NEXT],
        "system_admin": [COMMUNITY, NEXT],
    }
    for name, codes in expected.items():
        site = "/admin" if name.endswith("admin") else "/desk"
        async with await as_(web, getattr(cast, name)) as client:
            page = (await client.get(f"{site}/posters")).text
            options = re.findall(r'<select id="f-area".*?</select>', page, re.DOTALL)[0]
            assert re.findall(r'value="(\d+)"', options) == codes, name
            assert f'action="{site}/posters"' in page


async def test_a_sheet_for_each_grid(web: httpx.AsyncClient, cast: Cast) -> None:
    async with await as_(web, cast.staff) as staff:
        one = await staff.get("/desk/posters/sheet", params={"area": COMMUNITY})
        all_of = await staff.get("/desk/posters/sheet", params={"area": COMMUNITY, "grids": 1})
        assert (await staff.get("/desk/posters/sheet")).status_code == 404
    assert one.text.count('class="poster"') == 1
    assert all_of.text.count('class="poster"') == 3
    assert "民乐二网格" in all_of.text and "向阳" not in all_of.text


async def test_a_grids_code_fills_in_its_community(web: httpx.AsyncClient, cast: Cast) -> None:
    page = (await web.get("/report", params={"c": NEXT_GRID})).text
    assert f'value="{cast.next_community}" selected' in page


async def test_the_poster_counts_more_than_what_this_device_chose_before(web: httpx.AsyncClient, cast: Cast) -> None:
    async with another(web, {"huying_place": str(cast.community)}) as resident:
        assert f'value="{cast.community}" selected' in (await resident.get("/report")).text
        page = (await resident.get("/report", params={"c": NEXT})).text
    assert f'value="{cast.next_community}" selected' in page


@pytest.mark.parametrize("wanted", ["nothing", "440300", "440300001", "", "\x00", "' OR 1=1 --", "中文", "9" * 5000])
async def test_an_unknown_code_is_passed_over(web: httpx.AsyncClient, cast: Cast, wanted: str) -> None:
    answer = await web.get("/report", params={"c": wanted, "p": "门口"})
    assert answer.status_code == 200
    assert re.findall(r'<option value="\d+" selected', answer.text) == []
    assert 'value="门口"' in answer.text


async def test_a_retired_area_is_passed_over_and_has_no_poster(web: httpx.AsyncClient, cast: Cast) -> None:
    await tree.retire(cast.next_grid, by=the_system("test"))
    assert " selected" not in (await web.get("/report", params={"c": NEXT_GRID})).text
    async with await as_(web, cast.next_staff) as staff:
        answer = await staff.get("/desk/posters", params={"area": NEXT, "grid": NEXT_GRID})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ("门" * 300, "门" * 200),
        ("  3 栋\r\n电梯间\t ", "3 栋 电梯间"),
        ("a\x00b\u202ec\u200bd", "a b c d"),
        ('"><script>alert(1)</script>', "&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("{{ 7 * 7 }}", "{{ 7 * 7 }}"),
    ],
)
async def test_a_place_is_one_line_of_at_most_200_characters(
    web: httpx.AsyncClient, cast: Cast, given: str, filled: str
) -> None:
    page = (await web.get("/report", params={"c": COMMUNITY, "p": given})).text
    place = re.findall(r'<input[^>]*name="place"[^>]*>', page)[0]
    assert f'value="{filled}"' in place


async def test_values_given_twice_or_broken_do_no_harm(web: httpx.AsyncClient, cast: Cast) -> None:
    for query in ("c=1&c=2&p=a&p=b", "p=%ff%fe", "c[]=1&p[]=2", "c=%", "p=" + "a" * 20_000):
        assert (await web.get(f"/report?{query}")).status_code == 200, query[:30]


def test_a_poster_keeps_its_code_coarse_enough() -> None:
    place = code.place_of("门" * 300)
    assert len(place) == code.LONGEST_PLACE
    url = code.address(GRID, place)
    assert parse_qs(urlsplit(url).query) == {"c": [GRID], "p": [place]}
    assert code.qr(url).version <= 25
    assert code.qr(code.address(GRID, "3 栋电梯间")).version <= 10
