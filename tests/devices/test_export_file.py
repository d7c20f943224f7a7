"""What the phone's code writes the desk's code reads: now, and a file of every format ever released.

`RECORD=1` writes the file of a format that has none yet; one that is there is never changed.
"""

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from server.cases import case as case_rows
from server.devices import desk_key, export_file, exports, phone_key
from server.devices.protocol import Report
from server.devices.reading import Read
from server.kernel import database
from tests import cast as casting
from tests.devices.phone import count
from tests.photos import pictures

MAKE = Path(__file__).parents[1] / "static" / "exports" / "make.js"
KEPT = MAKE.parent / "1.huying"
ACCOUNT, DEVICE = UUID("01930000-0000-7000-8000-000000000001"), "d" * 64


def _made(account: UUID, device: str, commands: list[dict[str, Any]]) -> bytes:
    given = {
        "desk": desk_key.public(),
        "device": desk_key.device_proof(device),
        "account": str(account),
        "key": phone_key.key_of(account),
        "commands": commands,
    }
    node = subprocess.run(["node", MAKE], input=json.dumps(given).encode(), capture_output=True, check=False)
    assert node.returncode == 0, node.stderr.decode()
    return node.stdout


def _told(photos: int, **more: Any) -> list[dict[str, Any]]:
    photo = base64.b64encode(pictures.jpeg(64, 48)).decode()
    return [
        {"account": False, "text": "没登录时写的", "photos": [photo] * photos, **more},
        {"account": True, "text": "登录后写的", "photos": [photo], **more},
    ]


@pytest.mark.parametrize("path", sorted(KEPT.parent.glob("*.huying")), ids=lambda path: path.stem)
def test_a_file_of_every_format_is_read(path: Path) -> None:
    export = export_file.read(path.read_bytes())
    assert export.device == DEVICE
    reads = [one.given for one in export.items if isinstance(one.given, Read)]
    assert [(one.command.account, one.data.text) for one in reads if isinstance(one.data, Report)] == [
        (None, "没登录时写的"),
        (ACCOUNT, "登录后写的"),
    ]
    assert [len(one.photos) for one in export.items] == [0, 1]
    assert export.items[1].photos[0].content[:2] == b"\xff\xd8"


def test_the_present_format_has_its_file() -> None:
    if os.environ.get("RECORD") and not KEPT.exists():
        KEPT.write_bytes(_made(ACCOUNT, DEVICE, _told(0)))
    assert (KEPT.parent / f"{desk_key.VERSION}.huying").exists()


async def test_what_the_phone_made_is_brought_in_with_its_photos(db: None) -> None:
    cast = await casting.gather()
    account, device = cast.resident.account_id, cast.resident.device
    assert account is not None and device is not None
    sent = _made(account, device, _told(1, community_id=cast.community))
    await exports.bring_in(sent, cast.staff)
    rows = await database.fetch("SELECT text, account, device FROM reports ORDER BY text")
    assert [(row["text"], row["account"]) for row in rows] == [("没登录时写的", None), ("登录后写的", account)]
    assert await count("case_photos") == 2
    assert await count("awaited_photos") == 0
    for row in await database.fetch("SELECT id FROM cases"):
        assert (await case_rows.load(UUID(int=row["id"].int), cast.staff)).case.state
