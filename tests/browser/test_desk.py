"""The staff's errand by clicking, from accepting to closing, with and without JavaScript; keys, axe, sizes."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import FilePayload, Page, expect

from server import cases
from server.kernel.actor import Actor
from server.people.sessions import open_session
from tests.browser.conftest import PC, PHONE, READY, SMALL, Axe, OpenPage
from tests.browser.looks import LOOKS, WIDER, Look, clean_in_every_look
from tests.cast import Cast
from tests.conftest import swapped_pool
from tests.photos import pictures
from tests.web import deskwork

pytestmark = pytest.mark.browser

LONG = "楼下的路灯从上个月开始就一直闪,晚上回家看不清台阶,前天邻居家的老人差点摔倒。" * 10


class Desk:
    """Opens pages as members of the cast, on the live server."""

    def __init__(self, open_page: OpenPage, live: str, database: str, cast: Cast) -> None:
        self.open_page, self.live, self.database, self.cast = open_page, live, database, cast

    async def told(self, begin: Any = deskwork.reported, **also: Any) -> str:
        async with swapped_pool(self.database):
            return str(await begin(self.cast, **also))

    async def state(self, number: str) -> str:
        async with swapped_pool(self.database):
            return await deskwork.state(number)

    @asynccontextmanager
    async def as_(self, actor: Actor, **options: Any) -> AsyncIterator[Page]:
        assert actor.account_id is not None
        async with swapped_pool(self.database):
            token = await open_session(actor.account_id, password=True, second=True)
        async with self.open_page(**options) as page:
            await page.context.add_cookies([{"name": "huying", "value": token, "url": self.live}])
            yield page


@pytest.fixture
def desk(open_page: OpenPage, live: str, live_database: str, live_cast: Cast) -> Desk:
    return Desk(open_page, live, live_database, live_cast)


@pytest.mark.parametrize(("size", "script"), [(PHONE, True), (PC, False)], ids=["phone", "pc without js"])
async def test_the_errand_by_clicking(desk: Desk, size: tuple[int, int], script: bool) -> None:
    async with swapped_pool(desk.database):
        category = await deskwork.category(desk.cast, photo_after=True)
    number, cast = await desk.told(place=f"门口 {size[0]} {script}"), desk.cast
    look: dict[str, Any] = {"size": size, "java_script_enabled": script}

    async with desk.as_(cast.staff, **look) as page:
        await page.goto(f"/desk?q={number}")
        await page.locator(".row-title").first.click()
        await expect(page).to_have_url(re.compile(f"/desk/cases/{number}"))
        await _step(page, "受理")
        await page.fill("#f-find", "路灯不亮")
        await page.press("#f-find", "Enter")
        await page.locator(f'.leaves a[href*="category={category}"]').click()
        await page.locator("[name=level][value=urgent]").check()
        await page.select_option("#f-unit", str(cast.unit))
        await page.fill("#f-note", "麻烦带梯子")
        await page.get_by_role("button", name="受理并派发").click()
        await expect(page.locator(".said")).to_contain_text("已受理")
        await expect(page.locator(".case-head .chip")).to_have_text("待接单")
        await expect(page).to_have_url(re.compile(f"/desk/cases/{number}\\?q={number}&said=accept"))

    async with desk.as_(cast.handler, **look) as page:
        await page.goto(f"/unit?q={number}")
        await page.locator(".row-title").first.click()
        await _step(page, "接单")
        await page.get_by_label("明天上午去看").check()
        await page.get_by_role("button", name="接单").click()
        await expect(page.locator(".case-head .chip")).to_have_text("处理中")

    async with desk.as_(cast.handler, may_complain=True, **look) as page:  # Chromium complains of every 422
        await page.goto(f"/unit/cases/{number}")
        await _step(page, "办结")
        await page.fill("#f-text", "换了灯头,亮了")
        await page.get_by_role("button", name="办结").click()
        await expect(page.locator(".doing .field-error")).to_contain_text("要有处理后的照片")
        await expect(page.locator("#f-text")).to_have_value("换了灯头,亮了")

    async with desk.as_(cast.handler, **look) as page:
        await page.goto(f"/unit/cases/{number}")
        await _step(page, "办结")
        await page.fill("#f-text", "换了灯头,亮了")
        photo: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": pictures.jpeg()}
        await page.set_input_files("#f-after", files=[photo])
        await page.get_by_role("button", name="办结").click()
        await expect(page.locator(".said")).to_contain_text("已办结")
        await expect(page.get_by_alt_text("处理后的照片 1")).to_be_visible()

    async with desk.as_(cast.grid_worker, **look) as page:
        await page.goto(f"/desk/cases/{number}")
        await _step(page, "核查")
        await page.locator("[name=passed][value=yes]").check()
        await page.get_by_role("button", name="提交核查").click()
        await expect(page.locator(".case-head .chip")).to_have_text("待结案")

    async with desk.as_(cast.centre, **look) as page:
        await page.goto(f"/desk/cases/{number}")
        await _step(page, "结案")
        await page.locator(".star").nth(4).click()
        await page.get_by_role("button", name="结案").click()
        await expect(page.locator(".case-head .chip")).to_have_text("已结案")
        await expect(page.locator("#track ~ .track")).to_contain_text("冯值结案,评价 5 星")
    assert await desk.state(number) == "closed"


@pytest.mark.parametrize("script", [True, False], ids=["js", "no-js"])
async def test_a_stale_form_keeps_what_was_typed(desk: Desk, script: bool) -> None:
    number = await desk.told()
    async with desk.as_(desk.cast.staff, size=PC, java_script_enabled=script, may_complain=True) as page:
        await page.goto(f"/desk/cases/{number}?do=reject")
        await page.fill("#f-reason", "这是小区物业的事,已经转告他们")
        async with swapped_pool(desk.database):
            await cases.accept(number, desk.cast.second_staff, seen=None)
        await page.get_by_role("button", name="不予受理").click()
        await expect(page.locator(".desk-case .notice").first).to_contain_text("何静受理")
        await expect(page.locator("#f-reason")).to_have_value("这是小区物业的事,已经转告他们")
        await page.get_by_role("button", name="不予受理").click()
        await expect(page.locator(".case-head .chip")).to_have_text("不予受理")


async def test_the_keys_of_a_pc(desk: Desk) -> None:
    number, other = await desk.told(place="按键一"), await desk.told(place="按键一")
    async with desk.as_(desk.cast.staff, size=PC) as page:
        await page.goto("/desk")
        await expect(page.locator("[data-key-help]")).to_be_visible()
        await page.keyboard.press("/")
        await expect(page.locator("#q")).to_be_focused()
        await page.keyboard.type("按键一")
        await page.keyboard.press("Enter")
        await expect(page.locator(".row")).to_have_count(2)
        await page.locator(".desk-list").focus()
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await page.keyboard.press("k")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile(f"/desk/cases/({number}|{other})"))
        await page.wait_for_selector(READY, state="attached")
        await page.keyboard.press("n")
        await expect(page.locator("#f-text")).to_be_focused()
        await page.keyboard.type("jakn 不是快捷键")
        await expect(page.locator("#f-text")).to_have_value("jakn 不是快捷键")
        await page.keyboard.press("Escape")
        await expect(page.locator(".doing")).to_have_count(0)
        await page.locator("[data-keys-on]").uncheck()
        await page.locator(".desk-case").focus()
        await page.keyboard.press("n")
        await page.keyboard.press("j")
        await page.wait_for_timeout(200)
        await expect(page.locator(".doing")).to_have_count(0)


async def test_opening_the_next_case_keeps_the_place_in_the_list(desk: Desk) -> None:
    for _ in range(20):
        await desk.told(place="长列表")
    async with desk.as_(desk.cast.staff, size=PC) as page:
        await page.goto("/desk?q=长列表")
        await page.locator(".row-title").nth(15).click()
        await expect(page.locator(".desk-case h2").first).to_be_visible()
        assert await page.locator(".desk-list").evaluate("list => list.scrollTop") > 300
        await page.locator(".desk-case").evaluate("case_ => case_.scrollTo(0, 999)")
        await page.locator(".row-title").nth(16).click()
        await expect(page.locator(".row").nth(16)).to_have_class(re.compile("current"))
        assert await page.locator(".desk-case").evaluate("case_ => case_.scrollTop") == 0
        await page.go_back()
        await expect(page.locator(".row").nth(15)).to_have_class(re.compile("current"))


async def test_axe_finds_nothing(desk: Desk, axe: Axe) -> None:
    number = await desk.told(text=LONG, name="阿卜杜热西提·买买提江·吐尔逊尼亚孜阿吉")
    held = await desk.told(held="这台手机短时间内上报较多")
    done, taken = await desk.told(deskwork.checked), await desk.told(deskwork.in_hand)
    async with desk.as_(desk.cast.secretary) as page:
        for path in (
            "/desk",
            "/desk?q=nothing",
            f"/desk/cases/{number}",
            f"/desk/cases/{held}?do=accept",
            f"/desk/cases/{number}?do=accept&category=0",
            f"/desk/cases/{number}?do=relocate",
            f"/desk/cases/{number}?do=assign",
            f"/desk/cases/{done}?do=close",
        ):
            await clean_in_every_look(page, axe, path, (*LOOKS, Look(elder=True), Look(PC, elder=True)))
    async with desk.as_(desk.cast.lead) as page:
        for path in (
            "/unit",
            f"/unit/cases/{taken}",
            f"/unit/cases/{taken}?do=finish",
            f"/unit/cases/{taken}?do=assign",
        ):
            await clean_in_every_look(page, axe, path, (*LOOKS, Look(elder=True), Look(PC, elder=True)))


@pytest.mark.parametrize("elder", [False, True], ids=["usual", "elder"])
async def test_the_main_action_is_within_the_thumbs_reach(desk: Desk, elder: bool) -> None:
    number = await desk.told(text=LONG)
    async with desk.as_(desk.cast.staff, size=SMALL, elder=elder) as page:
        await page.goto(f"/desk/cases/{number}")
        box = await page.locator(".steps .button.main").bounding_box()
        assert box is not None and box["y"] > SMALL[1] / 2 and box["height"] >= (60 if elder else 44)
        assert await page.evaluate(WIDER) <= 0


async def _step(page: Page, word: str) -> None:
    """Open the form of the usual next step."""
    await page.locator(".steps .button.main", has_text=word).click()
    await expect(page.locator(".doing")).to_be_visible()
