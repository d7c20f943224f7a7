"""Whether anything that a phone acknowledged is lost, doubled or stuck, whatever network, phones and servers do.

    python -m bench.storm [seeds] [first seed] [--plant receipt|delete|retry]
    python -m bench.storm [seeds] [first seed] --kill

For each seed one to fifty phones of residents, units, grid workers and party members, through faults of the network,
answers that are none, tabs without locks, clocks that are off, full storages, sign-outs, updates, deaths, and accounts
that are moved or closed; with --kill over an installation of its own, whose processes, database, store and browser are
killed. Then the faults stop, and what the phones were told is compared with what the server has. See docs/storm.md.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench import ground

if TYPE_CHECKING:
    from bench.storm.outcomes import Outcomes

SEEDS = 50

# The rooms of the server are asked for once the environment says where the database is.


def _blow(seeds: range, planted: bool) -> "Outcomes":
    with ground.database("storm"):
        from bench.storm import network

        return asyncio.run(network.storm(seeds, planted=planted))


def _kill(seeds: range) -> "Outcomes":
    with tempfile.TemporaryDirectory(prefix="huying-storm-") as folder:
        os.environ |= {"DATABASE_URL": "postgresql://nobody@/nowhere", "SECRET_KEY": ground.SECRET_KEY}
        from bench.storm import killing

        return asyncio.run(killing.storm(seeds, Path(folder)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.storm")
    parser.add_argument("seeds", type=int, nargs="?", default=SEEDS)
    parser.add_argument("first", type=int, nargs="?", default=random.randrange(10**6))
    parser.add_argument("--plant", choices=("receipt", "delete", "retry"), default="")
    parser.add_argument("--kill", action="store_true")
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds)
    os.environ["STORM_PLANT"] = asked.plant
    planted = f", with a bug planted: {asked.plant}" if asked.plant else ""
    print(f"seeds {seeds.start} to {seeds.stop - 1}{planted}", flush=True)
    begun = time.perf_counter()
    outcomes = _kill(seeds) if asked.kill else _blow(seeds, bool(planted))
    outcomes.tell(time.perf_counter() - begun)
    sys.exit(1 if outcomes.wrong or len(outcomes.lived) < asked.seeds else 0)


if __name__ == "__main__":
    main()
