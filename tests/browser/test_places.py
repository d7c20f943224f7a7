"""Places as their keepers see them, their labels on paper, and a label read from a picture of itself."""

import re

import pytest
from playwright.async_api import expect

from server.kernel.actor import Actor
from server.kernel.ids import new_id
from server.patrols import kinds
from server.people.sessions import open_session
from tests.browser.conftest import PC, PHONE, READY, Axe, OpenPage
from tests.browser.looks import clean_in_every_look
from tests.cast import Cast
from tests.conftest import swapped_pool
from tests.patrols.making import QUESTIONS, place

pytestmark = pytest.mark.browser


async def _made(url: str, cast: Cast, by: Actor, many: int = 1) -> tuple[str, str]:
    """A session's token and the code of a place, of a kind that asks."""
    assert by.account_id is not None
    async with swapped_pool(url):
        made = await kinds.create_kind(new_id().hex[-12:], "出租屋", needs_operator=True, by=cast.area_admin)
        await kinds.publish_kind(made.id, by=cast.area_admin, questions=QUESTIONS)
        of = await kinds.kind(made.id)
        codes = [(await place(cast, of, name=f"一个有二十个字那么长的出租屋名称第 {n} 处")).code for n in range(many)]
        return await open_session(by.account_id, password=True, second=True), codes[0]


async def test_axe_finds_nothing_and_nothing_is_wider_than_the_phone(
    open_page: OpenPage, axe: Axe, live: str, live_database: str, live_cast: Cast
) -> None:
    token, code = await _made(live_database, live_cast, live_cast.staff)
    async with open_page(PHONE) as page:
        await page.context.add_cookies([{"name": "huying", "value": token, "url": live}])
        for path in ("", "/new", f"/{code}", f"/{code}/edit", "/scan", "/labels", "/import"):
            await clean_in_every_look(page, axe, f"/desk/places{path}")


async def test_twenty_four_labels_are_one_sheet_of_paper(
    open_page: OpenPage, live: str, live_database: str, live_cast: Cast
) -> None:
    token, _ = await _made(live_database, live_cast, live_cast.secretary, many=26)
    async with open_page(PC) as page:
        await page.context.add_cookies([{"name": "huying", "value": token, "url": live}])
        await page.goto("/desk/places/labels")
        await expect(page.locator("[data-print]")).to_be_visible()
        sheets = await page.locator(".labels").count()
        assert sheets >= 2 and await page.locator(".labels").first.locator(".label").count() == 24
        paper = await page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == sheets


async def test_a_photo_of_a_label_is_read_by_the_library_and_leads_to_the_place(
    open_page: OpenPage, live: str, live_database: str, live_cast: Cast
) -> None:
    token, code = await _made(live_database, live_cast, live_cast.grid_worker)
    async with open_page(PHONE) as page:
        await page.context.add_init_script("delete globalThis.BarcodeDetector")
        await page.context.add_cookies([{"name": "huying", "value": token, "url": live}])
        await page.goto(f"/desk/places/labels?code={code}")
        photo = await page.locator(".label").screenshot()
        await page.goto("/desk/places/scan")
        await page.wait_for_selector(READY, state="attached")
        blank = await page.locator("h1").screenshot()
        await page.set_input_files("[data-scan-photo]", {"name": "a.png", "mimeType": "image/png", "buffer": blank})
        await expect(page.locator("[data-scan-said]")).to_contain_text("没有找到")
        await page.set_input_files("[data-scan-photo]", {"name": "b.png", "mimeType": "image/png", "buffer": photo})
        await page.wait_for_url(f"**/desk/places/{code}")


async def test_a_browser_without_a_camera_says_so_and_takes_the_typed_code(
    open_page: OpenPage, live: str, live_database: str, live_cast: Cast
) -> None:
    token, code = await _made(live_database, live_cast, live_cast.grid_worker)
    async with open_page(PHONE) as page:
        await page.context.add_cookies([{"name": "huying", "value": token, "url": live}])
        await page.goto("/desk/places/scan")
        await page.click("[data-scan-start]")
        await expect(page.locator("[data-scan-said]")).to_contain_text("打不开相机")
        await page.fill("#f-code", f"{code[:5]} {code[5:].lower()}")
        await page.click("main form button")
        await page.wait_for_url(f"**/desk/places/{code}")
