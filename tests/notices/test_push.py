"""Push: who is told on which device, what the services answer, and the message that follows where it does not reach."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotFound, SignInNeeded
from server.kernel.ids import digest
from server.notices import outlets
from server.notices.outlets.push import devices, endpoints, keys, planning, sending
from server.notices.outlets.push.devices import Keys, Subscription
from server.people import sessions
from tests import cast as casting
from tests.cast import Cast
from tests.notices import push_service
from tests.notices.making import NIGHT, NOON, deliver_due, made
from tests.notices.push_service import Browser, PushService


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


@pytest.fixture
async def service(setting: Callable[..., None]) -> AsyncIterator[PushService]:
    async with push_service.running() as one:
        setting(outlet_networks="127.0.0.0/8", push_services=one.url)
        yield one


async def signed_in(actor: Actor) -> Actor:
    """The actor with a session, as a page has them."""
    assert actor.account_id is not None
    token = await sessions.open_session(actor.account_id, user_agent="Mozilla/5.0 Chrome/140")
    session = await database.fetch_value("SELECT id FROM sessions WHERE token_digest = $1", digest(token))
    return msgspec.structs.replace(actor, session_id=session)


async def subscribed(service: PushService, actor: Actor, name: str = "phone") -> tuple[Browser, Actor]:
    browser, there = service.browser(name), await signed_in(actor)
    await devices.add(browser.subscription, there)
    return browser, there


async def told(*notices: outlets.Made) -> None:
    """Notices as the follower makes them."""
    for one in notices:
        await database.execute(
            """INSERT INTO notices (id, event, kind, receiver, account, urgency, title, line, href, stream, at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'case:x', $10)""",
            *(one.id, one.event, one.kind, str(one.account), one.account, one.urgency, one.title, one.line, one.href),
            one.at,
        )
    await outlets.plan(notices)


async def states() -> list[tuple[str, str]]:
    rows = await database.fetch("SELECT state, said FROM push_sends ORDER BY id")
    return [(row["state"], row["said"]) for row in rows]


async def texts() -> list[str]:
    """What became of the text messages."""
    rows = await database.fetch("SELECT state FROM deliveries WHERE outlet = 'sms' ORDER BY id")
    return [row["state"] for row in rows]


async def test_a_push_is_signed_encrypted_and_says_where_to_go(cast: Cast, service: PushService) -> None:
    browser, _ = await subscribed(service, cast.handler)
    with clock.at(NOON):
        await told(made(cast.handler))
        assert (await sending.send_due(), await sending.send_due()) == (1, 0)
    [got] = browser.got
    assert (got["title"], got["words"], got["href"]) == ("新单子,请接单", "井盖 · 2026-0001", "/unit/cases/2026-0001")
    assert service.wrong == []
    [headers] = service.headers
    assert (headers["TTL"], headers["Urgency"], headers["Topic"]) == ("86400", "normal", got["tag"])
    assert await states() == [("sent", "推送服务回答 201")]


async def test_what_is_pushed_names_nobody(cast: Cast, service: PushService) -> None:
    browser, _ = await subscribed(service, cast.handler)
    with clock.at(NOON):
        await told(made(cast.handler))
        await sending.send_due()
    text = str(browser.got) + str(service.headers)
    assert not [one for one in (cast.handler.name, "13800000041", str(cast.handler.account_id)) if one in text]


@pytest.mark.parametrize(
    ("urgency", "ttl", "header"), [("now", "14400", "high"), ("soon", "86400", "normal"), ("calm", "259200", "low")]
)
async def test_how_long_and_how_urgent(cast: Cast, service: PushService, urgency: str, ttl: str, header: str) -> None:
    await subscribed(service, cast.handler)
    with clock.at(NOON):
        await told(made(cast.handler, urgency=urgency))
        await sending.send_due()
    assert (service.headers[0]["TTL"], service.headers[0]["Urgency"]) == (ttl, header)


async def test_a_text_message_waits_and_stays_away_once_the_device_has_shown_it(
    cast: Cast, service: PushService, setting: Callable[..., None]
) -> None:
    setting(demo="1")
    browser, _ = await subscribed(service, cast.handler)
    with clock.at(NOON):
        one = made(cast.handler)
        await told(one)
        await sending.send_due()
        await deliver_due()
        assert await texts() == ["waiting"]
        await planning.shown(UUID(browser.got[0]["id"]))
        await planning.shown(UUID(browser.got[0]["id"]))
    with clock.at(NOON + timedelta(minutes=31)):
        await deliver_due()
    assert await texts() == ["dropped"]


async def test_where_push_does_not_reach_in_its_time_the_text_message_goes(
    cast: Cast, service: PushService, setting: Callable[..., None]
) -> None:
    setting(demo="1")
    await subscribed(service, cast.handler)
    with clock.at(NOON):
        await told(made(cast.handler))
        await sending.send_due()
    with clock.at(NOON + timedelta(minutes=29)):
        await deliver_due()
        assert await texts() == ["waiting"]
    with clock.at(NOON + timedelta(minutes=31)):
        await deliver_due()
    assert await texts() == ["sent"]


async def test_what_was_read_meanwhile_needs_no_message(
    cast: Cast, service: PushService, setting: Callable[..., None]
) -> None:
    setting(demo="1")
    await subscribed(service, cast.handler)
    with clock.at(NOON):
        await told(made(cast.handler))
        await sending.send_due()
        await database.execute("UPDATE notices SET read_at = now()")
    with clock.at(NOON + timedelta(hours=1)):
        await deliver_due()
    assert await texts() == ["dropped"]


async def test_who_has_no_device_gets_the_text_message_at_once(
    cast: Cast, service: PushService, setting: Callable[..., None]
) -> None:
    setting(demo="1")
    with clock.at(NOON):
        await told(made(cast.handler))
        await deliver_due()
    assert (await texts(), await states()) == (["sent"], [])


async def test_at_night_nothing_is_pushed_but_what_is_owed_now(cast: Cast, service: PushService) -> None:
    browser, _ = await subscribed(service, cast.handler)
    with clock.at(NIGHT):
        await told(made(cast.handler), made(cast.handler, kind="overdue", urgency="now"))
        await sending.send_due()
    assert len(browser.got) == 1


async def test_many_at_once_are_one_push_that_says_how_many(cast: Cast, service: PushService) -> None:
    browser, _ = await subscribed(service, cast.handler)
    with clock.at(NOON):
        await told(*(made(cast.handler) for _ in range(5)))
        await sending.send_due()
    [got] = browser.got
    assert (got["title"], got["href"]) == ("您有 5 条消息", "/inbox")
    assert [state for state, _ in await states()] == ["sent"] * 5


@pytest.mark.parametrize(("shows", "expected"), [(True, "dropped"), (False, "sent")])
async def test_the_one_text_message_of_many_waits_for_the_one_push(
    cast: Cast, service: PushService, setting: Callable[..., None], shows: bool, expected: str
) -> None:
    setting(demo="1")
    browser, _ = await subscribed(service, cast.handler)
    with clock.at(NOON):
        await told(*(made(cast.handler) for _ in range(5)))
        await sending.send_due()
        if shows:
            await planning.shown(UUID(browser.got[0]["id"]))
    with clock.at(NOON + timedelta(minutes=31)):
        await deliver_due()
    assert set(await texts()) == {expected}


@pytest.mark.parametrize("status", [404, 410])
async def test_a_device_that_the_service_forgot_ends(cast: Cast, service: PushService, status: int) -> None:
    browser, there = await subscribed(service, cast.handler)
    service.answers["phone"] = [status]
    with clock.at(NOON):
        await told(made(cast.handler))
        await sending.send_due()
        assert await devices.of(there) == ()
        await told(made(cast.handler))
        assert await sending.send_due() == 0
    assert browser.got == []


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_passing_fault_is_tried_again_after_a_growing_pause(
    cast: Cast, service: PushService, status: int
) -> None:
    browser, _ = await subscribed(service, cast.handler)
    service.answers["phone"] = [status, status]
    with clock.at(NOON):
        await told(made(cast.handler))
        assert (await sending.send_due(), await sending.send_due()) == (1, 0)
    for minutes in (1, 2, 3):
        with clock.at(NOON + timedelta(minutes=minutes)):
            await sending.send_due()
    assert len(browser.got) == 1
    assert [state for state, _ in await states()] == ["sent"]


async def test_a_service_that_says_when_is_not_asked_before(cast: Cast, service: PushService) -> None:
    browser, _ = await subscribed(service, cast.handler)
    service.answers["phone"], service.retry_after = [429], "600"
    with clock.at(NOON):
        await told(made(cast.handler))
        await sending.send_due()
    with clock.at(NOON + timedelta(minutes=9)):
        assert await sending.send_due() == 0
    with clock.at(NOON + timedelta(minutes=11)):
        assert await sending.send_due() == 1
    assert len(browser.got) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 413])
async def test_what_never_works_is_not_tried_again(cast: Cast, service: PushService, status: int) -> None:
    await subscribed(service, cast.handler)
    service.answers["phone"] = [status]
    with clock.at(NOON):
        await told(made(cast.handler))
        await sending.send_due()
    with clock.at(NOON + timedelta(hours=3)):
        assert await sending.send_due() == 0
    assert await states() == [("failed", f"推送服务回答 {status}")]


async def test_a_service_that_hangs_holds_up_nobody_else(
    cast: Cast, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LONGEST", 0.5)
    await subscribed(service, cast.handler, "stuck")
    other, _ = await subscribed(service, cast.lead, "other")
    slow, _ = await subscribed(service, cast.next_handler, "slow")
    service.answers |= {"stuck": ["hang"], "slow": ["slow"]}
    with clock.at(NOON):
        await told(made(cast.handler), made(cast.lead), made(cast.next_handler))
        await sending.send_due()
    assert (len(other.got), len(slow.got)) == (1, 1)
    assert sorted(state for state, _ in await states()) == ["sent", "sent", "waiting"]


async def test_a_batch_keeps_to_so_many_calls_at_once(
    cast: Cast, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 3)
    for number in range(9):
        browser, _ = await subscribed(service, cast.handler, f"d{number}")
        service.answers[browser.name] = ["slow"]
    with clock.at(NOON):
        await told(made(cast.handler))
        await sending.send_due()
    assert service.most_at_once == 3
    assert [len(browser.got) for browser in service.browsers.values()] == [1] * 9


async def test_who_signed_out_is_told_nothing_there_any_more(cast: Cast, service: PushService) -> None:
    browser, there = await subscribed(service, cast.handler)
    with clock.at(NOON):
        await told(made(cast.handler))
    assert there.session_id is not None
    await sessions.revoke(there.session_id, there)
    with clock.at(NOON):
        await sending.send_due()
        assert browser.got == [] and [state for state, _ in await states()] == ["dropped"]
        await told(made(cast.handler))
        assert await sending.send_due() == 0


async def test_a_device_is_of_whoever_asked_last_and_its_list_is_ones_own(cast: Cast, service: PushService) -> None:
    browser, there = await subscribed(service, cast.handler)
    again = await devices.add(browser.subscription, there)
    [one] = await devices.of(there)
    assert (one.id, one.here) == (again, True)
    lead = await signed_in(cast.lead)
    await devices.add(browser.subscription, lead)
    assert await devices.of(there) == () and len(await devices.of(lead)) == 1
    [mine] = await devices.of(lead)
    with pytest.raises(NotFound):
        await devices.remove(mine.id, there)
    await devices.remove(mine.id, lead)
    await devices.remove(mine.id, lead)
    assert await devices.of(lead) == ()
    with pytest.raises(SignInNeeded):
        await devices.add(browser.subscription, cast.stranger)


async def test_ten_devices_are_enough_and_the_silent_one_goes(cast: Cast, service: PushService) -> None:
    there = await signed_in(cast.handler)
    for number in range(12):
        with clock.at(NOON + timedelta(minutes=number)):
            await devices.add(service.browser(f"d{number}").subscription, there)
    rows = await database.fetch("SELECT why_ended FROM push_devices WHERE until IS NOT NULL")
    assert [row["why_ended"] for row in rows] == ["too many", "too many"]


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "https://example.com/x",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.cn/x",
        "https://evilfcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://user:pass@fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://notify.windows.com/x",
        "https://fcm.googleapis.com/" + "a" * 2000,
        "https://fcm.googleapis.com/\u4f60",
        "https://fcm.googleapis.com/a b",
        "https://fcm.googleapis.com:port/",
        "javascript:alert(1)",
    ],
)
def test_pushes_go_to_the_services_of_browsers_alone(endpoint: str) -> None:
    with pytest.raises(Invalid):
        endpoints.checked(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/x",
        "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://web.push.apple.com/x",
        "https://wns2-par02p.notify.windows.com/w/?token=x",
    ],
)
def test_the_services_of_browsers_are_known(endpoint: str) -> None:
    assert endpoints.checked(endpoint) in endpoint


async def test_a_service_whose_name_leads_into_our_network_is_not_called(
    cast: Cast, service: PushService, setting: Callable[..., None]
) -> None:
    setting(outlet_networks="", push_services=f"http://localhost:{service.port}")
    there = await signed_in(cast.handler)
    mine = service.browser("phone").subscription
    await devices.add(Subscription(mine.endpoint.replace("127.0.0.1", "localhost"), mine.keys), there)
    with clock.at(NOON):
        await told(made(cast.handler))
        await sending.send_due()
    assert service.headers == [] and [state for state, _ in await states()] == ["waiting"]


@pytest.mark.parametrize(("p256dh", "auth"), [("", ""), ("AAAA", "AAAA"), ("!" * 80, "x"), ("B" * 87, "A" * 22)])
async def test_keys_that_are_none_are_refused(cast: Cast, service: PushService, p256dh: str, auth: str) -> None:
    there = await signed_in(cast.handler)
    with pytest.raises(Invalid):
        await devices.add(Subscription(f"{service.url}/send/x", Keys(p256dh, auth)), there)


async def test_there_is_one_key_pair_and_it_stays(cast: Cast) -> None:
    both = await asyncio.gather(*[keys.public() for _ in range(1)])
    assert both == [await keys.public()] and len(push_service.padded(both[0])) == 65
    assert "PRIVATE" not in str(await database.fetch("SELECT * FROM push_keys"))


async def test_a_worker_that_dies_in_the_middle_loses_nothing_and_the_id_stays(
    cast: Cast, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, _ = await subscribed(service, cast.handler)

    async def dies(*_: object) -> None:
        raise asyncio.CancelledError

    with clock.at(NOON):
        await told(made(cast.handler))
        monkeypatch.setattr(sending, "note", dies)
        with pytest.raises(asyncio.CancelledError):
            await sending.send_due()
        monkeypatch.undo()
    with clock.at(NOON + sending.LEASE + timedelta(seconds=1)):
        assert await sending.send_due() == 1
    assert len({got["id"] for got in browser.got}) == 1
    assert [state for state, _ in await states()] == ["sent"]


async def test_the_same_notice_is_planned_once_for_each_device(cast: Cast, service: PushService) -> None:
    await subscribed(service, cast.handler, "one")
    await subscribed(service, cast.handler, "two")
    with clock.at(NOON):
        one = made(cast.handler)
        await told(one)
        await outlets.plan([one])
    assert len(await states()) == 2


async def test_a_device_that_never_shows_anything_holds_up_no_message(cast: Cast, service: PushService) -> None:
    await subscribed(service, cast.handler)
    await database.execute("UPDATE push_devices SET since = now() - interval '60 days', last_sent_at = now()")
    assert cast.handler.account_id is not None
    assert await planning.devices_of([cast.handler.account_id]) == {}


async def test_what_is_done_is_forgotten(cast: Cast, service: PushService) -> None:
    await subscribed(service, cast.handler)
    with clock.at(NOON):
        await told(made(cast.handler))
        await sending.send_due()
    with clock.at(NOON + timedelta(days=91)):
        await sending.forget()
    assert await states() == []


WORKER = """
import asyncio
from datetime import timedelta
from server.kernel import database
from server.notices.outlets.push import sending

