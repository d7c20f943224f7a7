"""A server that goes down and comes up again as another version, and somebody who visits it with their worker."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.browser.conftest import PHONE, ROOT, _free_port, _wait_for

CONTROLLED = "() => navigator.serviceWorker.controller?.state === 'activated'"


class Site:
    """A server of its own that can be stopped, and brought up again as another version on the same address."""

    def __init__(self, database: str, log: Path) -> None:
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.database, self.log = database, log
        self.process: subprocess.Popen[bytes] | None = None

    def up(self, app: str = "web.app:create_app") -> None:
        environment = {key: value for key, value in os.environ.items() if key != "PICCOLO_CONF"}
        environment |= {"DATABASE_URL": self.database, "PUBLIC_URL": self.address, "DEMO": "1"}
        command = [sys.executable, "-m", "uvicorn", "--factory", app, "--port", str(self.port), "--no-access-log"]
        with self.log.open("w") as told:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=told, stderr=told)
        _wait_for(self.port, self.process, self.log)

    def down(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None


@asynccontextmanager
async def visitor(browser: Browser, address: str, token: str = "", **options: Any) -> AsyncIterator[Page]:
    """A page with its worker at work."""
    options = {"viewport": {"width": PHONE[0], "height": PHONE[1]}} | options
    context = await browser.new_context(base_url=address, locale="zh-CN", **options)
    if token:
        await context.add_cookies([{"name": "huying", "value": token, "url": address}])
    page = await context.new_page()
    try:
        await page.goto("/")
        await page.wait_for_function(CONTROLLED)
        yield page
    finally:
        await context.close()
