"""A member's households on the phone: the usual contact in a few taps, in a basement, and what comes of it."""

import asyncio
from uuid import UUID

from playwright.async_api import Browser, expect

from server import cases
from server.households import visits
from server.households.visits import VisitRow
from server.kernel import database
from tests.browser.conftest import READY, Axe
from tests.browser.looks import clean_as_it_stands, clean_in_every_look
from tests.browser.phones import phone, ready
from tests.cast import Cast
from tests.conftest import swapped_pool
from tests.households import making

TAPS = 6


async def received(database_url: str, household: UUID) -> VisitRow:
    """The contact, once the phone has sent it."""
    async with asyncio.timeout(20):
        while True:
            async with swapped_pool(database_url):
                if found := await visits.of(household):
                    return found[0]
            await asyncio.sleep(0.2)


async def told_of(database_url: str, household: UUID) -> set[str]:
    """The kinds of what its history has."""
    async with swapped_pool(database_url):
        rows = await database.fetch("SELECT kind FROM events WHERE stream = $1", f"household:{household}")
        return {row["kind"] for row in rows}


async def test_the_usual_contact_takes_few_taps_without_a_network(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    async with swapped_pool(live_database):
        made = await making.linked(live_cast, "901")
    async with phone(browser, live, live_database, live_cast.party_member) as page:
        await page.goto("/households")
        await page.wait_for_selector(READY, state="attached")
        await expect(page.locator(".row-title", has_text="郑婆婆").first).to_be_visible()
        await clean_in_every_look(page, axe, "/households")
        await page.context.set_offline(True)
        await page.goto("/households")
        await page.wait_for_selector(READY, state="attached")
        taps = 0

        async def tap(locator: str) -> None:
            nonlocal taps
            taps += 1
            await page.locator(locator).first.click()

        await tap(f"a[href='/households/{made}']")
        await page.wait_for_selector("form[data-phone=ready]", state="attached")
        await clean_as_it_stands(page, axe, "a household")
        await tap("label:has(input[value=daily])")
        await tap("label:has-text('两周后')")
        await tap("button:has-text('记下')")
        assert taps <= TAPS
        await page.wait_for_url("**/households")
        await expect(page.locator(".row-unsent").first).to_be_visible()
        await page.context.set_offline(False)
        await page.goto("/households")
        one = await received(live_database, made)
        await expect(page.locator(".row-unsent")).to_have_count(0, timeout=20_000)
        assert (one.way, one.outcome, one.topics) == ("door", "met", ("daily",))
        assert one.next_on is not None


async def test_a_need_goes_to_the_secretary_and_its_answer_comes_back(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    async with swapped_pool(live_database):
        made = await making.linked(live_cast, "902")
    async with phone(browser, live, live_database, live_cast.party_member) as page:
        await ready(page, f"/households/{made}")
        await page.get_by_text("有需要", exact=True).click()
        await page.fill("[name=needs]", "楼道灯坏了三天")
        await page.locator("label:has([name=ask])").click()
        await page.click("button:has-text('记下')")
        await page.wait_for_url("**/households")
        one = await received(live_database, made)
        async with swapped_pool(live_database):
            number = await database.fetch_value("SELECT number FROM cases WHERE number = $1", one.case_number)
            await cases.answer(number, live_cast.secretary, seen=None, text="明天就换灯")
        await page.evaluate("localStorage.removeItem('huying-heard')")
        await page.goto("/me")
        await page.wait_for_function("() => localStorage.getItem('huying-heard') !== null")
        await page.goto(f"/households/{made}")
        await expect(page.get_by_text("明天就换灯")).to_be_visible()


async def test_a_call_is_told_and_begins_the_entry(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    async with swapped_pool(live_database):
        made = await making.linked(live_cast, "903")
    async with phone(browser, live, live_database, live_cast.party_member) as page:
        await ready(page, f"/households/{made}")
        await page.evaluate(
            "document.addEventListener('click', (e) => e.target.closest('[href^=tel]') && e.preventDefault())"
        )
        await page.get_by_text("打电话").first.click()
        await expect(page.locator("input[name=way][value=phone]")).to_be_checked()
        async with asyncio.timeout(20):
            while "household.called" not in await told_of(live_database, made):
                await asyncio.sleep(0.2)


async def test_the_map_lights_up_and_says_what_a_grid_means(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    async with swapped_pool(live_database):
        for number in range(5):
            await making.household(live_cast, f"77{number}")
    async with phone(browser, live, live_database, live_cast.secretary) as page:
        await page.goto("/desk/households/map?show=linked")
        grid = page.locator("path[class*=map-heat-]:not(.map-heat-few)").first
        await expect(grid).to_be_visible()
        await clean_as_it_stands(page, axe, "the map that lights up")
        await grid.click()
        said = page.locator(".leaflet-popup-content a")
        await expect(said).to_contain_text("户有人联系")
        await said.click()
        await expect(page.locator(".row-title").first).to_be_visible()
