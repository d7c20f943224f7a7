"""Staff: phone and password, second factor where it is demanded; no error tells which was wrong."""

import asyncio
from datetime import timedelta

import msgspec
import pyotp
import pytest

from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, TooMany
from server.people import passwords, posts, sealing, second_factor, sessions, staff_sign_in
from server.people.staff_sign_in import SecondStep, SignedIn
from tests.cast import Cast
from tests.people.test_passwords import GOOD, with_cost

PHONE = "13800000021"
FROM = Actor(device="d" * 64, address="192.0.2.7")
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def give_password(who: Actor, password: str = GOOD) -> None:
    hashed = await passwords.hashed(password)
    await database.execute("UPDATE accounts SET password_hash = $2 WHERE id = $1", who.account_id, hashed)


async def give_totp(who: Actor) -> None:
    sealed = sealing.seal("totp", SECRET.encode()).encode()
    await database.execute("UPDATE accounts SET totp_secret = $2 WHERE id = $1", who.account_id, sealed)


def code_now() -> str:
    return pyotp.TOTP(SECRET).at(int(clock.now().timestamp()))


async def sign_in(password: str = GOOD, phone: str = PHONE, by: Actor = FROM) -> SignedIn | SecondStep:
    return await staff_sign_in.sign_in(phone, password, by)


async def signed_in(who: Actor, phone: str = PHONE) -> Actor:
    done = await sign_in(phone=phone)
    assert isinstance(done, SignedIn)
    actor = await sessions.actor_of(done.token)
    assert actor is not None and actor.account_id == who.account_id
    return actor


