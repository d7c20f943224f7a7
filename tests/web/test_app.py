"""What every answer has, whatever made it; and every refusal in each of its three shapes."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
import structlog
from litestar import Litestar, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from server.kernel import errors
from server.kernel.actor import Actor
from web import app as application
from web.fragments import AnyRequest, page
from web.security import FORM_BYTES, PHOTO_BYTES

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver.local/desk?state=open"}
JSON = {"Accept": "application/json"}
HTML = {"Accept": "text/html"}

RAISES: dict[str, Exception] = {
    "signin": errors.SignInNeeded(),
    "missing": errors.NotFound(),
    "refused": errors.NotAllowed("已经结案,不能再派发。"),
    "stale": errors.Stale(["李姐已受理", "<b>已派给</b>市政维修队"]),
    "invalid": errors.Invalid({"text": "请写一句话。", "phone": "手机号是 11 位。"}),
    "often": errors.TooMany("今天提交得有点多,请一小时后再来。", 3600),
    "away": asyncpg.CannotConnectNowError("the database system is starting up"),
    "broken": RuntimeError("手机号 13800138000 was in a local value"),
}


@get("/raise/{name:str}")
async def raising(name: FromPath[str]) -> None:
    raise RAISES[name]


@post("/raise/{name:str}")
async def raising_after_post(name: FromPath[str]) -> None:
    raise RAISES[name]


@get("/number")
async def number(n: FromQuery[int]) -> int:
    return n


@get("/who")
async def who(request: AnyRequest, signed: FromQuery[bool] = False) -> Template:
    if signed:
        from uuid import UUID

        request.scope["actor"] = Actor(account_id=UUID(int=1), name="王芳")  # type: ignore[typeddict-unknown-key]
    return page(request, "gallery/desk.html", **_samples())


@get("/link", opt={"referrer": "no-referrer"})
async def link() -> str:
    return "ok"


@post("/small")
async def small(request: AnyRequest) -> int:
    return len(await request.body())


@post("/photos", request_max_body_size=PHOTO_BYTES)
async def large(request: AnyRequest) -> int:
    return len(await request.body())


def _samples() -> dict[str, Any]:
    from web.pages.gallery.samples import samples

    return samples()


@pytest_asyncio.fixture(loop_scope="session")
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """The whole application with a few routes that go wrong."""
    tests = Router("/t", route_handlers=[raising, raising_after_post, number, who, link, small, large])
    monkeypatch.setattr(application, "ROUTERS", [*application.ROUTERS, tests])
    made: Litestar = application.create_app()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=made, raise_app_exceptions=False),
        base_url="http://testserver.local",
    ) as opened:
        # A device cookie, so that no answer sets one.
        yield opened


@pytest.mark.parametrize("path", ["/t/link", "/t/raise/missing", "/nowhere", "/t/raise/broken", "/healthz"])
async def test_every_answer_has_the_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["permissions-policy"] == "geolocation=(self), camera=(self)"
    assert len(headers["x-request-id"]) == 12


async def test_request_ids_differ(client: httpx.AsyncClient) -> None:
    first, second = await client.get("/healthz"), await client.get("/healthz")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


async def test_a_link_route_tells_nobody_where_it_was(client: httpx.AsyncClient) -> None:
    assert (await client.get("/t/link")).headers["referrer-policy"] == "no-referrer"
    assert (await client.get("/t/who")).headers["referrer-policy"] == "strict-origin-when-cross-origin"


async def test_a_page_about_somebody_is_kept_nowhere(client: httpx.AsyncClient) -> None:
    known = await client.get("/t/who?signed=true")
    assert known.headers["cache-control"] == "private, no-store"
    assert "HX-Request" in known.headers["vary"]
    assert (await client.get("/t/who")).headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("missing", 404, "没有找到"),
        ("refused", 409, "已经结案"),
        ("stale", 409, "李姐已受理"),
        ("invalid", 422, "手机号是 11 位"),
        ("often", 429, "一小时后再来"),
        ("away", 503, "系统正忙"),
        ("broken", 500, "不是您的操作有误"),
    ],
)
async def test_a_refusal_has_three_shapes_and_one_status(
    client: httpx.AsyncClient, name: str, status: int, words: str
) -> None:
    whole = await client.get(f"/t/raise/{name}", headers=HTML)
    notice = await client.get(f"/t/raise/{name}", headers=HTMX | HTML)
    told = await client.get(f"/t/raise/{name}", headers=JSON)
    assert [whole.status_code, notice.status_code, told.status_code] == [status] * 3
    assert whole.text.startswith("<!doctype html>") and words in whole.text
    assert "<html" not in notice.text and words in notice.text
    assert notice.headers["hx-retarget"] == "#notice"
    assert told.headers["content-type"] == "application/problem+json"
    assert words in json.dumps(told.json(), ensure_ascii=False)


async def test_what_happened_meanwhile_is_listed_and_escaped(client: httpx.AsyncClient) -> None:
    html = (await client.get("/t/raise/stale", headers=HTML)).text
    assert "<li>李姐已受理</li>" in html
    assert "&lt;b&gt;已派给" in html
    assert (await client.get("/t/raise/stale", headers=JSON)).json()["meanwhile"][0] == "李姐已受理"


async def test_a_limit_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    assert (await client.get("/t/raise/often")).headers["retry-after"] == "3600"


@pytest.mark.parametrize(
    ("method", "headers", "target"),
    [
        ("GET", HTML, "/signin?next=/t/raise/signin%3Fa%3D1%26b%3D2"),
        ("POST", HTML | {"Referer": "http://testserver.local/report?x=1"}, "/signin?next=/report%3Fx%3D1"),
        ("POST", HTML, "/signin?next=/"),
    ],
)
async def test_who_is_not_signed_in_comes_back_afterwards(
    client: httpx.AsyncClient, method: str, headers: dict[str, str], target: str
) -> None:
    answer = await client.request(method, "/t/raise/signin?a=1&b=2", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, target)


async def test_htmx_is_sent_to_sign_in_with_the_page_it_was_on(client: httpx.AsyncClient) -> None:
    answer = await client.post("/t/raise/signin", headers=HTMX)
    assert answer.headers["hx-redirect"] == "/signin?next=/desk%3Fstate%3Dopen"
    assert "location" not in answer.headers


async def test_a_program_that_is_not_signed_in_is_told_401(client: httpx.AsyncClient) -> None:
    assert (await client.get("/t/raise/signin", headers=JSON)).status_code == 401


async def test_an_error_of_ours_shows_its_number_and_logs_no_local_values(client: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = await client.get("/t/raise/broken", headers=HTML)
    broke = next(line for line in lines if line["event"] == "broke")
    assert answer.headers["x-request-id"] in answer.text
    assert "13800138000" not in answer.text
    assert broke["route"] == "/t/raise/{name}"
    assert "exc_info" not in broke


async def test_a_database_that_is_away_asks_to_come_back_and_is_no_fault_of_ours(client: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = await client.get("/t/raise/away", headers=JSON)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    events = [line["event"] for line in lines]
    assert "database away" in events and "broke" not in events


async def test_when_even_the_page_of_an_error_breaks_its_words_remain(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise ValueError

    monkeypatch.setattr("web.errors.render", broken)
    answer = await client.get("/t/raise/refused", headers=HTML)
    assert answer.status_code == 409
    assert answer.headers["content-type"].startswith("text/plain")
    assert "已经结案" in answer.text


async def test_the_access_line_names_the_route_and_not_the_person(client: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as lines:
        await client.get("/t/raise/missing?phone=13800138000")
        await client.get("/nowhere/13800138000")
        await client.get("/healthz")
    told = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["status"]) for line in told] == [("/t/raise/{name}", 404), ("-", 404)]
    assert "13800138000" not in repr(lines)


async def test_a_parameter_that_cannot_be_read_is_a_page_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/t/number?n=many", headers=HTML)
    assert answer.status_code == 422
    assert "请检查一下" in answer.text
    assert (await client.get("/t/number", headers=JSON)).json()["status"] == 422


async def test_an_unknown_method_is_refused_calmly(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/t/link", headers=HTML)
    assert answer.status_code == 405
    assert "不能这样做" in answer.text


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/t/small", FORM_BYTES, 201),
        ("/t/small", FORM_BYTES + 1, 413),
        ("/t/photos", FORM_BYTES + 1, 201),
        ("/t/photos", PHOTO_BYTES + 1, 413),
    ],
)
async def test_only_photo_routes_take_much(client: httpx.AsyncClient, path: str, size: int, status: int) -> None:
    answer = await client.post(path, content=b"x" * size, headers=HTML)
    assert answer.status_code == status
    if status == 413:
        assert "太大了" in answer.text


async def test_another_sites_page_is_refused_by_the_application(client: httpx.AsyncClient) -> None:
    refused = await client.post("/t/small", headers={"Origin": "https://evil.example"} | HTML)
    assert refused.status_code == 403
    assert "没有执行" in refused.text


async def test_the_gallery_is_for_demos_only(client: httpx.AsyncClient) -> None:
    assert (await client.get("/gallery")).status_code == 404


async def test_the_api_description_loads_nothing_foreign(client: httpx.AsyncClient) -> None:
    described = await client.get("/api/schema/openapi.json")
    assert described.status_code == 200
    assert not [path for path in described.json().get("paths", {}) if path.startswith(("/gallery", "/assets"))]
    assert (await client.get("/api/schema")).status_code == 404 or "cdn" not in (await client.get("/api/schema")).text


def test_nothing_inline_in_any_template() -> None:
    import re

    wrong = re.compile(r"\sstyle=|\son[a-z]+=|hx-on|<style|javascript:|<script(?![^>]*\ssrc=)")
    for template in application.TEMPLATES.rglob("*.html"):
        assert not wrong.search(template.read_text("utf-8")), template


@pytest.mark.parametrize("level", [logging.INFO])
def test_templates_escape_what_people_write(level: int) -> None:
    engine = application.templates()
    html = engine.from_string("{{ field('t', label, value=value) }}{{ row('#', label) }}").render(
        label="<script>", value='"><img onerror=x>'
    )
    assert "<script>" not in html and "<img" not in html


def test_pieces_come_after_those_they_use_whatever_order_the_folder_lists_them_in() -> None:
    order = list(application._in_order(application.templates()))
    assert order.index("icon.html") < order.index("chip.html") < order.index("inbox.html")
    assert sorted(order) == sorted(path.name for path in (application.TEMPLATES / "pieces").glob("*.html"))
