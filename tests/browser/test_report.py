"""From a resident's photo to a number, in a browser: with and without JavaScript, and every page seen by axe."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import FilePayload, Page, expect

from server import cases
from server.cases import Telling
from server.kernel import database
from server.kernel.actor import Actor
from server.people.sessions import open_session
from server.photos import receive
from tests.browser.conftest import PHONE, READY, SMALL, Axe, OpenPage
from tests.browser.looks import Look, clean_in_every_look, opened
from tests.browser.phones import FORM
from tests.cast import Cast, middle
from tests.conftest import swapped_pool
from tests.photos import pictures

pytestmark = pytest.mark.browser

TEXT = "三栋楼下的井盖坏了,晚上走路很危险。"
LONG = "每天早上七点到八点半之间车特别多,孩子上学过马路很危险,希望能派人指挥一下。" * 11
NAME = "阿不都热西提·买买提明·艾合买提江·吐尔"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "photos"


def _photo(place: int | None = None, name: str = "photo.jpg", **size: int) -> FilePayload:
    """A photo, taken in the middle of a grid of the cast if asked."""
    exif = b""
    if place is not None:
        longitude, latitude = middle(place)
        exif = pictures.exif(gps=pictures.position((latitude, 0.0, 0.0), "N", (longitude, 0.0, 0.0), "E"))
    content = pictures.jpeg(size.get("width", 1600), size.get("height", 1200), exif=exif)
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


class Residents:
    """The live server's database and cast, and pages opened as one of them."""

    def __init__(self, open_page: OpenPage, live: str, url: str, cast: Cast) -> None:
        self.open_page, self.live, self.url, self.cast = open_page, live, url, cast

    async def one(self, statement: str, *values: Any) -> Any:
        async with swapped_pool(self.url):
            return await database.fetch_value(statement, *values)

    @asynccontextmanager
    async def as_(self, actor: Actor, size: tuple[int, int] = PHONE, **options: Any) -> AsyncIterator[Page]:
        assert actor.account_id is not None
        async with swapped_pool(self.url):
            token = await open_session(actor.account_id)
        async with self.open_page(size, **options) as page:
            await page.context.add_cookies([{"name": "huying", "value": token, "url": self.live}])
            yield page

    async def in_every_state(self) -> dict[str, str]:
        """Numbers of reports of the resident's by the state they are in, told once for all tests."""
        if not _told:
            async with swapped_pool(self.url):
                _told.update(await _tell_in_every_state(self.cast))
        return _told


_told: dict[str, str] = {}


@pytest.fixture
def residents(open_page: OpenPage, live: str, live_database: str, live_cast: Cast) -> Residents:
    return Residents(open_page, live, live_database, live_cast)


async def test_three_taps_and_one_sentence(residents: Residents) -> None:
    taps = 0
    async with residents.open_page(PHONE, has_touch=True) as page:
        await opened(page, "/")
        await page.locator(".door").tap()
        taps += 1
        async with page.expect_file_chooser() as chooser:
            await page.locator("#f-report-camera").tap()
            taps += 1
        await (await chooser.value).set_files([_photo(0)])
        await expect(page.locator("[data-place-said]")).to_have_text("照片拍摄于 民乐社区 附近,已经填好。")
        await page.locator("#f-text").fill(TEXT)
        await page.locator(".at-thumb .button").tap()
        taps += 1
        await expect(page.locator(".arrived-word")).to_have_text("民乐社区收到了")
        assert taps == 3
        number = await page.locator(".arrived .number").inner_text()
        link = await page.locator(".keep-link").inner_text()
        await expect(page.locator(".next-steps")).not_to_contain_text("张照片")
        await page.goto(link)
        assert page.url.endswith(f"/mine/{number}")
        await expect(page.locator(".own")).to_contain_text(TEXT)
        await expect(page.locator(".own .photos img")).to_have_count(1)
    grid, source = (
        await residents.one("SELECT grid FROM cases WHERE number = $1", number),
        await residents.one("SELECT position_source FROM reports WHERE number = $1", number),
    )
    assert (grid, source) == (residents.cast.grid, "photo")


