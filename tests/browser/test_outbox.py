"""The phone's modules in a real browser: what was saved without a network outlives the browser's sudden death."""

import asyncio
import base64
import io
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from server.kernel import database
from server.photos import exif
from tests.browser.conftest import OpenPage
from tests.browser.mortal import OPEN, REPORT, SEND, a_phone, until
from tests.cast import Cast, middle
from tests.conftest import swapped_pool
from tests.photos import pictures
from web.assets import assets

pytestmark = pytest.mark.browser

SAVED = re.compile(r"^saved ([0-9a-f-]{36})$")
SHRINK = f"const {{ shrink }} = await import({assets().url('shrink.js')!r});"
SAVE = f"""async (count) => {{ {OPEN}
  const saved = [];
  for (let at = 0; at < count; at++) {{
    const draft = await phone.drafts.open("report");
    const id = await draft.addPhoto({{ bytes: new Uint8Array(1000).fill(at).buffer, type: "image/jpeg" }});
    saved.push(await draft.save(phone.outbox, {{ verb: "report", data: {{ text: `第 ${{at}} 条`, photos: [id] }} }}));
  }}
  await (await phone.drafts.open("report")).keep([["text", "没写完的"]]);
  return saved;
}}"""
LOOK = f"""async () => {{ {OPEN}
  const list = await phone.outbox.list();
  const draft = await phone.drafts.open("report");
  const items = [];
  for (const {{ id, command, photos }} of list) {{
    const picture = new Uint8Array(await phone.outbox.picture(photos[0].id));
    items.push([id, command.data.text, picture.length, picture[999]]);
  }}
  return {{ items, draft: draft.fields, phase: phone.dispatch.status.phase }};
}}"""
WRITE_ON = f"""async () => {{ {OPEN}
  for (;;) {{
    const id = await phone.outbox.add({{ verb: "report", data: {{ text: "一直写", photos: [] }} }});
    console.info(`saved ${{id}}`);
  }}
}}"""

FORM = f"""async () => {{ {OPEN}
  const {{ follow }} = await import({assets().url("drafts.js")!r});
  document.body.innerHTML = `<form id="tried">
    <label>发生了什么 <textarea name="text"></textarea></label>
    <label>急 <input type="checkbox" name="urgent" value="yes"></label>
    <label>亮 <input type="checkbox" name="lit" value="yes" checked></label>
    <label>甲 <input type="radio" name="who" value="a" checked></label>
    <label>乙 <input type="radio" name="who" value="b"></label>
    <label>社区 <select name="place"><option>一</option><option>二</option></select></label>
    <label>标签一 <input name="tag"></label><label>标签二 <input name="tag"></label>
    <input type="file" name="photo"></form>`;
  follow(document.getElementById("tried"), await phone.drafts.open("tried"), (error) => console.error(error));
}}"""


async def test_what_was_saved_offline_is_there_after_the_browser_was_killed(live: str, tmp_path: Path) -> None:
    async with a_phone(tmp_path) as phone:
        page = await phone.start(live)
        await page.evaluate(f"async () => {{ {OPEN} {SHRINK} }}")  # The modules are loaded while there is a network.
        await page.context.set_offline(True)
        saved = await page.evaluate(SAVE, 5)
        phone.kill()
        again = await phone.start(live)
        found = await again.evaluate(LOOK)
        # Not its state: the page that just opened may already have tried to send it, signed out as it is.
        assert found["items"] == [[one, f"第 {at} 条", 1000, at] for at, one in enumerate(saved)]
        assert found["draft"] == [["text", "没写完的"]]


async def test_a_report_with_its_photo_outlives_the_browser_and_arrives_once(
    live: str, live_database: str, live_cast: Cast, tmp_path: Path
) -> None:
    longitude, latitude = middle(0)
    text = "断网时写的:三栋楼下的井盖坏了。"
    data = {"text": text, "latitude": latitude, "longitude": longitude, "position_source": "pin"}
    content = base64.b64encode(pictures.jpeg(800, 600)).decode()
    async with a_phone(tmp_path) as phone:
        page = await phone.start(live)
        await page.evaluate(f"async () => {{ {OPEN} }}")
        await page.context.set_offline(True)
        photo = await page.evaluate(REPORT, [content, data])
        phone.kill()
        again = await phone.start(live)
        found = await again.evaluate(SEND)
    assert found["list"] == [], found
    assert found["status"]["phase"] == "idle"
    [received] = found["receipts"]
    assert (received["photos"], received["command"]["data"]["photos"]) == (0, [photo])
    async with swapped_pool(live_database):
        assert await database.fetch_value("SELECT array_agg(number) FROM reports WHERE text = $1", text) == [
            received["receipt"]["answer"]["number"]
        ]
        assert await database.fetch_value("SELECT count(*) FROM photos WHERE id = $1::uuid", UUID(photo)) == 1


