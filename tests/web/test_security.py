"""Changes only from our own pages; headers that say what a page may do."""

from typing import Any

import httpx
import pytest
from litestar import Litestar, post

from web import errors
from web.security import Guard, policy, same_site, tile_host

PUBLIC = "https://huying.example"


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "SAME-ORIGIN "}, False),
        ({"sec-fetch-site": ""}, False),
        # The browser knows better than a header that a page could not set anyway.
        ({"sec-fetch-site": "cross-site", "origin": PUBLIC}, False),
        ({"sec-fetch-site": "same-site", "origin": PUBLIC}, True),
        ({"sec-fetch-site": "same-site", "origin": "https://other.example"}, False),
        # After a page with no-referrer a browser sends Origin: null, and says same-origin all the same.
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        # Older browsers.
        ({"origin": PUBLIC, "host": "huying.example"}, True),
        ({"origin": PUBLIC, "host": "inner:8000"}, True),
        ({"origin": "http://10.0.0.5:8000", "host": "10.0.0.5:8000"}, True),
        ({"origin": "https://huying.example:443", "host": "huying.example"}, True),
        ({"origin": "https://HUYING.example", "host": "Huying.Example"}, True),
        ({"origin": "https://evil.example", "host": "huying.example"}, False),
        ({"origin": "https://huying.example.evil.example", "host": "huying.example"}, False),
        ({"origin": "https://huying.example:8443", "host": "huying.example"}, False),
        ({"origin": "null", "host": "huying.example"}, False),
        ({"origin": "https://[broken", "host": "huying.example"}, False),
        ({"origin": "null"}, False),
        # Old WebViews without Origin.
        ({"referer": PUBLIC + "/report?x=1", "host": "huying.example"}, True),
        ({"referer": "https://evil.example/huying.example", "host": "huying.example"}, False),
        ({"origin": "https://evil.example", "referer": PUBLIC + "/", "host": "huying.example"}, False),
        # No browser page at all, or one from which SameSite=Lax sends no cookie of ours.
        ({"host": "huying.example"}, True),
    ],
)
def test_where_a_change_comes_from(headers: dict[str, str], allowed: bool) -> None:
    assert same_site(headers, PUBLIC) is allowed


@post("/change")
async def change() -> dict[str, bool]:
    return {"done": True}


@post("/machine", opt={"machine": True})
async def machine() -> dict[str, bool]:
    return {"done": True}


async def send(path: str, **options: Any) -> httpx.Response:
    app = Litestar([change, machine], middleware=[Guard(PUBLIC)], exception_handlers=errors.handlers)
    options.setdefault("headers", {})["accept"] = "application/json"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=PUBLIC) as client:
        return await client.post(path, **options)


async def test_another_sites_page_changes_nothing() -> None:
    refused = await send("/change", headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403
    assert "没有执行" in refused.json()["detail"]
    assert (await send("/change", headers={"sec-fetch-site": "same-origin"})).status_code == 201


async def test_routes_of_machines_have_keys_of_their_own() -> None:
    assert (await send("/machine", headers={"sec-fetch-site": "cross-site"})).status_code == 201


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("", ""),
        ("https://tile.example/{z}/{x}/{y}.png", "https://tile.example"),
        ("https://t{s}.tianditu.gov.cn/vec_w/wmts?tk=secret", "https://*.tianditu.gov.cn"),
        ("http://127.0.0.1:9000/{z}/{x}/{y}.png", "http://127.0.0.1:9000"),
    ],
)
def test_only_the_host_of_the_tiles_is_named(url: str, host: str) -> None:
    assert tile_host(url) == host


def test_the_policy_names_nobody_but_us_and_the_tiles() -> None:
    rules = dict(policy("https://tile.example/{z}", PUBLIC).always)
    csp = rules[b"content-security-policy"].decode()
    assert "img-src 'self' blob: data: https://tile.example;" in csp
    assert "script-src 'self';" in csp
    assert "unsafe" not in csp
    assert csp.count("http") == 1
    assert b"strict-transport-security" in rules
    assert b"strict-transport-security" not in dict(policy("", "http://localhost:8000").always)