@pytest.mark.usefixtures("db")
class TestPassword:
    async def test_phone_and_password_give_a_session_with_the_posts(self, cast: Cast) -> None:
        await give_password(cast.staff)
        assert (await signed_in(cast.staff)).posts == cast.staff.posts

    async def test_every_refusal_reads_the_same(self, cast: Cast) -> None:
        await give_password(cast.staff)
        told = set()
        for phone, password in ((PHONE, "falsch falsch"), ("13700000000", GOOD), ("13800000022", GOOD), (PHONE, "")):
            with pytest.raises(Invalid) as refused:
                await sign_in(password, phone)
            told.add(tuple(refused.value.fields.items()))
        assert told == {(("password", "手机号或密码不对。"),)}

    async def test_an_unknown_phone_is_checked_as_long_as_a_known_one(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        checked: list[str | None] = []
        matches = passwords.matches

        async def noting(kept: str | None, password: str) -> bool:
            checked.append(kept)
            return await matches(kept, password)

        monkeypatch.setattr(passwords, "matches", noting)
        with pytest.raises(Invalid):
            await sign_in(GOOD, "13700000000")
        assert checked == [None]

    async def test_a_phone_is_locked_out_after_some_tries_also_for_the_right_password(self, cast: Cast) -> None:
        await give_password(cast.staff)
        for _ in range(6):
            with pytest.raises(Invalid):
                await sign_in("falsch falsch")
        with pytest.raises(TooMany):
            await sign_in()
        with pytest.raises(TooMany):
            await sign_in(by=Actor(device="e" * 64, address="198.51.100.9"))
        with clock.at(clock.now() + timedelta(minutes=6)):
            assert isinstance(await sign_in(), SignedIn)

    async def test_an_unknown_phone_is_locked_out_alike(self, cast: Cast) -> None:
        for _ in range(6):
            with pytest.raises(Invalid):
                await sign_in(phone="13700000000")
        with pytest.raises(TooMany):
            await sign_in(phone="13700000000")

    async def test_strangers_cannot_lock_out_a_device_that_signed_in_before(self, cast: Cast) -> None:
        await give_password(cast.staff)
        await signed_in(cast.staff)
        stranger = Actor(device="e" * 64, address="198.51.100.9")
        with pytest.raises(TooMany):
            for _ in range(10):
                try:
                    await sign_in("falsch falsch", by=stranger)
                except Invalid:
                    continue
        assert isinstance(await sign_in(), SignedIn)

    async def test_an_address_cannot_try_many_phones(self, cast: Cast) -> None:
        with pytest.raises(TooMany):
            for number in range(40):
                try:
                    await sign_in(phone=f"137000000{number:02d}")
                except Invalid:
                    continue

    async def test_another_cost_is_taken_over_at_the_next_sign_in(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await give_password(cast.staff)
        with_cost(monkeypatch, 16)
        assert isinstance(await sign_in(), SignedIn)
        kept = await database.fetch_value("SELECT password_hash FROM accounts WHERE phone = $1", PHONE)
        assert "m=16," in kept
        assert isinstance(await sign_in(), SignedIn)

    @pytest.mark.parametrize("password", ["", "x" * 1_000_000, "\x00", "密码\udcff"])
    async def test_odd_passwords_are_simply_wrong(self, cast: Cast, password: str) -> None:
        await give_password(cast.staff)
        with pytest.raises(Invalid):
            await sign_in(password)


@pytest.mark.usefixtures("db")
class TestSecondFactor:
    async def test_with_a_second_factor_the_password_alone_opens_nothing(self, cast: Cast) -> None:
        await give_password(cast.staff)
        await give_totp(cast.staff)
        step = await sign_in()
        assert isinstance(step, SecondStep)
        assert await database.fetch_value("SELECT count(*) FROM sessions") == 0
        done = await staff_sign_in.second_step(step.pending, code_now(), FROM)
        actor = await sessions.actor_of(done.token)
        assert actor is not None and actor.posts == cast.staff.posts

    async def test_a_code_works_once(self, cast: Cast) -> None:
        await give_password(cast.staff)
        await give_totp(cast.staff)
        step = await sign_in()
        assert isinstance(step, SecondStep)
        code = code_now()
        await staff_sign_in.second_step(step.pending, code, FROM)
        with pytest.raises(Invalid):
            await staff_sign_in.second_step(step.pending, code, FROM)

    async def test_after_a_later_code_an_earlier_one_is_used_up_too(self, cast: Cast) -> None:
        await give_totp(cast.staff)
        assert cast.staff.account_id is not None
        before = code_now()
        with clock.at(clock.now() + timedelta(seconds=30)):
            await second_factor.demand(cast.staff.account_id, code_now())
            with pytest.raises(Invalid):
                await second_factor.demand(cast.staff.account_id, before)

    @pytest.mark.parametrize(("seconds", "counts"), [(-30, True), (30, True), (-65, False), (65, False)])
    async def test_one_step_early_or_late_still_counts(self, cast: Cast, seconds: int, counts: bool) -> None:
        await give_totp(cast.staff)
        assert cast.staff.account_id is not None
        code = code_now()
        with clock.at(clock.now() + timedelta(seconds=seconds)):
            if counts:
                await second_factor.demand(cast.staff.account_id, code)
            else:
                with pytest.raises(Invalid):
                    await second_factor.demand(cast.staff.account_id, code)

    async def test_guessing_is_slowed(self, cast: Cast) -> None:
        await give_totp(cast.staff)
        assert cast.staff.account_id is not None
        with pytest.raises(TooMany):
            for _ in range(20):
                try:
                    await second_factor.demand(cast.staff.account_id, "000000x")
                except Invalid:
                    continue

    async def test_the_step_in_between_is_sealed_short_lived_and_bound_to_the_password(self, cast: Cast) -> None:
        await give_password(cast.staff)
        await give_totp(cast.staff)
        step = await sign_in()
        assert isinstance(step, SecondStep)
        forged = sealing.seal("sign-in step", msgspec.json.encode({"account_id": cast.staff.account_id, "proof": ""}))
        for pending in ("", "x", step.pending[:-2] + "AA", forged, "x" * 100_000, "密", "\udcff"):
            with pytest.raises(Invalid):
                await staff_sign_in.second_step(pending, code_now(), FROM)
        with clock.at(clock.now() + timedelta(minutes=6)), pytest.raises(Invalid):
            await staff_sign_in.second_step(step.pending, code_now(), FROM)
        await give_password(cast.staff, "another password")
        with pytest.raises(Invalid):
            await staff_sign_in.second_step(step.pending, code_now(), FROM)

    async def test_a_post_that_demands_it_leads_to_setting_it_up(self, cast: Cast) -> None:
        await give_password(cast.staff)
        await posts.demand_second_factor(cast.staff.posts[0].id, True, cast.area_admin)
        done = await sign_in()
        assert isinstance(done, SignedIn) and done.enrol
        actor = await sessions.actor_of(done.token)
        assert actor is not None and actor.posts == ()
        offer = await second_factor.offer(actor)
        assert offer.address.startswith("otpauth://totp/") and "<svg" in offer.svg and PHONE not in offer.address
        token = await second_factor.enrol(offer.sealed, pyotp.TOTP(offer.secret).now(), actor)
        assert await sessions.actor_of(done.token) is None
        lifted = await sessions.actor_of(token)
        assert lifted is not None and lifted.posts == cast.staff.posts
        kept = await database.fetch_value("SELECT totp_secret FROM accounts WHERE phone = $1", PHONE)
        assert offer.secret.encode() not in bytes(kept)

    async def test_the_code_that_set_it_up_is_used_up(self, cast: Cast) -> None:
        await give_password(cast.staff)
        actor = await signed_in(cast.staff)
        offer = await second_factor.offer(actor)
        code = pyotp.TOTP(offer.secret).now()
        await second_factor.enrol(offer.sealed, code, actor)
        assert cast.staff.account_id is not None
        with pytest.raises(Invalid):
            await second_factor.demand(cast.staff.account_id, code)

    async def test_somebody_elses_old_or_second_offer_is_not_taken(self, cast: Cast) -> None:
        await give_password(cast.staff)
        await give_password(cast.second_staff)
        actor = await signed_in(cast.staff)
        other = await signed_in(cast.second_staff, "13800000022")
        offer = await second_factor.offer(actor)
        code = pyotp.TOTP(offer.secret).now()
        with pytest.raises(Invalid):
            await second_factor.enrol(offer.sealed, code, other)
        with pytest.raises(Invalid):
            await second_factor.enrol(offer.sealed, "000000x", actor)
        with clock.at(clock.now() + timedelta(minutes=16)), pytest.raises(Invalid):
            await second_factor.enrol(offer.sealed, pyotp.TOTP(offer.secret).at(clock.now()), actor)
        await second_factor.enrol(offer.sealed, code, actor)
        second = await second_factor.offer(actor)
        with pytest.raises(NotAllowed):
            await second_factor.enrol(second.sealed, pyotp.TOTP(second.secret).now(), actor)

    async def test_a_session_without_the_password_cannot_set_it_up(self, cast: Cast) -> None:
        assert cast.staff.account_id is not None
        actor = await sessions.actor_of(await sessions.open_session(cast.staff.account_id))
        assert actor is not None
        offer = await second_factor.offer(actor)
        with pytest.raises(NotAllowed):
            await second_factor.enrol(offer.sealed, pyotp.TOTP(offer.secret).now(), actor)

    async def test_giving_it_up_needs_a_code_and_takes_the_posts_away(self, cast: Cast) -> None:
        await give_password(cast.staff)
        await give_totp(cast.staff)
        await posts.demand_second_factor(cast.staff.posts[0].id, True, cast.area_admin)
        step = await sign_in()
        assert isinstance(step, SecondStep)
        token = (await staff_sign_in.second_step(step.pending, code_now(), FROM)).token
        actor = await sessions.actor_of(token)
        assert actor is not None and actor.posts
        with pytest.raises(Invalid):
            await second_factor.give_up("00000\udcff", actor)
        with clock.at(clock.now() + timedelta(seconds=30)):
            await second_factor.give_up(code_now(), actor)
        after = await sessions.actor_of(token)
        assert after is not None and after.posts == ()


@pytest.mark.usefixtures("db")
class TestChoosing:
    async def test_the_first_password_needs_no_old_one_and_lifts_the_session(self, cast: Cast) -> None:
        assert cast.staff.account_id is not None
        actor = await sessions.actor_of(await sessions.open_session(cast.staff.account_id))
        assert actor is not None and actor.posts == ()
        lifted = await sessions.actor_of(await staff_sign_in.choose_password(GOOD, actor))
        assert lifted is not None and lifted.posts == cast.staff.posts
        assert isinstance(await sign_in(), SignedIn)

    async def test_a_change_needs_the_old_one_and_ends_the_other_sessions(self, cast: Cast) -> None:
        await give_password(cast.staff)
        other = await sign_in()
        actor = await signed_in(cast.staff)
        with pytest.raises(Invalid) as refused:
            await staff_sign_in.choose_password("a new and long one", actor, old="falsch falsch")
        assert list(refused.value.fields) == ["old"]
        token = await staff_sign_in.choose_password("a new and long one", actor, old=GOOD)
        assert isinstance(other, SignedIn) and await sessions.actor_of(other.token) is None
        assert await sessions.actor_of(token) is not None
        with pytest.raises(Invalid):
            await sign_in()

    async def test_guessing_the_old_one_is_slowed(self, cast: Cast) -> None:
        await give_password(cast.staff)
        actor = await signed_in(cast.staff)
        with pytest.raises(TooMany):
            for _ in range(10):
                try:
                    await staff_sign_in.choose_password("a new and long one", actor, old="falsch")
                except Invalid:
                    continue

    async def test_nobody_signed_in_chooses_nothing(self, cast: Cast) -> None:
        with pytest.raises(NotAllowed):
            await staff_sign_in.choose_password(GOOD, Actor())


@pytest.mark.usefixtures("fresh_db")
async def test_of_parallel_uses_of_one_totp_code_one_is_taken() -> None:
    from tests import cast as casting

    cast = await casting.gather()
    await give_totp(cast.staff)
    assert cast.staff.account_id is not None
    code = code_now()
    answers = await asyncio.gather(
        *(second_factor.demand(cast.staff.account_id, code) for _ in range(5)), return_exceptions=True
    )
    assert sum(answer is None for answer in answers) == 1
