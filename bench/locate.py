"""Point to grid, measured: 1,800 generated grids with bent borders, points all over and on the borders.

    python -m bench.locate                      the index alone, against a bare STRtree query
    DATABASE_URL=… python -m bench.locate       also `locate()` whole, with its one query, against that query alone

Prints median and 99th percentile in microseconds, and ratios of the same run. With a database everything is done in a
transaction that is undone.
"""

import asyncio
import math
import os
import random
import statistics
from collections.abc import Awaitable, Callable
from time import perf_counter_ns
from typing import Any

import msgspec
import shapely

from server.areas.locate import Covered, Index

COLUMNS, ROWS = 60, 30
BENDS = 12
"""Points on each side of a grid."""
LOOKUPS = 20_000
WEST, SOUTH, SIZE = 113.9, 22.6, 0.004

Position = tuple[float, float]


def main() -> None:
    chance = random.Random(1800)
    covered = grids()
    index = Index(covered)
    ordered = sorted(covered, key=lambda area: area.code)
    tree = shapely.STRtree(shapely.from_geojson([area.polygon for area in ordered]))
    points = positions(chance)

    def bare(point: Position) -> Any:
        return tree.query(shapely.Point(*point), predicate="intersects")

    found = sum(index.find(*point) is not None for point in points)
    print(f"{len(covered)} grids, {2 * BENDS * 2} points each, {LOOKUPS} lookups, {found} inside")
    # In turns, so that both see the same weather of the machine.
    peer, ours = in_turns(points, bare, lambda point: index.find(*point))
    report("bare STRtree query", peer)
    report("Index.find", ours)
    print(f"ratio of medians: {statistics.median(ours) / statistics.median(peer):.2f}")
    if os.environ.get("DATABASE_URL"):
        asyncio.run(with_database(covered, points[:2000]))


def grids() -> list[Covered]:
    """A tiling whose borders wave, so that neighbours share every corner exactly."""
    return [
        Covered(f"{row:02}{column:02}", "grid", f"/1/2/3/{row * COLUMNS + column + 10}/", polygon(column, row))
        for row in range(ROWS)
        for column in range(COLUMNS)
    ]


def polygon(column: int, row: int) -> str:
    steps = [step / BENDS for step in range(BENDS)]
    ring = (
        [corner(column + step, row) for step in steps]
        + [corner(column + 1, row + step) for step in steps]
        + [corner(column + 1 - step, row + 1) for step in steps]
        + [corner(column, row + 1 - step) for step in steps]
    )
    return msgspec.json.encode({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}).decode()


def corner(x: float, y: float) -> Position:
    x, y = round(x * BENDS) / BENDS, round(y * BENDS) / BENDS
    return (WEST + (x + 0.12 * math.sin(6 * y)) * SIZE, SOUTH + (y + 0.12 * math.sin(6 * x)) * SIZE)


def positions(chance: random.Random) -> list[Position]:
    """Four fifths anywhere in and around the district, one fifth on corners that grids share."""
    anywhere = [
        (WEST + chance.uniform(-2, COLUMNS + 2) * SIZE, SOUTH + chance.uniform(-2, ROWS + 2) * SIZE)
        for _ in range(LOOKUPS * 4 // 5)
    ]
    on_corners = [corner(chance.randrange(COLUMNS), chance.randrange(ROWS)) for _ in range(LOOKUPS // 5)]
    points = anywhere + on_corners
    chance.shuffle(points)
    return points


def in_turns(points: list[Position], *ways: Callable[[Position], Any]) -> list[list[int]]:
    """Nanoseconds of each lookup by each way."""
    taken: list[list[int]] = [[] for _ in ways]
    for point in points:
        for way, times in zip(ways, taken, strict=True):
            begun = perf_counter_ns()
            way(point)
            times.append(perf_counter_ns() - begun)
    return taken


async def with_database(covered: list[Covered], points: list[Position]) -> None:
    from server.areas import epoch
    from server.areas.locate import locate
    from server.kernel import database

    class Undo(Exception):
        """Raised to leave nothing behind."""

    async def timed(call: Callable[[], Awaitable[Any]]) -> int:
        begun = perf_counter_ns()
        await call()
        return perf_counter_ns() - begun

    async with database.pool(min_size=1, max_size=1):
        try:
            async with database.transaction():
                await store(covered)
                print(f"rebuild after a change: {await timed(lambda: locate(*points[0])) / 1e6:.0f} ms")
                peer, ours = [], []
                for point in points:
                    peer.append(await timed(epoch.epoch))
                    ours.append(await timed(lambda point=point: locate(*point)))  # type: ignore[misc]
                raise Undo
        except Undo:
            report("its one query alone", peer)
            report("locate() whole", ours)
            print(f"ratio of medians: {statistics.median(ours) / statistics.median(peer):.2f}")


async def store(covered: list[Covered]) -> None:
    """The grids as rows, beneath an invented community."""
    from server.areas import epoch
    from server.kernel import clock, database

    now = clock.now()
    await database.execute_many(
        """INSERT INTO areas (code, name, level, path, polygon, answers, since)
           VALUES ($1, $1, 'grid', $2, $3::jsonb, '', $4)""",
        [("bench-" + area.code, area.path, area.polygon, now) for area in covered],
    )
    await epoch.advance()


def report(what: str, times: list[int]) -> None:
    quantiles = statistics.quantiles(times, n=100)
    print(f"{what:<22} median {statistics.median(times) / 1e3:7.1f} µs   p99 {quantiles[98] / 1e3:7.1f} µs")


if __name__ == "__main__":
    main()
