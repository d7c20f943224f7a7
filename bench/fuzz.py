"""10,000 inputs that nobody means well: changed photos to PUT /sync/photos, changed commands to POST /sync.

    python -m bench.fuzz [inputs] [seed]

Half are JPEG, PNG, WebP, HEIC and GIF with bytes set, cut, put in, doubled; half are bodies of /sync with commands of
every verb, mutated field by field and byte by byte. Passes where no answer is a 5xx, none takes over ten seconds, and
the web process has not grown by more than a limit. The seed is printed; input n of a seed is always the same.
"""

import asyncio
import base64
import hashlib
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec

from bench import ground
from bench.people import signed_in

INPUTS = 10_000
LONGEST = 10.0
"""Seconds for one answer."""
MOST_MB = 300.0
"""By which the web process may grow: decoders keep buffers, so the first photos cost most of it."""
AT_ONCE = 6
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**63, 2**64, 1e308, "", "\x00", "\ud7ff", "长" * 5000, [], {}, [[]], {"": None},
    "00000000-0000-0000-0000-000000000000", "2026-13-45", "9999-12-31T23:59:59Z", "-0", "../../etc/passwd",
    "<script>", [1] * 300, {"a": {"b": {"c": []}}},
)  # fmt: skip


def _photos() -> list[bytes]:
    from tests.photos import pictures
    from tests.photos.test_hostile_photos import WHOLE

    return [*WHOLE.values(), pictures.jpeg(1200, 900)]


def _changed(chance: random.Random, data: bytes) -> bytes:
    """Bytes set, cut, put in, doubled or ended, up to six times."""
    for _ in range(chance.randint(1, 6)):
        at, how = chance.randrange(max(1, len(data))), chance.randrange(5)
        if how == 0:
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        elif how == 1:
            data = data[:at] + data[at + chance.randint(1, 40) :]
        elif how == 2:
            data = data[:at] + chance.randbytes(chance.randint(1, 40)) + data[at:]
        elif how == 3:
            data = data[: at + chance.randint(1, 200)] + data[at:]
        elif chance.random() < 0.3:
            data = data[:at]
    return data


def _uuid(chance: random.Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))


def _command(chance: random.Random, account: str, household: str, number: str) -> dict[str, Any]:
    """A command of some verb, whole."""
    data: dict[str, dict[str, Any]] = {
        "report": {"text": "路灯不亮", "community_id": 3, "place": "", "photos": [_uuid(chance)]},
        "take_on": {"case": number, "seen": 1, "promise": "今天去"},
        "finish": {"case": number, "seen": 1, "text": "修好了", "before": [], "after": [_uuid(chance)]},
        "visit": {"id": _uuid(chance), "outcome": "done", "place_words": "楼道", "note": "看过"},
        "go": {"order": _uuid(chance), "does": "accept"},
        "call": {"place": _uuid(chance)},
        "contact": {"id": _uuid(chance), "household": household, "way": "door", "outcome": "met", "topics": ["daily"]},
        "ring": {"household": household, "person": _uuid(chance)},
    }
    verb = chance.choice([*data])
    at = "2026-11-27T10:00:00.000+08:00"
    return {"id": _uuid(chance), "account": account, "protocol": 1, "verb": verb, "at": at, "data": data[verb]}


