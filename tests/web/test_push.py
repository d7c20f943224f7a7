"""Asking to be told on this device, the list of devices, and what a service worker says."""

from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from server.kernel import database
from server.kernel.ids import new_id
from server.kernel.settings import settings
from tests import cast as casting
from tests.cast import Cast
from tests.notices import push_service
from tests.notices.push_service import PushService
from tests.web.signed_in import as_


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PushService]:
    async with push_service.running() as one:
        monkeypatch.setenv("PUSH_SERVICES", one.url)
        settings.cache_clear()
        yield one
        monkeypatch.undo()
        settings.cache_clear()


async def test_a_browser_asks_is_listed_and_is_told_no_more(
    web: httpx.AsyncClient, cast: Cast, service: PushService
) -> None:
    client = await as_(web, cast.handler)
    assert set((await client.get("/push/key")).json()) == {"key"}
    asked = msgspec.to_builtins(service.browser("phone").subscription)
    page = (await client.get("/me/notices")).text
    assert "打开提醒" in page and "data-push-here" not in page
    first = await client.post("/push/devices", json=asked)
    again = await client.post("/push/devices", json=asked)
    assert first.status_code == again.status_code == 200 and first.json() == again.json()
    page = (await client.get("/me/notices")).text
    assert "data-push-here" in page and "(这台)" in page
    other = await as_(web, cast.lead)
    page = (await other.get("/me/notices")).text
    assert "data-push-here" not in page and "会显示提醒的设备" not in page
    removal = f"/push/devices/{first.json()['id']}/removal"
    assert (await other.post(removal)).status_code == 404
    for _ in range(2):
        assert (await client.post(removal)).status_code == 303
    assert "会显示提醒的设备" not in (await client.get("/me/notices")).text


async def test_what_is_no_subscription_is_refused(web: httpx.AsyncClient, cast: Cast, service: PushService) -> None:
    client = await as_(web, cast.handler)
    good = msgspec.to_builtins(service.browser("phone").subscription)
    wrong: tuple[object, ...] = (
        {},
        [],
        good | {"endpoint": "https://example.com/x"},
        good | {"keys": {}},
        good | {"keys": {"p256dh": "x", "auth": "x"}},
        good | {"endpoint": "https://fcm.googleapis.com/" + "x" * 5000},
    )
    for sent in wrong:
        assert (await client.post("/push/devices", json=sent)).status_code == 422, sent
    assert await database.fetch_value("SELECT count(*) FROM push_devices") == 0
    assert (await web.post("/push/devices", json=good)).status_code in (303, 401)


async def test_an_id_that_nobody_sent_says_nothing(web: httpx.AsyncClient, cast: Cast) -> None:
    for _ in range(2):
        answer = await web.post("/push/shown", json={"id": str(new_id())})
        assert (answer.status_code, answer.content) == (204, b"")
    assert (await web.post("/push/shown", content=b"x" * 5000)).status_code == 422
