"""The administration in a browser: a file brought in, a post handed over, every page seen by axe."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import FilePayload, Page, expect

from server import cases
from server.forms import publishing
from server.kernel import database
from server.kernel.actor import Actor, Role
from server.people import organisations, posts
from server.people.sessions import open_session
from tests.browser.conftest import Axe, OpenPage
from tests.browser.looks import clean_as_it_stands, clean_in_every_look
from tests.cast import Cast
from tests.conftest import swapped_pool

pytestmark = pytest.mark.browser

LONG = "阿不都热西提·买买提明·艾合买提江·吐尔"


class Administration:
    """Opens pages as members of the cast, on the live server."""

    def __init__(self, open_page: OpenPage, live: str, url: str, cast: Cast) -> None:
        self.open_page, self.live, self.url, self.cast = open_page, live, url, cast

    async def one(self, statement: str, *values: Any) -> Any:
        async with swapped_pool(self.url):
            return await database.fetch_value(statement, *values)

    @asynccontextmanager
    async def as_(self, actor: Actor, **options: Any) -> AsyncIterator[Page]:
        assert actor.account_id is not None
        async with swapped_pool(self.url):
            token = await open_session(actor.account_id, password=True, second=True)
        async with self.open_page(**options) as page:
            await page.context.add_cookies([{"name": "huying", "value": token, "url": self.live}])
            yield page


@pytest.fixture
def administration(open_page: OpenPage, live: str, live_database: str, live_cast: Cast) -> Administration:
    return Administration(open_page, live, live_database, live_cast)


@pytest.mark.parametrize("script", [True, False], ids=["js", "no-js"])
async def test_divisions_are_looked_at_and_then_brought_in(administration: Administration, script: bool) -> None:
    code = f"4403000010{70 + script}"
    rows = [f"{code},新安{script}社区,community,440300001"]
    rows += [f"{code}{number:02},新安{script}第{number}网格,grid,{code}" for number in range(1, 41)]
    good = "\n".join(["code,name,level,parent_code", *rows])
    bad = f"{good}\n{code}01,又一个,grid,{code}\n{code}99,没有上级,grid,nowhere"
    options: dict[str, Any] = {"java_script_enabled": script}
    async with administration.as_(administration.cast.area_admin, may_complain=True, **options) as page:
        for text in (bad, good):
            await page.goto("/admin/areas")
            await page.click("text=导入区划")
            file: FilePayload = {"name": "区划.csv", "mimeType": "text/csv", "buffer": text.encode("gb18030")}
            await page.set_input_files("input[type=file]", file)
            await page.click("text=检查文件")
            if text is bad:
                await expect(page.locator(".wrong-rows tbody tr")).to_have_count(2)
                await expect(page.locator("main")).to_contain_text("找不到上级 nowhere")
        await expect(page.locator(".tile").first).to_contain_text("41")
        assert await administration.one("SELECT count(*) FROM areas WHERE code LIKE $1", f"{code}%") == 0
        await page.click("text=确认导入")
        await expect(page.locator("#notice")).to_contain_text("文件已导入")
        assert await administration.one("SELECT count(*) FROM areas WHERE code LIKE $1", f"{code}%") == 41


@pytest.mark.parametrize("script", [True, False], ids=["js", "no-js"])
async def test_a_post_is_handed_over_and_keeps_its_case(administration: Administration, script: bool) -> None:
    cast, options = administration.cast, {"java_script_enabled": script}
    async with swapped_pool(administration.url):
        post = await posts.create(Role.SECRETARY, f"交接{script}书记", area_id=cast.community, by=cast.area_admin)
        await posts.hand_over(post, cast.neighbour.account_id, cast.area_admin)  # type: ignore[arg-type]
        told = await cases.report(cases.Telling(text="路灯坏了", community_id=cast.community), cast.resident)
        await database.execute("UPDATE cases SET owner_post = $2 WHERE id = $1", told.case_id, post)
    async with administration.as_(cast.area_admin, **options) as page:
        await page.goto("/admin/posts")
        await page.fill("#f-q", f"交接{script}书记")
        await page.press("#f-q", "Enter")
        await page.locator(".row-title").first.click()
        await page.fill("#f-phone", f"1391111333{int(script)}")
        await page.fill("#f-name", LONG)
        await page.click("text=下一步")
        await expect(page.locator("main")).to_contain_text("1 件")
        await expect(page.locator("main")).to_contain_text("留在这个岗位")
        await page.locator("main form button", has_text="交接").click()
        await expect(page.locator("#notice")).to_contain_text("手上的工单都留在岗位上")
        await expect(page.locator(".record")).to_contain_text(LONG)
    owner = "SELECT owner_post FROM cases WHERE id = $1"
    assert await administration.one(owner, told.case_id) == post
    holder = "SELECT a.name FROM holdings h JOIN accounts a ON a.id = h.account WHERE h.post = $1 AND h.until IS NULL"
    assert await administration.one(holder, post) == LONG


async def test_axe_finds_nothing_and_nothing_scrolls_sideways(administration: Administration, axe: Axe) -> None:
    cast = administration.cast
    async with swapped_pool(administration.url):
        organisation = await organisations.create("民治党委", "committee", cast.street, by=cast.area_admin)
        group = await publishing.create_group("试用标准", "01", "市政", by=cast.area_admin)
        code = str(await database.fetch_value("SELECT count(*) FROM categories"))
        category = await publishing.create("试用标准", f"01{code}", f"路灯{code}", group, by=cast.area_admin)
    paths = [
        "/admin",
        "/admin/areas",
        "/admin/areas?q=网格",
        "/admin/areas?q=没有的",
        f"/admin/areas/{cast.community}",
        f"/admin/areas/new?parent={cast.community}",
        "/admin/imports/divisions",
        "/admin/imports/polygons",
        "/admin/imports/categories",
        "/admin/units",
        "/admin/units/new",
        f"/admin/units/{cast.unit}",
        "/admin/organisations",
        "/admin/organisations/new",
        f"/admin/organisations/{organisation}",
        "/admin/posts",
        f"/admin/posts/{cast.staff.posts[0].id}",
        f"/admin/posts/new?area={cast.grid}",
        "/admin/accounts",
        "/admin/accounts/new",
        f"/admin/accounts/{cast.staff.account_id}",
        "/admin/categories?standard=试用标准",
        f"/admin/categories/{category.category_id}",
        f"/admin/categories/{category.category_id}/versions",
        "/admin/calendar",
        "/admin/calendar/2031",
        "/admin/system",
    ]
    async with administration.as_(cast.system_admin) as page:
        for path in paths:
            await clean_in_every_look(page, axe, path)
        await page.goto(f"/admin/posts/{cast.staff.posts[0].id}")
        await page.locator("form[action$='/end'] button").click()
        await expect(page.locator("h2").first).to_contain_text("撤销")
        await clean_as_it_stands(page, axe, "ending a post")
