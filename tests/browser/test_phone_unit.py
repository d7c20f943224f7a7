"""接单 and 办结 where there is no signal, in Chromium: on the list, in the case, through the outbox, once."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from server.kernel import database
from tests.browser.conftest import READY, SMALL, Axe
from tests.browser.phones import FORM, phone, ready
from tests.browser.test_phone_report import clean, photo, rows
from tests.cast import Cast
from tests.conftest import swapped_pool
from tests.web import deskwork

pytestmark = pytest.mark.browser

EVENTS = 'SELECT count(*) FROM dispatches d JOIN cases c ON c.id = d."case" WHERE c.number = $1 AND d.promise = $2'
AFTER = """SELECT c.state, count(p.photo) FROM cases c
           LEFT JOIN case_photos p ON p."case" = c.id AND p.role = 'after' WHERE c.number = $1 GROUP BY 1"""


async def begun(url: str, begin: Any, cast: Cast, **also: Any) -> str:
    async with swapped_pool(url):
        return str(await begin(cast, **also))


async def state(url: str, number: str) -> str:
    async with swapped_pool(url):
        return str(await database.fetch_value("SELECT state FROM cases WHERE number = $1", number))


async def test_taken_on_and_finished_in_a_basement_it_arrives_once(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    async with swapped_pool(live_database):
        category = await deskwork.category(live_cast, photo_after=True)
    number = await begun(live_database, deskwork.dispatched, live_cast, category=category)
    async with phone(browser, live, live_database, live_cast.handler, path="/unit") as page:
        await page.context.set_offline(True)
        await page.goto("/unit")
        row = page.locator(".row", has=page.locator(f'a[href="/unit/cases/{number}"]'))
        await expect(row).to_contain_text("待接单")
        await clean(page, axe, "unit-offline")
        await row.locator("a").click()
        await page.wait_for_selector(FORM)
        await clean(page, axe, "unit-case-offline")
        await page.get_by_label("明天上午去看").check(force=True)
        await page.locator(".at-thumb button").click()
        await expect(page.locator(".deed-said")).to_contain_text("接单已存在本机")
        await clean(page, axe, "unit-taken-on-saved")
        await page.get_by_role("link", name="回到单子").click()
        await expect(row.locator(".row-unsent")).to_have_text("已存在本机")
        await clean(page, axe, "unit-list-unsent")
        await row.locator("a").click()
        await page.get_by_role("link", name="接着办结").click()
        await page.wait_for_selector(FORM)
        await page.locator(".at-thumb button").click()
        await expect(page.locator("#e-text")).to_be_visible()
        await expect(page.locator("#e-after")).to_contain_text("要有处理后的照片")
        await page.fill("#f-text", "换了灯头,亮了")
        await page.set_input_files("#f-after", [photo()])
        await expect(page.locator(".upload-one[data-id]")).to_have_count(1)
        await page.reload()
        await page.wait_for_selector(FORM)
        await expect(page.locator(".phone-restored")).to_be_visible()
        await expect(page.locator("#f-text")).to_have_value("换了灯头,亮了")
        await expect(page.locator(".upload-one[data-id] img")).to_have_count(1)
        await clean(page, axe, "unit-finish-restored")
        await page.locator(".at-thumb button").click()
        await expect(page.locator(".deed-said")).to_contain_text("办结已存在本机")
        await expect(page.locator("[data-sync]")).to_contain_text("2 项")
        assert await state(live_database, number) == "dispatched"
        await page.context.set_offline(False)
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page).to_have_url(f"{live}/unit")
        await expect(page.locator("[data-sync]")).to_be_hidden()
        assert await rows(live_database, AFTER, number) == [("finished", 1)]
        assert await rows(live_database, EVENTS, number, "明天上午去看") == [(1,)]


async def test_online_the_form_goes_the_same_way_and_the_case_says_so(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    number = await begun(live_database, deskwork.in_hand, live_cast)
    async with phone(browser, live, live_database, live_cast.handler, path="/unit") as page:
        sent: list[str] = []
        page.on("request", lambda one: sent.append(one.url) if one.method != "GET" else None)
        await ready(page, f"/unit/cases/{number}?do=finish")
        await page.fill("#f-text", "已经修好")
        await page.set_input_files("#f-after", [photo()])
        await expect(page.locator(".upload-one[data-id]")).to_have_count(1)
        await clean(page, axe, "unit-finish-online")
        await page.get_by_role("button", name="办结").click()
        await expect(page.locator(".said")).to_contain_text("已办结")
        await expect(page.get_by_alt_text("处理后的照片 1")).to_be_visible()
        assert not [url for url in sent if url.endswith("/result")]
        assert await rows(live_database, AFTER, number) == [("finished", 1)]


async def test_what_came_too_late_says_so_and_is_marked_in_the_list(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    number = await begun(live_database, deskwork.in_hand, live_cast)
    async with phone(browser, live, live_database, live_cast.handler, path="/unit") as page:
        await page.context.set_offline(True)
        await ready(page, f"/unit/cases/{number}")
        await page.fill("#f-text", "已经修好")
        await page.locator(".at-thumb button").click()
        await expect(page.locator(".deed-said")).to_contain_text("已存在本机")
        async with swapped_pool(live_database):
            await deskwork.cases.finish(number, live_cast.handler, seen=None, text="同事先办好了")
        await page.context.set_offline(False)
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.locator(".deed-said")).to_contain_text("办结没有收下")
        await expect(page.locator("[data-sync]")).to_contain_text("需要您处理")
        await clean(page, axe, "unit-refused")


async def test_without_a_list_the_page_says_what_to_do(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    async with phone(browser, live, live_database) as page:
        await page.context.set_offline(True)
        await page.goto("/unit/")
        await expect(page.locator(".empty-line")).to_have_text("这部手机上还没有单子")
        await clean(page, axe, "unit-none")


@pytest.mark.parametrize("look", ["dark", "elder"])
async def test_its_screens_are_clean_in_every_look(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe, look: str
) -> None:
    options: dict[str, Any] = {"color_scheme": "dark"}
    if look == "elder":
        options = {"viewport": {"width": SMALL[0], "height": SMALL[1]}}
    number = await begun(live_database, deskwork.dispatched, live_cast, place="很长的地方" * 8)
    async with phone(browser, live, live_database, live_cast.handler, path="/unit", **options) as page:
        if look == "elder":
            await page.context.add_cookies([{"name": "huying_look", "value": "elder", "url": live}])
        await page.context.set_offline(True)
        await page.goto("/unit")
        await page.wait_for_selector(READY, state="attached")
        await expect(page.locator(f'a[href="/unit/cases/{number}"]')).to_be_visible()
        await clean(page, axe, f"unit-list-{look}")
        await ready(page, f"/unit/cases/{number}")
        await clean(page, axe, f"unit-case-{look}")
