"""Whether anything that a phone acknowledged is lost, doubled or stuck, whatever the network does.

    python -m bench.storm [seeds] [first seed] [receipt|delete|retry]

For each seed one to three phones of residents report, with and without photos, through lost answers, cut bodies,
doubled and late requests, 401, 413, 500, 502, a café's page, two tabs without locks, clocks that are off by days, and
phones that die between two steps of their storage. Then the faults stop. Passes where, for every seed: each save that
was acknowledged is on the server exactly once or stands in 需要处理 with its reason; every queue drains; every photo is
there or stands there by name; every history verifies; every case has an owner. See docs/storm.md.
"""

import asyncio
import base64
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

from bench import ground

SEEDS = 50
PHONES = 3
FAULTS = 0.35
"""How likely a request meets one."""


async def prepare(seeds: list[int]) -> tuple[int, dict[int, list[str]]]:
    """A district, and for each seed the tokens of its phones."""
    from bench.people import signed_in
    from server.kernel import database
    from server.kernel.actor import Actor, the_system
    from server.people import accounts
    from tests import cast as casting

    async with database.pool():
        cast = await casting.gather()
        tokens: dict[int, list[str]] = {}
        for place, seed in enumerate(seeds):
            tokens[seed] = []
            for phone in range(random.Random(seed).randint(1, PHONES)):
                account = await accounts.find_or_create(f"139{place * PHONES + phone:08d}", the_system("bench"))
                tokens[seed].append(await signed_in(Actor(account_id=account)))
        return cast.community, tokens


def plays(port: int, plans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let the phones live; one outcome for each plan."""
    from tests.photos import pictures

    environment = os.environ | {
        "STORM_SERVER": f"http://127.0.0.1:{port}",
        "STORM_PHOTO": base64.b64encode(pictures.jpeg(64, 48)).decode(),
    }
    script = Path(__file__).with_name("phones.js")
    done = subprocess.run(
        ["node", str(script)],
        input="\n".join(json.dumps(plan) for plan in plans),
        env=environment,
        cwd=ground.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


async def judge(outcome: dict[str, Any]) -> list[str]:
    """What is wrong with one storm; empty where everything holds."""
    from server.kernel import database

    if "broke" in outcome:
        return [outcome["broke"]]
    wrong = []
    for place, phone in enumerate(outcome["outcomes"]):
        needs = {one["id"]: one["words"] for one in phone["left"] if one["state"] == "need"}
        stuck = [one for one in phone["left"] if one["state"] != "need"]
        if phone["passes"] is None or stuck:
            wrong.append(f"phone {place}: the queue does not drain: {stuck}")
        # A photo that is not taken, or whose report is not, waits with it, by name.
        waiting = {photo["id"]: photo["command"] for photo in phone["photos"]}
        if behind := [photo for photo, command in waiting.items() if command not in needs]:
            wrong.append(f"phone {place}: photos are left behind: {behind}, needs {needs}")
        for one in phone["saved"]:
            made = await database.fetch_value("SELECT count(*) FROM reports WHERE text = $1", one["text"])
            told = await database.fetch_value("SELECT outcome FROM receipts WHERE id = $1", UUID(one["id"]))
            there = made == 1 and told == "done"
            for_photo = there and any(photo in waiting for photo in one["photos"])
            if there == (one["id"] in needs) and not for_photo:
                wrong.append(f"phone {place}: {one['text']} is there {made} times, receipt {told}, needs {needs}")
            if one["id"] in needs and not needs[one["id"]]:
                wrong.append(f"phone {place}: {one['text']} needs the person and does not say why")
            for photo in one["photos"] if there else ():
                if photo not in waiting and not await database.fetch_value(
                    "SELECT count(*) FROM case_photos WHERE photo = $1", UUID(photo)
                ):
                    wrong.append(f"phone {place}: the photo of {one['text']} is not there")
    twice = await database.fetch("SELECT text FROM reports GROUP BY text HAVING count(*) > 1")
    wrong += [f"{row['text']} is there twice" for row in twice]
    return wrong


async def whole() -> list[str]:
    """What must hold of everything in the end: every history verifies, every case has an owner who is there."""
    from server.kernel import database, events

    wrong = []
    for row in await database.fetch("SELECT id, history_sequence, history_link FROM cases"):
        head = events.Head(row["history_sequence"], row["history_link"])
        if not events.verifies(await events.history(f"case:{row['id']}"), head):
            wrong.append(f"the history of case {row['id']} does not verify")
    floating = await database.fetch_value(
        """SELECT count(*) FROM cases c WHERE NOT EXISTS (
               SELECT FROM holdings h WHERE h.post = c.owner_post AND h.until IS NULL)"""
    )
    return wrong + ([f"{floating} cases have no owner"] if floating else [])


async def judged(outcomes: list[dict[str, Any]]) -> dict[int, list[str]]:
    from server.kernel import database

    async with database.pool():
        found = {outcome["seed"]: await judge(outcome) for outcome in outcomes}
        return found | {-1: await whole()}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    first = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    seeds = list(range(first, first + count))
    plant = sys.argv[3] if len(sys.argv) > 3 else ""
    os.environ["STORM_PLANT"] = plant
    print(f"seeds {first} to {first + count - 1}{f', with a bug planted: {plant}' if plant else ''}")
    with ground.database("storm"):
        community, tokens = asyncio.run(prepare(seeds))
        plans = [
            {"seed": seed, "phones": [{"token": one} for one in tokens[seed]], "community": community, "faults": FAULTS}
            for seed in seeds
        ]
        with ground.served("bench.storm.planted:create_app" if plant else "web.app:create_app", "/healthz") as port:
            begun = time.perf_counter()
            outcomes = plays(port, plans)
            took = time.perf_counter() - begun
        wrong = {seed: said for seed, said in asyncio.run(judged(outcomes)).items() if said}
    met: Counter[str] = Counter()
    phones = [phone for outcome in outcomes for phone in outcome.get("outcomes", [])]
    for outcome in outcomes:
        met.update(outcome.get("met", {}))
    saved = sum(len(phone["saved"]) for phone in phones)
    needs = sum(len(phone["left"]) for phone in phones)
    longest = max((phone["took"] for phone in phones), default=0)
    print(
        f"{len(outcomes)} storms, {len(phones)} phones, {saved} acknowledged saves in {took:.0f} s; faults {dict(met)}"
    )
    print(f"{needs} need the person; the slowest queue drained in {longest} ms")
    for seed, said in wrong.items():
        print(f"seed {seed}: " + "; ".join(said[:5]))
    print("nothing is lost, doubled or stuck" if not wrong else f"{len(wrong)} seeds went wrong")
    sys.exit(1 if wrong or len(outcomes) < count else 0)


if __name__ == "__main__":
    main()
