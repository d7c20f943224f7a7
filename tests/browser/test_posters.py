"""Posters as staff see them and as paper gets them; and the report that a code opens."""

import re

import pytest
from playwright.async_api import expect

from server.kernel.actor import Actor
from server.people.sessions import open_session
from tests.browser.conftest import PC, PHONE, READY, Axe, OpenPage
from tests.browser.looks import clean_in_every_look
from tests.cast import Cast
from tests.conftest import swapped_pool

pytestmark = pytest.mark.browser

COMMUNITY = "440300001001"
LONG = "民乐花园三期地下停车场负二层东侧电梯厅与消防通道之间的公告栏旁边靠近配电房门口的那面墙上面向小区南门方向"


async def _token(url: str, actor: Actor) -> str:
    assert actor.account_id is not None
    async with swapped_pool(url):
        return await open_session(actor.account_id, password=True, second=True)


async def test_axe_finds_nothing(open_page: OpenPage, axe: Axe, live: str, live_database: str, live_cast: Cast) -> None:
    token = await _token(live_database, live_cast.staff)
    async with open_page(PHONE) as page:
        await page.context.add_cookies([{"name": "huying", "value": token, "url": live}])
        for path in ("/desk/posters", f"/desk/posters/sheet?area={COMMUNITY}&grids=1"):
            await clean_in_every_look(page, axe, path)


async def test_a_poster_is_one_sheet_of_paper_each(
    open_page: OpenPage, live: str, live_database: str, live_cast: Cast
) -> None:
    token = await _token(live_database, live_cast.staff)
    async with open_page(PC) as page:
        await page.context.add_cookies([{"name": "huying", "value": token, "url": live}])
        for query, sheets in (("", 1), ("&grids=1", 3), (f"&grids=1&place={LONG}", 3)):
            await page.goto(f"/desk/posters/sheet?area={COMMUNITY}{query}")
            await expect(page.locator("[data-print]")).to_be_visible()
            await page.wait_for_function(
                "() => [...document.images].every((one) => one.complete && one.naturalWidth > 0)"
            )
            paper = await page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b", paper)) == sheets


async def test_from_the_choice_to_the_report_filled_in(
    open_page: OpenPage, live: str, live_database: str, live_cast: Cast
) -> None:
    token = await _token(live_database, live_cast.street_secretary)
    async with open_page(PHONE) as page:
        await page.context.add_cookies([{"name": "huying", "value": token, "url": live}])
        await page.goto("/desk/posters")
        await page.select_option("#f-area", label="民乐社区")
        await page.fill("#f-place", "3 栋电梯间")
        await page.click("main form button")
        await expect(page.locator(".poster-area")).to_have_text("民乐社区")
        said = await page.locator(".poster-address").inner_text()
    async with open_page(PHONE) as page:
        await page.goto(said.split(" ", 1)[1])
        await page.wait_for_selector(READY, state="attached")
        await expect(page.locator("#f-place")).to_have_value("3 栋电梯间")
        await expect(page.locator("#f-community_id option:checked")).to_have_text("民乐社区")
