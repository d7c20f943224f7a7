"""Robots and systems that administrators keep: what is taken, who may, what is never shown again."""

import pytest

from server.kernel import database, events
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.notices import outlets, subscribers
from server.notices.subscribers import Wanted, read_target
from tests import cast as casting
from tests.cast import Cast
from tests.notices.fakes import KEY, Hook
from tests.notices.making import deliver_due, hooked, made, states


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


@pytest.mark.parametrize(
    "typed",
    [
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
        " 693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa ",
    ],
)
def test_of_a_robot_s_address_its_key_is_kept(typed: str) -> None:
    target, wrong = read_target("wecom", typed, "")
    assert (target.key, target.url, wrong) == ("693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa", "", {})


@pytest.mark.parametrize("typed", ["", "群里的机器人", "https://qyapi.weixin.qq.com/", "http://[::1", "short"])
def test_what_is_no_robot_s_address_is_named(typed: str) -> None:
    assert list(read_target("wecom", typed, "")[1]) == ["url"]


@pytest.mark.parametrize(
    ("url", "key", "fields"),
    [
        ("https://hook.example/x", KEY, set()),
        ("hook.example", "short", {"url", "key"}),
        ("https://me:pass@hook.example/", KEY, {"url"}),
        ("https://hook.example:99999/", KEY, {"url"}),
        ("javascript:alert(1)", KEY, {"url"}),
        ("https://" + "x" * 600, KEY, {"url"}),
    ],
)
def test_everything_wrong_with_a_webhook_is_named_at_once(url: str, key: str, fields: set[str]) -> None:
    assert set(read_target("webhook", url, key)[1]) == fields


async def test_its_secrets_rest_sealed_and_are_in_no_history(cast: Cast, hook: Hook) -> None:
    subscriber = await hooked(hook, cast)
    row = str(dict(await database.fetch_one("SELECT * FROM subscribers")))
    told = str([event.data for event in await events.history(f"subscriber:{subscriber}")])
    assert KEY not in row + told and "/hook" not in row + told
    assert (await subscribers.one(subscriber, cast.area_admin)).host == "127.0.0.1"


async def test_a_trial_message_arrives(cast: Cast, hook: Hook) -> None:
    subscriber = await hooked(hook, cast)
    await subscribers.try_out(subscriber, cast.area_admin)
    await deliver_due()
    [said] = hook.taken.values()
    assert said["kind"] == "test" and "调度系统" in said["words"]


async def test_a_changed_subscriber_hears_other_kinds_from_then_on(cast: Cast, hook: Hook) -> None:
    subscriber = await hooked(hook, cast)
    for _ in range(2):
        await subscribers.change(subscriber, Wanted(name="新名", kinds=frozenset({"overdue"})), cast.area_admin)
    await outlets.plan([made(cast.handler)])
    assert await states() == []
    kinds = [event.kind for event in await events.history(f"subscriber:{subscriber}")]
    assert kinds == ["subscriber.added", "subscriber.changed"]


async def test_a_new_key_signs_what_still_waits(cast: Cast, hook: Hook) -> None:
    subscriber = await hooked(hook, cast)
    await subscribers.readdress(subscriber, hook.url, "an old key of the other side", cast.area_admin)
    await outlets.plan([made(cast.handler)])
    await subscribers.readdress(subscriber, hook.url, KEY, cast.area_admin)
    await deliver_due()
    assert len(hook.taken) == 1


async def test_ending_twice_is_once_and_forgets_the_secrets(cast: Cast, hook: Hook) -> None:
    subscriber = await hooked(hook, cast)
    for _ in range(2):
        await subscribers.end(subscriber, cast.area_admin)
    assert await database.fetch_value("SELECT sealed FROM subscribers") == ""
    assert (await subscribers.one(subscriber, cast.area_admin)).until is not None
    with pytest.raises(NotAllowed):
        await subscribers.try_out(subscriber, cast.area_admin)
    await outlets.plan([made(cast.handler)])
    assert await states() == []


@pytest.mark.parametrize("who", ["staff", "secretary", "handler", "resident"])
async def test_only_administrators_keep_them(cast: Cast, hook: Hook, who: str) -> None:
    subscriber = await hooked(hook, cast)
    person = getattr(cast, who)
    for call in (subscribers.end, subscribers.try_out):
        with pytest.raises(NotFound):
            await call(subscriber, person)
    with pytest.raises(NotFound):
        await subscribers.listed(person)


async def test_nothing_half_said_is_kept(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        await subscribers.add("pigeon", Wanted(name="", kinds=frozenset({"rate"})), by=cast.area_admin)
    assert set(refused.value.fields) >= {"name", "kinds", "outlet", "place"}
    assert await database.fetch_value("SELECT count(*) FROM subscribers") == 0