async def test_without_javascript_the_same_form_does_it(residents: Residents) -> None:
    async with residents.open_page(PHONE, java_script_enabled=False, may_complain=True) as page:
        await page.goto("/report")
        await page.set_input_files("#f-report-camera", [_photo()])
        await page.click(".at-thumb .button")
        await expect(page.locator("#e-text")).to_be_visible()
        await expect(page.locator("#e-community_id")).to_be_visible()
        await expect(page.locator(".upload-one img")).to_have_count(1)
        await page.fill("#f-text", TEXT)
        await page.select_option("#f-community_id", label="向阳社区")
        await page.click("summary:has-text('替别人上报')")
        await page.fill("#f-for_phone", "13900000009")
        await page.check("[name=for_agreed]")
        await page.click(".at-thumb .button")
        await expect(page.locator(".arrived-word")).to_have_text("向阳社区收到了")
        await page.click(".actions .button.main")
        await expect(page.locator(".own .photos img")).to_have_count(1)
        await page.click("summary:has-text('补充文字或照片')")
        await page.fill("#f-add-text", "今天又坏了一处")
        await page.set_input_files("#f-add-album", [_photo(name="b.jpg", width=700)])
        await page.click("details.sheet form[action$=additions] .button.main")
        await expect(page.locator(".notice.done")).to_contain_text("补充的内容已收到")
        await expect(page.locator(".track")).to_contain_text("今天又坏了一处")
        await expect(page.locator(".own .photos img")).to_have_count(2)


async def test_a_file_that_is_no_photo_is_told_at_once_and_the_report_goes(residents: Residents) -> None:
    async with residents.open_page(PHONE) as page:
        await page.goto("/report")
        await page.wait_for_selector(FORM)
        wrong: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"<svg xmlns='x'></svg>" * 20}
        await page.set_input_files("#f-report-album", [_photo(), wrong])
        await expect(page.locator("[data-upload-said]")).to_contain_text("文字不受影响")
        await expect(page.locator(".upload-one[data-id]")).to_have_count(1)
        await page.fill("#f-text", TEXT)
        await page.select_option("#f-community_id", label="民乐社区")
        await page.click(".at-thumb .button")
        await expect(page.locator(".arrived-word")).to_have_text("民乐社区收到了")


async def test_pressing_send_while_a_photo_is_made_small_waits_for_it(residents: Residents) -> None:
    async with residents.open_page(PHONE) as page:
        await page.add_init_script("""
            const make = createImageBitmap;
            window.createImageBitmap = async (...given) => {
                await new Promise((go) => setTimeout(go, 700));
                return make(...given);
            };
        """)
        await page.goto("/report")
        await page.wait_for_selector(FORM)
        await page.set_input_files("#f-report-camera", [_photo()])
        await page.fill("#f-text", TEXT)
        await page.select_option("#f-community_id", label="民乐社区")
        await page.click(".at-thumb .button")
        await expect(page.locator(".arrived-word")).to_have_text("民乐社区收到了")
        await expect(page.locator(".next-steps")).not_to_contain_text("张照片")
        number = await page.locator(".arrived .number").inner_text()
    hung = "SELECT count(*) FROM case_photos h JOIN reports r ON r.id = h.report WHERE r.number = $1"
    assert await residents.one(hung, number) == 1


async def test_a_photo_that_did_not_get_through_is_sent_again_by_itself(residents: Residents) -> None:
    hung = "SELECT count(*) FROM case_photos h JOIN reports r ON r.id = h.report WHERE r.number = $1"
    async with residents.open_page(PHONE, may_complain=True) as page:
        await page.goto("/report")
        await page.wait_for_selector(FORM)
        await page.route("**/sync/photos/**", lambda route: route.abort())
        await page.set_input_files("#f-report-camera", [_photo()])
        await expect(page.locator(".upload-one[data-id]")).to_have_count(1)
        await page.fill("#f-text", TEXT)
        await page.select_option("#f-community_id", label="民乐社区")
        await page.click(".at-thumb .button")
        await expect(page.locator(".next-steps")).to_contain_text("还有 1 张照片存在本机,会自动补上")
        number = await page.locator(".arrived .number").inner_text()
        assert await residents.one(hung, number) == 0
        await page.unroute("**/sync/photos/**")
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.locator(".next-steps")).not_to_contain_text("张照片")
    assert await residents.one(hung, number) == 1


async def test_a_photo_added_later_that_did_not_get_through_can_be_sent_again(residents: Residents) -> None:
    number = (await residents.in_every_state())["reported"]
    async with residents.as_(residents.cast.resident, may_complain=True) as page:
        await page.goto(f"/mine/{number}")
        await page.wait_for_selector(READY, state="attached")
        await page.click("summary:has-text('补充文字或照片')")
        await page.route("**/photos", lambda route: route.abort())
        await page.set_input_files("#f-add-album", [_photo()])
        await expect(page.locator(".upload-again")).to_contain_text("再传一次")
        await page.unroute("**/photos")
        await page.click(".upload-again")
        await expect(page.locator("input[name=photo]")).to_have_count(1)
        await expect(page.locator("input[name=refused]")).to_have_count(0)
        await page.click(".upload-remove")
        await expect(page.locator("input[name=photo]")).to_have_count(0)


