"""A person's own page: devices, name, password, look, closing; each for oneself and nobody else."""

import httpx
import pytest

from server.kernel import database
from server.kernel.actor import Role
from server.people import passwords, posts, sessions
from tests import cast as casting
from tests.cast import Cast
from tests.web.test_signin import GOOD, sign_in, staff_sign_in, staff_with_password
from web import session

pytestmark = pytest.mark.usefixtures("db")
FIREFOX = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:143.0) Gecko/20100101 Firefox/143.0"}


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def other_session(cast: Cast) -> str:
    assert cast.resident.account_id is not None
    return await sessions.open_session(cast.resident.account_id, user_agent=FIREFOX["User-Agent"])


async def id_of(token: str) -> object:
    actor = await sessions.actor_of(token)
    assert actor is not None
    return actor.session_id


@pytest.mark.parametrize(
    "path",
    [
        "/me/name",
        "/me/devices/others/revocation",
        "/me/devices/018f0000-0000-7000-8000-000000000000/revocation",
        "/me/password",
        "/me/second-factor",
        "/me/second-factor/proof",
        "/me/second-factor/end",
        "/me/closing",
    ],
)
async def test_signed_out_leads_to_signing_in(web: httpx.AsyncClient, path: str) -> None:
    posted = await web.post(path)
    assert posted.status_code == 303 and posted.headers["location"].startswith("/signin?next=")
    fragment = await web.post(path, headers={"HX-Request": "true"})
    assert fragment.headers["hx-redirect"].startswith("/signin?next=")
    machine = await web.post(path, headers={"Accept": "application/json"})
    assert machine.status_code == 401


