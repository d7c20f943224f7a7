"""The second tier: an installation of its own for each storm; its processes, database, store and browser are killed."""

import asyncio
import random
import shutil
import traceback
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from bench.storm import judging, phones
from bench.storm.browser import browser_phone
from bench.storm.installation import PARTS, Installation, template
from bench.storm.outcomes import Outcomes
from bench.storm.town import Town
from server.kernel import database
from server.people import sessions

FAULTS = 0.15
MOST_PHONES, RARE = 12, 2
PAUSE = 1500
"""Milliseconds between two deeds of a phone, at most: so that it lives through what is killed."""
KILLS = (3, 6)
"""In one storm, at least and at most."""
AWAY = (0.5, 2.0)
"""Seconds for which the store is away."""


async def storm(seeds: range, folder: Path) -> Outcomes:
    """All seeds, one after the other."""
    outcomes = Outcomes()
    made = await asyncio.to_thread(template, folder)
    for seed in seeds:
        installation = Installation(folder / f"storm-{seed}", made)
        try:
            await installation.up()
            await _one(seed, installation, outcomes)
        except Exception as error:
            trace = "".join(traceback.format_exception(error))
            outcomes.wrong_with(f"seed {seed}", [trace, installation.tail()])
        finally:
            if (status := installation.down()) != 0:
                outcomes.wrong_with(f"seed {seed}", [f"the installation ended with {status}"])
            shutil.rmtree(installation.var)
    return outcomes


async def _one(seed: int, installation: Installation, outcomes: Outcomes) -> None:
    draw = random.Random(seed)
    async with database.pool():
        town = await Town.make()
        plan = msgspec.structs.replace(await town.plan(seed, FAULTS, MOST_PHONES, RARE), pause=PAUSE)
        account = await town.somebody("浏览器")
        token = await sessions.open_session(account)
    who = {"address": installation.address, "token": token, "account": str(account)}
    who |= {"marker": f"storm {seed} browser", "community": town.cast.community}
    async with browser_phone(installation.var / "profile", **who) as browser:
        # Where one of them breaks the others end, too.
        async with asyncio.TaskGroup() as group:
            raging = group.create_task(_rage(installation, draw, outcomes))
            browsing = group.create_task(browser.live(random.Random(seed + 1)))

            async def do(asked: dict[str, Any]) -> None:
                if "fate" in asked:
                    await _until_done(town, UUID(asked["account"]), asked["fate"])
                else:
                    await browsing
                    await raging

            [lived] = [one async for one in phones.live(installation.port, [plan], do)]
        if "outcomes" in lived:
            lived["outcomes"].append(await browser.end())
        outcomes.killed["browser"] += browser.deaths
    async with database.pool():
        outcomes.add(lived, await judging.judge(lived, plan))
        await judging.catch_up()
        outcomes.wrong_with(f"seed {seed}", await judging.whole())


async def _rage(installation: Installation, draw: random.Random, outcomes: Outcomes) -> None:
    """Take parts away while the phones live, until all is well again."""
    for _ in range(draw.randint(*KILLS)):
        await asyncio.sleep(draw.uniform(0.2, 1.5))
        part = draw.choice(PARTS)
        outcomes.killed[part] += installation.take(part, draw)
        if part == "store":
            await asyncio.sleep(draw.uniform(*AWAY))
            installation.give_back()
    outcomes.ready.append(await installation.ready())


async def _until_done(town: Town, account: UUID, fate: Any) -> None:
    """An administrator tries again while the database is away."""
    while True:
        try:
            async with database.pool(1, 1):
                return await town.befall(account, fate)
        except database.AWAY:
            await asyncio.sleep(0.2)
