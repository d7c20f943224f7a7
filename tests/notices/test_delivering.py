"""Deliveries on their way: sent, tried again, carried together, failed for good; one broken lane holds up no other."""

import asyncio
import math
from datetime import timedelta

import pytest

from server.kernel import clock, database
from server.notices import choices, claiming, delivering, outlets, retrying, subscribers
from server.notices.choosing import Quiet
from server.notices.outlets.planning import Due
from server.notices.subscribers import Wanted
from server.people import accounts
from tests import cast as casting
from tests.cast import Cast
from tests.notices.fakes import Gateway, Hook, Signed, WeCom
from tests.notices.making import MORNING, NIGHT, NOON, deliver_due, due, hooked, made, states

PHONE = "13800000041"


@pytest.fixture(autouse=True)
def any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests set the clock, the fakes go by the real one."""
    monkeypatch.setattr(Signed, "OLDEST", math.inf)


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def test_a_notice_reaches_the_phone_its_receiver_has_now(cast: Cast, gateway: Gateway) -> None:
    with clock.at(NOON):
        await outlets.plan([made(cast.handler)])
        await database.execute("UPDATE accounts SET phone = '13911112222' WHERE id = $1", cast.handler.account_id)
        await deliver_due()
        await deliver_due()
    text = "【呼应】新单子,请接单:井盖 · 2026-0001 http://testserver.local/unit/cases/2026-0001"
    assert gateway.texts == [("13911112222", text)] and len(gateway.got) == 1
    assert await states() == [("sms", "sent")]


async def test_what_the_night_held_back_comes_as_one_message_the_worst_first(cast: Cast, gateway: Gateway) -> None:
    with clock.at(NIGHT):
        for number in range(5):
            title = f"第 {number} 件" if number != 3 else "最急的"
            await outlets.plan([made(cast.handler, title=title, urgency="now" if number == 3 else "soon")])
        await deliver_due()
    assert gateway.texts == []
    with clock.at(MORNING):
        await deliver_due()
    link = "http://testserver.local/inbox"
    assert gateway.texts == [(PHONE, f"【呼应】您有 5 条消息:最急的;第 0 件;第 1 件等。 {link}")]
    assert await states() == [("sms", "sent")] * 5


async def test_two_people_s_messages_are_never_put_together(cast: Cast, gateway: Gateway) -> None:
    with clock.at(NIGHT):
        await outlets.plan([made(cast.handler), made(cast.lead)])
    with clock.at(MORNING):
        await deliver_due()
    assert len(gateway.texts) == 2


async def test_what_a_failed_message_carried_is_still_carried_by_the_next(cast: Cast, gateway: Gateway) -> None:
    """A later one that sorts first takes over the failed one with everything behind it."""
    daily = made(cast.handler, "task_changed", title="每天的")
    with clock.at(NOON):
        await choices.choose(cast.handler, Quiet(0, 0), 18, {"task_changed": "daily"})
        await outlets.plan([daily])
        await outlets.plan([made(cast.handler) for _ in range(4)])
        gateway.answer = "503 Busy"
        await deliver_due()
        await database.execute("UPDATE deliveries SET next_at = $1 WHERE state = 'waiting'", NOON)
        gateway.answer = None
        await deliver_due()
    assert await states() == [("sms", "sent")] * 5
    assert len(gateway.texts) == 1 and gateway.texts[0][1].startswith("【呼应】您有 5 条消息")


async def test_nobody_whose_account_was_closed_is_told(cast: Cast, gateway: Gateway) -> None:
    assert cast.resident.account_id is not None
    await outlets.plan([made(cast.resident, "rate")])
    await accounts.close(cast.resident.account_id, cast.resident)
    with clock.at(clock.now() + timedelta(days=1)):
        await deliver_due()
    assert gateway.texts == [] and await states() == [("sms", "dropped")]


async def test_it_is_tried_with_growing_pauses_for_a_day_then_it_waits_for_its_owner(
    cast: Cast, gateway: Gateway
) -> None:
    gateway.answer = "500 Oops"
    moment = NOON
    with clock.at(moment):
        await outlets.plan([made(cast.handler)])
    for _ in range(100):
        with clock.at(moment):
            await deliver_due()
        if await states() == [("sms", "failed")]:
            break
        moment = await database.fetch_value("SELECT next_at FROM deliveries")
    assert NOON + retrying.FOR <= moment < NOON + retrying.FOR + timedelta(hours=2)
    assert len({got.headers["x-huying-id"] for got in gateway.got}) == 1 and 25 < len(gateway.got) < 40
    row = await database.fetch_one("SELECT tries, said FROM deliveries")
    assert row["tries"] == len(gateway.got) and "500" in row["said"]


async def test_a_broken_outlet_is_asked_once_a_pass_and_nothing_is_lost(cast: Cast, hook: Hook) -> None:
    await hooked(hook, cast)
    with clock.at(NOON):
        await outlets.plan([made(cast.handler) for _ in range(25)])
        hook.answer = "503 Busy"
        await deliver_due()
        assert len(hook.got) == 1
        hook.answer = None
    with clock.at(NOON + timedelta(minutes=1)):
        await deliver_due()
    assert len(hook.taken) == 25 and await states() == [("webhook", "sent")] * 25


async def test_a_broken_lane_holds_up_no_other(cast: Cast, hook: Hook, gateway: Gateway) -> None:
    await hooked(hook, cast)
    hook.answer = "503 Busy"
    with clock.at(NOON):
        await outlets.plan([made(cast.handler)])
        await deliver_due()
    assert sorted(await states()) == [("sms", "sent"), ("webhook", "waiting")]


async def test_one_that_can_never_work_does_not_stop_the_next(cast: Cast, gateway: Gateway) -> None:
    gateway.answer = "400 Bad"
    await outlets.plan([made(cast.handler), made(cast.lead)])
    with clock.at(clock.now() + timedelta(days=1)):
        await deliver_due()
    assert len(gateway.got) == 2 and await states() == [("sms", "failed")] * 2


async def test_a_worker_that_dies_in_the_middle_leaves_it_to_the_next_with_the_same_id(
    cast: Cast, gateway: Gateway
) -> None:
    with clock.at(NOON):
        await outlets.plan([made(cast.handler)])
        [claimed] = await claiming.claim(Due("sms"))
        await deliver_due()
        assert gateway.got == [], "while the lease lasts it is somebody else's"
    with clock.at(NOON + claiming.LEASE):
        await deliver_due()
    assert list(gateway.taken) == [str(claimed.id)]


async def test_the_next_try_is_asked_for_when_it_is_due(cast: Cast, gateway: Gateway) -> None:
    gateway.answer = "503 Busy"
    with clock.at(NOON):
        await outlets.plan([made(cast.handler)])
        await database.execute("DELETE FROM pgqueuer")
        await deliver_due()
    wait = await database.fetch_value("SELECT execute_after - now() FROM pgqueuer")
    assert await due() == [Due("sms")] and timedelta(seconds=3) < wait < timedelta(seconds=7)


async def test_what_becomes_due_by_the_clock_gets_a_job(cast: Cast, gateway: Gateway) -> None:
    with clock.at(NIGHT):
        await outlets.plan([made(cast.handler)])
        assert await due() == []
    with clock.at(MORNING):
        await delivering.look()
        assert await due() == [Due("sms")]


async def test_an_ended_subscriber_gets_nothing_that_still_waits(cast: Cast, hook: Hook) -> None:
    subscriber = await hooked(hook, cast)
    await outlets.plan([made(cast.handler)])
    await subscribers.end(subscriber, cast.area_admin)
    await deliver_due()
    assert hook.got == [] and await states() == [("webhook", "dropped")]


async def test_a_fault_of_ours_is_tried_again_and_says_nothing_personal(
    cast: Cast, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ValueError("13800000041")

    monkeypatch.setattr("server.notices.outlets.sms.outlet.Gateway.send", broken)
    with clock.at(NOON):
        await outlets.plan([made(cast.handler)])
        await deliver_due()
    row = await database.fetch_one("SELECT state, said FROM deliveries")
    assert (row["state"], row["said"]) == ("waiting", "发送程序出错(ValueError)")


async def test_a_group_s_robot_says_it(cast: Cast, wecom: WeCom) -> None:
    wanted = Wanted(name="马路维护群")
    url = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={wecom.robot}"
    await subscribers.add("wecom", wanted, unit_id=cast.unit, url=url, by=cast.area_admin)
    await outlets.plan([made(cast.handler)])
    await deliver_due()
    assert len(wecom.shown) == 1 and "新单子,请接单" in wecom.shown[0]


@pytest.mark.usefixtures("fresh_db")
async def test_two_workers_at_once_send_each_message_once(gateway: Gateway) -> None:
    cast = await casting.gather()
    with clock.at(NOON):
        await outlets.plan([made(person) for person in (cast.handler, cast.lead, cast.staff)])
        await outlets.plan([made(cast.handler) for _ in range(3)])
        await asyncio.gather(*(delivering.deliver(Due("sms")) for _ in range(4)))
        await deliver_due()
    assert len(gateway.got) == len(gateway.taken) == 6
    assert set(await states()) == {("sms", "sent")}