class TestDevices:
    async def test_are_listed_in_words_and_ended_at_once(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await sign_in(web, "13800000001")
        other = await other_session(cast)
        page = await web.get("/me/devices")
        assert "Windows 电脑 · Firefox" in page.text and "这台" in page.text
        there = await id_of(other)
        for _ in range(2):
            assert (await web.post(f"/me/devices/{there}/revocation")).status_code == 303
        assert await sessions.actor_of(other) is None
        assert "Firefox" not in (await web.get("/me/devices")).text

    async def test_the_neighbours_cannot_be_ended(self, web: httpx.AsyncClient, cast: Cast) -> None:
        other = await other_session(cast)
        await sign_in(web, "13800000002")
        assert (await web.post(f"/me/devices/{await id_of(other)}/revocation")).status_code == 404
        assert (await web.post("/me/devices/others/revocation")).status_code == 303
        assert await sessions.actor_of(other) is not None

    async def test_all_others_at_once(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await sign_in(web, "13800000001")
        other = await other_session(cast)
        for _ in range(2):
            assert (await web.post("/me/devices/others/revocation")).status_code == 303
        assert await sessions.actor_of(other) is None
        assert (await web.get("/me/devices")).status_code == 200

    @pytest.mark.parametrize("odd", ["1", "x", "../../signout", "%00"])
    async def test_what_is_no_session_is_not_found(self, web: httpx.AsyncClient, odd: str) -> None:
        await sign_in(web)
        assert (await web.post(f"/me/devices/{odd}/revocation")).status_code in (404, 405, 422)


class TestSigningOut:
    async def test_ends_the_session_and_is_harmless_twice(self, web: httpx.AsyncClient) -> None:
        await sign_in(web)
        token = web.cookies["huying"]
        for _ in range(2):
            out = await web.post("/me/signout")
            assert (out.status_code, out.headers["location"]) == (303, "/")
        assert "huying" not in web.cookies and await sessions.actor_of(token) is None

    async def test_a_session_ended_elsewhere_is_out_at_the_next_request(self, web: httpx.AsyncClient) -> None:
        await sign_in(web)
        await database.execute("UPDATE sessions SET revoked_at = now()")
        assert (await web.get("/me/devices")).headers["location"] == "/signin?next=/me/devices"


class TestName:
    async def test_is_kept_and_shown(self, web: httpx.AsyncClient) -> None:
        await sign_in(web)
        for _ in range(2):
            assert (await web.post("/me/name", data={"name": "张阿姨"})).status_code == 303
        assert "张阿姨" in (await web.get("/me?done=name")).text

    @pytest.mark.parametrize("name", ["长" * 41, "x" * 100_000, "\u202e反"])
    async def test_odd_ones_are_told(self, web: httpx.AsyncClient, name: str) -> None:
        await sign_in(web)
        answer = await web.post("/me/name", data={"name": name})
        assert answer.status_code == 422

    async def test_is_never_markup(self, web: httpx.AsyncClient) -> None:
        await sign_in(web)
        await web.post("/me/name", data={"name": "<script>alert(1)</script>"})
        assert "<script>alert" not in (await web.get("/me")).text


class TestPassword:
    async def test_the_first_is_chosen_after_a_code_and_opens_the_posts(
        self, web: httpx.AsyncClient, cast: Cast
    ) -> None:
        await sign_in(web, "13800000021")
        assert "现在的密码" not in (await web.get("/me/password")).text
        done = await web.post("/me/password", data={"password": GOOD, "again": GOOD})
        assert done.headers["location"] == "/me?done=password"
        actor = await sessions.actor_of(web.cookies["huying"])
        assert actor is not None and actor.posts == cast.staff.posts

    async def test_a_change_needs_the_old_one_and_signs_others_out(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await staff_with_password(cast)
        await staff_sign_in(web)
        first = web.cookies["huying"]
        web.cookies.clear()
        await staff_sign_in(web)
        new = {"password": "a new and long one", "again": "a new and long one"}
        wrong = await web.post("/me/password", data=new | {"old": "falsch falsch"})
        assert wrong.status_code == 422 and "现在的密码不对" in wrong.text and "falsch" not in wrong.text
        assert (await web.post("/me/password", data=new | {"old": GOOD})).status_code == 303
        assert await sessions.actor_of(first) is None
        assert (await web.get("/me/devices")).status_code == 200

    @pytest.mark.parametrize(
        ("password", "again"), [("short", "short"), (GOOD, GOOD + "x"), ("", ""), ("1234567890", "1234567890")]
    )
    async def test_weak_or_different_ones_are_told(self, web: httpx.AsyncClient, password: str, again: str) -> None:
        await sign_in(web)
        assert (await web.post("/me/password", data={"password": password, "again": again})).status_code == 422
        assert await database.fetch_value("SELECT count(*) FROM accounts WHERE password_hash IS NOT NULL") == 0


class TestSecondFactor:
    async def test_the_session_of_a_code_is_sent_to_the_password(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await sign_in(web, "13800000021")
        page = await web.get("/me/second-factor")
        assert "用密码登录" in page.text and "<svg viewBox" not in page.text

    async def test_the_drawing_has_nothing_that_the_csp_forbids(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await staff_with_password(cast)
        await staff_sign_in(web)
        text = (await web.get("/me/second-factor")).text
        drawing = text[text.index('<div class="qr"') :]
        assert "<svg viewBox" in drawing and " style=" not in drawing.split("</svg>")[0]


class TestLook:
    async def test_needs_no_account_and_stays_on_the_device(self, web: httpx.AsyncClient) -> None:
        done = await web.post("/me/look", data={"theme": "dark", "elder": "on"})
        assert done.status_code == 303
        page = (await web.get("/me")).text
        assert 'data-theme="dark"' in page and "data-elder" in page
        await web.post("/me/look", data={"theme": "auto"})
        page = (await web.get("/me")).text
        assert "data-theme=" not in page and "<html" in page and "data-elder>" not in page

    async def test_scripts_may_change_it_and_it_leads_nowhere_else(self, web: httpx.AsyncClient) -> None:
        done = await web.post("/me/look", data={"theme": "dark", "next": "//evil.example"})
        [cookie] = [one for one in done.headers.get_list("set-cookie") if one.startswith("huying_look")]
        assert "HttpOnly" not in cookie and done.headers["location"] == "/me"

    async def test_an_unknown_theme_is_refused(self, web: httpx.AsyncClient) -> None:
        assert (await web.post("/me/look", data={"theme": "neon"})).status_code == 422


class TestClosing:
    async def test_needs_a_yes_and_tells_whom_it_touches(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await staff_with_password(cast)
        await staff_sign_in(web)
        token = web.cookies["huying"]
        assert "社区工作者" in (await web.get("/me/closing")).text
        assert (await web.post("/me/closing")).status_code == 422
        assert await sessions.actor_of(token) is not None
        done = await web.post("/me/closing", data={"sure": "on"})
        assert done.status_code == 303 and await sessions.actor_of(token) is None
        assert (await web.post("/me/closing", data={"sure": "on"})).headers["location"].startswith("/signin")


class TestGuards:
    async def test_who_may_see_a_page_of_the_staff(self, cast: Cast) -> None:
        from server.kernel.actor import Actor
        from server.kernel.errors import NotFound, SignInNeeded

        class Connection:
            def __init__(self, actor: Actor) -> None:
                self.scope = {"actor": actor}

        async def passes(guard: session.Guard, actor: Actor) -> str:
            try:
                await guard(Connection(actor), None)  # type: ignore[arg-type]
            except (SignInNeeded, NotFound) as error:
                return type(error).__name__
            return "yes"

        without = Actor(account_id=cast.staff.account_id)
        assert [await passes(session.staff_only, one) for one in (cast.staff, Actor(), without, cast.resident)] == [
            "yes",
            "StaffSignInNeeded",
            "StaffSignInNeeded",
            "NotFound",
        ]
        desk = session.roles(Role.COMMUNITY_STAFF, Role.SECRETARY)
        assert [await passes(desk, one) for one in (cast.staff, cast.secretary, cast.handler, cast.system_admin)] == [
            "yes",
            "yes",
            "NotFound",
            "NotFound",
        ]
        assert await passes(session.signed_in, cast.resident) == "yes"
        assert await passes(session.signed_in, Actor()) == "SignInNeeded"

    async def test_a_post_that_ends_is_gone_at_the_next_request(self, web: httpx.AsyncClient, cast: Cast) -> None:
        await staff_with_password(cast)
        await staff_sign_in(web)
        assert "社区工作者" in (await web.get("/me")).text
        await posts.end(cast.staff.posts[0].id, cast.area_admin)
        actor = await sessions.actor_of(web.cookies["huying"])
        assert actor is not None and not actor.is_staff
        assert "社区工作者" not in (await web.get("/me")).text


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        (("192.0.2.7", 5000), "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 5000), "2001:db8:1:2::/64"),
        (("2001:db8:1:2:ffff::1", 5000), "2001:db8:1:2::/64"),
        (("::ffff:192.0.2.7", 5000), "192.0.2.7"),
        (("/run/socket", 0), None),
        (None, None),
    ],
)
def test_an_address_counts_as_its_household(client: tuple[str, int] | None, counted: str | None) -> None:
    assert session.address_of({"client": client}) == counted  # type: ignore[typeddict-item]


async def test_the_dearest_password_is_no_way_to_hold_up_others(web: httpx.AsyncClient, cast: Cast) -> None:
    answer = await staff_sign_in(web, password="x" * 900_000)
    assert answer.status_code in (413, 422)
    assert passwords.LONGEST < 1000
