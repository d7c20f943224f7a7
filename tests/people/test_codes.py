"""One-time codes: one use, five minutes, five tries, the newest, and only where they were asked for."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, TooMany
from server.kernel.ids import new_id
from server.people import codes, messages

PHONE = "13900000001"
BY = Actor(device="d" * 64, address="192.0.2.7")


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.usefixtures("db")
class TestChecking:
    async def test_the_right_code_is_taken_once(self) -> None:
        asked = await codes.ask(PHONE, BY)
        await codes.check(asked.id, PHONE, asked.code, BY)
        with pytest.raises(Invalid):
            await codes.check(asked.id, PHONE, asked.code, BY)

    async def test_full_width_digits_and_spaces_are_taken_as_meant(self) -> None:
        asked = await codes.ask(PHONE, BY)
        typed = asked.code.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
        await codes.check(asked.id, PHONE, f" {typed[:3]} {typed[3:]} ", BY)

    async def test_after_five_wrong_tries_the_right_one_is_no_good(self) -> None:
        asked = await codes.ask(PHONE, BY)
        for _ in range(codes.TRIES):
            with pytest.raises(Invalid):
                await codes.check(asked.id, PHONE, other_than(asked.code), BY)
        with pytest.raises(Invalid):
            await codes.check(asked.id, PHONE, asked.code, BY)

    async def test_the_fifth_try_still_counts(self) -> None:
        asked = await codes.ask(PHONE, BY)
        for _ in range(codes.TRIES - 1):
            with pytest.raises(Invalid):
                await codes.check(asked.id, PHONE, other_than(asked.code), BY)
        await codes.check(asked.id, PHONE, asked.code, BY)

    async def test_after_five_minutes_it_is_too_late(self) -> None:
        asked = await codes.ask(PHONE, BY)
        with clock.at(clock.now() + codes.GOOD_FOR), pytest.raises(Invalid):
            await codes.check(asked.id, PHONE, asked.code, BY)

    async def test_only_the_newest_counts(self) -> None:
        first = await codes.ask(PHONE, BY)
        with clock.at(clock.now() + timedelta(seconds=61)):
            second = await codes.ask(PHONE, BY)
            with pytest.raises(Invalid):
                await codes.check(first.id, PHONE, first.code, BY)
            await codes.check(second.id, PHONE, second.code, BY)
            with pytest.raises(Invalid):
                await codes.check(first.id, PHONE, first.code, BY)

    async def test_elsewhere_than_it_was_asked_for_it_is_no_good_and_no_try_is_spent(self) -> None:
        asked = await codes.ask(PHONE, BY)
        for _ in range(codes.TRIES + 1):
            with pytest.raises(Invalid):
                await codes.check(new_id(), PHONE, asked.code, BY)
        await codes.check(asked.id, PHONE, asked.code, BY)

    async def test_for_another_phone_it_is_no_good(self) -> None:
        asked = await codes.ask(PHONE, BY)
        other = await codes.ask("13900000002", BY)
        with pytest.raises(Invalid):
            await codes.check(asked.id, "13900000002", asked.code, BY)
        with pytest.raises(Invalid):
            await codes.check(other.id, PHONE, other.code, BY)

    @pytest.mark.parametrize("typed", ["", " ", "12345", "abcdef", "9" * 100_000, "\x00", "😀😀😀😀😀😀", "\udcff"])
    async def test_odd_input_is_simply_wrong(self, typed: str) -> None:
        asked = await codes.ask(PHONE, BY)
        with pytest.raises(Invalid):
            await codes.check(asked.id, PHONE, typed, BY)


@pytest.mark.usefixtures("db")
class TestAsking:
    async def test_no_plain_code_or_phone_rests_in_the_queue_or_beside_the_code(self) -> None:
        asked = await codes.ask(PHONE, BY)
        jobs = await database.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = $1", messages.JOB)
        [payload] = [bytes(row["payload"]) for row in jobs]
        assert asked.code.encode() not in payload and PHONE.encode() not in payload
        row = await database.fetch_one("SELECT * FROM signin_codes WHERE id = $1", asked.id)
        assert row is not None
        assert asked.code.encode() not in bytes(row["code_hash"]) and len(row["code_hash"]) == 32
        opened = messages.opened(msgspec.json.decode(payload, type=messages.SealedMessage))
        assert opened is not None and opened.phone == PHONE and asked.code in opened.text

    async def test_one_a_minute_and_five_an_hour_for_each_phone(self) -> None:
        begin = clock.now()
        await codes.ask(PHONE, BY)
        with pytest.raises(TooMany) as refused:
            await codes.ask("+86 139 0000 0001", BY)
        assert PHONE not in refused.value.words
        for minute in range(1, codes.PER_PHONE_HOUR):
            with clock.at(begin + timedelta(seconds=61 * minute)):
                await codes.ask(PHONE, BY)
        with clock.at(begin + timedelta(seconds=61 * codes.PER_PHONE_HOUR)), pytest.raises(TooMany):
            await codes.ask(PHONE, BY)
        await codes.ask("13900000002", BY)

    async def test_an_address_cannot_ask_for_ever_new_phones(self) -> None:
        with pytest.raises(TooMany):
            for number in range(100):
                await codes.ask(f"139000001{number:02d}", BY)
        sent = await database.fetch_value("SELECT count(*) FROM signin_codes")
        assert sent == 30
        await codes.ask("13900000999", Actor(address="192.0.2.8"))

    async def test_limits_name_nobody(self) -> None:
        await codes.ask(PHONE, BY)
        keys = [row["key"] for row in await database.fetch("SELECT key FROM buckets")]
        assert keys and not any(PHONE in key or "192.0.2.7" in key for key in keys)

    @pytest.mark.parametrize("phone", ["", "110", "1" * 100_000, "\x00"])
    async def test_what_is_no_number_gets_no_code(self, phone: str) -> None:
        with pytest.raises(Invalid):
            await codes.ask(phone, BY)

    async def test_known_and_unknown_phones_are_answered_alike(self) -> None:
        from server.people import accounts

        await accounts.find_or_create(PHONE, BY)
        known, unknown = await codes.ask(PHONE, BY), await codes.ask("13900000003", BY)
        assert type(known) is type(unknown)
        rows = await database.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = $1", messages.JOB)
        assert len({len(row["payload"]) for row in rows}) == 1

    async def test_old_codes_are_forgotten(self) -> None:
        asked = await codes.ask(PHONE, BY)
        await codes.forget_old()
        assert await database.fetch_value("SELECT count(*) FROM signin_codes WHERE id = $1", asked.id) == 1
        with clock.at(clock.now() + timedelta(days=2)):
            await codes.forget_old()
        assert await database.fetch_value("SELECT count(*) FROM signin_codes WHERE id = $1", asked.id) == 0


@pytest.mark.usefixtures("fresh_db")
class TestAtTheSameTime:
    async def test_parallel_guesses_are_counted_one_by_one(self) -> None:
        asked = await codes.ask(PHONE, BY)
        wrong = [other_than(asked.code)] * 20
        await asyncio.gather(*(codes.check(asked.id, PHONE, one, BY) for one in wrong), return_exceptions=True)
        assert await database.fetch_value("SELECT tries FROM signin_codes") == codes.TRIES
        with pytest.raises(Invalid):
            await codes.check(asked.id, PHONE, asked.code, BY)

    async def test_of_parallel_right_ones_one_is_taken(self) -> None:
        asked = await codes.ask(PHONE, BY)
        answers = await asyncio.gather(
            *(codes.check(asked.id, PHONE, asked.code, BY) for _ in range(4)), return_exceptions=True
        )
        assert sum(answer is None for answer in answers) == 1

    async def test_parallel_asking_sends_one(self) -> None:
        answers = await asyncio.gather(*(codes.ask(PHONE, BY) for _ in range(6)), return_exceptions=True)
        assert sum(isinstance(answer, codes.Asked) for answer in answers) == 1
