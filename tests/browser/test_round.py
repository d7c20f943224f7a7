"""A grid worker's round in a basement, in a Chromium that is killed in the middle: everything is received once."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Locator, Page, Playwright, async_playwright, expect

from server.kernel import clock, database
from server.kernel.clock import BEIJING
from server.kernel.ids import new_id
from server.patrols import orders
from server.patrols.destinations import Wanted
from server.people.sessions import open_session
from tests.browser.conftest import PHONE, Axe
from tests.browser.mortal import Phone
from tests.browser.phones import CONTROLLED
from tests.browser.test_phone_report import clean, photo, rows
from tests.cast import Cast, middle
from tests.conftest import swapped_pool
from tests.patrols import making, rounds

pytestmark = pytest.mark.browser

MOST_TAPS = 6
"""For a place where all is well: open it, four answers, done."""
FIRE: list[dict[str, Any]] = [
    {
        "id": "exit",
        "kind": "check",
        "label": "安全出口畅通",
        "required": True,
        "remedy": "清走杂物",
        "photo_if_failed": True,
        "photo_reason": "让经营者看清堵在哪里",
        "outcomes": ["fixed", "rectify", "case"],
        "rectify_days": 3,
    },
    {"id": "wiring", "kind": "check", "label": "电线没有乱接", "required": True, "outcomes": ["note", "case"]},
]
FOOD: list[dict[str, Any]] = [
    {"id": "licence", "kind": "check", "label": "证照挂在显眼处", "required": True, "outcomes": ["note", "rectify"]},
    {"id": "fridge", "kind": "yes_no", "label": "有冷藏柜", "required": True},
]


class Round:
    """Five shops of the first grid, four to be visited today, and an order."""

    def __init__(self, names: list[str], places: list[UUID], codes: list[str]) -> None:
        self.names, self.places, self.codes = names, places, codes


async def a_round(cast: Cast, mark: str) -> Round:
    """Places and tasks of today; what other tests left open in the grid is out of the way."""
    await database.execute(
        "UPDATE patrol_tasks SET state = 'withdrawn', ended_at = $1 WHERE state = 'open'", clock.now()
    )
    kind = await making.kind(cast, f"店铺{mark}")
    lists = [
        await rounds.checklist(f"消防{mark}", "消防", FIRE),
        await rounds.checklist(f"食品{mark}", "市监", FOOD),
    ]
    names = [f"{word}{mark}" for word in ("好又多便利店", "老陈面馆", "五金行", "水果店", "没有任务的理发店")]
    places = []
    for number, name in enumerate(names):
        made = await making.place(cast, kind, name=name, address_text=f"幸福路 {number + 1} 号")
        places.append(made.place_id)
    for place in places[:4]:
        await a_task(place, kind.id, cast, lists)
    codes = [str(await database.fetch_value("SELECT code FROM places WHERE id = $1", one)) for one in places]
    return Round(names, places, codes)


async def a_task(place: UUID, kind: int, cast: Cast, lists: list[int]) -> None:
    today = clock.now().astimezone(BEIJING).date()
    task = new_id()
    await database.execute(
        """INSERT INTO patrol_tasks (id, place, kind, community, grid, window_from, window_to, day, made_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $8)""",
        *(task, place, kind, cast.community, cast.grid, today, today + timedelta(days=3), clock.now()),
    )
    for one in lists:
        await database.execute(
            "INSERT INTO patrol_task_items (task, place, period, checklist) VALUES ($1, $2, $3, $4)",
            *(task, place, today, one),
        )


def chip(among: Locator, word: str) -> Locator:
    """The input of a big switch or a chip; it lies over its words."""
    return among.locator("label").filter(has=among.page.get_by_text(word, exact=True)).locator("input")


class Walker:
    """Taps as a thumb does, and counts them."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    async def tap(self, what: Locator) -> None:
        self.taps += 1
        await what.click()

    async def open(self, name: str) -> None:
        await self.tap(self.page.get_by_role("link", name=name, exact=True).first)
        await expect(self.page.locator(".check-item").first).to_be_visible()

    async def answer(self, item: str, word: str) -> None:
        await self.tap(chip(self.item(item).locator(".check-ask"), word))

    async def follow(self, item: str, word: str) -> None:
        await self.tap(chip(self.item(item).locator(".round-follows"), word))

    def item(self, name: str) -> Locator:
        return self.page.locator(f"[data-item={name}]")

    async def all_well(self, *but: str) -> None:
        for item, word in (("exit", "合格"), ("wiring", "合格"), ("licence", "合格"), ("fridge", "不是")):
            if item not in but:
                await self.answer(item, word)

    async def complete(self) -> None:
        await self.tap(self.page.get_by_role("button", name="完成"))
        await self.page.wait_for_url("**/round")
        await expect(self.page.locator(".round-figure")).to_be_visible()


