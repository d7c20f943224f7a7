"""What became of messages: who sees it, sending again, setting aside, forgetting."""

from datetime import timedelta

import pytest

from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.notices import choices, logbook, messages, outlets
from server.notices.choosing import Choices, Quiet
from server.people import messages as sealed_messages
from tests import cast as casting
from tests.cast import Cast
from tests.notices.fakes import Gateway, Hook
from tests.notices.making import deliver_due, due, hooked, made, states
from tests.notices.test_messages import queued


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def entries(by: Actor, **asked: object) -> list[logbook.Entry]:
    return list((await logbook.entries(by, **asked)).rows)  # type: ignore[arg-type]


async def broken_hook(cast: Cast, hook: Hook) -> logbook.Entry:
    """A message that a webhook refused for good."""
    await hooked(hook, cast)
    hook.answer = "410 Gone"
    await outlets.plan([made(cast.handler)])
    await deliver_due()
    hook.answer = None
    [entry] = await entries(cast.area_admin, state="failed")
    return entry


async def test_what_failed_for_good_is_listed_with_the_reason(cast: Cast, hook: Hook) -> None:
    entry = await broken_hook(cast, hook)
    assert (entry.subscriber, entry.title, entry.said, entry.again) == (
        "调度系统",
        "新单子,请接单",
        "对方回答 410",
        True,
    )
    assert await logbook.failed(cast.area_admin) == await logbook.failed(cast.system_admin) == 1


async def test_sent_again_by_hand_it_goes_with_the_same_id(cast: Cast, hook: Hook) -> None:
    entry = await broken_hook(cast, hook)
    await database.execute("DELETE FROM pgqueuer")
    assert await logbook.replay([entry.id], cast.area_admin) == 1
    assert await logbook.replay([entry.id], cast.area_admin) == 0, "it is on its way"
    assert [one.subscriber for one in await due()] == [entry.subscriber_id]
    await deliver_due()
    assert list(hook.taken) == [str(entry.id)] and await states() == [("webhook", "sent")]


async def test_what_a_system_lost_can_be_sent_to_it_once_more(cast: Cast, hook: Hook) -> None:
    await hooked(hook, cast)
    await outlets.plan([made(cast.handler)])
    await deliver_due()
    [entry] = await entries(cast.area_admin)
    assert entry.state == "sent" and entry.again
    await logbook.replay([entry.id], cast.area_admin)
    await deliver_due()
    assert len(hook.got) == 2 and len(hook.taken) == 1


async def test_what_reached_a_person_is_not_sent_to_them_again(cast: Cast, gateway: Gateway) -> None:
    await choices.choose(cast.handler, Quiet(0, 0), 18, {})
    await outlets.plan([made(cast.handler)])
    await deliver_due()
    [entry] = await entries(cast.area_admin)
    assert not entry.again and await logbook.replay([entry.id], cast.area_admin) == 0


async def test_set_aside_it_is_off_the_list_and_its_words_forgotten(cast: Cast, gateway: Gateway) -> None:
    gateway.answer = "400 Bad"
    await sealed_messages.send_later("13900000001", "您好")
    await messages.send_now((await queued())[0])
    [entry] = await entries(cast.area_admin, state="failed")
    assert entry.again and entry.title == ""
    for expected in (1, 0):
        assert await logbook.set_aside([entry.id], cast.area_admin) == expected
    row = await database.fetch_one("SELECT state, sealed FROM deliveries")
    assert (row["state"], row["sealed"]) == ("dropped", None) and await logbook.failed(cast.area_admin) == 0


async def test_a_failed_code_is_not_sent_once_it_is_useless(cast: Cast, gateway: Gateway) -> None:
    gateway.answer = "400 Bad"
    now = clock.now()
    await sealed_messages.send_later("13900000001", "验证码", useless_after=now + timedelta(minutes=5))
    await messages.send_now((await queued())[0])
    with clock.at(now + timedelta(minutes=5)):
        [entry] = await entries(cast.area_admin, state="failed")
        assert not entry.again and await logbook.replay([entry.id], cast.area_admin) == 0


async def test_what_was_carried_goes_again_with_what_carried_it(cast: Cast, gateway: Gateway) -> None:
    await choices.choose(cast.handler, Quiet(0, 0), 18, {})
    gateway.answer = "400 Bad"
    await outlets.plan([made(cast.handler, title=f"第 {number} 件") for number in range(4)])
    await deliver_due()
    assert await states() == [("sms", "failed")] * 4
    [entry] = await entries(cast.area_admin, state="failed")
    assert entry.carried == 3
    gateway.answer = None
    await logbook.replay([entry.id], cast.area_admin)
    await deliver_due()
    assert await states() == [("sms", "sent")] * 4 and "您有 4 条消息" in gateway.texts[0][1]


@pytest.mark.parametrize("who", ["staff", "secretary", "centre", "handler", "resident"])
async def test_others_than_administrators_find_nothing(cast: Cast, hook: Hook, who: str) -> None:
    entry, person = await broken_hook(cast, hook), getattr(cast, who)
    for call in (logbook.replay, logbook.set_aside):
        with pytest.raises(NotFound):
            await call([entry.id], person)
    with pytest.raises(NotFound):
        await logbook.entries(person)


async def test_a_person_sees_what_became_of_their_own(cast: Cast, gateway: Gateway) -> None:
    await choices.choose(cast.handler, Quiet(0, 0), 18, {})
    await outlets.plan([made(cast.handler), made(cast.lead)])
    await deliver_due()
    assert cast.handler.account_id is not None
    assert [one.state for one in await logbook.mine(cast.handler.account_id)] == ["sent"]


async def test_old_ones_are_forgotten_but_never_what_waits_for_somebody(cast: Cast, hook: Hook) -> None:
    await broken_hook(cast, hook)
    await outlets.plan([made(cast.handler)])
    await deliver_due()
    assert await states() == [("webhook", "failed"), ("webhook", "sent")]
    with clock.at(clock.now() + logbook.KEPT + timedelta(hours=1)):
        await logbook.forget()
    assert await states() == [("webhook", "failed")]


async def test_choices_are_kept_once_and_those_about_work_outlive_a_sign_in_without_password(cast: Cast) -> None:
    handler = cast.handler
    for _ in range(2):
        await choices.choose(handler, Quiet(21, 8), 17, {"assigned": "daily", "overdue": "inbox", "asked": "at_once"})
    chosen = await choices.own(handler)
    assert chosen == Choices(quiet=Quiet(21, 8), daily_at=17, kinds={"assigned": "daily"}), "as usual, owed: not kept"
    told = "SELECT count(*) FROM events WHERE kind = 'account.notices_chosen'"
    assert await database.fetch_value(told) == 1
    without = Actor(account_id=handler.account_id, name=handler.name)
    await choices.choose(without, Quiet(), 18, {"asked": "inbox", "assigned": "inbox"})
    assert (await choices.own(handler)).kinds == {"asked": "inbox", "assigned": "daily"}
