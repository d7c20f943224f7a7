"""Manifest, service worker, shells and the help for installing, as the server answers them."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from PIL import Image

from tests.cast import Cast, gather
from tests.web.signed_in import as_
from web import assets
from web.app import templates
from web.pages.pwa import modules, worker
from web.pages.pwa.platforms import platform
from web.pages.pwa.shells import SHELLS, Shell, rendered

ROOT = Path(__file__).resolve().parents[2]
CHROME = (
    "Mozilla/5.0 (Linux; Android 13; M2102K1C) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
)
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1"


@pytest.fixture
async def cast(db: None) -> Cast:
    return await gather()


def given(script: str) -> dict[str, Any]:
    first = script.split("\n", 1)[0]
    found: dict[str, Any] = json.loads(first.removeprefix("self.given = ").removesuffix(";"))
    return found


async def test_the_manifest_names_what_is_there(web: httpx.AsyncClient) -> None:
    answer = await web.get("/manifest.webmanifest")
    manifest = answer.json()
    assert answer.headers["content-type"] == "application/manifest+json"
    assert answer.headers["cache-control"] == "no-cache"
    assert "set-cookie" not in answer.headers
    assert (manifest["name"], manifest["lang"], manifest["display"]) == ("呼应", "zh-CN", "standalone")
    pictures = [*manifest["icons"], *manifest["screenshots"]]
    total = 0
    for one in pictures:
        sent = await web.get(one["src"])
        assert sent.status_code == 200
        assert sent.headers["content-type"] == one["type"]
        path = ROOT / "static" / one["src"].split("/", 3)[3]
        with Image.open(path) as picture:
            assert f"{picture.width}x{picture.height}" == one["sizes"]
        total += len(sent.content) if "form_factor" in one else 0
    assert total < 150_000
    assert {one["purpose"] for one in manifest["icons"]} == {"any", "maskable"}
    assert {one["form_factor"] for one in manifest["screenshots"]} == {"narrow", "wide"}
    for one in [manifest["start_url"], *(shortcut["url"] for shortcut in manifest["shortcuts"])]:
        assert (await web.get(one, follow_redirects=True)).status_code == 200


async def test_its_colour_is_the_one_of_the_pages(web: httpx.AsyncClient) -> None:
    manifest = (await web.get("/manifest.webmanifest")).json()
    page = (await web.get("/")).text
    light = re.findall(r'name="theme-color" content="(#[0-9a-f]{6})" media="\(prefers-color-scheme: light\)"', page)
    assert light == [manifest["theme_color"]]
    assert manifest["background_color"] == manifest["theme_color"]
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page


async def test_the_service_worker_comes_from_the_root_and_is_asked_for_anew(web: httpx.AsyncClient) -> None:
    answer = await web.get("/service-worker.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "set-cookie" not in answer.headers
    told = given(answer.text)
    assert told["prefix"] == f"/assets/{assets.assets().version}/"
    for path in [*told["assets"], *(shell["path"] for shell in told["shells"])]:
        assert (await web.get(path)).status_code == 200, path
    assert f"/assets/{assets.assets().version}/css/app.css" in told["assets"]
    assert not [path for path in told["assets"] if "leaflet" in path or "/desk/" in path or "/admin/" in path]


def test_it_keeps_everything_that_what_it_keeps_imports() -> None:
    own = assets.assets()
    kept = set(worker.kept(own))
    assert {
        "js/app.js",
        "round/visit.js",
        "lib/qr/decode.js",
        "js/register.js",
        "js/persist.js",
        "js/offline.js",
    } <= kept
    for path in kept:
        for target in modules.imports(own, path):
            assert target in kept or target.startswith(("lib/leaflet", "desk/"))
    assert not kept & own.bundle.sources


def test_a_page_asks_ahead_for_a_handful_of_files_and_for_all_that_it_needs() -> None:
    own = assets.assets()
    ahead = modules.needed(own, "round/page.js", "round/list.js")
    assert 2 < len(ahead) <= 12
    for path in ahead:
        assert set(modules.imports(own, path, later=False)) <= set(ahead)


def test_it_fits_on_two_screens() -> None:
    source, push = worker.SOURCE.read_text("utf-8"), worker.PUSH.read_text("utf-8")
    assert len(source.splitlines()) <= 120 and len(push.splitlines()) <= 120
    assert source.count("skipWaiting") == 1


async def test_it_is_no_asset(web: httpx.AsyncClient) -> None:
    assert "service-worker.js" not in assets.assets().files


def test_a_changed_asset_or_shell_gives_another_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = templates()
    before = given(worker.script(engine))
    own = assets.assets()
    other = msgspec.structs.replace(own, version="0123456789ab")
    monkeypatch.setattr(worker.assets, "assets", lambda: other)
    after = given(worker.script.__wrapped__(engine))
    assert after["version"] != before["version"]
    assert all(path.startswith("/assets/0123456789ab/") for path in after["assets"])
    monkeypatch.undo()
    monkeypatch.setattr(worker, "SHELLS", (*SHELLS, Shell("/more", "pwa/offline.html", ("/unsent",), ("/unsent/",))))
    more = given(worker.script.__wrapped__(engine))
    assert more["version"] != before["version"]
    assert more["shells"][-1] == {"path": "/more", "pages": ["/unsent"], "under": ["/unsent/"]}


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell.path)
async def test_a_shell_is_the_same_for_everybody(web: httpx.AsyncClient, cast: Cast, shell: Shell) -> None:
    stranger = await web.get(shell.path)
    async with await as_(web, cast.secretary) as secretary:
        secretary.cookies.set("huying_look", "dark elder")
        known = await secretary.get(shell.path)
    assert stranger.content == known.content
    assert "set-cookie" not in {*stranger.headers, *known.headers}
    engine = templates()
    assert rendered.__wrapped__(engine, shell) == rendered.__wrapped__(engine, shell) == stranger.text


async def test_the_offline_page_says_that_nothing_is_lost_and_whom_to_call(web: httpx.AsyncClient) -> None:
    page = (await web.get("/offline")).text
    assert "已存在本机" in page
    assert "没发出去的请再发一次" in page
    assert 'href="/report"' in page
    assert all(f'href="tel:{number}"' in page for number in (110, 119, 120))


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (CHROME, "android"),
        (SAFARI, "ios"),
        (CHROME + " MicroMessenger/8.0.49", "wechat"),
        (SAFARI + " MicroMessenger/8.0.49", "wechat"),
        (CHROME + " HuaweiBrowser/14.0", "maker"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114 ArkWeb/4.1 Mobile", "maker"),
        (CHROME + " XiaoMi/MiuiBrowser/18.2", "maker"),
        (CHROME + " EdgA/126.0", "android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "desktop"),
        ("", "desktop"),
        ("\x00<script>" * 10_000, "desktop"),
    ],
)
def test_the_browser_names_which_help_comes_first(user_agent: str, expected: str) -> None:
    assert platform(user_agent) == expected


@pytest.mark.parametrize(
    ("user_agent", "first"), [(CHROME + " MicroMessenger/8.0", "微信里"), (SAFARI, "Safari"), (CHROME, "安卓")]
)
async def test_help_begins_with_the_browser_that_asks_and_has_all(
    web: httpx.AsyncClient, user_agent: str, first: str
) -> None:
    answer = await web.get("/install", headers={"User-Agent": user_agent})
    titles = re.findall(r"<details class=\"card install-help\"( open)?>\s*<summary><h2>([^<]+)", answer.text)
    assert [bool(is_open) for is_open, _ in titles] == [True, False, False, False, False]
    assert first in titles[0][1]
    assert "User-Agent" in answer.headers["vary"]
    assert "在浏览器打开" in answer.text and "添加到主屏幕" in answer.text


async def test_the_way_to_it_stands_on_the_page_of_oneself(web: httpx.AsyncClient, cast: Cast) -> None:
    assert 'href="/install"' in (await web.get("/me/")).text
    async with await as_(web, cast.resident) as resident:
        assert 'href="/install"' in (await resident.get("/me/")).text
