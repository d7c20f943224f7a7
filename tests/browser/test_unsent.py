"""还没发出的 in Chromium: what waits is seen, sent, mended, handed to the desk; and stays its account's own."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, TimeoutError, expect

from server.people.sessions import open_session
from tests.browser.conftest import PC, READY, SMALL, Axe, OpenPage
from tests.browser.phones import phone
from tests.browser.test_phone_report import clean, rows, shot
from tests.cast import Cast
from tests.conftest import swapped_pool
from web.assets import assets

pytestmark = pytest.mark.browser

OPEN = f"const {{ openPhone }} = await import({assets().url('phone/open.js')!r}); const phone = openPhone();"
PICTURE = """async (colour) => {
  const canvas = new OffscreenCanvas(320, 240);
  const pen = canvas.getContext("2d");
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 320, 240);
  return (await canvas.convertToBlob({ type: "image/jpeg" })).arrayBuffer();
}"""
SAVE = f"""async (deeds) => {{ {OPEN}
  const picture = {PICTURE};
  phone.dispatch.stop();
  phone.dispatch.soon = () => {{}};
  const ids = [];
  for (const {{ verb, data, photos }} of deeds) {{
    const pictures = [];
    for (const colour of photos) {{
      const bytes = colour === "none" ? new TextEncoder().encode("no photo at all").buffer : await picture(colour);
      pictures.push({{ id: crypto.randomUUID(), bytes, type: "image/jpeg" }});
    }}
    const named = {{ ...data, photos: pictures.map(({{ id }}) => id) }};
    ids.push(await phone.outbox.add({{ verb, data: named, photos: pictures }}));
  }}
  await phone.store.close();
  return ids;
}}"""
FOUND = "SELECT count(*) FROM reports WHERE text = $1"


def told(cast: Cast, text: str, photos: tuple[str, ...] = (), **data: Any) -> dict[str, Any]:
    return {"verb": "report", "data": {"text": text, "community_id": cast.community, **data}, "photos": photos}


async def save(page: Page, *deeds: dict[str, Any]) -> list[str]:
    """Saved on the phone as its pages save, sent by nobody yet."""
    ids: list[str] = await page.evaluate(SAVE, list(deeds))
    return ids


async def unsent(page: Page) -> None:
    await page.goto("/unsent")
    await page.wait_for_selector("#page:not([aria-busy])")


async def count(url: str, text: str) -> int:
    return int((await rows(url, FOUND, text))[0][0])


async def test_what_waits_is_seen_from_a_cold_start_without_a_network_and_sent_with_it(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    text = "楼道的声控灯不亮了,四楼到六楼都黑。"
    async with phone(browser, live, live_database, live_cast.resident) as page:
        await page.context.set_offline(True)
        await unsent(page)
        await expect(page.locator(".empty-line")).to_contain_text("都发出去了")
        await clean(page, axe, "unsent-none")
        await save(page, told(live_cast, text, ("#845", "#458")), told(live_cast, "第二件", private=True))
        await unsent(page)
        await expect(page.locator(".unsent-item")).to_have_count(2)
        await expect(page.locator("#how-many")).to_have_text("还有 2 条没发出")
        await expect(page.locator("[role=status]").first).to_contain_text("网络不通")
        await expect(page.locator(".unsent-item img[src^='blob:']")).to_have_count(2)
        await clean(page, axe, "unsent-two")
        assert await count(live_database, text) == 0
        await page.route("**/sync", lambda route: route.abort())
        await page.context.set_offline(False)
        await expect(page.locator("[role=status]").first).to_contain_text("下次自动再发")
        await page.unroute("**/sync")
        with suppress(TimeoutError):
            # The phone's own next try may be quicker than the tap.
            await page.click("text=现在发送", timeout=4_000)
        await expect(page.locator(".empty-line")).to_contain_text("都发出去了", timeout=15_000)
        received = page.locator("[aria-labelledby=of-received] .unsent-item")
        await expect(received).to_have_count(2)
        await expect(received.first).to_contain_text("回执校验")
        await clean(page, axe, "unsent-received")
        assert await count(live_database, text) == 1


async def test_a_refused_one_says_why_is_mended_or_thrown_away_only_after_asking(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    async with phone(browser, live, live_database, live_cast.resident) as page:
        ids = await save(page, told(live_cast, "", ("#845",)), told(live_cast, "要删掉的", phone="12"))
        await unsent(page)
        need = page.locator("[aria-labelledby=of-need] .unsent-item")
        await expect(need).to_have_count(2, timeout=15_000)
        await expect(need.first.locator(".unsent-why")).not_to_be_empty()
        assert await need.first.locator("a:has-text('改一改再发')").get_attribute("href") == f"/report?mend={ids[0]}"
        await clean(page, axe, "unsent-need")
        await need.nth(1).locator("button:has-text('删掉')").click()
        await clean(page, axe, "unsent-delete")
        await page.click("dialog >> text=留着")
        await expect(need).to_have_count(2)
        await need.nth(1).locator("button:has-text('删掉')").click()
        await page.click("dialog .button.main")
        await expect(need).to_have_count(1)
        await need.first.locator("a:has-text('改一改再发')").click()
        await page.wait_for_selector("form[data-phone=ready]")
        await page.fill("#f-text", "改好以后的一句话。")
        await page.click(".at-thumb .button")
        await expect(page.locator(".arrived-word")).to_contain_text("收到", timeout=15_000)
        await unsent(page)
        await expect(page.locator(".empty-line")).to_contain_text("都发出去了")
    assert await count(live_database, "改好以后的一句话。") == 1


async def test_a_refused_photo_is_done_without(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    text = "有一张照片不是照片。"
    async with phone(browser, live, live_database, live_cast.resident) as page:
        await save(page, told(live_cast, text, ("none", "#845")))
        await unsent(page)
        item = page.locator("[aria-labelledby=of-need] .unsent-item")
        await expect(item).to_have_count(1, timeout=15_000)
        await clean(page, axe, "unsent-photo")
        await item.locator("text=不要第 1 张照片").click()
        await page.click("dialog .button.main")
        await expect(page.locator(".empty-line")).to_contain_text("都发出去了")
    assert await count(live_database, text) == 1


async def test_a_file_is_made_offline_and_the_desk_opens_it_and_brings_it_in(
    browser: Browser, live: str, live_database: str, live_cast: Cast, open_page: OpenPage, axe: Axe, tmp_path: Path
) -> None:
    first, second = "导出的第一件:水管漏水。", "导出的第二件:护栏松了。"
    async with phone(browser, live, live_database, live_cast.resident, accept_downloads=True) as page:
        await page.context.set_offline(True)
        await save(page, told(live_cast, first, ("#845", "#458")), told(live_cast, second), told(live_cast, "不交的"))
        await unsent(page)
        await page.click("text=导出给社区")
        await page.locator(".unsent-box input").nth(2).uncheck()
        await clean(page, axe, "unsent-choosing")
        await page.click("text=导出这 2 条")
        await expect(page.locator(".unsent-made")).to_contain_text("2 条")
        await clean(page, axe, "unsent-made")
        async with page.expect_download() as download:
            await page.click(".unsent-made a")
        file = tmp_path / (await download.value).suggested_filename
        await (await download.value).save_as(file)
        assert file.name.endswith(".huying") and first.encode() not in file.read_bytes()
        await expect(page.locator(".unsent-item")).to_have_count(3)

        async with open_page(PC) as desk:
            await sign_in(desk, live, live_database, live_cast.staff)
            await desk.goto("/desk/exports")
            await clean(desk, axe, "desk-exports")
            await desk.set_input_files("#f-file", file)
            await desk.click("text=打开文件")
            await expect(desk.locator(".export-items > li")).to_have_count(2)
            await expect(desk.locator("main")).to_contain_text(first)
            await clean(desk, axe, "desk-export")
            assert await count(live_database, first) == 0
            await desk.click("text=全部收下")
            await expect(desk.locator("#sum")).to_contain_text("都收下了")
            await clean(desk, axe, "desk-export-in")
            await desk.set_viewport_size({"width": SMALL[0], "height": SMALL[1]})
            await clean(desk, axe, "desk-export-small")
        assert (await count(live_database, first), await count(live_database, second)) == (1, 1)

        await page.context.set_offline(False)
        await expect(page.locator(".empty-line")).to_contain_text("都发出去了", timeout=15_000)
    assert (await count(live_database, first), await count(live_database, second)) == (1, 1)
    hung = 'SELECT count(*) FROM case_photos p JOIN cases c ON c.id = p."case" JOIN reports r USING (number)'
    assert await rows(live_database, f"{hung} WHERE r.text = $1", first) == [(2,)]


async def sign_in(page: Page, live: str, url: str, actor: Any) -> None:
    async with swapped_pool(url):
        token = await open_session(actor.account_id, password=True, second=True)
    await page.context.add_cookies([{"name": "huying", "value": token, "url": live}])


async def test_signed_out_what_waits_stays_unread_and_the_same_account_sends_it(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    text = "退出前写的,还没发出去。"
    async with phone(browser, live, live_database, live_cast.resident) as page:
        await page.route("**/sync", lambda route: route.abort())
        await save(page, told(live_cast, text))
        await page.goto("/me")
        await expect(page.locator("[data-left]")).to_contain_text("还有 1 条没发出")
        await expect(page.locator("[data-on-phone]")).to_have_text("1 条")
        await expect(page.locator("[data-used]")).to_be_visible()
        await clean(page, axe, "me-unsent")
        await page.click("text=退出登录")
        await page.wait_for_url("**/")
        await page.unroute("**/sync")
        await unsent(page)
        await expect(page.locator(".phone-page > .notice")).to_contain_text("还有 1 条是登录后写的")
        await expect(page.locator(".unsent-item")).to_have_count(0)
        await clean(page, axe, "unsent-signed-out")

        await sign_in(page, live, live_database, live_cast.neighbour)
        await page.evaluate("localStorage.clear()")
        await unsent(page)
        await page.evaluate(f"async () => {{ {OPEN} await phone.dispatch.send({{ now: true }}); }}")
        await unsent(page)
        await expect(page.locator(".phone-page > .notice")).to_contain_text("另一个账号还有 1 条")
        assert text not in await page.content()
        await clean(page, axe, "unsent-elsewhere")
        assert await count(live_database, text) == 0

        await sign_in(page, live, live_database, live_cast.resident)
        await page.evaluate("localStorage.clear()")
        await unsent(page)
        await expect(page.locator("[aria-labelledby=of-received]")).to_contain_text(text, timeout=15_000)
    assert await count(live_database, text) == 1


async def test_a_session_that_ended_keeps_the_queue_and_asks_to_sign_in(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    text = "登录过期时写的。"
    async with phone(browser, live, live_database, live_cast.resident) as page:
        await page.context.clear_cookies(name="huying")
        await save(page, told(live_cast, text))
        await unsent(page)
        await expect(page.locator(".unsent-top")).to_contain_text("登录已过期", timeout=15_000)
        await expect(page.locator(".unsent-item")).to_contain_text(text)
        await clean(page, axe, "unsent-sign-in")
        assert await page.locator(".unsent-top a.main").get_attribute("href") == "/signin?next=/unsent"


async def test_how_far_sending_has_come_is_said(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    go_on, asked = asyncio.Event(), 0

    async def hold(route: Route) -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            await go_on.wait()
        await route.continue_()

    async with phone(browser, live, live_database, live_cast.neighbour) as page:
        await save(page, *[told(live_cast, f"一条一条地发:第 {n} 条") for n in range(25)])
        await page.route("**/sync", hold)
        await unsent(page)
        await expect(page.locator(".unsent-top [role=status]")).to_have_text("正在发送,已发 20 / 25")
        await expect(page.locator("progress")).to_have_attribute("value", "20")
        await expect(page.locator(".sync.sending")).to_have_count(5)
        await clean(page, axe, "unsent-sending")
        go_on.set()
        await expect(page.locator(".empty-line")).to_contain_text("都发出去了", timeout=15_000)


async def test_a_sign_out_that_the_server_did_not_hear_is_said(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    async with phone(browser, live, live_database, live_cast.resident) as page:
        await page.goto("/me")
        await page.wait_for_selector(READY, state="attached")
        await page.context.set_offline(True)
        await page.click("text=退出登录")
        await expect(page.locator("[data-left]")).to_contain_text("服务器那边还没有退出")
        await clean(page, axe, "me-offline")
        assert await page.evaluate(f"async () => {{ {OPEN} return phone.store.account(Date.now()); }}") is None


async def test_two_tabs_show_one_queue_and_it_arrives_once(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    text = "两个页面一个队列。"
    async with phone(browser, live, live_database, live_cast.resident) as page:
        other = await page.context.new_page()
        await page.context.set_offline(True)
        await unsent(page)
        await unsent(other)
        await save(page, told(live_cast, text))
        await page.evaluate(f"async () => {{ {OPEN} phone.dispatch.changed('queue'); }}")
        for one in (page, other):
            await expect(one.locator(".unsent-item")).to_have_count(1)
        await page.context.set_offline(False)
        for one in (page, other):
            await expect(one.locator(".empty-line")).to_contain_text("都发出去了", timeout=15_000)
    assert await count(live_database, text) == 1


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("phone", {}),
        ("small-elder-dark", {"viewport": {"width": SMALL[0], "height": SMALL[1]}, "color_scheme": "dark"}),
        ("pc", {"viewport": {"width": PC[0], "height": PC[1]}}),
    ],
)
async def test_two_hundred_wait(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe, name: str, options: dict[str, Any]
) -> None:
    async with phone(browser, live, live_database, live_cast.resident, **options) as page:
        if "elder" in name:
            await page.context.add_cookies([{"name": "huying_look", "value": "elder", "url": live}])
        await page.route("**/sync", lambda route: route.abort())
        long = "很长的一段话,说了很多事。" * 30
        await save(
            page,
            *[told(live_cast, f"第 {n} 件。{long if n % 7 == 0 else ''}", ("#845",) * (n % 3)) for n in range(200)],
        )
        await unsent(page)
        await expect(page.locator(".unsent-item")).to_have_count(200)
        await expect(page.locator("#how-many")).to_have_text("还有 200 条没发出")
        await shot(page, f"unsent-200-{name}-top")
        await page.evaluate("scrollTo(0, 0)")
        assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert await axe(page) == []
        opened = await page.locator(".unsent-item img[src^='blob:']").count()
        assert opened < 60, "photos out of view are not opened"
