"""A resident's report from a basement, in Chromium: saved at every touch, sent once, its receipt shown."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server.kernel import database
from server.people.sessions import open_session
from tests.browser.conftest import SMALL, Axe
from tests.browser.looks import WIDER
from tests.browser.phones import FORM, phone, ready
from tests.cast import Cast, middle
from tests.conftest import swapped_pool
from tests.photos import pictures

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("SHOTS")
"""A folder for screenshots, for who wants to look."""


def photo(place: int | None = None, width: int = 2400) -> Any:
    exif = b""
    if place is not None:
        longitude, latitude = middle(place)
        exif = pictures.exif(gps=pictures.position((latitude, 0.0, 0.0), "N", (longitude, 0.0, 0.0), "E"))
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": pictures.jpeg(width, 1200, exif=exif)}


async def rows(url: str, statement: str, *values: Any) -> list[Any]:
    async with swapped_pool(url):
        return [tuple(row.values()) for row in map(dict, await database.fetch(statement, *values))]


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


async def clean(page: Page, axe: Axe, name: str) -> None:
    """Seen by axe and as narrow as the screen."""
    await shot(page, name)
    assert (name, await axe(page)) == (name, [])
    assert (name, await page.evaluate(WIDER)) <= (name, 0)


HUNG = """SELECT r.text, c.community, count(p.photo) FROM reports r JOIN cases c ON c.number = r.number
          LEFT JOIN case_photos p ON p."case" = c.id WHERE r.text = $1 GROUP BY 1, 2, r.id"""


async def test_from_a_basement_it_arrives_once_with_its_photo_and_shows_its_receipt(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    text = "地下车库的消防栓漏水,已经积了一大片。"
    async with phone(browser, live, live_database) as page:
        await page.context.set_offline(True)
        await ready(page, "/report")
        await page.set_input_files("#f-report-album", [photo(0)])
        await expect(page.locator(".upload-one[data-id] img")).to_have_count(1)
        await expect(page.locator("[data-place-said]")).to_contain_text("照片里有位置")
        await page.fill("#f-text", text)
        await clean(page, axe, "report-offline")
        await page.click(".at-thumb .button")
        await expect(page.locator(".arrived-word")).to_have_text("已存在本机")
        await expect(page.locator("[data-sync]")).to_contain_text("已存在本机 · 1 项")
        await clean(page, axe, "report-saved")
        assert await rows(live_database, HUNG, text) == []
        await page.reload()
        await expect(page.locator("[data-sync]")).to_contain_text("已存在本机 · 1 项")
        await expect(page.locator("#f-text")).to_have_value("")
        await page.context.set_offline(False)
        await expect(page.locator("[data-sync]")).to_contain_text("已收到", timeout=15_000)
        await shot(page, "report-received-pill")
        assert await rows(live_database, HUNG, text) == [(text, live_cast.community, 1)]
        await page.reload()
        await page.wait_for_timeout(500)
        assert await rows(live_database, HUNG, text) == [(text, live_cast.community, 1)]


async def test_the_receipt_comes_to_the_page_that_waits(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    code = (await rows(live_database, "SELECT code FROM areas WHERE id = $1", live_cast.community))[0][0]
    async with phone(browser, live, live_database) as page:
        await page.context.set_offline(True)
        # The poster at the door was scanned where there is no signal.
        await ready(page, f"/report?c={code}&p=3%20栋门口")
        await expect(page.locator("#f-place")).to_have_value("3 栋门口")
        assert await page.locator("#f-community_id option:checked").inner_text() == "民乐社区"
        await page.fill("#f-text", "三栋门口的路灯坏了")
        await page.click(".at-thumb .button")
        await expect(page.locator(".arrived-word")).to_have_text("已存在本机")
        await page.context.set_offline(False)
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.locator(".arrived-word")).to_have_text("民乐社区收到了")
        await expect(page.locator(".next-steps")).to_contain_text("给您答复")
        await clean(page, axe, "report-received")
        number = await page.locator(".arrived .number").inner_text()
        await page.get_by_role("link", name="看进展").click()
        await page.wait_for_url(f"**/mine/{number}")
        await expect(page.locator(".own")).to_contain_text("三栋门口的路灯坏了")


async def test_the_first_thing_on_a_new_phone_is_already_theirs(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    async with phone(browser, live, live_database) as page:
        async with swapped_pool(live_database):
            assert live_cast.resident.account_id is not None
            token = await open_session(live_cast.resident.account_id)
        await page.context.add_cookies([{"name": "huying", "value": token, "url": live}])
        await ready(page, "/report")
        await page.fill("#f-text", "新手机上的第一件事")
        await page.select_option("#f-community_id", label="民乐社区")
        await page.click(".at-thumb .button")
        await expect(page.locator(".arrived-word")).to_have_text("民乐社区收到了")
        assert await page.locator(".keep-link").count() == 0


async def test_what_was_typed_is_there_again_to_the_letter_photos_included(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    async with phone(browser, live, live_database, live_cast.resident) as page:
        await ready(page, "/report")
        await page.set_input_files("#f-report-album", [photo(width=1000), photo(width=2000)])
        await expect(page.locator(".upload-one[data-id]")).to_have_count(2)
        await page.fill("#f-text", "  二楼的窗\n\n掉下来了 ")
        await page.select_option("#f-community_id", label="向阳社区")
        await page.locator("[name=private]").check()
        await page.wait_for_timeout(300)
        again = await page.context.new_page()
        await page.close()
        await again.context.set_offline(True)
        await ready(again, "/report")
        await expect(again.locator(".phone-restored")).to_contain_text("接着上次的写")
        await expect(again.locator("#f-text")).to_have_value("  二楼的窗\n\n掉下来了 ")
        await expect(again.locator(".upload-one[data-id] img")).to_have_count(2)
        assert await again.locator("#f-community_id option:checked").inner_text() == "向阳社区"
        assert await again.locator("[name=private]").is_checked()
        await clean(again, axe, "report-restored")
        await again.locator(".upload-remove").first.click()
        await expect(again.locator(".upload-one[data-id]")).to_have_count(1)
        await again.wait_for_timeout(300)
        await again.reload()
        await again.wait_for_selector(FORM)
        await expect(again.locator(".upload-one[data-id]")).to_have_count(1)
        await again.get_by_role("button", name="重新写").click()
        await again.wait_for_selector(FORM)
        await expect(again.locator("#f-text")).to_have_value("")
        await expect(again.locator(".upload-one")).to_have_count(0)
        assert await again.locator(".phone-restored").count() == 0


async def test_a_refused_report_is_mended_here(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    text = "北门的树枝快断了"
    async with phone(browser, live, live_database) as page:
        await page.context.set_offline(True)
        await ready(page, "/report")
        await page.fill("#f-text", text)
        await page.select_option("#f-community_id", label="民乐社区")
        await page.click("summary:has-text('留个手机号')")
        # Eleven digits, but no mobile phone: only the server knows.
        await page.fill("#f-phone", "00000000000")
        await page.set_input_files("#f-report-album", [photo()])
        await expect(page.locator(".upload-one[data-id]")).to_have_count(1)
        await page.click(".at-thumb .button")
        await page.context.set_offline(False)
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.locator(".arrived-word")).to_have_text("没有收下")
        await expect(page.locator("[data-sync]")).to_contain_text("需要您处理")
        await clean(page, axe, "report-refused")
        await page.get_by_role("link", name="改一改再发").click()
        await page.wait_for_selector(FORM)
        await expect(page.locator("#e-phone")).to_be_visible()
        await expect(page.locator("#f-text")).to_have_value(text)
        await expect(page.locator(".upload-one[data-id] img")).to_have_count(1)
        await clean(page, axe, "report-mend")
        await page.fill("#f-phone", "13900000021")
        await page.click(".at-thumb .button")
        await expect(page.locator(".arrived-word")).to_have_text("民乐社区收到了")
        await expect(page.locator("[data-sync]")).to_contain_text("已收到")
        assert await rows(live_database, HUNG, text) == [(text, live_cast.community, 1)]


async def test_a_full_phone_says_so_and_nothing_is_lost(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    async with phone(browser, live, live_database) as page:
        await page.add_init_script("navigator.storage.estimate = async () => ({ usage: 99e6, quota: 100e6 });")
        await ready(page, "/report")
        await expect(page.locator(".notice.waiting")).to_contain_text("快满了")
        await page.fill("#f-text", "门口积水")
        await page.select_option("#f-community_id", label="民乐社区")
        await page.wait_for_timeout(200)
        await page.evaluate("""() => {
            window.put = IDBObjectStore.prototype.put;
            IDBObjectStore.prototype.put = function () { throw new DOMException("full", "QuotaExceededError"); };
        }""")
        await page.click(".at-thumb .button")
        await expect(page.locator(".notice.need")).to_contain_text("存储空间满了")
        await expect(page.locator("#f-text")).to_have_value("门口积水")
        await clean(page, axe, "report-full")
        await page.evaluate("() => { IDBObjectStore.prototype.put = window.put; }")
        await page.click(".at-thumb .button")
        await expect(page.locator(".arrived-word")).to_have_text("民乐社区收到了")


async def test_the_browser_is_asked_to_keep_it_after_the_first_save(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    async with phone(browser, live, live_database) as page:
        await page.add_init_script("navigator.storage.persist = async () => (window.asked = true);")
        await ready(page, "/report")
        await page.fill("#f-text", "门口积水")
        assert await page.evaluate("window.asked") is None
        await page.select_option("#f-community_id", label="民乐社区")
        await page.click(".at-thumb .button")
        await page.wait_for_function("() => window.asked || navigator.storage.persisted()")


@pytest.mark.parametrize("look", [{"color_scheme": "dark"}, {"elder": True}], ids=["dark", "elder"])
async def test_its_screens_are_clean_in_every_look(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe, look: dict[str, Any]
) -> None:
    elder = look.pop("elder", False)
    size = {"viewport": {"width": SMALL[0], "height": SMALL[1]}} if elder else {}
    name = "elder" if elder else "dark"
    async with phone(browser, live, live_database, **look, **size) as page:
        if elder:
            await page.context.add_cookies([{"name": "huying_look", "value": "elder", "url": live}])
        await page.context.set_offline(True)
        await ready(page, "/report")
        await page.click(".at-thumb .button")
        await expect(page.locator("#e-text")).to_be_visible()
        await clean(page, axe, f"report-wrong-{name}")
        await page.fill("#f-text", "楼道灯不亮" * 80)
        await page.select_option("#f-community_id", label="民乐社区")
        await page.click(".at-thumb .button")
        await expect(page.locator(".arrived-word")).to_have_text("已存在本机")
        await clean(page, axe, f"report-saved-{name}")
