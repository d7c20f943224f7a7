"""The first visit on a slow network: everything until `load`, as it comes over the wire, with nothing kept."""

from collections import defaultdict
from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.conftest import PHONE, READY, OpenPage
from tests.cast import Cast

pytestmark = pytest.mark.browser

MOST, MOST_JAVASCRIPT = 100_000, 45_000


async def weigh(page: Page, path: str) -> dict[str, list[tuple[int, str]]]:
    """Bytes over the wire (headers and all, as compressed as they came) and addresses by kind until `load`."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, tuple[str, str]] = {}
    weights: dict[str, list[tuple[int, str]]] = defaultdict(list)
    loaded = False

    def answered(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = (event["type"], event["response"]["url"])

    def finished(event: dict[str, Any]) -> None:
        kind, url = kinds.get(event["requestId"], ("Other", ""))
        if not loaded:
            weights[kind].append((int(event["encodedDataLength"]), url))

    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", finished)
    await page.goto(path, wait_until="load")
    # What behaviours load for themselves belongs to the visit too, even where it comes after `load`.
    await page.wait_for_selector(READY, state="attached")
    loaded = True
    return weights


@pytest.mark.parametrize("path", ["/", "/report"])
async def test_the_first_visit_is_light(open_page: OpenPage, live_cast: Cast, path: str) -> None:
    async with open_page(PHONE) as page:
        weights = await weigh(page, path)
    total = sum(weight for of_kind in weights.values() for weight, _ in of_kind)
    scripts = sum(weight for weight, _ in weights["Script"])
    print(f"{path}: {total} bytes, of them {scripts} JavaScript, in {sum(map(len, weights.values()))} requests")
    assert {"Document", "Stylesheet", "Script"} <= set(weights)
    assert scripts > 10_000
    assert total <= MOST, sorted((one for of_kind in weights.values() for one in of_kind), reverse=True)
    assert scripts <= MOST_JAVASCRIPT, sorted(weights["Script"], reverse=True)
