"""消息: read with and without a network, and what was read in a basement is heard of afterwards."""

from playwright.async_api import Browser, expect

from server import cases
from server.notices import inbox
from server.notices.following import follow
from tests.browser.conftest import READY, Axe
from tests.browser.looks import clean_as_it_stands, clean_in_every_look
from tests.browser.phones import phone
from tests.cast import Cast
from tests.conftest import swapped_pool
from tests.households.making import member


async def test_it_is_read_without_a_network_and_the_server_hears_of_it(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    async with swapped_pool(live_database):
        # Somebody of whom no other test tells anything.
        reader = await member(live_cast, "13711110001", "只看消息的人")
        for text in ("井盖松了", "路灯不亮"):
            told = await cases.report(cases.Telling(text=text, community_id=live_cast.community), reader)
            await cases.accept(told.case_id, live_cast.staff, seen=None)
        await follow()
    async with phone(browser, live, live_database, reader) as page:
        await expect(page.locator("[data-unread]")).to_contain_text("2")
        await clean_in_every_look(page, axe, "/inbox")
        await page.context.set_offline(True)
        await page.goto("/inbox")
        await page.wait_for_selector(READY, state="attached")
        await expect(page.locator(".inbox-row.unread")).to_have_count(2)
        await clean_as_it_stands(page, axe, "inbox without a network")
        await page.click("button:has-text('全部已读')")
        await expect(page.locator(".inbox-row.unread")).to_have_count(0)
        await expect(page.locator("[data-unread]")).to_be_hidden()
        await page.context.set_offline(False)
        async with page.expect_response("**/inbox/opened") as heard:
            await page.goto("/me")
        assert (await heard.value).status == 204
        await page.goto("/inbox")
        await expect(page.locator(".inbox-row")).to_have_count(2)
        await expect(page.locator(".inbox-row.unread")).to_have_count(0)
    async with swapped_pool(live_database):
        assert reader.account_id is not None
        assert await inbox.unread(reader.account_id) == 0
