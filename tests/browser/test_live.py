"""Live pages: what changes elsewhere shows up here, in every tab, and nobody's words are lost by it."""

from playwright.async_api import Browser, BrowserContext, Page, expect

from server import cases
from server.kernel.actor import Actor
from server.notices.following import follow
from server.people.sessions import open_session
from tests.browser.conftest import PHONE, READY
from tests.cast import Cast
from tests.conftest import swapped_pool
from tests.households.making import member


async def signed_in(browser: Browser, live: str, database: str, actor: Actor) -> BrowserContext:
    context = await browser.new_context(
        base_url=live, locale="zh-CN", viewport={"width": PHONE[0], "height": PHONE[1]}, service_workers="block"
    )
    assert actor.account_id is not None
    async with swapped_pool(database):
        token = await open_session(actor.account_id, password=True, second=True)
    await context.add_cookies([{"name": "huying", "value": token, "url": live}])
    return context


async def opened(context: BrowserContext, path: str) -> Page:
    """A page whose stream is open, in this tab or in another."""
    page = await context.new_page()
    await page.goto(path)
    await page.wait_for_selector(READY, state="attached")
    await page.wait_for_function(
        "(async () => (await navigator.locks.query()).held.some((one) => one.name === 'huying-live'))()"
    )
    # Nobody has touched it for a while.
    await page.wait_for_timeout(300)
    return page


async def test_what_others_do_shows_up_in_every_tab_by_one_stream(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    async with swapped_pool(live_database):
        telling = cases.Telling(text="活的页面上的井盖", community_id=live_cast.community)
        report = await cases.report(telling, live_cast.resident)
        await follow()
    context = await signed_in(browser, live, live_database, live_cast.resident)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url) if "/live" in request.url else None)
    try:
        matter = await opened(context, f"/mine/{report.number}")
        other = await opened(context, "/mine")
        assert len([url for url in asked if url.endswith("/live") or "/live?" in url]) == 1
        async with swapped_pool(live_database):
            await cases.accept(report.case_id, live_cast.staff, seen=None)
            await follow()
        await other.bring_to_front()
        await expect(other.locator("#mine")).to_contain_text("已受理", timeout=15_000)
        await matter.bring_to_front()
        await expect(matter.locator("#matter")).to_contain_text("已受理", timeout=15_000)
        # The tab that holds the stream goes; the other one hears on.
        await matter.close()
        await other.bring_to_front()
        async with swapped_pool(live_database):
            await cases.dispatch(report.case_id, live_cast.staff, seen=None, unit_id=live_cast.unit)
            await follow()
        await expect(other.locator("#mine")).to_contain_text("市政维护队", timeout=15_000)
    finally:
        await context.close()


async def test_the_number_of_unread_ones_rises_on_any_page(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    async with swapped_pool(live_database):
        reader = await member(live_cast, "13711110002", "没有消息的人")
    context = await signed_in(browser, live, live_database, reader)
    try:
        page = await opened(context, "/me")
        await expect(page.locator("[data-unread]")).to_be_hidden()
        async with swapped_pool(live_database):
            telling = cases.Telling(text="有人在办了", community_id=live_cast.community)
            report = await cases.report(telling, reader)
            await cases.accept(report.case_id, live_cast.staff, seen=None)
            await follow()
        await expect(page.locator("[data-unread]")).to_have_attribute("data-unread", "1", timeout=15_000)
    finally:
        await context.close()


async def test_what_is_being_typed_stays_and_the_rest_is_new(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    async with swapped_pool(live_database):
        telling = cases.Telling(text="打字时变了的路灯", community_id=live_cast.community)
        report = await cases.report(telling, live_cast.resident)
        await follow()
    context = await signed_in(browser, live, live_database, live_cast.staff)
    try:
        page = await opened(context, f"/desk/cases/{report.number}?do=reject")
        await page.fill("#f-reason", "这件事不归我们")
        async with swapped_pool(live_database):
            await cases.accept(report.case_id, live_cast.second_staff, seen=None)
            await follow()
        await expect(page.locator("#case-head")).to_contain_text("待派发", timeout=15_000)
        await expect(page.locator("#f-reason")).to_have_value("这件事不归我们")
        async with swapped_pool(live_database):
            await cases.dispatch(report.case_id, live_cast.second_staff, seen=None, unit_id=live_cast.unit)
            await follow()
        # Now it can no longer be done: that is said, and the words stay.
        await expect(page.locator("[data-live-said]")).to_be_visible(timeout=15_000)
        await expect(page.locator("#f-reason")).to_have_value("这件事不归我们")
        await expect(page.locator("#case-head")).to_contain_text("待接单")
    finally:
        await context.close()
