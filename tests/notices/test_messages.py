"""Text messages go out once the job runs: by the gateway, or in the demo on the console; never into the log."""

import hmac
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
import structlog

from server.kernel import clock, database, jobs
from server.kernel import settings as kernel_settings
from server.kernel.actor import Actor
from server.kernel.ids import new_id
from server.kernel.settings import SettingsError, from_environment
from server.notices import messages, outlets
from server.notices.outlets.console import outlet as console
from server.notices.outlets.failure import OutletFailed
from server.notices.outlets.sms import outlet as sms
from server.people import codes
from server.people import messages as sealed_messages
from server.people.messages import JOB, SealedMessage
from tests.notices.gateway import Gateway, running

PHONE, KEY = "13900000001", "key of the gateway"


@pytest.fixture
async def gateway(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gateway]:
    async with running() as one:
        with_settings(monkeypatch, sms_gateway_url=one.url, sms_gateway_key=KEY)
        yield one


def with_settings(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    changed = msgspec.structs.replace(kernel_settings.settings(), **changes)
    for module in (outlets, console):
        monkeypatch.setattr(module, "settings", lambda: changed)


async def queued() -> list[SealedMessage]:
    rows = await database.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = $1 ORDER BY id", JOB)
    return [msgspec.json.decode(row["payload"], type=SealedMessage) for row in rows]


def test_the_worker_knows_the_job() -> None:
    assert jobs.jobs[JOB] == (messages.send_now, SealedMessage)


@pytest.mark.usefixtures("db")
class TestGateway:
    async def test_a_code_reaches_the_gateway_signed(self, gateway: Gateway) -> None:
        asked = await codes.ask(PHONE, Actor(address="192.0.2.7"))
        [message] = await queued()
        await messages.send_now(message)
        [got] = gateway.got
        body = msgspec.json.decode(got.body)
        assert (got.path, body["phone"], body["id"]) == ("/send", PHONE, str(message.id))
        assert asked.code in body["text"]
        timestamp = got.headers["x-huying-timestamp"]
        expected = hmac.new(KEY.encode(), timestamp.encode() + b"." + got.body, "sha256").hexdigest()
        assert got.headers["x-huying-signature"] == f"sha256={expected}"
        assert abs(int(timestamp) - clock.now().timestamp()) < 10

    async def test_a_repeated_job_carries_the_same_id(self, gateway: Gateway) -> None:
        await sealed_messages.send_later(PHONE, "您好")
        [message] = await queued()
        await messages.send_now(message)
        await messages.send_now(message)
        assert len({msgspec.json.decode(got.body)["id"] for got in gateway.got}) == 1

    @pytest.mark.parametrize("answer", ["500 Internal Server Error", "403 Forbidden", "302 Found"])
    async def test_anything_but_taken_is_a_failure_to_try_again(self, gateway: Gateway, answer: str) -> None:
        gateway.answer, gateway.headers = answer, f"Location: {gateway.url}/elsewhere\r\n"
        await sealed_messages.send_later(PHONE, "您好,这是秘密")
        [message] = await queued()
        with pytest.raises(OutletFailed) as failed:
            await messages.send_now(message)
        assert answer[:3] in str(failed.value) and len(gateway.got) == 1
        assert PHONE not in str(failed.value) and "秘密" not in str(failed.value)
        assert failed.value.__context__ is None or PHONE not in str(failed.value.__context__)

    async def test_a_silent_gateway_is_given_up(self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        gateway.silent = True
        monkeypatch.setattr(sms, "TIMEOUT", httpx.Timeout(0.1))
        with pytest.raises(OutletFailed, match="ReadTimeout"):
            await outlets.outlet().send(PHONE, "您好", message_id=new_id())

    async def test_a_gateway_that_is_away_is_a_failure(self, gateway: Gateway) -> None:
        away = sms.Gateway("http://127.0.0.1:1/send", KEY)
        with pytest.raises(OutletFailed, match="ConnectError"):
            await away.send(PHONE, "您好", message_id=new_id())

    async def test_a_code_that_is_useless_by_now_is_not_sent(self, gateway: Gateway) -> None:
        await codes.ask(PHONE, Actor())
        [message] = await queued()
        with clock.at(clock.now() + codes.GOOD_FOR):
            await messages.send_now(message)
        assert gateway.got == []
        with clock.at(clock.now() + codes.GOOD_FOR - timedelta(seconds=2)):
            await messages.send_now(message)
        assert len(gateway.got) == 1

    async def test_what_another_key_sealed_is_dropped(self, gateway: Gateway) -> None:
        await messages.send_now(SealedMessage(new_id(), "gAAAAABn" + "x" * 100))
        assert gateway.got == []

    async def test_nothing_personal_is_logged(self, gateway: Gateway, capfd: pytest.CaptureFixture[str]) -> None:
        await sealed_messages.send_later(PHONE, "您好,这是秘密", useless_after=clock.now())
        [message] = await queued()
        with structlog.testing.capture_logs() as logged:
            await messages.send_now(message)
            await messages.send_now(msgspec.structs.replace(message, useless_after=None))
        printed = "".join(capfd.readouterr()) + str(logged)
        assert logged and PHONE not in printed and "秘密" not in printed

    async def test_without_the_transaction_there_is_no_message(self) -> None:
        with pytest.raises(RuntimeError):
            async with database.transaction():
                await sealed_messages.send_later(PHONE, "您好")
                raise RuntimeError
        assert await queued() == []


@pytest.mark.usefixtures("db")
class TestConsole:
    async def test_in_the_demo_it_prints_a_line_for_people(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with_settings(monkeypatch, demo=True)
        await outlets.outlet().send(PHONE, "您好", message_id=new_id())
        assert capfd.readouterr().err == f"[短信 {PHONE}] 您好\n"

    async def test_elsewhere_it_refuses_and_prints_nothing(self, capfd: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(OutletFailed, match="SMS_GATEWAY_URL"):
            await outlets.outlet().send(PHONE, "您好", message_id=new_id())
        assert PHONE not in "".join(capfd.readouterr())


def test_a_gateway_without_its_key_stops_the_start() -> None:
    environment = {"DATABASE_URL": "postgresql://x/y", "SECRET_KEY": "x" * 32, "SMS_GATEWAY_URL": "https://sms"}
    with pytest.raises(SettingsError, match="SMS_GATEWAY_KEY"):
        from_environment(environment)
