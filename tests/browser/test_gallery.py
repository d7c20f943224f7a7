"""Every piece, seen by a browser: by axe, on the smallest phone, in the dark, large, and without JavaScript."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import PC, PHONE, READY, SMALL, Axe, OpenPage
from tests.browser.looks import WIDER

pytestmark = pytest.mark.browser


async def visit(page: Page, path: str) -> None:
    await page.goto(path)
    await page.wait_for_selector(READY, state="attached")


@pytest.mark.parametrize("look", [{}, {"color_scheme": "dark"}, {"elder": True}], ids=["light", "dark", "elder"])
async def test_axe_finds_nothing_on_any_piece(open_page: OpenPage, axe: Axe, look: dict[str, object]) -> None:
    async with open_page(PHONE, reduced_motion="reduce", **look) as page:
        await visit(page, "/gallery")
        assert await axe(page) == []


@pytest.mark.parametrize("size", [PHONE, PC], ids=["phone", "pc"])
async def test_axe_finds_nothing_at_the_desk(open_page: OpenPage, axe: Axe, size: tuple[int, int]) -> None:
    async with open_page(size) as page:
        await visit(page, "/gallery/desk")
        assert await axe(page) == []


@pytest.mark.parametrize("elder", [False, True], ids=["usual", "elder"])
@pytest.mark.parametrize("path", ["/gallery", "/gallery/desk", "/nowhere"])
async def test_nothing_scrolls_sideways_on_the_smallest_phone(open_page: OpenPage, path: str, elder: bool) -> None:
    async with open_page(SMALL, elder=elder, may_complain=path == "/nowhere") as page:
        await page.goto(path)
        assert await page.evaluate(WIDER) <= 0


@pytest.mark.parametrize(("elder", "least"), [(False, 44), (True, 60)])
async def test_what_is_tapped_is_large_enough(open_page: OpenPage, elder: bool, least: int) -> None:
    async with open_page(PHONE, elder=elder) as page:
        await page.goto("/gallery")
        small = await page.evaluate(
            """(least) => [...document.querySelectorAll(".button, .tab, .filter-chip, .choice-tile, .star, .segment,"
                 + " .field input, .field select, .photo-pick, .topbar-back, .copy-button, .switch")]
                .map((element) => [element.className || element.name, element.getBoundingClientRect()])
                .filter(([, box]) => box.width > 1 && (box.height < least - 0.5 || box.width < 43.5))
                .map(([name, box]) => `${name} ${Math.round(box.width)}x${Math.round(box.height)}`)""",
            least,
        )
        assert small == []


async def test_without_javascript_everything_is_there_and_the_look_can_be_chosen(open_page: OpenPage) -> None:
    async with open_page(PHONE, java_script_enabled=False) as page:
        await page.goto("/gallery")
        await page.click("details.sheet summary")
        assert await page.locator("details.sheet textarea").is_visible()
        assert await page.locator(".map-list li").first.is_visible()
        await page.check("form.look input[name=elder]")
        async with page.expect_navigation():
            await page.click("form.look button")
        assert await page.evaluate("document.documentElement.hasAttribute('data-elder')")
        assert page.url.endswith("/gallery")


async def test_the_look_changes_at_once_and_stays(open_page: OpenPage) -> None:
    async with open_page(PHONE) as page:
        await visit(page, "/gallery")
        await page.check("form.look input[value=dark]", force=True)
        await page.check("form.look input[name=elder]")
        dark = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        await page.reload()
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == dark == "rgb(24, 22, 20)"
        assert await page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == 22


async def test_a_photo_opens_over_the_page_and_gives_the_focus_back(open_page: OpenPage) -> None:
    async with open_page(PHONE) as page:
        await visit(page, "/gallery")
        await page.locator("#photos .photos a").first.click()
        await page.keyboard.press("ArrowRight")
        assert await page.locator(".viewer p").inner_text() == "2 / 6"
        await page.keyboard.press("Escape")
        await expect(page.locator(".viewer")).to_have_count(0)
        assert await page.evaluate("document.activeElement.matches('#photos .photos li:nth-child(2) a')")


async def test_a_form_asks_first_and_is_sent_once(open_page: OpenPage) -> None:
    async with open_page(PHONE) as page:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        await visit(page, "/gallery")
        await page.route("**/me/look", lambda route: route.fulfill(status=204))
        await page.evaluate("document.querySelector('form[data-confirm]').noValidate = true")
        await page.locator("form[data-confirm] .button.main").first.click()
        assert sent == []
        await page.locator(".confirm .button.main").click(no_wait_after=True)
        await page.evaluate(
            "const form = document.querySelector('form[data-confirm]');"
            "form.removeAttribute('data-confirm'); form.requestSubmit(); form.requestSubmit()"
        )
        await page.wait_for_timeout(200)
        assert len(sent) == 1


async def test_a_refusal_comes_as_a_notice_that_has_the_focus_while_the_page_stays(open_page: OpenPage) -> None:
    async with open_page(PHONE, may_complain=True) as page:
        await visit(page, "/gallery")
        await page.fill("textarea[name=text]", "写了一半")
        await page.click("text=试试打不开的")
        await expect(page.locator("#notice .notice")).to_be_focused()
        assert "没有找到" in await page.inner_text("#notice")
        assert await page.input_value("textarea[name=text]") == "写了一半"
        assert page.url.endswith("/gallery")


async def test_the_map_is_drawn_when_it_comes_into_sight_and_asks_nobody_else(open_page: OpenPage) -> None:
    async with open_page(PHONE) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await visit(page, "/gallery")
        assert not [url for url in asked if "leaflet" in url]
        await page.locator("#map").scroll_into_view_if_needed()
        await expect(page.locator(".map-canvas path.map-dot")).to_have_count(2)
        assert {url.split("/")[2] for url in asked if url.startswith("http")} == {page.url.split("/")[2]}


async def test_the_desk_is_worked_by_keys(open_page: OpenPage) -> None:
    async with open_page(PC) as page:
        await visit(page, "/gallery/desk")
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await page.keyboard.press("k")
        assert await page.evaluate("document.activeElement.closest('.row').matches(':nth-child(3)')")
        await page.keyboard.press("/")
        assert await page.evaluate("document.activeElement.id") == "q"
        await page.keyboard.type("jk")
        assert await page.input_value("#q") == "jk"


async def test_the_first_load_keeps_to_its_budget(open_page: OpenPage) -> None:
    """45 kB of scripts and styles, compressed (the map's own apart, loaded when one is opened)."""
    async with open_page(PHONE) as page:
        await visit(page, "/gallery")
        loaded = await page.evaluate(
            """performance.getEntriesByType("resource").filter((one) => /\\.(js|css)$/.test(one.name)
                 && !one.name.includes("leaflet")).map((one) => one.encodedBodySize).reduce((a, b) => a + b, 0)"""
        )
        assert 0 < loaded <= 45_000