sending.LEASE, sending.BATCH, sending.AT_ONCE = timedelta(seconds=1), 20, 5

async def main():
    async with database.pool(1, 2):
        print("ready", flush=True)
        while True:
            await sending.send_due()
            await asyncio.sleep(0.02)

asyncio.run(main())
"""


async def test_workers_that_are_killed_in_the_middle_lose_no_push(fresh_db: str, service: PushService) -> None:
    cast = await casting.gather()
    browsers = [(await subscribed(service, cast.handler, f"d{number}"))[0] for number in range(5)]
    for browser in browsers:
        service.answers[browser.name] = ["slow" if number % 9 == 0 else 201 for number in range(400)]
    workers = [await _worker(fresh_db) for _ in range(2)]
    try:
        for turn in range(6):
            for _ in range(10):
                await told(made(cast.handler, kind="overdue", urgency="now"))
            await asyncio.sleep(0.1 + random.random() * 0.2)
            workers[turn % 2].send_signal(signal.SIGKILL)
            await asyncio.to_thread(workers[turn % 2].wait)
            workers[turn % 2] = await _worker(fresh_db)
        async with asyncio.timeout(40):
            while await database.fetch_value("SELECT EXISTS (SELECT FROM push_sends WHERE state = 'waiting')"):
                await asyncio.sleep(0.1)
    finally:
        for process in workers:
            process.kill()
            await asyncio.to_thread(process.wait)
    rows = await database.fetch("SELECT id, state FROM push_sends")
    assert {row["state"] for row in rows} == {"sent"} and len(rows) == 60 * len(browsers)
    got = [message["id"] for browser in browsers for message in browser.got]
    assert set(got) == {str(row["id"]) for row in rows}
    assert service.wrong == []


async def _worker(url: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        env={**os.environ, "DATABASE_URL": url},
        cwd=Path.cwd(),
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    with process.stdout as said:
        assert (await asyncio.to_thread(said.readline)).strip() == b"ready"
    return process
