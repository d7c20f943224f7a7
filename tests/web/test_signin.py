"""Signing in over HTTP, as residents and staff do it, and as attackers try it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pyotp
import pytest

from server.kernel import clock, database
from server.kernel import settings as kernel_settings
from server.kernel.ids import digest, new_secret
from server.people import messages, passwords, posts, sealing, sessions
from tests import cast as casting
from tests.cast import Cast
from web import onward
from web.pages.signin import pages as signin

PHONE = "13900000001"
GOOD = "三棵树 下午茶 铁皮桶"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = msgspec.structs.replace(kernel_settings.settings(), demo=True)
    monkeypatch.setattr(signin, "settings", lambda: changed)


async def last_code() -> str:
    row = await database.fetch_one(
        "SELECT payload FROM pgqueuer WHERE entrypoint = $1 ORDER BY id DESC LIMIT 1", messages.JOB
    )
    assert row is not None
    opened = messages.opened(msgspec.json.decode(row["payload"], type=messages.SealedMessage))
    found = re.search(r"\d{6}", opened.text if opened else "")
    assert found
    return found[0]


async def sign_in(web: httpx.AsyncClient, phone: str = PHONE, onward: str = "") -> httpx.Response:
    sent = await web.post("/signin", data={"phone": phone, "next": onward})
    assert (sent.status_code, sent.headers["location"]) == (303, "/signin/code")
    return await web.post("/signin/code", data={"code": await last_code()})


async def staff_with_password(cast: Cast, totp: bool = False) -> None:
    sealed = sealing.seal("totp", SECRET.encode()).encode() if totp else None
    await database.execute(
        "UPDATE accounts SET password_hash = $2, totp_secret = $3 WHERE id = $1",
        cast.staff.account_id,
        await passwords.hashed(GOOD),
        sealed,
    )


async def staff_sign_in(web: httpx.AsyncClient, onward: str = "", **changes: str) -> httpx.Response:
    data = {"phone": "13800000021", "password": GOOD, "next": onward} | changes
    return await web.post("/signin/staff", data=data)


async def account_of(web: httpx.AsyncClient) -> Any:
    actor = await sessions.actor_of(web.cookies.get("huying") or "")
    return actor and actor.account_id


class TestResident:
    async def test_phone_then_code_and_on_to_where_they_were(self, web: httpx.AsyncClient) -> None:
        page = await web.get("/signin?next=/mine")
        assert page.status_code == 200 and 'value="/mine"' in page.text
        done = await sign_in(web, "138 0000 0077", onward="/mine")
        assert (done.status_code, done.headers["location"]) == (303, "/mine")
        assert await account_of(web) is not None
        me = await web.get("/me")
        assert me.status_code == 200 and "138****0077" in me.text and "13800000077" not in me.text

    async def test_the_cookies_are_out_of_reach_of_scripts_and_other_sites(self, web: httpx.AsyncClient) -> None:
        done = await sign_in(web)
        [header] = [one for one in done.headers.get_list("set-cookie") if one.startswith("huying=")]
        assert "HttpOnly" in header and "samesite=lax" in header.lower() and "Path=/;" in header
        assert "Secure" not in header

    async def test_with_tls_they_are_secure(self, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
        from web import session

        changed = msgspec.structs.replace(kernel_settings.settings(), public_url="https://hu.example")
        monkeypatch.setattr(session, "settings", lambda: changed)
        page = await web.get("/signin")
        assert "Secure" in page.headers["set-cookie"]

    async def test_the_known_and_the_unknown_phone_see_the_same(self, web: httpx.AsyncClient, cast: Cast) -> None:
        pages = []
        for phone in ("13800000021", "13800009999"):
            sent = await web.post("/signin", data={"phone": phone})
            page = await web.get("/signin/code")
            pages.append((sent.status_code, sent.headers["location"], page.text.replace(phone, "")))
        masked = [text.replace("138****0021", "M").replace("138****9999", "M") for *_, text in pages]
        assert pages[0][:2] == pages[1][:2] and masked[0] == masked[1]

    async def test_nothing_personal_is_in_any_address(self, web: httpx.AsyncClient) -> None:
        sent = await web.post("/signin", data={"phone": PHONE})
        assert PHONE not in sent.headers["location"] and PHONE not in str(sent.headers)

    async def test_a_wrong_code_is_told_in_place_and_signs_nobody_in(self, web: httpx.AsyncClient) -> None:
        await web.post("/signin", data={"phone": PHONE})
        wrong = f"{(int(await last_code()) + 1) % 1_000_000:06d}"
        page = await web.post("/signin/code", data={"code": wrong})
        assert page.status_code == 422 and "验证码不对" in page.text and await account_of(web) is None

    async def test_a_code_works_once(self, web: httpx.AsyncClient) -> None:
        await web.post("/signin", data={"phone": PHONE})
        step = web.cookies["huying_signin"]
        code = await last_code()
        assert (await web.post("/signin/code", data={"code": code})).status_code == 303
        web.cookies.clear()
        web.cookies.set("huying_signin", step, domain="testserver.local", path="/signin")
        assert (await web.post("/signin/code", data={"code": code})).status_code == 422
        assert await account_of(web) is None

    async def test_a_code_works_only_in_the_browser_that_asked(self, web: httpx.AsyncClient) -> None:
        await web.post("/signin", data={"phone": PHONE})
        web.cookies.delete("huying_signin")
        answer = await web.post("/signin/code", data={"code": await last_code(), "phone": PHONE})
        assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
        assert await account_of(web) is None

    @pytest.mark.parametrize("cookie", ["", "x", "gAAAAA", "x" * 3000])
    async def test_a_forged_step_is_no_step(self, web: httpx.AsyncClient, cookie: str) -> None:
        web.cookies.set("huying_signin", cookie, domain="testserver.local", path="/signin")
        for answer in (await web.get("/signin/code"), await web.post("/signin/code", data={"code": "123456"})):
            assert (answer.status_code, answer.headers["location"]) == (303, "/signin")

    async def test_an_expired_code_is_refused(self, web: httpx.AsyncClient) -> None:
        await web.post("/signin", data={"phone": PHONE})
        code = await last_code()
        with clock.at(clock.now() + timedelta(minutes=5)):
            assert (await web.post("/signin/code", data={"code": code})).status_code == 422

    @pytest.mark.parametrize("phone", ["", "110", "abc", "1" * 50_000, "\x00", "😀", "<script>alert(1)</script>"])
    async def test_odd_phones_are_told_in_place(self, web: httpx.AsyncClient, phone: str) -> None:
        page = await web.post("/signin", data={"phone": phone})
        assert page.status_code == 422 and "<script>alert" not in page.text
        assert await database.fetch_value("SELECT count(*) FROM signin_codes") == 0

    async def test_too_soon_again_is_told_with_the_time_to_wait(self, web: httpx.AsyncClient) -> None:
        await web.post("/signin", data={"phone": PHONE})
        page = await web.post("/signin", data={"phone": PHONE})
        assert page.status_code == 429 and page.headers["retry-after"] == "60" and "等一分钟" in page.text

    async def test_a_forwarded_address_does_not_get_around_the_limits(self, web: httpx.AsyncClient) -> None:
        answers = []
        for number in range(35):
            headers = {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"}
            web.cookies.clear()
            answer = await web.post("/signin", data={"phone": f"139000001{number:02d}"}, headers=headers)
            answers.append(answer.status_code)
        assert answers == [303] * 30 + [429] * 5

    async def test_another_sites_page_cannot_sign_somebody_in(self, web: httpx.AsyncClient) -> None:
        for path in ("/signin", "/signin/code", "/signin/staff", "/signin/second", "/me/signout", "/me/look"):
            answer = await web.post(path, data={"phone": PHONE}, headers={"Sec-Fetch-Site": "cross-site"})
            assert answer.status_code == 403


class TestFixation:
    async def test_a_cookie_that_was_planted_is_not_the_session_afterwards(self, web: httpx.AsyncClient) -> None:
        planted = new_secret()
        web.cookies.set("huying", planted, domain="testserver.local")
        done = await sign_in(web)
        assert done.status_code == 303 and planted not in str(done.headers)
        assert await sessions.actor_of(planted) is None

    async def test_signing_in_again_ends_the_session_before(self, web: httpx.AsyncClient) -> None:
        await sign_in(web)
        first = web.cookies["huying"]
        await sign_in(web, "13900000002")
        assert web.cookies["huying"] != first
        assert await sessions.actor_of(first) is None

    @pytest.mark.parametrize("device", ["", "x", "x" * 3000, "<script>", "a" * 42 + "!"])
    async def test_an_odd_device_cookie_is_replaced(self, web: httpx.AsyncClient, device: str) -> None:
        answer = await web.get("/signin", headers={"Cookie": f"huying_device={device}"})
        assert answer.status_code == 200
        assert re.search(r"huying_device=[\w-]{43};", answer.headers["set-cookie"])

    async def test_the_device_cookie_is_given_once_and_kept(self, web: httpx.AsyncClient) -> None:
        assert "huying_device=" in (await web.get("/signin")).headers["set-cookie"]
        assert "set-cookie" not in (await web.get("/signin")).headers

    async def test_assets_and_health_get_no_cookie(self, web: httpx.AsyncClient) -> None:
        assert "set-cookie" not in (await web.get("/healthz")).headers


class TestOnward:
    @pytest.mark.parametrize(
        "path",
        [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "javascript:alert(1)",
            "mine",
            "/mine\r\nSet-Cookie: huying=x",
            "/mine#" + "x" * 10,
            "/" + "x" * 1000,
            "/signin?next=/signin",
            "/signin",
            "/ /evil",
            "/\x00",
        ],
    )
    async def test_nothing_leads_elsewhere(self, web: httpx.AsyncClient, path: str) -> None:
        assert onward.safe(path) == "/"
        page = await web.get("/signin", params={"next": path})
        assert 'name="next" value="/"' in page.text
        done = await sign_in(web, onward=path)
        assert done.headers["location"] == "/"

    @pytest.mark.parametrize("path", ["/", "/mine", "/desk?state=open&page=2", "/me/devices", "/a//b", "/r/1?q=%2F"])
    def test_paths_of_ours_are_kept(self, path: str) -> None:
        assert onward.safe(path) == path

    def test_chinese_is_quoted_for_the_header(self) -> None:
        assert onward.safe("/a?q=路灯") == "/a?q=" + quote("路灯")

    async def test_who_is_signed_in_goes_straight_on(self, web: httpx.AsyncClient) -> None:
        await sign_in(web)
        assert (await web.get("/signin?next=/mine")).headers["location"] == "/mine"
        assert (await web.get("/signin?next=//evil.example")).headers["location"] == "/"


class TestStaff:
    async def test_phone_and_password_lead_to_their_work(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await staff_with_password(cast)
        done = await staff_sign_in(web)
        assert (done.status_code, done.headers["location"]) == (303, "/desk")
        assert await account_of(web) == cast.staff.account_id
        assert (await web.get("/signin/staff")).headers["location"] == "/desk"

    async def test_wrong_phone_and_wrong_password_see_the_same(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await staff_with_password(cast)
        wrong = await staff_sign_in(web, password="falsch falsch")
        unknown = await staff_sign_in(web, phone="13700000000")
        assert wrong.status_code == unknown.status_code == 422
        assert wrong.text.replace("13800000021", "") == unknown.text.replace("13700000000", "")
        assert "falsch" not in wrong.text and await account_of(web) is None

    async def test_the_password_is_taken_as_typed(self, web: httpx.AsyncClient, cast: Cast) -> None:
        spaced = "  " + GOOD + " "
        await database.execute(
            "UPDATE accounts SET password_hash = $2 WHERE id = $1",
            cast.staff.account_id,
            await passwords.hashed(spaced),
        )
        assert (await staff_sign_in(web)).status_code == 422
        assert (await staff_sign_in(web, password=spaced)).status_code == 303

    async def test_after_some_tries_words_say_to_wait(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await staff_with_password(cast)
        codes = [(await staff_sign_in(web, password="falsch falsch")).status_code for _ in range(7)]
        assert codes == [422] * 6 + [429]
        assert "请过几分钟再试" in (await staff_sign_in(web)).text

    async def test_the_second_factor_comes_before_any_session(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await staff_with_password(cast, totp=True)
        step = await staff_sign_in(web, onward="/desk?page=2")
        assert step.headers["location"] == "/signin/second" and await account_of(web) is None
        assert (await web.get("/me/devices")).status_code == 303
        assert (await web.get("/signin/second")).status_code == 200
        wrong = await web.post("/signin/second", data={"code": "abc"})
        assert wrong.status_code == 422 and await account_of(web) is None
        code = pyotp.TOTP(SECRET).now()
        done = await web.post("/signin/second", data={"code": code})
        assert (done.status_code, done.headers["location"]) == (303, "/desk?page=2")
        assert await account_of(web) == cast.staff.account_id

    async def test_a_replayed_second_factor_is_refused(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await staff_with_password(cast, totp=True)
        code = pyotp.TOTP(SECRET).now()
        await staff_sign_in(web)
        assert (await web.post("/signin/second", data={"code": code})).status_code == 303
        web.cookies.clear()
        await staff_sign_in(web)
        assert (await web.post("/signin/second", data={"code": code})).status_code == 422
        assert await account_of(web) is None

    async def test_the_second_step_without_the_first_is_nowhere(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await web.post("/signin", data={"phone": PHONE})
        for answer in (await web.get("/signin/second"), await web.post("/signin/second", data={"code": "1"})):
            assert (answer.status_code, answer.headers["location"]) == (303, "/signin/staff")

    async def test_a_demanded_second_factor_is_set_up_at_once(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await staff_with_password(cast)
        await posts.demand_second_factor(cast.staff.posts[0].id, True, cast.area_admin)
        done = await staff_sign_in(web, onward="/desk")
        assert done.headers["location"] == "/me/second-factor"
        page = await web.get("/me/second-factor")
        sealed, secret = hidden(page.text, "sealed"), shown_secret(page.text)
        old = web.cookies["huying"]
        wrong = await web.post("/me/second-factor", data={"sealed": sealed, "code": "abc"})
        assert wrong.status_code == 422 and shown_secret(wrong.text) == secret
        done = await web.post("/me/second-factor", data={"sealed": sealed, "code": pyotp.TOTP(secret).now()})
        assert done.status_code == 303 and await sessions.actor_of(old) is None
        actor = await sessions.actor_of(web.cookies["huying"])
        assert actor is not None and actor.posts == cast.staff.posts

    async def test_a_code_by_message_opens_no_post(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await staff_with_password(cast)
        await sign_in(web, "13800000021")
        actor = await sessions.actor_of(web.cookies["huying"])
        assert actor is not None and actor.account_id == cast.staff.account_id and not actor.is_staff
        assert "用密码登录" in (await web.get("/me")).text


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found
    return found[1]


def shown_secret(text: str) -> str:
    found = re.search(r"手动输入:<span>([A-Z2-7 ]+)</span>", text)
    assert found
    return found[1].replace(" ", "")


class TestDemo:
    async def test_the_code_and_the_phones_are_shown(self, web: httpx.AsyncClient, cast: Cast, demo: None) -> None:
        await staff_with_password(cast)
        await web.post("/signin", data={"phone": PHONE})
        page = await web.get("/signin/code")
        assert await last_code() in page.text and "demo-box" in page.text
        assert "13800000001" in (await web.get("/signin")).text
        assert "13800000021" in (await web.get("/signin/staff")).text

    async def test_never_otherwise(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await staff_with_password(cast)
        await web.post("/signin", data={"phone": PHONE})
        page = await web.get("/signin/code")
        assert await last_code() not in page.text
        for path in ("/signin", "/signin/code", "/signin/staff"):
            text = (await web.get(path)).text
            assert "demo-box" not in text and "13800000001" not in text and "13800000021" not in text

    async def test_nor_from_a_step_kept_in_the_demo(
        self, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = signin.settings
        changed = msgspec.structs.replace(kernel_settings.settings(), demo=True)
        monkeypatch.setattr(signin, "settings", lambda: changed)
        await web.post("/signin", data={"phone": PHONE})
        monkeypatch.setattr(signin, "settings", real)
        assert await last_code() not in (await web.get("/signin/code")).text


class TestClaiming:
    async def test_reports_of_this_phone_are_offered_and_put_into_the_account(
        self, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from uuid import uuid4

        from server.cases import links

        mine = [links.Claimable(uuid4(), "20261121-0001", "楼下的路灯不亮" * 30)]
        claimed: list[Any] = []

        async def claimable(by: Any) -> list[links.Claimable]:
            return mine if by.signed_in else []

        async def claim(by: Any) -> list[str]:
            claimed.append(by.account_id)
            mine.clear()
            return ["20261121-0001"]

        monkeypatch.setattr(links, "claimable", claimable)
        monkeypatch.setattr(links, "claim", claim)
        done = await sign_in(web, onward="/mine")
        assert done.headers["location"] == "/signin/claim?next=/mine"
        page = await web.get(done.headers["location"])
        assert "20261121-0001" in page.text and "…" in page.text
        done = await web.post("/signin/claim", data={"next": "/mine"})
        assert done.headers["location"] == "/mine" and claimed == [await account_of(web)]
        assert (await web.get("/signin/claim?next=/mine")).headers["location"] == "/mine"

    async def test_signed_out_there_is_nothing_to_claim(self, web: httpx.AsyncClient) -> None:
        for answer in (await web.get("/signin/claim"), await web.post("/signin/claim")):
            assert answer.headers["location"].startswith("/signin?next=")


class TestCost:
    async def test_without_cookies_nothing_is_asked_and_signed_in_once(
        self, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await sign_in(web)
        token = web.cookies["huying"]
        asked: list[str] = []

        def counted(real: Callable[..., Any]) -> Callable[..., Any]:
            async def call(statement: str, *values: object) -> Any:
                asked.append(statement)
                return await real(statement, *values)

            return call

        for name in ("fetch", "fetch_one", "fetch_value", "execute"):
            monkeypatch.setattr(database, name, counted(getattr(database, name)))
        web.cookies.clear()
        await web.get("/signin/staff")
        assert asked == []
        web.cookies.set("huying", token, domain="testserver.local")
        await web.get("/me/name")
        assert len(asked) == 1
        web.cookies.set("huying", "not a token", domain="testserver.local")
        await web.get("/signin/staff")
        assert len(asked) == 1

    async def test_the_digest_of_the_device_goes_to_the_actor(self, web: httpx.AsyncClient) -> None:
        await sign_in(web)
        kept = await database.fetch_value("SELECT device_digest FROM sessions")
        assert kept == digest(web.cookies["huying_device"]).hex()
