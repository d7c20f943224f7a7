"""The editor of a checklist in a browser: written with and without JavaScript, previewed as the phone will show it."""

from typing import Any

import pytest
from playwright.async_api import FilePayload, Locator, Page, expect

from server.forms import checklist_publishing as publishing
from server.forms import demo_checklists
from server.kernel import database
from tests.browser.conftest import PC, READY, Axe, OpenPage
from tests.browser.looks import clean_as_it_stands
from tests.browser.test_admin import Administration
from tests.cast import Cast
from tests.conftest import swapped_pool

pytestmark = pytest.mark.browser

EXIT = {"id": "exit", "kind": "check", "label": "通道畅通", "required": True}
PICTURE: FilePayload = {
    "name": "a.svg",
    "mimeType": "image/svg+xml",
    "buffer": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
}


@pytest.fixture
def administration(open_page: OpenPage, live: str, live_database: str, live_cast: Cast) -> Administration:
    return Administration(open_page, live, live_database, live_cast)


async def begun(administration: Administration, *items: dict[str, Any]) -> int:
    async with swapped_pool(administration.url):
        code = f"c{await database.fetch_value('SELECT count(*) FROM checklists')}"
        by = administration.cast.area_admin
        made = await publishing.create(code, f"检查表 {code}", "消防", by=by)
        if items:
            await publishing.publish(made, list(items), by=by)
        return made


def way(page: Page, item: str, word: str) -> Locator:
    return page.locator(f"#preview [data-item={item}] .way", has_text=word).get_by_role("radio")


@pytest.mark.parametrize("script", [True, False], ids=["js", "no-js"])
async def test_a_checklist_is_written_and_published(administration: Administration, script: bool) -> None:
    made = await begun(administration)
    async with administration.as_(administration.cast.area_admin, size=PC, java_script_enabled=script) as page:
        await page.goto(f"/admin/checklists/{made}/versions")
        await page.get_by_role("button", name="加一项").click()
        await page.get_by_label("查什么").fill("能用的灭火器有几具")
        await page.get_by_label("怎么答").select_option("number")
        if not script:
            await page.get_by_role("button", name="更新预览").click()
        await expect(page.locator("[name='i0.fails_test']:not([type=hidden])")).to_be_attached()
        if not script:
            await page.locator(".item > summary").click()
        await page.locator("[name='i0.fails_test']").select_option("less")
        await page.locator("[name='i0.fails_value']").fill("2")
        await page.get_by_role("button", name="看看有什么变化").click()
        await expect(page.locator("main")).to_contain_text("共 1 项")
        await page.get_by_role("button", name="发布").click()
        await expect(page.locator("#notice")).to_contain_text("新版已发布")
    limit = "SELECT items #>> '{0,fails_if,less}' FROM checklist_versions WHERE checklist = $1"
    assert await administration.one(limit, made) == "2"


async def test_the_preview_asks_shows_and_fails_as_the_phone_will(administration: Administration) -> None:
    photo = EXIT | {"photo_if_failed": True, "photo_reason": "复查时对照", "remedy": "清走杂物"}
    why = {"id": "why", "kind": "text", "label": "堵了什么", "shown_if": {"question": "exit", "is": "no"}}
    width = {"id": "width", "kind": "number", "label": "宽度", "max": 5, "fails_if": {"question": "width", "less": 1.4}}
    made = await begun(administration, photo, why, width)
    async with administration.as_(administration.cast.area_admin, size=PC) as page:
        await page.goto(f"/admin/checklists/{made}/versions")
        preview = page.locator("#preview")
        await expect(preview.locator(".check-item")).to_have_count(2)
        await way(page, "exit", "不合格").check()
        await expect(preview.locator(".check-item")).to_have_count(3)
        await expect(preview).to_contain_text("要做的:清走杂物")
        await expect(preview.locator(".field-error")).to_contain_text("请拍照:复查时对照")
        await preview.locator("input[type=file]").set_input_files(PICTURE)
        await expect(preview.locator(".slot img")).to_have_count(1)
        await expect(preview.locator(".field-error")).to_have_count(0)
        await expect(preview).to_contain_text("为什么拍:复查时对照")
        await preview.get_by_role("button", name="删去照片 1").click()
        await expect(preview.locator(".slot img")).to_have_count(0)
        await way(page, "exit", "不适用").check()
        await expect(preview.locator(".check-item")).to_have_count(2)
        await preview.get_by_label("宽度").fill("1.2")
        await expect(preview.locator("[data-item=width]")).to_contain_text("不合格")
        await preview.get_by_label("宽度").fill("９")
        await expect(preview.locator("[data-item=width]")).to_contain_text("不能大于 5")
        await expect(preview.locator("[data-item=width] .check-verdict")).to_have_count(0)


async def test_the_preview_follows_what_is_typed_and_keeps_its_answers(administration: Administration) -> None:
    made = await begun(administration, EXIT)
    async with administration.as_(administration.cast.area_admin, size=PC) as page:
        await page.goto(f"/admin/checklists/{made}/versions")
        await way(page, "exit", "不合格").check()
        await page.locator(".item > summary").first.click()
        await page.get_by_label("查什么").fill("安全出口没有锁")
        await page.get_by_label("整改要求").fill("打开门锁")
        await page.get_by_label("整改要求").blur()
        await expect(page.locator("#preview")).to_contain_text("安全出口没有锁")
        await expect(page.locator("#preview")).to_contain_text("要做的:打开门锁")
        await expect(way(page, "exit", "不合格")).to_be_checked()


async def test_axe_finds_nothing_and_nothing_scrolls_sideways(administration: Administration, axe: Axe) -> None:
    async with swapped_pool(administration.url):
        await demo_checklists.install_demo(administration.cast.area_admin)
        made = await database.fetch_value("SELECT id FROM checklists WHERE code = 'food-shop'")
    long = await begun(administration, *(EXIT | {"id": f"a{n}", "label": "字" * 100} for n in range(100)))
    async with administration.as_(administration.cast.area_admin) as page:
        for path in (
            "/admin/checklists",
            f"/admin/checklists/{made}",
            f"/admin/checklists/{made}/versions/1",
            f"/admin/checklists/{made}/versions",
            f"/admin/checklists/{long}/versions",
        ):
            await page.goto(path)
            await page.wait_for_selector(READY)
            if path == f"/admin/checklists/{made}/versions":
                await page.locator(".item > summary").nth(3).click()
                await _answer_everything(page)
            await clean_as_it_stands(page, axe, path)


async def _answer_everything(page: Page) -> None:
    bad = page.locator("#preview .way.bad input")
    for number in range(await bad.count()):
        await bad.nth(number).check()
    await page.locator("#preview .choice-tile input").first.check()
