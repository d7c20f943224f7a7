"""Sessions: rows with a new token each, ended at once, listed for their person; posts as they are at this moment."""

from datetime import timedelta

import pytest

from server.kernel import clock, database, events
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotFound
from server.kernel.ids import new_id
from server.kernel.settings import settings
from server.people import accounts, devices, posts, sessions
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("db")
ANDROID = "Mozilla/5.0 (Linux; Android 13; V2199A) AppleWebKit/537.36 Chrome/124.0 Mobile Safari/537.36"


async def open_for(who: Actor, *, second: bool = False) -> str:
    assert who.account_id is not None
    return await sessions.open_session(who.account_id, user_agent=ANDROID, password=True, second=second)


async def the_actor(token: str) -> Actor:
    actor = await sessions.actor_of(token)
    assert actor is not None
    return actor


async def test_a_token_speaks_for_its_account_with_its_posts(cast: Cast) -> None:
    actor = await sessions.actor_of(await open_for(cast.staff), device="d", address="a", links=(new_id(),))
    assert actor is not None
    assert (actor.account_id, actor.name, actor.device, actor.address) == (cast.staff.account_id, "刘慧", "d", "a")
    assert actor.posts == cast.staff.posts
    assert actor.posts[0].area_level == "community" and len(actor.links) == 1 and actor.session_id


async def test_a_unit_post_has_its_unit(cast: Cast) -> None:
    assert (await the_actor(await open_for(cast.handler))).unit_ids == (cast.unit,)


async def test_the_actor_costs_one_statement(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await open_for(cast.staff)
    statements: list[str] = []
    fetch = database.fetch

    async def counting(statement: str, *values: object) -> object:
        statements.append(statement)
        return await fetch(statement, *values)

    for name in ("fetch", "fetch_one", "fetch_value", "execute"):
        monkeypatch.setattr(database, name, counting)
    await sessions.actor_of(token)
    assert len(statements) == 1


async def test_only_the_digest_of_the_token_is_kept(cast: Cast) -> None:
    token = await open_for(cast.resident)
    row = await database.fetch_one("SELECT * FROM sessions")
    assert row is not None and token not in str(dict(row)) and len(row["token_digest"]) == 32


async def test_every_sign_in_has_a_token_of_its_own(cast: Cast) -> None:
    assert await open_for(cast.resident) != await open_for(cast.resident)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 1_000_000, "'; DROP TABLE sessions; --", "密"])
async def test_what_is_no_token_speaks_for_nobody(token: str) -> None:
    assert await sessions.actor_of(token) is None


async def test_without_the_password_no_post_counts(cast: Cast) -> None:
    assert cast.staff.account_id is not None
    by_code = await sessions.open_session(cast.staff.account_id)
    assert (await the_actor(by_code)).posts == ()


async def test_a_post_that_demands_the_second_factor_counts_only_with_it(cast: Cast) -> None:
    without, given = await open_for(cast.centre), await open_for(cast.centre, second=True)
    assert (await the_actor(without)).has(Role.CENTRE_OFFICER)
    await posts.demand_second_factor(cast.centre.posts[0].id, True, cast.system_admin)
    assert (await the_actor(without)).posts == ()
    assert (await the_actor(given)).has(Role.CENTRE_OFFICER)


async def test_a_change_of_posts_works_at_the_next_request(cast: Cast) -> None:
    old, new = await open_for(cast.staff), await open_for(cast.resident)
    assert cast.resident.account_id is not None
    await posts.hand_over(cast.staff.posts[0].id, cast.resident.account_id, cast.area_admin)
    assert (await the_actor(old)).posts == ()
    assert (await the_actor(new)).posts == cast.staff.posts
    await posts.end(cast.staff.posts[0].id, cast.area_admin)
    assert (await the_actor(new)).posts == ()


async def test_a_revoked_session_ends_at_once_and_revoking_twice_is_harmless(cast: Cast) -> None:
    token = await open_for(cast.resident)
    actor = await the_actor(token)
    assert actor.session_id is not None
    await sessions.revoke(actor.session_id, actor)
    assert await sessions.actor_of(token) is None
    await sessions.revoke(actor.session_id, actor)
    told = [one.kind for one in await events.history(f"account:{actor.account_id}")]
    assert told == ["account.signed_in", "account.signed_out"]


