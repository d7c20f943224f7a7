"""Push in Chromium: shown once, counted on the icon, led to its page; with the app closed; to nobody who signed out."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec
from playwright.async_api import Browser, CDPSession, Page, expect

from server.kernel import clock, database
from server.kernel.clock import BEIJING
from server.kernel.ids import new_id
from tests.browser.conftest import READY, Axe
from tests.browser.looks import clean_in_every_look
from tests.browser.phones import phone
from tests.cast import Cast
from tests.conftest import swapped_pool
from tests.households import making

SHOWN = """async () => {
    const registration = await navigator.serviceWorker.ready;
    const shown = await registration.getNotifications();
    return shown.map(({ title, body, data }) => ({ title, body, href: data.href }));
}"""
CLOSED = """async () => {
    const registration = await navigator.serviceWorker.ready;
    for (const one of await registration.getNotifications()) one.close();
}"""


class Pushes(msgspec.Struct):
    """Delivers what a push service would have."""

    session: CDPSession
    origin: str
    registration: str

    async def deliver(self, **message: Any) -> None:
        await self.session.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self.origin, "registrationId": self.registration, "data": json.dumps(message)},
        )


@asynccontextmanager
async def pushes(page: Page, origin: str) -> AsyncIterator[Pushes]:
    session = await page.context.new_cdp_session(page)
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def known(event: dict[str, Any]) -> None:
        for one in event["registrations"]:
            if one["scopeURL"].startswith(origin) and not one["isDeleted"] and not found.done():
                found.set_result(one["registrationId"])

    session.on("ServiceWorker.workerRegistrationUpdated", known)
    await session.send("ServiceWorker.enable")
    yield Pushes(session, origin, await asyncio.wait_for(found, 20))
    await session.detach()


async def sent_to(database_url: str, cast: Cast) -> UUID:
    """A push that is on its way to a device of the member's."""
    async with swapped_pool(database_url):
        device, send = new_id(), new_id()
        await database.execute(
            """INSERT INTO push_devices (id, account, host, endpoint_digest, sealed, since)
               VALUES ($1, $2, 'fcm.googleapis.com', $3, 'x', now())""",
            device,
            cast.party_member.account_id,
            device.bytes,
        )
        await database.execute(
            """INSERT INTO push_sends (id, notice, account, device, kind, urgency, title, first_at, next_at, created_at,
                   state, done_at) VALUES ($1, $2, $3, $4, 'assigned', 'soon', 'x', $5, $5, $5, 'sent', $5)""",
            send,
            new_id(),
            cast.party_member.account_id,
            device,
            clock.now(),
        )
        return send


async def shown_at(database_url: str, send: UUID) -> object:
    async with asyncio.timeout(20):
        while True:
            async with swapped_pool(database_url):
                if at := await database.fetch_value("SELECT shown_at FROM push_sends WHERE id = $1", send):
                    return at
            await asyncio.sleep(0.2)


async def worker_ready(page: Page) -> None:
    await page.goto("/households")
    await page.wait_for_selector(READY, state="attached")
    await page.evaluate("navigator.serviceWorker.ready")


async def shown(page: Page, count: int) -> list[dict[str, str]]:
    async with asyncio.timeout(20):
        while len(found := await page.evaluate(SHOWN)) < count:
            await asyncio.sleep(0.1)
    return list(found)


async def unread(page: Page) -> int:
    said = await page.evaluate("fetch('/inbox/unread').then((answer) => answer.json())")
    return int(said["unread"])


