"""A phone of a browser of its own, whose profile outlives its sudden death, and what is asked of it."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, Playwright, async_playwright

from web.assets import assets

SYSTEM = Path("/usr/bin/chromium")
OPEN = f"const {{ openPhone }} = await import({assets().url('phone/open.js')!r}); const phone = openPhone();"
REPORT = f"""async ([photo, data]) => {{ {OPEN}
  const draft = await phone.drafts.open("report");
  const bytes = Uint8Array.from(atob(photo), (one) => one.charCodeAt(0)).buffer;
  const id = await draft.addPhoto({{ bytes, type: "image/jpeg" }});
  await draft.save(phone.outbox, {{ verb: "report", data: {{ ...data, photos: [id] }} }});
  await phone.dispatch.send();
  return id;
}}"""
SEND = f"""async () => {{ {OPEN}
  await Promise.all([phone.dispatch.send(), openPhone().dispatch.send()]);
  await phone.dispatch.send({{ now: true }});
  const [list, receipts] = [await phone.outbox.list(), await phone.outbox.receipts()];
  return {{ list, receipts, status: phone.dispatch.status }};
}}"""


class Phone:
    """A browser of its own, with a profile that outlives it."""

    def __init__(self, playwright: Playwright, profile: Path) -> None:
        self.playwright, self.profile = playwright, profile
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self, address: str) -> Page:
        """A page of the server, in a browser that was just started."""
        told = self.profile / "DevToolsActivePort"
        told.unlink(missing_ok=True)
        path = SYSTEM if SYSTEM.exists() else Path(self.playwright.chromium.executable_path)
        options = ["--headless=new", "--no-sandbox", "--disable-background-networking", "--remote-debugging-port=0"]
        self.process = subprocess.Popen(
            [path, *options, f"--user-data-dir={self.profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(200):
            if told.exists() and "\n" in told.read_text():
                break
            await asyncio.sleep(0.1)
        port = told.read_text().splitlines()[0]
        browser = await self.playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        page = await browser.contexts[0].new_page()
        await page.goto(address)
        return page

    def kill(self) -> None:
        """SIGKILL to the browser and all its processes, as when a battery is pulled."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)


@asynccontextmanager
async def a_phone(profile: Path) -> AsyncIterator[Phone]:
    async with async_playwright() as playwright:
        phone = Phone(playwright, profile)
        try:
            yield phone
        finally:
            phone.kill()


async def until(page: Page, question: str) -> None:
    """Wait until a question is answered truly; it is asked again and again."""
    for _ in range(100):
        if await page.evaluate(question):
            return
        await asyncio.sleep(0.05)
    pytest.fail("it was never so")