async def test_the_neighbour_cannot_end_it(cast: Cast) -> None:
    token, neighbour = await open_for(cast.resident), await the_actor(await open_for(cast.neighbour))
    mine = await the_actor(token)
    assert mine.session_id is not None
    with pytest.raises(NotFound):
        await sessions.revoke(mine.session_id, neighbour)
    with pytest.raises(NotFound):
        await sessions.revoke(mine.session_id, Actor())
    assert await sessions.revoke_others(neighbour) == 0
    assert await sessions.actor_of(token) is not None


async def test_ending_the_others_keeps_this_one(cast: Cast) -> None:
    here, there, neighbours = [await open_for(who) for who in (cast.resident, cast.resident, cast.neighbour)]
    assert await sessions.revoke_others(await the_actor(here)) == 1
    assert await sessions.revoke_others(await the_actor(here)) == 0
    assert [await sessions.actor_of(token) is not None for token in (here, there, neighbours)] == [True, False, True]


async def test_the_list_is_ones_own_open_ones_with_the_device_in_words(cast: Cast) -> None:
    here = await the_actor(await open_for(cast.resident))
    await open_for(cast.neighbour)
    gone = await the_actor(await open_for(cast.resident))
    assert gone.session_id is not None
    await sessions.revoke(gone.session_id, gone)
    [row] = await sessions.list_of(here)
    assert (row.device, row.this_one, row.id) == ("安卓手机 · Chrome", True, here.session_id)


async def test_a_session_outlives_a_shift_and_ends_unseen(cast: Cast) -> None:
    token, days = await open_for(cast.staff), timedelta(days=settings().session_days)
    begin = clock.now()
    with clock.at(begin + days - timedelta(hours=1)):
        assert await sessions.actor_of(token) is not None
    with clock.at(begin + 2 * days - timedelta(hours=2)):
        assert await sessions.actor_of(token) is not None
    with clock.at(begin + 3 * days):
        assert await sessions.actor_of(token) is None


async def test_seen_is_written_at_most_every_five_minutes(cast: Cast) -> None:
    token, begin = await open_for(cast.resident), clock.now()

    async def seen_after(**later: int) -> timedelta:
        with clock.at(begin + timedelta(**later)):
            await sessions.actor_of(token)
        seen = await database.fetch_value("SELECT seen_at - created_at FROM sessions")
        assert isinstance(seen, timedelta)
        return seen

    assert await seen_after(minutes=4) == timedelta(0)
    assert await seen_after(minutes=6) > timedelta(minutes=5)
    assert await seen_after(minutes=7) < timedelta(minutes=6, seconds=1)


async def test_a_closed_account_has_no_session_and_gets_none(cast: Cast) -> None:
    token = await open_for(cast.resident)
    assert cast.resident.account_id is not None
    await accounts.close(cast.resident.account_id, cast.resident)
    assert await sessions.actor_of(token) is None
    with pytest.raises(NotFound):
        await sessions.open_session(cast.resident.account_id)


async def test_sessions_that_ended_long_ago_are_forgotten(cast: Cast) -> None:
    ended = await the_actor(await open_for(cast.resident))
    assert ended.session_id is not None
    await sessions.revoke(ended.session_id, ended)
    with clock.at(clock.now() + sessions.KEPT_AFTER):
        open_still = await the_actor(await open_for(cast.resident))
    for days, left in ((1, 2), (191, 1)):
        with clock.at(clock.now() + timedelta(days=days)):
            await sessions.forget_old()
        assert await database.fetch_value("SELECT count(*) FROM sessions") == left
    assert await database.fetch_value("SELECT id FROM sessions") == open_still.session_id


async def test_renewing_ends_the_old_token(cast: Cast) -> None:
    old = await open_for(cast.centre)
    new = await sessions.renew(await the_actor(old), second=True)
    assert await sessions.actor_of(old) is None
    assert (await the_actor(new)).session_id
    with pytest.raises(NotFound):
        await sessions.renew(Actor(), second=True)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (ANDROID, "安卓手机 · Chrome"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile Safari/604.1",
            "苹果手机 · Safari",
        ),
        (ANDROID + " MicroMessenger/8.0", "安卓手机 · 微信"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) Chrome/114 ArkWeb/4.1 Mobile", "鸿蒙手机 · 华为浏览器"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140 Safari/537.36 Edg/140", "Windows 电脑 · Edge"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Firefox/143.0", "苹果电脑 · Firefox"),
        ("", "未知设备 · 浏览器"),
        ("<script>alert(1)</script>" * 10_000, "未知设备 · 浏览器"),
    ],
)
def test_devices_are_said_in_words(user_agent: str, words: str) -> None:
    assert devices.in_words(user_agent) == words
