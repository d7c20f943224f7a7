"""What a grid worker's round has beside the list: the district's tiles below the map, a call to who runs a place."""

import pytest
from playwright.async_api import Browser, Route, expect

from tests.browser.conftest import READY, Axe
from tests.browser.phones import phone
from tests.browser.test_phone_report import clean, rows, shot
from tests.browser.test_round import FIRE, a_round, a_task
from tests.cast import Cast
from tests.conftest import swapped_pool
from tests.patrols import making, rounds
from tests.photos import pictures

pytestmark = pytest.mark.browser

TILES = """() => {
  const source = document.createElement("meta");
  source.name = "huying-tiles";
  source.content = "/tiles/{z}/{x}/{y}.png";
  source.dataset.attribution = "© 天地图";
  document.head.append(source);
}"""
CALLED = "SELECT count(*) FROM events WHERE kind = 'place.called' AND account_id = $1"


async def test_the_map_lies_on_the_districts_tiles_and_without_them_it_is_a_picture(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    async def tile(route: Route) -> None:
        await route.fulfill(content_type="image/jpeg", body=pictures.jpeg(256, 256))

    async with swapped_pool(live_database):
        of = await a_round(live_cast, "图")
    async with phone(browser, live, live_database, live_cast.grid_worker) as page:
        await page.context.route("**/tiles/**", tile)
        await page.goto("/round")
        await page.wait_for_selector(READY, state="attached")
        await page.get_by_role("button", name="地图").click()
        await expect(page.locator(".round-map > svg .round-spot").first).to_be_visible()
        await clean(page, axe, "round-map")
        await page.reload()
        await page.wait_for_selector(READY, state="attached")
        await page.evaluate(TILES)
        await page.get_by_role("button", name="地图").click()
        await expect(page.locator(".round-ground .leaflet-tile-loaded").first).to_be_visible()
        await expect(page.locator(".round-map > svg")).to_have_count(0)
        await expect(page.locator(".round-ground .map-area").first).to_be_visible()
        spot = page.locator(".round-ground .round-spot").first
        # Not only into view: beneath the tabs a tap would be theirs.
        await spot.evaluate("(spot) => spot.scrollIntoView({ block: 'center' })")
        box = await spot.bounding_box()
        assert box is not None
        await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await expect(page.locator(".round-row").first).to_be_visible()
        told = await page.locator("#page").inner_text()
        assert any(name in told for name in of.names)
        await clean(page, axe, "round-map-tiles")


async def test_a_call_from_the_basement_stairs_is_told_once(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    worker = live_cast.grid_worker
    async with swapped_pool(live_database):
        await a_round(live_cast, "话")
        kind = await making.kind(live_cast, "有人管的店", operator=True)
        shop = await making.place(live_cast, kind, name="老王修车铺")
        checklist = await rounds.checklist("修车铺", "消防", FIRE)
        await a_task(shop.place_id, kind.id, live_cast, [checklist])
    [(before,)] = await rows(live_database, CALLED, worker.account_id)
    async with phone(browser, live, live_database, worker) as page:
        await page.context.set_offline(True)
        await page.goto("/round")
        await page.get_by_role("link", name="老王修车铺", exact=True).first.click()
        number = page.get_by_role("link", name="打电话给负责人")
        await expect(number).to_have_attribute("href", "tel:13912345678")
        await shot(page, "round-visit-call")
        # The dialler is the phone's own.
        await page.evaluate("addEventListener('click', (event) => event.preventDefault())")
        await number.click()
        await expect(page.locator("[data-sync]")).to_contain_text("已存在本机 · 1 项")
        await page.context.set_offline(False)
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.locator("[data-sync]")).to_contain_text("已收到", timeout=15_000)
    assert await rows(live_database, CALLED, worker.account_id) == [(before + 1,)]
