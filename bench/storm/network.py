"""The first tier: one server for all storms, and faults of networks, answers, clocks, tabs, storages and accounts."""

import time
from typing import Any
from uuid import UUID

from bench import ground
from bench.storm import judging, phones
from bench.storm.outcomes import Outcomes
from bench.storm.town import Town
from server.kernel import database

FAULTS = 0.35
"""How likely a request meets one."""


async def storm(seeds: range, *, planted: bool) -> Outcomes:
    """All seeds, one after the other, against two processes of web and a worker."""
    outcomes = Outcomes()
    app = "bench.storm.planted:create_app" if planted else "web.app:create_app"
    with ground.served(app, "/healthz") as port, ground.working():
        async with database.pool():
            begun = time.perf_counter()
            town = await Town.make()
            plans = {seed: await town.plan(seed, FAULTS) for seed in seeds}
            await database.execute("ANALYZE")
            print(f"the town is built in {time.perf_counter() - begun:.0f} s", flush=True)

            async def do(asked: dict[str, Any]) -> None:
                if "fate" in asked:
                    await town.befall(UUID(asked["account"]), asked["fate"])

            async for lived in phones.live(port, list(plans.values()), do):
                outcomes.add(lived, await judging.judge(lived, plans[lived["seed"]]))
            print(f"the worker has told of everything {await judging.catch_up():.1f} s after the last storm")
            outcomes.wrong_with("in the end", await judging.whole())
    return outcomes