async def test_a_browser_killed_while_it_saves_keeps_all_that_was_acknowledged(live: str, tmp_path: Path) -> None:
    async with a_phone(tmp_path) as phone:
        page = await phone.start(live)
        await page.route("**/sync", lambda route: route.abort())
        acknowledged: list[str] = []
        page.on("console", lambda said: acknowledged.extend(SAVED.findall(said.text)))
        writing = asyncio.ensure_future(page.evaluate(WRITE_ON))
        for _ in range(1000):
            if len(acknowledged) >= 50 or writing.done():
                break
            await asyncio.sleep(0.02)
        assert len(acknowledged) >= 50
        phone.kill()
        await asyncio.wait([writing])
        assert writing.exception() is not None
        again = await phone.start(live)
        kept = await again.evaluate(
            f"async () => {{ {OPEN} return (await phone.store.commands()).map((one) => one.id) }}"
        )
        assert set(acknowledged) <= set(kept)
        assert len(kept) == len(set(kept)) <= len(acknowledged) + 50


@pytest.mark.parametrize("orientation", [1, 6])
async def test_a_photo_is_made_small_upright_and_keeps_its_time_and_place(
    open_page: OpenPage, orientation: int
) -> None:
    gps = pictures.position((39.0, 54.0, 30.0), "N", (116.0, 23.0, 45.0), "E")
    told = pictures.exif(gps=gps, orientation=orientation, times={36867: "2026:11:21 18:02:11"})
    content = pictures.jpeg(2400, 1800, exif=told)
    async with open_page() as page:
        await page.goto("/")
        got = await page.evaluate(
            f"""async (base64) => {{ {SHRINK}
              const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
              const small = await shrink(new Blob([bytes], {{ type: "image/jpeg" }}));
              let text = "";
              for (const one of new Uint8Array(small.bytes)) text += String.fromCharCode(one);
              return {{ bytes: btoa(text), type: small.type, said: small.said }};
            }}""",
            base64.b64encode(content).decode(),
        )
    image = Image.open(io.BytesIO(base64.b64decode(got["bytes"])))
    assert image.size == ((1600, 1200) if orientation == 1 else (1200, 1600))
    said = exif.read(image)
    assert (said.latitude, said.longitude) == pytest.approx((39.9083333, 116.3958333), abs=1e-6)
    assert said.taken_at is not None and said.taken_at.isoformat() == "2026-11-21T18:02:11+08:00"
    assert said.orientation == 1
    assert (got["type"], got["said"]["takenAt"]) == ("image/jpeg", "2026-11-21T18:02:11+08:00")


async def test_what_the_browser_cannot_open_stays_as_it_is(open_page: OpenPage) -> None:
    async with open_page() as page:
        await page.goto("/")
        got: dict[str, Any] = await page.evaluate(
            f"""async () => {{ {SHRINK}
              const small = await shrink(new Blob(["not a picture"], {{ type: "image/heic" }}));
              return {{ text: new TextDecoder().decode(small.bytes), type: small.type }};
            }}"""
        )
    assert got == {"text": "not a picture", "type": "image/heic"}


async def test_a_form_is_filled_from_its_draft_and_keeps_every_touch(open_page: OpenPage) -> None:
    async with open_page() as page:
        await page.goto("/")
        await page.evaluate(FORM)
        await page.get_by_label("发生了什么").press_sequentially("井盖坏了\n三栋")
        await page.get_by_label("急").check()
        await page.get_by_label("亮").uncheck()
        await page.get_by_label("乙").check()
        await page.get_by_label("社区").select_option("二")
        await page.get_by_label("标签一").fill("A")
        await page.get_by_label("标签二").fill("B")
        await until(
            page,
            f"""async () => {{ {OPEN}
          return (await phone.drafts.open("tried")).fields.some(([, value]) => value === "B"); }}""",
        )
        await page.reload()
        await page.evaluate(FORM)
        assert await page.get_by_label("发生了什么").input_value() == "井盖坏了\n三栋"
        assert await page.get_by_label("急").is_checked()
        assert not await page.get_by_label("亮").is_checked()
        assert await page.get_by_label("乙").is_checked()
        assert await page.get_by_label("社区").input_value() == "二"
        assert await page.get_by_label("标签一").input_value() == "A"
        assert await page.get_by_label("标签二").input_value() == "B"


async def test_what_waits_goes_by_itself_when_the_network_is_back_and_the_other_tab_hears_it(
    open_page: OpenPage, live_cast: Cast
) -> None:
    longitude, latitude = middle(0)
    data = {"text": "路灯坏了,网断了,等网来。", "latitude": latitude, "longitude": longitude}
    async with open_page(may_complain=True) as page:
        await page.goto("/")
        other = await page.context.new_page()
        await other.goto("/")
        for tab in (page, other):
            await tab.evaluate(f"async () => {{ {OPEN} globalThis.phone = phone; }}")
        await other.evaluate("() => void phone.dispatch.listen((change) => { globalThis.heard = change; })")
        await page.context.set_offline(True)
        await page.evaluate("phone.dispatch.start()")
        await page.evaluate("(data) => phone.outbox.add({ verb: 'report', data })", {**data, "photos": []})
        await until(page, "phone.dispatch.status.phase === 'waiting'")
        assert await page.evaluate("phone.outbox.counts().then(({ saved }) => saved)") == 1
        await page.context.set_offline(False)
        await until(page, "phone.outbox.counts().then(({ saved }) => saved === 0)")
        await until(other, "globalThis.heard !== undefined")
        assert len(await other.evaluate("phone.outbox.receipts()")) == 1
