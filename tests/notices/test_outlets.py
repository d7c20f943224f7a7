"""The outlets against fakes of their other sides: what goes, what counts as taken, what is tried again."""

from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from server.kernel import clock
from server.kernel.ids import new_id
from server.notices.outlets import calling
from server.notices.outlets.console.outlet import Console
from server.notices.outlets.interface import NeverWorks, Outgoing, Outlet, TryLater
from server.notices.outlets.sms.outlet import Gateway as Sms
from server.notices.outlets.webhook.outlet import Webhook
from server.notices.outlets.wecom.outlet import MOST_BYTES, Robot
from tests.notices.conftest import Setting
from tests.notices.fakes import KEY, Gateway, Hook, WeCom

PHONE = "13900000001"
LINK = "http://testserver.local/unit/cases/2026-0001"


def outgoing(**changes: object) -> Outgoing:
    said = {"title": "新单子,请接单", "words": "井盖 · 2026-0001 · 期限 3月5日 18:00", "link": LINK} | changes
    return Outgoing(id=new_id(), kind="assigned", at=clock.now(), address=PHONE, urgency="now", **said)  # type: ignore[arg-type]


class TestSms:
    async def test_a_message_is_taken_signed_with_sign_and_link(self, gateway: Gateway) -> None:
        what = outgoing()
        await Sms(gateway.url, KEY).send(what)
        assert gateway.texts == [(PHONE, f"【呼应】{what.title}:{what.words} {LINK}")]
        assert gateway.taken[str(what.id)]["values"] == {"title": what.title, "words": what.words, "link": LINK}

    async def test_a_wrong_key_is_tried_again_for_somebody_will_mend_it(self, gateway: Gateway) -> None:
        with pytest.raises(TryLater, match="401"):
            await Sms(gateway.url, "another key").send(outgoing())

    async def test_the_same_message_twice_reaches_the_phone_once(self, gateway: Gateway) -> None:
        what = outgoing()
        for _ in range(2):
            await Sms(gateway.url, KEY).send(what)
        assert len(gateway.got) == 2 and len(gateway.texts) == 1

    async def test_a_long_text_is_cut_but_not_its_sign_nor_its_link(self, gateway: Gateway, setting: Setting) -> None:
        setting(sms_sign="民治街道")
        await Sms(gateway.url, KEY).send(outgoing(words="很长" * 400))
        [(_, text)] = gateway.texts
        assert len(text) == 300 and text.startswith("【民治街道】") and text.endswith(f"… {LINK}")

    @pytest.mark.parametrize("answer", ["500 Internal Server Error", "403 Forbidden", "302 Found", "429 Too Many"])
    async def test_anything_but_taken_is_tried_again(self, gateway: Gateway, answer: str) -> None:
        gateway.answer, gateway.headers = answer, f"Location: {gateway.url}/elsewhere\r\nRetry-After: 90\r\n"
        with pytest.raises(TryLater) as failed:
            await Sms(gateway.url, KEY).send(outgoing())
        assert answer[:3] in str(failed.value) and len(gateway.got) == 1
        assert failed.value.after == timedelta(seconds=90)

    @pytest.mark.parametrize("answer", ["400 Bad Request", "422 Unprocessable"])
    async def test_a_message_that_the_gateway_does_not_like_never_works(self, gateway: Gateway, answer: str) -> None:
        gateway.answer = answer
        with pytest.raises(NeverWorks, match=answer[:3]):
            await Sms(gateway.url, KEY).send(outgoing())

    async def test_a_silent_gateway_is_given_up(self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        gateway.silent = True
        monkeypatch.setattr(calling, "TIMEOUT", httpx.Timeout(0.1))
        with pytest.raises(TryLater, match="ReadTimeout"):
            await Sms(gateway.url, KEY).send(outgoing())

    async def test_so_is_one_that_is_away_and_nothing_personal_is_said(self) -> None:
        with pytest.raises(TryLater, match="ConnectError") as failed:
            await Sms("http://127.0.0.1:1/send?token=secret", KEY).send(outgoing(words="这是秘密"))
        said = f"{failed.value} {failed.value.__context__ if not failed.value.__suppress_context__ else ''}"
        assert not any(secret in said for secret in (PHONE, "秘密", "secret"))


class TestConsole:
    async def test_in_the_demo_it_prints_a_line_for_people(
        self, setting: Setting, capfd: pytest.CaptureFixture[str]
    ) -> None:
        setting(demo="1")
        await Console().send(outgoing(words="", link=""))
        assert capfd.readouterr().err == f"[短信 {PHONE}] 【呼应】新单子,请接单\n"

    async def test_elsewhere_it_refuses_and_prints_nothing(self, capfd: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(TryLater, match="SMS_GATEWAY_URL"):
            await Console().send(outgoing())
        assert PHONE not in "".join(capfd.readouterr())


class TestWebhook:
    async def test_the_other_system_can_check_who_sends_and_when(self, hook: Hook) -> None:
        what = outgoing()
        await Webhook(hook.url, KEY).send(what)
        assert hook.taken[str(what.id)] | {"at": None} == {
            "id": str(what.id),
            "kind": "assigned",
            "urgency": "now",
            "title": what.title,
            "words": what.words,
            "link": LINK,
            "at": None,
        }
        assert hook.got[0].path == "/hook?for=huying"
        assert hook.got[0].headers["host"] == f"127.0.0.1:{hook.port}"

    async def test_a_changed_body_does_not_fit_its_signature(self, hook: Hook) -> None:
        await Webhook(hook.url, KEY).send(outgoing())
        [got] = hook.got
        got.body = got.body.replace(b"2026-0001", b"2026-0002")
        assert hook.reply(got)[0].startswith("401")

    async def test_an_old_call_cannot_be_sent_again_by_somebody_who_listened(self, hook: Hook) -> None:
        await Webhook(hook.url, KEY).send(outgoing())
        with clock.at(clock.now() + timedelta(minutes=6)):
            assert hook.reply(hook.got[0])[0].startswith("403")

    @pytest.mark.parametrize("answer", ["500 Oops", "503 Busy", "408 Slow", "425 Early", "429 Much"])
    async def test_what_may_pass_is_tried_again(self, hook: Hook, answer: str) -> None:
        hook.answer = answer
        with pytest.raises(TryLater, match=answer[:3]):
            await Webhook(hook.url, KEY).send(outgoing())

    @pytest.mark.parametrize("answer", ["301 Moved", "400 Bad", "401 Who", "404 Nothing", "410 Gone"])
    async def test_what_is_final_waits_for_somebody(self, hook: Hook, answer: str) -> None:
        hook.answer, hook.headers = answer, f"Location: {hook.url}\r\n"
        with pytest.raises(NeverWorks, match=answer[:3]):
            await Webhook(hook.url, KEY).send(outgoing())
        assert len(hook.got) == 1, "a redirect is not followed"

    async def test_the_pause_may_be_asked_for_by_the_clock(self, hook: Hook) -> None:
        then = (clock.now() + timedelta(minutes=5)).astimezone(tz=None)
        hook.answer, hook.headers = "503 Busy", f"Retry-After: {format_datetime(then)}\r\n"
        with pytest.raises(TryLater) as failed:
            await Webhook(hook.url, KEY).send(outgoing())
        assert failed.value.after is not None
        assert timedelta(minutes=4) < failed.value.after <= timedelta(minutes=5)

    async def test_nobody_makes_us_wait_for_more_than_an_hour(self, hook: Hook) -> None:
        hook.answer, hook.headers = "429 Much", "Retry-After: 999999999999\r\n"
        with pytest.raises(TryLater) as failed:
            await Webhook(hook.url, KEY).send(outgoing())
        assert failed.value.after == timedelta(hours=1)

    async def test_our_own_network_is_refused_when_the_message_goes(self, hook: Hook, setting: Setting) -> None:
        setting(outlet_networks="")
        for url in (hook.url, hook.url.replace("127.0.0.1", "localhost"), f"http://[::1]:{hook.port}/"):
            with pytest.raises(NeverWorks, match="内部网络"):
                await Webhook(url, KEY).send(outgoing())
        assert hook.got == []


@pytest.mark.usefixtures("db")
class TestWeCom:
    async def test_the_robot_says_it_in_its_group(self, wecom: WeCom) -> None:
        await Robot(wecom.robot).send(outgoing())
        [shown] = wecom.shown
        assert shown.startswith('<font color="warning">紧急</font> **新单子,请接单**\n井盖')
        assert shown.endswith(f"\n[打开查看]({LINK})")

    async def test_nothing_in_the_words_is_taken_for_markdown(self, wecom: WeCom) -> None:
        await Robot(wecom.robot).send(outgoing(title="[点我](http://evil)", words="<@all> **急**"))
        assert "[点我]" not in wecom.shown[0] and "<@all>" not in wecom.shown[0] and "**急**" not in wecom.shown[0]

    async def test_a_long_message_fits_and_keeps_its_link(self, wecom: WeCom) -> None:
        await Robot(wecom.robot).send(outgoing(words="长" * 3000))
        assert len(wecom.shown[0].encode()) <= MOST_BYTES and wecom.shown[0].endswith(f"({LINK})")

    @pytest.mark.parametrize("code", [-1, 45009, 45033])
    async def test_a_busy_wecom_is_asked_again(self, wecom: WeCom, code: int) -> None:
        wecom.code = code
        with pytest.raises(TryLater, match=str(code)):
            await Robot(wecom.robot).send(outgoing())

    async def test_a_robot_that_was_taken_out_of_its_group_never_works(self, wecom: WeCom) -> None:
        with pytest.raises(NeverWorks, match="93000") as failed:
            await Robot("a key that is gone").send(outgoing())
        assert "gone" not in str(failed.value)

    async def test_a_page_instead_of_an_answer_is_not_taken_for_one(self, wecom: WeCom) -> None:
        wecom.answer = "200 OK"
        with pytest.raises(TryLater, match="看不懂"):
            await Robot(wecom.robot).send(outgoing())

    async def test_no_more_than_twenty_a_minute_go_to_a_group(self, wecom: WeCom) -> None:
        moment = clock.now()
        with clock.at(moment):
            for _ in range(20):
                await Robot(wecom.robot).send(outgoing())
            with pytest.raises(TryLater, match="20") as failed:
                await Robot(wecom.robot).send(outgoing())
        assert len(wecom.got) == 20 and failed.value.after is not None
        with clock.at(moment + failed.value.after):
            await Robot(wecom.robot).send(outgoing())


@pytest.mark.parametrize("url", ["ftp://example.org/x", "http://", "not a url", "http://[::1", "file:///etc/passwd"])
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    outlet: Outlet = Webhook(url, KEY)
    with pytest.raises(NeverWorks):
        await outlet.send(outgoing())
