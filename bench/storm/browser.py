"""A phone of the storm that is a real browser: its profile outlives its sudden death, as when a battery is pulled."""

import asyncio
import base64
import contextlib
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Error, Page

from tests.browser import mortal
from tests.photos import pictures

DEEDS = 6
PATIENCE = 90.0
"""Seconds in which a browser that was started again must have its page, and a page its answer."""
PASSES = 12

_SAVE = f"""async ([photo, data]) => {{ {mortal.OPEN}
  const draft = await phone.drafts.open("report");
  // Like no other: what follows the end of the picture says which.
  const bytes = Uint8Array.from(atob(photo) + data.text, (one) => one.charCodeAt(0)).buffer;
  const id = await draft.addPhoto({{ bytes, type: "image/jpeg" }});
  await draft.save(phone.outbox, {{ verb: "report", data: {{ ...data, photos: [id] }} }});
  phone.dispatch.send();
  return {{ id: draft.command, photo: id }};
}}"""
_LEFT = f"""async () => {{ {mortal.OPEN}
  await phone.dispatch.send({{ now: true }});
  const list = await phone.outbox.list();
  return {{
    left: Object.fromEntries(list.map(({{ id, state, words }}) => [id, {{ state, words }}])),
    photos: Object.fromEntries(list.flatMap(({{ id, photos }}) => photos.map((photo) => [photo.id, id]))),
    phase: phone.dispatch.status.phase,
    words: phone.dispatch.status.words,
  }};
}}"""


class BrowserPhone:
    """One browser with one person; `saves` and `end` are as those of a phone in Node."""

    def __init__(
        self, phone: mortal.Phone, address: str, token: str, account: str, marker: str, community: int
    ) -> None:
        self.phone, self.address, self.token, self.account = phone, address, token, account
        self.marker, self.community = marker, community
        self.saves: list[dict[str, Any]] = []
        self.deaths = 0
        self.page: Page | None = None

    async def live(self, draw: random.Random) -> None:
        """Report with photos; now and then the browser dies in the middle of it."""
        photo = base64.b64encode(pictures.jpeg(64, 48)).decode()
        for at in range(DEEDS):
            page = await self._page()
            data = {"text": f"{self.marker} {at}", "community_id": self.community}
            dying = asyncio.create_task(self._die(draw.uniform(0, 0.3))) if draw.random() < 0.4 else None
            try:
                async with asyncio.timeout(PATIENCE):
                    saved = await page.evaluate(_SAVE, [photo, data])
                told = {"verb": "report", "data": data, "account": self.account, "acknowledged": True}
                self.saves.append(told | {"id": saved["id"], "photos": [saved["photo"]]})
            except Error:
                # It died in the middle: nobody was told that it is saved.
                self.page = None
            if dying:
                await dying
            await asyncio.sleep(draw.uniform(0, 1))

    async def end(self) -> dict[str, Any]:
        """Send what is left; what became of it, for the judge."""
        began, passes = time.monotonic(), 0
        while True:
            passes += 1
            async with asyncio.timeout(2 * PATIENCE):
                left = await (await self._page()).evaluate(_LEFT)
            drained = all(one["state"] == "need" for one in left["left"].values())
            if drained or passes >= PASSES:
                break
        turn = {"account": self.account, "passes": passes if drained else None}
        return {
            "passes": [turn | {"phase": left["phase"], "words": left["words"]}],
            "took": round((time.monotonic() - began) * 1000),
            "saves": self.saves,
            "left": left["left"],
            "photos": left["photos"],
        }

    async def _die(self, after: float) -> None:
        await asyncio.sleep(after)
        self.deaths += 1
        self.page = None
        await asyncio.to_thread(self.phone.kill)

    async def _page(self) -> Page:
        """The page it has, or a browser that was just started, signed in: cookies reach the disk late."""
        if self.page is not None:
            return self.page
        end = time.monotonic() + PATIENCE
        while True:
            try:
                if self.phone.process is None or self.phone.process.poll() is not None:
                    self.page = await self.phone.start("about:blank")
                    cookie = {"name": "huying", "value": self.token, "url": self.address}
                    await self.page.context.add_cookies([cookie])
                assert self.page is not None
                answer = await self.page.goto(f"{self.address}/report")
                if answer is not None and answer.ok:
                    return self.page
            except Error:
                pass
            if time.monotonic() > end:
                raise TimeoutError("the browser has no page")
            await asyncio.sleep(0.2)


@asynccontextmanager
async def browser_phone(profile: Path, **who: Any) -> AsyncIterator[BrowserPhone]:
    """One that is ended in the end."""
    async with mortal.a_phone(profile) as phone:
        try:
            yield BrowserPhone(phone, **who)
        finally:
            with contextlib.suppress(Error):
                phone.kill()