async def started(
    playwright: Playwright, profile: Path, live: str, token: str, *, path: str = ""
) -> tuple[Phone, Page]:
    """A browser that has just been started; with a path the network is off from the beginning."""
    made = Phone(playwright, profile)
    page = await made.start("about:blank")
    page.set_default_timeout(10_000)
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await page.context.grant_permissions(["geolocation"], origin=live)
    # The browser writes cookies out only every half minute; the one of before the kill may be gone with it.
    await page.context.add_cookies([{"name": "huying", "value": token, "url": live}])
    await page.context.set_offline(bool(path))
    await page.goto(live + (path or "/round"))
    return made, page


async def test_a_whole_round_without_a_network_is_received_once(
    live: str, live_database: str, live_cast: Cast, tmp_path: Path, axe: Axe
) -> None:
    worker = live_cast.grid_worker
    assert worker.account_id is not None
    async with swapped_pool(live_database):
        of = await a_round(live_cast, "甲")
        post = worker.posts[0].id
        await orders.send(post, live_cast.staff, words="楼道冒烟,请先去看", to=Wanted(place=of.codes[4]))
        token = await open_session(worker.account_id, password=True)
    async with async_playwright() as playwright:
        opened, page = await started(playwright, tmp_path, live, token)
        try:
            await expect(page.locator(".round-figure")).to_have_text("今天 4 处,还有 4 处")
            await page.wait_for_function(CONTROLLED)
            await page.context.set_offline(True)
            await clean(page, axe, "round")

            # All is well at the first.
            walker = Walker(page)
            await walker.open(of.names[0])
            await clean(page, axe, "round-visit")
            await walker.all_well()
            await walker.complete()
            print(f"taps for a usual place: {walker.taps}")
            assert walker.taps <= MOST_TAPS
            await expect(page.locator(".round-figure")).to_have_text("今天 4 处,还有 3 处")
            await expect(page.locator(".round-just")).to_contain_text("已存在本机")

            # In the middle of the second the battery is pulled.
            await walker.open(of.names[1])
            await walker.answer("exit", "不合格")
            await walker.item("exit").locator("input[type=file]").first.set_input_files([photo(width=1200)])
            await expect(walker.item("exit").locator(".slot img")).to_have_count(1)
            await walker.follow("exit", "限期整改")
            await walker.answer("wiring", "合格")
            await page.wait_for_timeout(300)
            opened.kill()
            opened, page = await started(playwright, tmp_path, live, token, path="/round")
            walker = Walker(page)
            await expect(page.locator(".round-figure")).to_have_text("今天 4 处,还有 3 处")
            await expect(page.locator(".row", has_text=of.names[1])).to_contain_text("写了一半")
            await walker.open(of.names[1])
            await expect(page.locator(".phone-restored")).to_contain_text("接着上次的写")
            await expect(walker.item("exit").locator(".slot img")).to_have_count(1)
            await walker.tap(page.get_by_role("button", name="完成"))
            await expect(page.locator(".field-error")).to_have_count(2)
            await clean(page, axe, "round-visit-wrong")
            await walker.all_well("exit", "wiring")
            await walker.complete()

            # Nobody is there; something is wrong that becomes a case; a label; something on the way, for a resident.
            await walker.open(of.names[2])
            await walker.tap(page.locator("summary", has_text="没查成"))
            await walker.tap(page.get_by_role("button", name="没有人"))
            await page.fill("#f-note", "邻居说晚上六点后在")
            await walker.complete()
            await walker.open(of.names[3])
            await walker.answer("wiring", "不合格")
            await walker.follow("wiring", "转为工单")
            await walker.all_well("wiring")
            await walker.complete()
            await expect(page.locator(".round-figure")).to_have_text("今天 4 处,都做完了")
            await walker.tap(page.get_by_role("link", name="扫标签"))
            await page.fill("#f-code", of.codes[4])
            await clean(page, axe, "round-scan")
            await page.keyboard.press("Enter")
            await page.wait_for_url("**/round/place/*")
            await walker.tap(page.get_by_role("button", name="另外发现了问题"))
            await page.locator(".round-finding textarea").fill("招牌松了,风大会掉")
            await walker.tap(chip(page.locator(".round-finding .round-follows"), "当场改好了"))
            await walker.complete()
            longitude, latitude = middle(0)
            await page.context.set_geolocation({"longitude": longitude, "latitude": latitude, "accuracy": 8})
            await walker.tap(page.get_by_role("link", name="记个问题"))
            await page.fill("#f-where", "三号楼后面")
            await walker.tap(page.get_by_role("button", name="用现在的位置"))
            await expect(page.get_by_text("已记下位置")).to_be_visible()
            await page.locator(".round-finding textarea").fill("井盖裂了")
            await page.locator(".round-finding input[type=file]").set_input_files([photo(width=900)])
            await expect(page.locator(".round-finding .slot img")).to_have_count(1)
            await walker.tap(page.locator("summary", has_text="替居民上报"))
            await page.get_by_label("手机号码").fill("13900001234")
            await page.get_by_label("对方同意我替他上报").check()
            await clean(page, axe, "round-new")
            await walker.complete()

            # Going where the desk asks, and correcting the first record; nothing has left the phone yet.
            await walker.tap(page.get_by_role("button", name="接受"))
            await expect(page.get_by_role("button", name="在路上了")).to_be_visible()
            await walker.tap(page.locator("summary", has_text="做完的"))
            await walker.tap(page.locator(".round-more").get_by_role("link", name=of.names[0]))
            await clean(page, axe, "round-record")
            await walker.tap(page.get_by_role("link", name="更正这一条"))
            await walker.answer("licence", "不合格")
            await walker.follow("licence", "记下")
            await walker.complete()
            assert await rows(live_database, RECORDS, of.places) == []

            await page.context.set_offline(False)
            await page.evaluate("dispatchEvent(new Event('online'))")
            await expect(page.locator("[data-sync]")).to_contain_text("已收到", timeout=30_000)
            await expect(page.locator(".round-figure")).to_have_text("今天 4 处,都做完了")
            await walker.tap(page.locator("summary", has_text="做完的"))
            await expect(page.locator(".round-more .sync.received")).to_have_count(6)
            await walker.tap(page.locator(".round-more").get_by_role("link", name=of.names[1]))
            await expect(page.locator("article")).to_contain_text("回执")
            await expect(page.locator("article")).to_contain_text("限期整改")
            await page.reload()
            await expect(page.locator("article")).to_contain_text("回执")
        finally:
            opened.kill()
    found = await rows(live_database, RECORDS, of.places)
    assert sorted(found) == [
        ("done", 1, False),
        ("done", 1, False),
        ("done", 1, False),
        ("done", 1, True),
        ("done", 2, False),
        ("nobody_there", 1, False),
    ]
    loose = await rows(
        live_database, "SELECT place_words, latitude FROM patrol_visits WHERE place_words = '三号楼后面'"
    )
    assert [words for words, _ in loose] == ["三号楼后面"]
    leads = await rows(live_database, LEADS, of.places)
    assert sorted(leads) == [
        ("case", True, False),
        ("fixed", False, False),
        ("note", False, False),
        ("rectify", False, True),
    ]
    [(hung,)] = await rows(live_database, PHOTOS, of.places)
    assert hung == 2


RECORDS = "SELECT outcome, version, corrected_at IS NOT NULL FROM patrol_visits WHERE place = ANY($1::uuid[])"
LEADS = """SELECT f.leads_to, f."case" IS NOT NULL AS "case", f.rectification IS NOT NULL AS again
           FROM patrol_findings f
           JOIN patrol_visits v ON v.id = f.visit WHERE v.place = ANY($1::uuid[])"""
PHOTOS = """SELECT count(DISTINCT p.photo) FROM patrol_photos p JOIN patrol_visits v ON v.id = p.visit
            WHERE v.place = ANY($1::uuid[]) OR v.place_words = '三号楼后面'"""
