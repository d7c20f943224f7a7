"""Whether anything that a phone acknowledged is lost, doubled or stuck, whatever the network does.

    python -m bench.storm [seeds] [first seed] [receipt|delete|retry]

For each seed one to fifty phones of residents, units, grid workers and party members, through faults of the network,
answers that are none, tabs without locks, clocks that are off, full storages, sign-outs, updates, deaths, and accounts
that are moved or closed. Then the faults stop, and what the phones were told is compared with what the server has.
See docs/storm.md.
"""

import asyncio
import os
import random
import sys
import time
from collections import Counter
from typing import Any
from uuid import UUID

from bench import ground

SEEDS = 50
FAULTS = 0.35
"""How likely a request meets one."""


async def storm(port: int, seeds: range) -> tuple[list[dict[str, Any]], dict[int, list[str]]]:
    """All seeds, one after the other: the outcomes, and what is wrong by seed (-1: with everything in the end)."""
    from bench.storm import judging, phones
    from bench.storm.town import Town
    from server.kernel import database

    async with database.pool():
        begun = time.perf_counter()
        town = await Town.make()
        plans = {seed: await town.plan(seed, FAULTS) for seed in seeds}
        await database.execute("ANALYZE")
        print(f"the town is built in {time.perf_counter() - begun:.0f} s", flush=True)

        async def befall(asked: dict[str, Any]) -> None:
            await town.befall(UUID(asked["account"]), asked["fate"])

        outcomes, wrong = [], {}
        async for outcome in phones.live(port, list(plans.values()), befall):
            outcomes.append(outcome)
            for phone, plan in zip(outcome.get("outcomes", []), plans[outcome["seed"]].phones, strict=False):
                phone |= {"account": plan.account and str(plan.account), "closed": plan.fate == "closed"}
            if found := await judging.judge(outcome):
                wrong[outcome["seed"]] = found
        print(f"the worker has told of everything {await judging.catch_up():.1f} s after the last storm")
        if found := await judging.whole():
            wrong[-1] = found
    return outcomes, wrong


def report(outcomes: list[dict[str, Any]], took: float) -> None:
    """Print what happened."""
    phones = [phone for outcome in outcomes for phone in outcome.get("outcomes", [])]
    saves = [save for phone in phones for save in phone["saves"] if save["acknowledged"]]
    met: Counter[str] = Counter()
    for outcome in outcomes:
        met.update(outcome.get("met", {}))
    kinds = Counter(save["verb"] for save in saves)
    most = max((len(outcome.get("outcomes", [])) for outcome in outcomes), default=0)
    print(f"{len(outcomes)} storms, {len(phones)} phones (at most {most} in one) in {took:.0f} s")
    print(f"{len(saves)} acknowledged saves: {dict(kinds)}")
    print(f"faults: {dict(met)}")
    needs = sum(one["state"] == "need" for phone in phones for one in phone["left"].values())
    closed = sum(one["state"] != "need" for phone in phones for one in phone["left"].values())
    longest = max((phone["took"] for phone in phones), default=0)
    print(
        f"{needs} need the person, {closed} are of accounts that were closed; the slowest queue drained in {longest} ms"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    first = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    plant = os.environ["STORM_PLANT"] = sys.argv[3] if len(sys.argv) > 3 else ""
    print(f"seeds {first} to {first + count - 1}{f', with a bug planted: {plant}' if plant else ''}", flush=True)
    with (
        ground.database("storm"),
        ground.served("bench.storm.planted:create_app" if plant else "web.app:create_app", "/healthz") as port,
        ground.working(),
    ):
        begun = time.perf_counter()
        outcomes, wrong = asyncio.run(storm(port, range(first, first + count)))
        report(outcomes, time.perf_counter() - begun)
    for seed, said in wrong.items():
        print(f"{'in the end' if seed < 0 else f'seed {seed}'}: " + "; ".join(said[:5]))
    print("nothing is lost, doubled or stuck" if not wrong else f"{len(wrong)} seeds went wrong")
    sys.exit(1 if wrong or len(outcomes) < count else 0)


if __name__ == "__main__":
    main()