async def test_the_phones_position_is_asked_for_by_a_tap_only(residents: Residents) -> None:
    longitude, latitude = middle(2)
    where = {"longitude": longitude, "latitude": latitude, "accuracy": 15}
    async with residents.open_page(PHONE, geolocation=where, permissions=["geolocation"]) as page:
        await opened(page, "/report")
        assert await page.input_value("[name=latitude]") == ""
        await page.click("[data-place-phone]")
        await expect(page.locator("[data-place-said]")).to_contain_text("您在 向阳社区")
        assert await page.input_value("[name=position_source]") == "phone"
        await page.select_option("#f-community_id", label="民乐社区")
        assert await page.input_value("[name=latitude]") == ""


async def test_a_phone_that_gives_no_position_leaves_the_list(residents: Residents) -> None:
    async with residents.open_page(PHONE, permissions=[]) as page:
        await opened(page, "/report")
        await page.click("[data-place-phone]")
        await expect(page.locator("[data-place-said]")).to_have_text("没有取到位置,请选一下社区。")
        await expect(page.locator("#f-community_id")).to_be_visible()


async def test_the_photos_place_is_offered_not_forced(residents: Residents) -> None:
    async with residents.open_page(PHONE) as page:
        await opened(page, "/report")
        await page.select_option("#f-community_id", label="向阳社区")
        await page.set_input_files("#f-report-camera", [_photo(0)])
        await expect(page.locator("[data-place-use]")).to_be_visible()
        assert await page.input_value("[name=latitude]") == ""
        await page.click("[data-place-use]")
        assert await page.locator("#f-community_id option:checked").inner_text() == "民乐社区"
        assert await page.input_value("[name=position_source]") == "photo"


async def test_the_map_opens_when_asked_and_a_tap_says_where(residents: Residents) -> None:
    async with residents.open_page(PHONE) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await opened(page, "/report")
        assert not any("leaflet" in url or "/places/grids" in url for url in asked)
        await page.select_option("#f-community_id", label="民乐社区")
        await page.click(".where-map summary")
        await page.locator(".map-area").first.wait_for()
        await page.wait_for_timeout(400)
        await page.locator(".map-canvas").click(position={"x": 178, "y": 126})
        await expect(page.locator("[data-place-said]")).to_contain_text("地图上的点")
        assert await page.input_value("[name=position_source]") == "map"
        pin, canvas = await page.locator(".map-pin").bounding_box(), await page.locator(".map-canvas").bounding_box()
        assert pin is not None and canvas is not None
        assert abs(pin["x"] + pin["width"] / 2 - canvas["x"] - 178) < 3
        assert abs(pin["y"] + pin["height"] - canvas["y"] - 126) < 3
        assert all(url.startswith(residents.live) or url.startswith("blob:") for url in asked)


async def test_a_photo_with_nothing_typed_stays_beside_what_has_to_be_mended(residents: Residents) -> None:
    async with residents.open_page(PHONE) as page:
        await page.goto("/report")
        await page.wait_for_selector(FORM)
        await page.set_input_files("#f-report-camera", [_photo()])
        await page.click(".at-thumb .button")
        await expect(page.locator("#e-text")).to_be_visible()
        await expect(page.locator(".upload-one[data-id] img")).to_have_count(1)
        await expect(page.locator(".upload-remove")).to_have_count(1)


async def test_low_stars_ask_why_and_can_ask_for_it_again(residents: Residents) -> None:
    number = (await residents.in_every_state())["closed"]
    async with residents.as_(residents.cast.resident) as page:
        await opened(page, f"/mine/{number}")
        await expect(page.locator(".low")).to_be_hidden()
        await page.check("[name=stars][value='5']", force=True)
        await expect(page.locator(".low")).to_be_hidden()
        await page.check("[name=stars][value='1']", force=True)
        await expect(page.locator(".low")).to_be_visible()


async def test_withdrawing_asks_first(residents: Residents) -> None:
    async with swapped_pool(residents.url):
        cast = residents.cast
        told = await cases.report(Telling(text=TEXT, community_id=cast.community), cast.neighbour)
    async with residents.as_(residents.cast.neighbour) as page:
        await opened(page, f"/mine/{told.number}")
        await page.click("summary:has-text('撤回这件事')")
        await page.click(".sheet-dialog .button.danger")
        await expect(page.locator(".confirm")).to_contain_text("不再办理")
        await page.click(".confirm .button.main")
        await expect(page.locator(".now-sentence")).to_have_text("已按您的意思撤回")


