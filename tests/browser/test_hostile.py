"""What somebody typed is never markup in a real browser either, and the pages run into no wall of their own policy."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page

from server import cases
from server.cases import Telling
from server.kernel.actor import Actor
from server.people.sessions import open_session
from tests.browser.conftest import PC, READY, OpenPage
from tests.cast import Cast, middle
from tests.conftest import swapped_pool

pytestmark = pytest.mark.browser

EVIL = '<img src=x id="evil" onerror="document.title=1"><b id="evil">粗</b>'


async def test_a_place_on_the_map_is_words_and_no_markup(
    open_page: OpenPage, live: str, live_cast: Cast, live_database: str
) -> None:
    longitude, latitude = middle(0)
    async with swapped_pool(live_database):
        told = Telling(text=f"{EVIL} 灯坏了", place=EVIL, latitude=latitude, longitude=longitude)
        number = (await cases.report(told, live_cast.resident)).number
        token = await _token(live_cast.staff)
    async with open_page(PC) as page:
        await _sign_in(page, live, token)
        await page.goto(f"/desk/cases/{number}")
        await page.wait_for_selector(READY)
        await page.locator("details.ground summary").click()
        await page.locator(".map-dot").hover()
        tip = page.locator(".leaflet-tooltip", has_text="<img")
        await tip.wait_for()
        assert EVIL in await tip.inner_text()
        assert await page.locator("#evil").count() == 0


async def test_no_page_runs_into_its_own_policy(
    open_page: OpenPage, live: str, live_cast: Cast, live_database: str
) -> None:
    """What the policy stops is an error on the console, and there must be none (see `open_page`)."""
    longitude, latitude = middle(0)
    async with swapped_pool(live_database):
        told = Telling(text="灯坏了", latitude=latitude, longitude=longitude)
        number = (await cases.report(told, live_cast.resident)).number
        tokens = {
            path: await _token(actor)
            for path, actor in (
                ("/", live_cast.resident),
                (f"/mine/{number}", live_cast.resident),
                ("/report", live_cast.resident),
                (f"/desk/cases/{number}?do=accept", live_cast.secretary),
                ("/unit", live_cast.handler),
                (f"/admin/areas/{live_cast.community}", live_cast.area_admin),
                ("/me/second-factor", live_cast.staff),
            )
        }
    for path, token in tokens.items():
        async with open_page(PC) as page:
            await _sign_in(page, live, token)
            await page.goto(path)
            await page.wait_for_selector(READY)
            assert urlsplit(page.url).path == urlsplit(path).path
            assert await page.locator("[style]:not(.leaflet-container, .leaflet-container *)").count() == 0


async def _token(actor: Actor) -> str:
    assert actor.account_id is not None
    return await open_session(actor.account_id, password=True, second=True)


async def _sign_in(page: Page, live: str, token: str) -> None:
    await page.context.add_cookies([{"name": "huying", "value": token, "url": live}])
