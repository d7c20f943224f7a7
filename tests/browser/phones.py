"""A phone in a basement: a browser context with its service worker, whose network is really off and comes back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page

from server.kernel.actor import Actor
from server.people.sessions import open_session
from tests.browser.conftest import PHONE, READY
from tests.conftest import swapped_pool

CONTROLLED = "() => navigator.serviceWorker.controller?.state === 'activated'"
HEARD = "() => localStorage.getItem('huying-heard') !== null"
"""The working set is on the phone."""
FORM = "form[data-phone=ready]"


@asynccontextmanager
async def phone(
    browser: Browser, address: str, database: str, actor: Actor | None = None, *, path: str = "/", **options: Any
) -> AsyncIterator[Page]:
    """A page that has been opened once with a signal: its worker and its working set are there."""
    options = {"viewport": {"width": PHONE[0], "height": PHONE[1]}} | options
    context = await browser.new_context(base_url=address, locale="zh-CN", reduced_motion="reduce", **options)
    if actor is not None:
        assert actor.account_id is not None
        async with swapped_pool(database):
            token = await open_session(actor.account_id, password=True, second=True)
        await context.add_cookies([{"name": "huying", "value": token, "url": address}])
    page = await context.new_page()
    try:
        await page.goto(path)
        await page.wait_for_function(CONTROLLED)
        await page.wait_for_function(HEARD)
        yield page
    finally:
        await context.close()


async def ready(page: Page, path: str) -> None:
    """Opens a page whose form is one of the phone's."""
    await page.goto(path)
    await page.wait_for_selector(READY, state="attached")
    await page.wait_for_selector(FORM, state="attached")