PLACES = ["/", "/report", "/mine", "/?place=1"]


async def test_every_page_is_clean_for_axe_and_nothing_scrolls_sideways(residents: Residents, axe: Axe) -> None:
    numbers = await residents.in_every_state()
    own = [f"/mine/{number}" for number in numbers.values()] + [f"/mine/{numbers['long']}/receipt"]
    async with residents.as_(residents.cast.resident) as page:
        for path in (*PLACES, *own):
            await clean_in_every_look(page, axe, path)


async def test_signed_out_first_pages_are_clean_and_narrow_enough(residents: Residents, axe: Axe) -> None:
    async with residents.open_page(SMALL) as page:
        for path in PLACES:
            await clean_in_every_look(page, axe, path, [Look(SMALL)])


@pytest.mark.parametrize("elder", [False, True], ids=["usual", "elder"])
async def test_what_is_tapped_is_large_enough(residents: Residents, elder: bool) -> None:
    least = 60 if elder else 44
    async with residents.open_page(PHONE, elder=elder) as page:
        for path in PLACES:
            await opened(page, path)
            small = await page.evaluate(
                """(least) => [...document.querySelectorAll("main button, main summary, main .call, main select,"
                     + " main .photo-pick, main .emergency-numbers a, main .way-button, main .ways a, main .door")]
                    .map((one) => [one.className, one.getBoundingClientRect()])
                    .filter(([, box]) => box.width > 1 && (box.height < least - 0.5 || box.width < 43.5))
                    .map(([name, box]) => `${name} ${Math.round(box.width)}x${Math.round(box.height)}`)""",
                least,
            )
            assert (path, small) == (path, [])


@pytest.mark.real_input
@pytest.mark.skipif(not REAL.is_dir(), reason=f"{REAL} is absent: no real photos to send")
async def test_real_photos_go_through_the_browser(residents: Residents) -> None:
    async with residents.open_page(PHONE, may_complain=True) as page:
        await page.goto("/report")
        await page.wait_for_selector(FORM)
        some = sorted(REAL.iterdir())[:9]
        await page.set_input_files("#f-report-album", some)
        await expect(page.locator(".upload-one[data-id]")).to_have_count(len(some), timeout=60_000)
        await page.fill("#f-text", TEXT)
        await page.select_option("#f-community_id", label="民乐社区")
        await page.click(".at-thumb .button")
        await expect(page.locator(".arrived-word")).to_have_text("民乐社区收到了")
        await expect(page.locator(".next-steps")).not_to_contain_text("张照片", timeout=60_000)


async def _tell_in_every_state(cast: Cast) -> dict[str, str]:
    resident = cast.resident

    async def told(text: str, photos: int = 1, **also: Any) -> str:
        sent = [(await receive.receive(pictures.jpeg(900 + count, 600), by=resident)).id for count in range(photos)]
        telling = Telling(text=text, community_id=cast.community, photos=tuple(sent), **also)
        return (await cases.report(telling, resident)).number

    async def seen(number: str) -> int:
        return int(await database.fetch_value("SELECT version FROM cases WHERE number = $1", number))

    numbers = {"reported": await told(TEXT), "none": await told("没有照片", 0)}
    numbers["long"] = await told(
        LONG,
        9,
        private=True,
        place="门" * 100,
        for_name=NAME,
        for_phone="13800000002",
        for_agreed=True,
        refused_photos=("照片太大(32 MB),请重拍或选小一点的",),
    )
    numbers["asked"] = asked = await told("楼道灯不亮")
    await cases.ask(asked, cast.staff, seen=await seen(asked), text="在几号楼?")
    numbers["in_hand"] = hand = await told("垃圾桶满了")
    await cases.accept(hand, cast.staff, seen=await seen(hand))
    await cases.dispatch(hand, cast.staff, seen=await seen(hand), unit_id=cast.unit)
    await cases.take_on(hand, cast.handler, seen=await seen(hand))
    for name in ("closed", "rated"):
        numbers[name] = done = await told("路灯坏了", 2)
        after = (await receive.receive(pictures.jpeg(800, 610), by=cast.staff)).id
        await cases.answer(done, cast.staff, seen=await seen(done), text="已换新灯。", photos=[after])
    await cases.rate(numbers["rated"], resident, seen=await seen(numbers["rated"]), stars=1, reason="not_fixed")
    numbers["rejected"] = away = await told("宽带太慢", 0)
    await cases.reject(away, cast.staff, seen=await seen(away), reason="请联系运营商。")
    numbers["withdrawn"] = back = await told("猫在树上", 0)
    await cases.withdraw(back, resident, seen=await seen(back))
    return numbers