def _mutated(chance: random.Random, value: Any) -> Any:
    """The same with one thing in it another one, somewhere."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        name = chance.choice([*value])
        if chance.random() < 0.1:
            return {key: one for key, one in value.items() if key != name}
        if chance.random() < 0.1:
            return {**value, f"{name}_": value[name]}
        return {**value, name: _mutated(chance, value[name])}
    if isinstance(value, list) and value and chance.random() < 0.7:
        at = chance.randrange(len(value))
        return [*value[:at], _mutated(chance, value[at]), *value[at + 1 :]]
    return chance.choice(ODD)


def _body(chance: random.Random, account: str, household: str, number: str) -> bytes:
    commands = [_command(chance, account, household, number) for _ in range(chance.randint(1, 4))]
    body: Any = {"protocol": 1, "commands": commands, "have": {"me": "x"}}
    for _ in range(chance.randint(0, 3)):
        body = _mutated(chance, body)
    try:
        sent = msgspec.json.encode(body)
    except (OverflowError, UnicodeEncodeError, msgspec.MsgspecError):
        sent = b'{"protocol": 1e999}'
    return _changed(chance, sent) if chance.random() < 0.2 else sent


async def prepare() -> tuple[str, str, str, str]:
    """A grid worker who is a member, too: token, account, a household, a case."""
    from server import cases
    from server.kernel import database
    from tests import cast as casting
    from tests.households import making

    async with database.pool():
        cast = await casting.gather()
        household = await making.linked(cast)
        report = await cases.report(cases.Telling(text="路灯不亮", community_id=cast.community), cast.resident)
        token = await signed_in(cast.party_member)
        return token, str(cast.party_member.account_id), str(household), report.number


async def storm(port: int, inputs: int, seed: int, known: tuple[str, str, str, str]) -> tuple[Counter[int], float]:
    token, account, household, number = known
    photos, statuses, slowest = _photos(), Counter[int](), 0.0
    headers = {"Cookie": f"huying={token}; huying_device={'d' * 43}", "Sec-Fetch-Site": "same-origin"}
    places = asyncio.Queue[int]()
    for place in range(inputs):
        places.put_nowait(place)

    async def send(client: httpx.AsyncClient) -> None:
        nonlocal slowest
        while not places.empty():
            place = places.get_nowait()
            chance = random.Random(f"{seed} {place}")
            begun = time.perf_counter()
            if place % 2:
                content = _changed(chance, chance.choice(photos))
                digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
                answer = await client.put(
                    f"/sync/photos/{_uuid(chance)}", content=content, headers={"Content-Digest": f"sha-256=:{digest}:"}
                )
            else:
                content = _body(chance, account, household, number)
                answer = await client.post("/sync", content=content, headers={"Content-Type": "application/json"})
            statuses[answer.status_code] += 1
            slowest = max(slowest, time.perf_counter() - begun)
            if answer.status_code >= 500:
                print(f"input {place} of seed {seed}: {answer.status_code} {answer.text[:200]}")

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
        await asyncio.gather(*(send(client) for _ in range(AT_ONCE)))
    return statuses, slowest


def _memory(of: Callable[[str], bool]) -> float:
    """Megabytes resident of the processes whose command line fits, together."""
    pages = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if of((folder / "cmdline").read_text().replace("\0", " ")):
                    pages += int((folder / "statm").read_text().split()[1])
            except OSError:
                continue
    return pages * 4096 / 1e6


def main() -> None:
    inputs = int(sys.argv[1]) if len(sys.argv) > 1 else INPUTS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    print(f"seed {seed}, {inputs:,} inputs")
    with ground.database("fuzz"):
        known = asyncio.run(prepare())
        with ground.served("web.app:create_app", "/healthz", workers=1) as port:
            ours = f"--port {port}"
            asyncio.run(storm(port, min(500, inputs), seed + 1, known))
            before = _memory(lambda line: ours in line)
            begun = time.perf_counter()
            statuses, slowest = asyncio.run(storm(port, inputs, seed, known))
            took = time.perf_counter() - begun
            grown = _memory(lambda line: ours in line) - before
    broken = sum(count for status, count in statuses.items() if status >= 500)
    print(f"answered in {took:.0f} s: {dict(sorted(statuses.items()))}")
    print(f"5xx {broken}, slowest {slowest:.2f} s (limit {LONGEST:.0f}), grown by {grown:.0f} MB (limit {MOST_MB:.0f})")
    sys.exit(1 if broken or slowest > LONGEST or grown > MOST_MB else 0)


if __name__ == "__main__":
    main()
