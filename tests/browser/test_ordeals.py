"""What a phone goes through in the field: death between any two steps, an update, no room, a full day in a basement."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Error, Page

from server.kernel import database
from server.people.sessions import open_session
from tests.browser.mortal import OPEN, SEND, a_phone, until
from tests.browser.sites import CONTROLLED, Site, visitor
from tests.cast import Cast
from tests.conftest import swapped_pool
from tests.photos import pictures

pytestmark = pytest.mark.browser

PHOTO = base64.b64encode(pictures.jpeg(400, 300)).decode()
SAVE_MANY = f"""async ([count, photo, data]) => {{ {OPEN}
  const template = Uint8Array.from(atob(photo), (one) => one.charCodeAt(0));
  const ids = [];
  for (let at = 0; at < count; at++) {{
    // Every photo is another one: its last bytes, after the picture's end, say which.
    const bytes = new Uint8Array(template.length + 4);
    bytes.set(template);
    new DataView(bytes.buffer).setUint32(template.length, at);
    const draft = await phone.drafts.open("report");
    const id = await draft.addPhoto({{ bytes: bytes.buffer, type: "image/jpeg" }});
    ids.push(id);
    const told = {{ ...data, text: `${{data.text}} ${{at}}`, photos: [id] }};
    await draft.save(phone.outbox, {{ verb: "report", data: told }});
  }}
  return ids;
}}"""
WAITING = f"""async () => {{ {OPEN}
  const {{ saved, need, photos }} = await phone.outbox.counts();
  return [saved, need, photos];
}}"""
PASS = f"""async () => {{ {OPEN} await phone.dispatch.send(); return phone.dispatch.status.phase; }}"""
FILL_UP = f"""async (size) => {{ {OPEN}
  const draft = await phone.drafts.open("report");
  try {{
    await draft.keep([["text", "快满的时候写的"]]);
    for (let at = 0; at < 200; at++) {{
      // Of chance throughout: the browser compresses what it can.
      const large = new Uint8Array(size);
      for (let from = 0; from < size; from += 65536) crypto.getRandomValues(large.subarray(from, from + 65536));
      await draft.addPhoto({{ bytes: large.buffer, type: "image/jpeg" }});
    }}
    return {{ words: "" }};
  }} catch (error) {{
    const again = await phone.drafts.open("report");
    return {{ name: error.name, words: error.message, fields: again.fields, photos: (await again.photos()).length }};
  }}
}}"""
TAKE_UPDATE = """async () => {
  const own = await navigator.serviceWorker.getRegistration();
  await own.update();
  while (!own.waiting) await new Promise((resolve) => setTimeout(resolve, 50));
  own.waiting.postMessage("update");
}"""
KILL_WHEN = ("sync asked", "sync answered", "photo asked", "photo answered")


@pytest.fixture
def site(live_database: str, tmp_path: Path) -> Iterator[Site]:
    own = Site(live_database, tmp_path / "web.log")
    own.up()
    yield own
    own.down()


async def test_five_hundred_reports_with_photos_from_a_basement_arrive_once(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    async with swapped_pool(live_database):
        assert live_cast.staff.account_id is not None
        token = await open_session(live_cast.staff.account_id, password=True)
    async with visitor(browser, live, token) as page:
        await page.evaluate(PASS)
        await page.context.set_offline(True)
        photos = await page.evaluate(SAVE_MANY, [500, PHOTO, _data(live_cast, "地下室里的第")])
        assert await page.evaluate(WAITING) == [500, 0, 500]
        await page.context.set_offline(False)
        await _send_all(page)
    await _arrived_once(live_database, "地下室里的第", photos)


@pytest.mark.parametrize("when", KILL_WHEN)
async def test_a_browser_killed_between_two_steps_of_sending_arrives_once(
    live: str, live_database: str, live_cast: Cast, tmp_path: Path, when: str
) -> None:
    text = f"打断在 {when} 的第"
    what, moment = when.split()
    async with a_phone(tmp_path) as phone:
        page = await phone.start(live)
        await page.evaluate(PASS)
        await page.context.set_offline(True)
        photos = await page.evaluate(SAVE_MANY, [3, PHOTO, _data(live_cast, text)])
        await page.context.set_offline(False)
        page.on(
            "request" if moment == "asked" else "response",
            lambda event: phone.kill() if _is(event, what) and phone.process and not phone.process.poll() else None,
        )
        with pytest.raises(Error):
            # The page sends by itself as well: this pass may find it at work and end at once, the phone still alive.
            await until(page, f"({PASS})().then(() => false)")
        again = await phone.start(live)
        await _send_all(again)
    await _arrived_once(live_database, text, photos)


async def test_an_update_with_a_full_queue_changes_nothing_for_the_queue(
    browser: Browser, site: Site, live_database: str, live_cast: Cast
) -> None:
    async with visitor(browser, site.address) as page:
        await page.evaluate(PASS)
        await page.context.set_offline(True)
        photos = await page.evaluate(SAVE_MANY, [20, PHOTO, _data(live_cast, "更新前存下的第")])
        site.down()
        site.up("tests.browser.newer:create_app")
        await page.context.set_offline(False)
        await page.evaluate(TAKE_UPDATE)
        await page.wait_for_function("() => caches.keys().then((names) => names.length === 1)")
        await page.reload()
        await page.wait_for_function(CONTROLLED)
        # The new version's page sends by itself what the old one saved.
        await until(page, f"({WAITING})().then((left) => left.join() === '0,0,0')")
    await _arrived_once(live_database, "更新前存下的第", photos)


async def test_a_phone_without_room_says_so_and_loses_nothing_that_was_kept(
    browser: Browser, live: str, live_database: str, live_cast: Cast
) -> None:
    context = await browser.new_context(base_url=live, service_workers="block")
    page = await context.new_page()
    # Before the page stores anything: what the browser once found free it does not count again.
    told = await context.new_cdp_session(page)
    await told.send("Storage.overrideQuotaForOrigin", {"origin": live, "quotaSize": 8_000_000})
    await page.goto("/")
    await page.evaluate(PASS)
    await context.set_offline(True)
    photos = await page.evaluate(SAVE_MANY, [3, PHOTO, _data(live_cast, "快满时存下的第")])
    full = await page.evaluate(FILL_UP, 2_000_000)
    for size in (200_000, 20_000, 2_000):
        # To the last corner: not even a receipt fits any more.
        assert (await page.evaluate(FILL_UP, size))["name"] == "Full"
    assert full["name"] == "Full" and "存储空间满了" in full["words"]
    assert full["fields"] == [["text", "快满的时候写的"]]
    assert 1 <= full["photos"] < 200
    assert (await page.evaluate(WAITING))[:2] == [3, 0]
    await context.set_offline(False)
    await _send_all(page)
    await context.close()
    await _arrived_once(live_database, "快满时存下的第", photos)


def _data(cast: Cast, text: str) -> dict[str, Any]:
    return {"text": text, "community_id": cast.community}


def _is(event: Any, what: str) -> bool:
    return ("/sync/photos/" in event.url) if what == "photo" else event.url.endswith("/sync")


async def _send_all(page: Page) -> None:
    """Passes until nothing waits; photos come a pass after their record at the latest."""
    for _ in range(60):
        await page.evaluate(SEND)
        if await page.evaluate(WAITING) == [0, 0, 0]:
            return
    pytest.fail(f"still waiting: {await page.evaluate(WAITING)}")


async def _arrived_once(live_database: str, text: str, photos: list[str]) -> None:
    async with swapped_pool(live_database):
        texts = await database.fetch("SELECT text FROM reports WHERE starts_with(text, $1) ORDER BY text", text)
        assert sorted(row["text"] for row in texts) == sorted(f"{text} {at}" for at in range(len(photos)))
        hung = await database.fetch_value(
            """SELECT count(*) FROM case_photos h JOIN reports r ON r.id = h.report
               WHERE starts_with(r.text, $1) AND h.photo = ANY($2::uuid[])""",
            text,
            photos,
        )
        assert hung == len(photos)
