"""A real server process and a real browser.

`live` is uvicorn in a process of its own, on a free port, with an empty migrated database; `phone` a page of the size
most residents have; `axe` asks axe-core what a screen reader or a weak eye would stumble over.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from server.supervisor.postgres import Postgres
from tests.cast import Cast, gather
from tests.conftest import swapped_pool

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE, SMALL, PC = (390, 844), (360, 640), (1280, 800)

OpenPage = Callable[..., AbstractAsyncContextManager[Page]]
READY = "html[data-ready]"
"""There once every behaviour of a page has begun; never wait for the network to be idle, live pages never are."""
Axe = Callable[..., Awaitable[list[str]]]
OF_A_LOOK = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size")
"""The rules of axe-core whose answer changes with colours and sizes; names, roles and order do not."""


@pytest.fixture(scope="session")
def live_database(server: Postgres, database_of_this_process: str) -> Iterator[str]:
    """Address of a migrated database that the live server alone writes to."""
    name = f"{database_of_this_process}_live"
    server.create(name, "huying_template")
    yield server.url(name)
    server.run("psql", "-qX", "-c", f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def live(live_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running server (`http://127.0.0.1:port`), a demo as the gallery needs it."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    log = tmp_path_factory.mktemp("live") / "web.log"
    environment = {key: value for key, value in os.environ.items() if key != "PICCOLO_CONF"}
    environment |= {"DATABASE_URL": live_database, "PUBLIC_URL": address, "DEMO": "1"}
    command = [sys.executable, "-m", "uvicorn", "--factory", "web.app:create_app", "--port", str(port)]
    with log.open("w") as told:
        process = subprocess.Popen([*command, "--no-access-log"], cwd=ROOT, env=environment, stdout=told, stderr=told)
        try:
            _wait_for(port, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(20)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def live_cast(live_database: str) -> Cast:
    """The cast of all tests, living on the live server; they stay, as whatever browser tests do stays."""
    async with swapped_pool(live_database):
        return await gather()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium; the one of the system where it is, else Playwright's own."""
    system = Path("/usr/bin/chromium")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=system if system.exists() else None,
            args=["--no-sandbox", "--disable-background-networking"],
        )
        yield opened
        await opened.close()


@pytest.fixture
def open_page(browser: Browser, live: str) -> OpenPage:
    """Opens a page in a context of its own: `async with open_page(size=SMALL, elder=True) as page`.

    What the console complains of is collected and must be empty at the end; `may_complain` lets it be. The service
    worker works only with `service_workers="allow"`.
    """

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = PHONE, *, elder: bool = False, may_complain: bool = False, **options: Any
    ) -> AsyncIterator[Page]:
        viewport = {"width": size[0], "height": size[1]}
        # A worker between page and network would hide requests from `page.route`; who tests it allows it.
        options = {"service_workers": "block"} | options
        context = await browser.new_context(base_url=live, viewport=viewport, locale="zh-CN", **options)
        if elder:
            await context.add_cookies([{"name": "huying_look", "value": "elder", "url": live}])
        page = await context.new_page()
        complaints: list[str] = []

        def listen(said: ConsoleMessage) -> None:
            if said.type in ("error", "warning") and "registration blocked by Playwright" not in said.text:
                complaints.append(said.text)

        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        try:
            yield page
            assert may_complain or complaints == []
        finally:
            await context.close()

    return opened


@pytest.fixture
def axe() -> Axe:
    """What axe-core finds on a page: one line for each element, empty if all is well.

    By all its rules, or by some.
    """

    async def check(page: Page, rules: Sequence[str] = ()) -> list[str]:
        # By evaluation, not by a script element: the CSP of the pages stays as it is.
        if await page.evaluate("typeof axe === 'undefined'"):
            await page.evaluate(AXE.read_text("utf-8") + "; undefined")
        options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
        found = await page.evaluate("(options) => axe.run(document, options)", options)
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    return check


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"The server did not start:\n{log.read_text()[-3000:]}")
