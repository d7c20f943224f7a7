"""Addresses from a CSV or XLSX, a million if need be: read in batches, staged by COPY, compared and written as sets.

All or nothing; the same file twice changes nothing. A row is known by its code, or without one by its text within its
community. What a row leaves empty stays as it was; aliases are added, never taken away; what the file does not name
stays. One event for the whole file.
"""

import asyncio
from collections.abc import Iterator

from server.addresses import staging
from server.addresses.rows import COLUMNS_OPTIONAL, REQUIRED, Prepared, Surroundings, prepare
from server.areas import locate
from server.areas.scope import administered, administers_all
from server.areas.scope import ids as ids_of
from server.kernel import clock, database, events, sheets
from server.kernel.actor import Actor
from server.kernel.sheets import Imported, Problem, Row

__all__ = ["MOST_PROBLEMS", "REQUIRED", "STREAM", "import_addresses"]

STREAM = "addresses"
"""The history of the register as a whole."""
MOST_PROBLEMS = 1000
"""Wrong rows that are named; a file with more is wrong as a whole."""


async def import_addresses(
    content: bytes, *, by: Actor, datum: str = "WGS-84", source: str = "", dry_run: bool = False
) -> Imported:
    """Bring the addresses of a file in; with problems, or with `dry_run`, nothing is written.

    `datum` (WGS-84, GCJ-02 or BD-09) and `source` hold for rows that do not say their own.
    """
    async with database.transaction():
        around = await surroundings(by, datum, source)
        if not dry_run:
            await database.execute("LOCK TABLE addresses, address_aliases IN SHARE ROW EXCLUSIVE MODE")
        await staging.begin()
        problems = await _stage(content, around)
        if len(problems) < MOST_PROBLEMS:
            mine = None if administers_all(by) else list(around.mine)
            problems += await staging.wrong(mine, MOST_PROBLEMS - len(problems))
        if problems:
            await staging.end()
            return Imported(problems=tuple(sorted(problems, key=lambda problem: problem.line)))
        created, changed, unchanged = await staging.compare()
        if not dry_run and (created or changed):
            aliases = await staging.write(clock.now())
            said = {"created": created, "changed": changed, "unchanged": unchanged, "aliases": aliases}
            await events.record(STREAM, "addresses.imported", said | {"source": source}, by)
        await staging.end()
        return Imported(created, changed, unchanged)


async def surroundings(by: Actor, datum: str = "WGS-84", source: str = "") -> Surroundings:
    """The areas in use as the rows of a file name them, and which of them the actor administers."""
    rows = await database.fetch("SELECT id, code, name, level, path, until IS NOT NULL AS retired FROM areas")
    names = {row["id"]: row["name"] for row in rows}
    own = None if administers_all(by) else administered(by)
    communities, grids, mine = {}, {}, set()
    for row in rows:
        above = ids_of(row["path"])
        if row["level"] == "community" and not row["retired"]:
            communities[row["code"]] = (row["id"], tuple(names[one] for one in above))
        elif row["level"] == "grid" and not row["retired"]:
            grids[row["code"]] = (row["id"], above[-2])
        if row["level"] == "community" and (own is None or not own.isdisjoint(above)):
            mine.add(row["id"])
    return Surroundings(communities, grids, frozenset(mine), await locate.current(), datum, source)


async def _stage(content: bytes, around: Surroundings) -> list[Problem]:
    problems: list[Problem] = []
    reading = sheets.batches(content, REQUIRED, COLUMNS_OPTIONAL)
    while (prepared := await asyncio.to_thread(_next, reading, around)) is not None:
        problems += prepared.problems
        if len(problems) >= MOST_PROBLEMS:
            last = problems[MOST_PROBLEMS - 1].line
            return [*problems[: MOST_PROBLEMS - 1], Problem(last, "到这里错误已经太多,后面的没有再看")]
        await staging.add(prepared)
    return problems


def _next(reading: Iterator[tuple[list[Row], list[Problem]]], around: Surroundings) -> Prepared | None:
    batch = next(reading, None)
    return None if batch is None else prepare(*batch, around)
