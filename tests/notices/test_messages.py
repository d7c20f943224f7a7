"""Text messages that are no notices (codes, …): sealed until they go, never into the log, once however often tried."""

from datetime import timedelta

import msgspec
import pytest
import structlog

from server.kernel import clock, database, jobs
from server.kernel.actor import Actor
from server.kernel.ids import new_id
from server.kernel.settings import SettingsError, from_environment
from server.notices import messages
from server.people import codes
from server.people import messages as sealed_messages
from server.people.messages import JOB, SealedMessage
from tests.notices.fakes import Gateway

PHONE = "13900000001"


async def queued() -> list[SealedMessage]:
    rows = await database.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = $1 ORDER BY id", JOB)
    return [msgspec.json.decode(row["payload"], type=SealedMessage) for row in rows]


async def state_of(message: SealedMessage) -> str:
    row = await database.fetch_one("SELECT state, said FROM deliveries WHERE id = $1", message.id)
    return f"{row['state']}: {row['said']}"


def test_the_worker_knows_the_job() -> None:
    assert jobs.jobs[JOB] == (messages.send_now, SealedMessage)


@pytest.mark.usefixtures("db")
class TestGateway:
    async def test_a_code_reaches_the_gateway_with_its_template(self, gateway: Gateway) -> None:
        asked = await codes.ask(PHONE, Actor(address="192.0.2.7"))
        [message] = await queued()
        await messages.send_now(message)
        [(phone, text)] = gateway.texts
        assert phone == PHONE and text.startswith("【呼应】您的登录验证码是 ") and asked.code in text
        said = gateway.taken[str(message.id)]
        assert (said["template"], said["values"]) == ("code", {"code": asked.code, "minutes": "5"})
        assert await state_of(message) == "sent: 对方回答 200"

    async def test_a_repeated_job_sends_once(self, gateway: Gateway) -> None:
        await sealed_messages.send_later(PHONE, "您好")
        [message] = await queued()
        await messages.send_now(message)
        await messages.send_now(message)
        assert len(gateway.got) == 1

    async def test_what_was_not_taken_waits_and_goes_once_the_gateway_is_back(self, gateway: Gateway) -> None:
        gateway.answer = "503 Busy"
        await sealed_messages.send_later(PHONE, "您好")
        [message] = await queued()
        await messages.send_now(message)
        assert await state_of(message) == "waiting: 短信网关没有收下:对方回答 503"
        gateway.answer = None
        await messages.send_now(message)
        assert gateway.texts == [], "not before its pause is over"
        with clock.at(clock.now() + timedelta(seconds=10)):
            await messages.send_now(message)
        assert gateway.texts == [(PHONE, "【呼应】您好")]

    async def test_a_code_that_is_useless_by_now_is_not_sent(self, gateway: Gateway) -> None:
        await codes.ask(PHONE, Actor())
        [message] = await queued()
        with clock.at(clock.now() + codes.GOOD_FOR):
            await messages.send_now(message)
        assert gateway.got == [] and (await state_of(message)).startswith("dropped")

    async def test_a_code_that_is_still_of_use_is(self, gateway: Gateway) -> None:
        await codes.ask(PHONE, Actor())
        [message] = await queued()
        with clock.at(clock.now() + codes.GOOD_FOR - timedelta(seconds=2)):
            await messages.send_now(message)
        assert len(gateway.got) == 1

    async def test_what_another_key_sealed_is_dropped(self, gateway: Gateway) -> None:
        message = SealedMessage(new_id(), "gAAAAABn" + "x" * 100)
        await messages.send_now(message)
        assert gateway.got == [] and (await state_of(message)).startswith("dropped")

    async def test_nothing_personal_is_logged_or_kept(
        self, gateway: Gateway, capfd: pytest.CaptureFixture[str]
    ) -> None:
        await sealed_messages.send_later(PHONE, "您好,这是秘密")
        [message] = await queued()
        with structlog.testing.capture_logs() as logged:
            gateway.answer = "500 Oops"
            await messages.send_now(message)
            waiting = str(dict(await database.fetch_one("SELECT * FROM deliveries")))
            gateway.answer = None
            with clock.at(clock.now() + timedelta(seconds=10)):
                await messages.send_now(message)
        row = await database.fetch_one("SELECT * FROM deliveries")
        assert row["sealed"] is None, "forgotten once it is taken"
        printed = "".join(capfd.readouterr()) + str(logged) + waiting + str(dict(row))
        assert len(gateway.texts) == 1 and PHONE not in printed and "秘密" not in printed

    async def test_without_the_transaction_there_is_no_message(self) -> None:
        with pytest.raises(RuntimeError):
            async with database.transaction():
                await sealed_messages.send_later(PHONE, "您好")
                raise RuntimeError
        assert await queued() == []


def test_a_gateway_without_its_key_stops_the_start() -> None:
    environment = {"DATABASE_URL": "postgresql://x/y", "SECRET_KEY": "x" * 32, "SMS_GATEWAY_URL": "https://sms"}
    with pytest.raises(SettingsError, match="SMS_GATEWAY_KEY"):
        from_environment(environment)
