"""Huying without a network, with a new version, and what the browser keeps of whom: in Chromium, with its worker."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from server import cases
from server.cases import Telling
from server.people.sessions import open_session
from tests.browser.conftest import PC, PHONE, READY, SMALL, Axe, OpenPage
from tests.browser.looks import WIDER, clean_as_it_stands
from tests.browser.sites import CONTROLLED, Site, visitor
from tests.cast import Cast
from tests.conftest import swapped_pool

pytestmark = pytest.mark.browser

CACHES = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request, { ignoreVary: true });
      found.push({ name, url: new URL(request.url).pathname, method: request.method,
                   text: await answer.text(), cookie: answer.headers.get("set-cookie") });
    }
  }
  return found;
}"""


@pytest.fixture
def site(live_database: str, tmp_path: Path) -> Iterator[Site]:
    own = Site(live_database, tmp_path / "web.log")
    own.up()
    yield own
    own.down()


async def test_without_a_network_the_shell_stands_in_and_goes_on_by_itself(browser: Browser, site: Site) -> None:
    async with visitor(browser, site.address) as page:
        await page.goto("/report")
        site.down()
        await page.goto("/mine")
        await expect(page.locator(".empty-line")).to_have_text("现在没有连上网络")
        assert page.url.endswith("/mine")
        assert await page.evaluate("getComputedStyle(document.querySelector('.button.main')).borderRadius") == "12px"
        await page.wait_for_selector(READY, state="attached")
        await page.click("[data-again]")
        await expect(page.locator("[data-again-said]")).to_contain_text("还是没有连上")
        site.up()
        await page.click("[data-again]")
        await expect(page.locator(".topbar-title")).to_have_text("我的事")


async def test_with_the_phone_offline_it_looks_as_chosen_and_has_no_faults(
    browser: Browser, live: str, axe: Axe
) -> None:
    for look in ({}, {"color_scheme": "dark"}, {"elder": True}):
        elder = look.pop("elder", False)
        async with visitor(browser, live, reduced_motion="reduce", **look) as page:
            if elder:
                await page.context.add_cookies([{"name": "huying_look", "value": "elder", "url": live}])
            await page.context.set_offline(True)
            await page.goto("/mine")
            await page.wait_for_selector(READY, state="attached")
            assert (await page.locator("html[data-elder]").count() == 1) is bool(elder)
            assert await axe(page) == []
            await page.set_viewport_size({"width": SMALL[0], "height": SMALL[1]})
            assert await page.evaluate(WIDER) <= 0


async def test_assets_come_from_the_cache(browser: Browser, site: Site) -> None:
    async with visitor(browser, site.address) as page:
        sheet = await page.evaluate("document.querySelector('link[rel=stylesheet]').getAttribute('href')")
        site.down()
        told = await page.evaluate("async (url) => (await fetch(url, {cache: 'no-store'})).status", sheet)
        assert told == 200
        older = sheet.replace(sheet.split("/")[2], "000000000000")
        assert await page.evaluate("async (url) => (await fetch(url)).status", older) == 200
        lost = await page.evaluate("fetch('/assets/x/nothing.js').then(() => 'came', () => 'lost')")
        assert lost == "lost"


async def test_a_page_that_takes_too_long_gives_way_and_asking_again_waits(browser: Browser, site: Site) -> None:
    async with visitor(browser, site.address) as page:
        stopped = site.process
        assert stopped is not None
        stopped.send_signal(19)
        try:
            began = time.monotonic()
            await page.goto("/mine")
            assert time.monotonic() - began > 2.9
            await expect(page.locator(".empty-line")).to_be_visible()
            await page.evaluate("setTimeout(() => location.reload())")
            await page.wait_for_timeout(4500)
        finally:
            stopped.send_signal(18)
        await expect(page.locator(".topbar-title")).to_have_text("我的事")


async def test_a_new_version_waits_for_a_form_and_then_for_a_word(browser: Browser, site: Site) -> None:
    async with visitor(browser, site.address) as page:
        await page.goto("/report")
        before = await page.evaluate("caches.keys()")
        await page.fill("#f-text", "三栋楼下的井盖坏了。")
        site.down()
        site.up("tests.browser.newer:create_app")
        await page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
        await page.wait_for_function(
            "() => navigator.serviceWorker.getRegistration().then((one) => one.waiting !== null)"
        )
        await page.wait_for_timeout(2500)
        assert await page.locator("#toasts .toast").count() == 0
        assert await page.input_value("#f-text") == "三栋楼下的井盖坏了。"
        await page.goto("/")
        toast = page.locator("#toasts .toast")
        await page.evaluate("document.body.dataset.draft = ''")
        await page.wait_for_timeout(2500)
        assert await toast.count() == 0
        await page.evaluate("delete document.body.dataset.draft")
        await expect(toast).to_contain_text("有新版本")
        assert set(before) < set(await page.evaluate("caches.keys()"))
        async with page.expect_navigation():
            await toast.get_by_role("button", name="更新").click()
        await page.wait_for_function(CONTROLLED)
        await page.wait_for_function("() => caches.keys().then((names) => names.length === 1)")
        assert await page.evaluate("caches.keys()") != before
        await page.wait_for_timeout(2500)
        assert await toast.count() == 0
        site.down()
        await page.goto("/mine")
        await expect(page.locator(".empty-line")).to_be_visible()