async def test_a_push_is_shown_once_told_to_the_server_and_leads_to_its_page(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    send = await sent_to(live_database, live_cast)
    async with phone(browser, live, live_database, live_cast.party_member) as page:
        await page.context.grant_permissions(["notifications"], origin=live)
        await worker_ready(page)
        async with pushes(page, live) as service:
            [worker] = [one for one in page.context.service_workers if one.url.startswith(live)]
            await worker.evaluate("navigator.setAppBadge = async (count) => { self.badged = count ?? 'dot'; }")
            before = await unread(page)
            message = {"id": str(send), "title": "请您联系一户", "words": "点开看。", "href": "/inbox", "tag": "a"}
            await service.deliver(**message)
            [one] = await shown(page, 1)
            assert one == {"title": "请您联系一户", "body": "点开看。", "href": "/inbox"}
            await shown_at(live_database, send)
            # Others of the shared database may be told something meanwhile.
            assert await worker.evaluate("self.badged") in {before, await unread(page)}
            await page.evaluate(CLOSED)
            await service.deliver(**message)
            await service.deliver(id=str(new_id()), title="又一件", words="", href="/inbox", tag="b")
            assert [one["title"] for one in await shown(page, 1)] == ["又一件"]
            await worker.evaluate(
                """async () => {
                    const [notification] = await self.registration.getNotifications();
                    self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
                }"""
            )
            await page.wait_for_url(f"{live}/inbox")
            await expect(page.locator("h1").first).to_contain_text("消息")


async def test_with_the_app_closed_a_push_is_shown_and_a_bad_one_shows_that_there_is_something(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    async with phone(browser, live, live_database, live_cast.party_member) as page:
        await page.context.grant_permissions(["notifications"], origin=live)
        await worker_ready(page)
        async with pushes(page, live) as service:
            await page.goto("about:blank")
            await service.deliver(id=str(new_id()), title="请您联系一户", words="点开看。", href="/households", tag="a")
            await service.session.send(
                "ServiceWorker.deliverPushMessage",
                {"origin": live, "registrationId": service.registration, "data": "nothing that can be read"},
            )
            await page.goto("/households")
            titles = {one["title"] for one in await shown(page, 2)}
    assert titles == {"请您联系一户", "呼应有新消息"}


async def test_a_signed_out_phone_shows_nothing_of_anybody(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    async with phone(browser, live, live_database, live_cast.party_member) as page:
        await page.context.grant_permissions(["notifications"], origin=live)
        await worker_ready(page)
        await page.context.clear_cookies()
        async with pushes(page, live) as service:
            await service.deliver(id=str(new_id()), title="新单子", words="井盖 · 2026-0001", href="/unit", tag="a")
            [one] = await shown(page, 1)
    assert one == {"title": "呼应有新消息", "body": "打开看看。", "href": "/inbox"}


async def test_where_subscribing_fails_the_device_says_so_and_remembers(
    browser: Browser, live: str, live_database: str, live_cast: Cast, axe: Axe
) -> None:
    async with phone(browser, live, live_database, live_cast.party_member) as page:
        await page.context.grant_permissions(["notifications"], origin=live)
        await worker_ready(page)
        await page.goto("/me/notices")
        await expect(page.get_by_text("打开提醒")).to_be_visible()
        await clean_in_every_look(page, axe, "/me/notices")
        # Headless Chromium has no push service: it fails as it does behind a firewall.
        await page.goto("/me/notices")
        await page.get_by_text("打开提醒").click()
        await expect(page.get_by_text("连不上浏览器的推送服务")).to_be_visible(timeout=30_000)
        await page.reload()
        await expect(page.get_by_text("连不上浏览器的推送服务")).to_be_visible()


async def test_who_said_no_is_told_how_to_change_it(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    async with phone(browser, live, live_database, live_cast.party_member) as page:
        await page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
        await page.goto("/me/notices")
        await expect(page.get_by_text("浏览器不让呼应显示提醒")).to_be_visible()


async def test_what_is_due_today_is_said_by_the_phone_itself_without_a_network(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    async with swapped_pool(live_database):
        who = await making.member(live_cast, "13800000177", "卢今天")
        made = await making.linked(live_cast, "917", to=who)
        today = clock.now().astimezone(BEIJING).date()
        await database.execute("UPDATE households SET next_visit_on = $2 WHERE id = $1", made, today)
    async with phone(browser, live, live_database, who) as page:
        await worker_ready(page)
        await expect(page.locator(".row-title").first).to_be_visible()
        await page.context.set_offline(True)
        await page.context.grant_permissions(["notifications"], origin=live)
        await page.goto("/households")
        [one] = await shown(page, 1)
        assert one == {"title": "今天1 户要联系", "body": "点开看。", "href": "/households"}
        # Said once a day: closed, it does not come again.
        await page.evaluate(CLOSED)
        async with asyncio.timeout(10):
            while await page.evaluate(SHOWN):
                await asyncio.sleep(0.1)
        await page.goto("/households")
        await page.wait_for_selector(READY, state="attached")
        await page.wait_for_timeout(1500)
        assert await page.evaluate(SHOWN) == []
