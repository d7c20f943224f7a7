"""What released phones send is understood for ever: recorded requests, replayed, are answered in the recorded shape.

`RECORD=1 pytest tests/devices/test_protocols.py` writes answers that are not recorded yet. A recorded one is never
changed: phones that read it are out there; an answer may gain members, which they pass over, and lose none. Names in
braces are put in before sending.
"""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.devices.protocol import NEWEST, OLDEST
from tests import cast as casting
from tests.cast import Cast
from tests.devices.phone import dispatched, in_hand, planned_round
from tests.web.signed_in import another, as_

FOLDER = Path(__file__).parent / "protocols"
RECORDED = sorted(FOLDER.glob("*/*.json"))


def test_every_protocol_that_is_accepted_has_its_recordings() -> None:
    assert {path.parent.name for path in RECORDED} == {str(number) for number in range(OLDEST, NEWEST + 1)}


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_a_recorded_request_is_answered_as_it_was(web: httpx.AsyncClient, path: Path) -> None:
    cast = await casting.gather()
    recorded = json.loads(path.read_text(encoding="utf-8"))
    names = await _names(cast, recorded["as"] == "grid_worker")
    client = await _client(web, cast, recorded["as"])
    for step in recorded["steps"]:
        answer = await client.post("/sync", json=_filled(step["request"], names))
        came = {"status": answer.status_code, "answer": _plain(answer.json())}
        if os.environ.get("RECORD") and "answer" not in step:
            step |= came
        assert _kept(came, {"status": step["status"], "answer": step["answer"]}), came
    if os.environ.get("RECORD"):
        path.write_text(json.dumps(recorded, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


async def _names(cast: Cast, walks: bool) -> dict[str, Any]:
    waiting, taken = await dispatched(cast), await in_hand(cast)
    round = await planned_round(cast) if walks else {}
    return round | {
        "{community}": cast.community,
        "{resident}": str(cast.resident.account_id),
        "{grid_worker}": str(cast.grid_worker.account_id),
        "{handler}": str(cast.handler.account_id),
        "{waiting}": waiting.number,
        "{waiting_seen}": waiting.version,
        "{taken}": taken.number,
        "{taken_seen}": taken.version,
    }


async def _client(web: httpx.AsyncClient, cast: Cast, who: str) -> httpx.AsyncClient:
    client = another(web) if who == "nobody" else await as_(web, getattr(cast, who))
    await client.get("/report")
    return client


def _filled(value: Any, names: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, names) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def _kept(came: Any, recorded: Any) -> bool:
    """Whether everything that was recorded is still there and the same."""
    if isinstance(came, dict) and isinstance(recorded, dict):
        return all(name in came and _kept(came[name], one) for name, one in recorded.items())
    if isinstance(came, list) and isinstance(recorded, list):
        return len(came) == len(recorded) and all(map(_kept, came, recorded))
    return bool(came == recorded)


def _plain(value: Any, name: str = "") -> Any:
    """Without what is another at every run, and without the words, which may be bettered; sections by their shape."""
    if name == "sections":
        return {one: _shape(section) for one, section in sorted(value.items())}
    if isinstance(value, dict):
        return {key: _plain(one, "words" if name == "fields" else key) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, str) or not value:
        return value
    if name in ("words", "title", "detail", "number", "head", "link", "now", "at", "due_at"):
        return f"<{name}>"
    return value


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_shape(value[0])] if value else []
    return "null" if value is None else type(value).__name__