async def test_the_offer_goes_by_itself_and_comes_back_on_the_next_page(browser: Browser, site: Site) -> None:
    async with visitor(browser, site.address) as page:
        await page.goto("/me")
        await page.wait_for_selector(READY, state="attached")
        site.down()
        site.up("tests.browser.newer:create_app")
        await page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
        await page.wait_for_function(
            "() => navigator.serviceWorker.getRegistration().then((one) => one.waiting !== null)"
        )
        toast = page.locator("#toasts .toast")
        await expect(toast).to_be_visible()
        await expect(toast).to_have_count(0, timeout=20_000)
        await page.wait_for_timeout(3000)
        assert await toast.count() == 0
        await page.goto("/install")
        await page.wait_for_selector(READY, state="attached")
        await expect(toast).to_be_visible()


async def test_another_tab_with_a_form_is_left_in_peace_by_an_update(browser: Browser, site: Site) -> None:
    async with visitor(browser, site.address) as page:
        form = await page.context.new_page()
        await form.goto("/report")
        await form.fill("#f-text", "写到一半")
        site.down()
        site.up("tests.browser.newer:create_app")
        await page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
        await page.bring_to_front()
        async with page.expect_navigation():
            await page.locator("#toasts .toast button").click()
        await form.bring_to_front()
        await form.wait_for_timeout(1000)
        assert await form.input_value("#f-text") == "写到一半"


async def test_nothing_about_a_person_is_kept_after_a_whole_walk(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    words = "二零七室的老人三天没有出门了"
    async with swapped_pool(live_database):
        assert live_cast.resident.account_id is not None
        told = Telling(text=words, community_id=live_cast.community, place="二零七室")
        number = (await cases.report(told, live_cast.resident)).number
        token = await open_session(live_cast.resident.account_id)
    async with visitor(browser, live, token) as page:
        for path in ("/", "/mine", f"/mine/{number}", f"/mine/{number}/receipt", "/report", "/me", "/me/name"):
            await page.goto(path)
            await page.wait_for_selector(READY, state="attached")
        assert words in await page.evaluate("fetch('/mine').then((answer) => answer.text())")
        kept = await page.evaluate(CACHES)
        assert len(kept) > 10
        shells = {one["url"] for one in kept if not one["url"].startswith("/assets/")}
        script = await page.evaluate("fetch('/service-worker.js').then((answer) => answer.text())")
        listed = json.loads(script.split("\n", 1)[0].removeprefix("self.given = ").removesuffix(";"))["shells"]
        assert shells == {shell["path"] for shell in listed}
        assert {one["method"] for one in kept} == {"GET"}
        for one in kept:
            assert one["cookie"] is None
            for secret in (words, number, live_cast.resident.name, str(live_cast.resident.account_id), token):
                assert secret not in one["text"], (one["url"], secret)


async def test_what_changes_something_passes_untouched(browser: Browser, live: str) -> None:
    async with visitor(browser, live) as page:
        by_worker: list[str] = []
        page.on("response", lambda one: by_worker.append(one.request.method) if one.from_service_worker else None)
        await page.goto("/me")
        await page.wait_for_selector(READY, state="attached")
        assert "GET" in by_worker
        await page.evaluate("""() => {
            const form = document.querySelector('form[action="/me/look"]');
            form.querySelector('[value=dark]').checked = true;
            form.submit();
        }""")
        await page.wait_for_selector("html[data-theme=dark]")
        assert await page.evaluate("fetch('/places/at', {method: 'POST'}).then((one) => one.status)") == 422
        await page.context.set_offline(True)
        lost = await page.evaluate("fetch('/places/at', {method: 'POST'}).then(() => 'came', () => 'lost')")
        assert lost == "lost"
        assert set(by_worker) == {"GET"}


@pytest.mark.parametrize("path", ["/install", "/offline"])
async def test_axe_finds_nothing(open_page: OpenPage, axe: Axe, path: str) -> None:
    async with open_page(PHONE) as page:
        await page.goto(path)
        await page.wait_for_selector(READY, state="attached")
        await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        await clean_as_it_stands(page, axe, path)


async def test_the_button_is_there_only_once_the_browser_offers(open_page: OpenPage) -> None:
    async with open_page(PC) as page:
        await page.goto("/install")
        await page.wait_for_selector(READY, state="attached")
        await expect(page.locator("[data-install]")).to_be_hidden()
        await page.evaluate("""() => {
            const offer = new Event("beforeinstallprompt", { cancelable: true });
            offer.prompt = async () => { window.prompted = true; return { outcome: "accepted" }; };
            window.kept = !dispatchEvent(offer);
            navigator.storage.persist = async () => (window.asked = true);
        }""")
        assert await page.evaluate("window.kept")
        await page.click("[data-install] button")
        assert await page.evaluate("window.prompted")
        await expect(page.locator("[data-install]")).to_be_hidden()
        assert await page.evaluate("window.asked") is None
        await page.evaluate("dispatchEvent(new Event('appinstalled'))")
        await page.wait_for_function("() => window.asked")


async def test_how_much_room_is_left_is_said_before_it_hurts(open_page: OpenPage) -> None:
    for share, kept, words in (
        (0.1, True, "浏览器答应了"),
        (0.1, False, "放到桌面更稳妥"),
        (0.86, False, "用了 86%"),
    ):
        async with open_page(PHONE) as page:
            await page.add_init_script(f"""
                navigator.storage.estimate = async () => ({{ usage: {share * 1000}, quota: 1000 }});
                navigator.storage.persisted = async () => {json.dumps(kept)};
            """)
            await page.goto("/me")
            await expect(page.locator("[data-storage]")).to_contain_text(words)
            assert ("快满了" in await page.locator("[data-storage]").inner_text()) is (share > 0.8)
