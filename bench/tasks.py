"""Task making: how many places a second, and what 2,000,000 take.

    python -m bench.tasks [--places 20000]

One monthly plan over grids of 1,100 places, as 2,000,000 in 1,800 grids are. The first run makes a task for each;
the second finds nothing to do, as on most nights. Prints seconds, places a second, and what that means for 2,000,000.
"""

import argparse
import asyncio
from time import perf_counter

from bench import ground

IN_A_GRID = 1_100
DISTRICT = 2_000_000


async def measure(places: int) -> None:
    from bench import people, rounds
    from server.kernel import database
    from server.patrols import making

    async with database.pool():
        cast, _ = await people.gather(0)
        begun = perf_counter()
        await rounds.prepare(cast, places, max(1, places // IN_A_GRID))
        print(f"{places} places in {max(1, places // IN_A_GRID)} grids (put there in {perf_counter() - begun:.0f} s)")
        for name in ("first run", "nothing to do"):
            begun = perf_counter()
            done = await making.make()
            took = perf_counter() - begun
            print(
                f"{name}: {done.tasks} tasks in {took:.1f} s, {places / took:,.0f} places/s;"
                f" {DISTRICT:,} places: {DISTRICT / places * took / 60:.1f} min"
            )
            if (name == "first run") is (done.tasks != places):
                raise SystemExit("not every place has its one task")


def main() -> None:
    reader = argparse.ArgumentParser()
    reader.add_argument("--places", type=int, default=20_000)
    places = reader.parse_args().places
    with ground.database("tasks"):
        asyncio.run(measure(places))


if __name__ == "__main__":
    main()
