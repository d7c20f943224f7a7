"""Very many plausible cases, quickly, for measuring: `python -m server.demo.bulk --cases 100000 --open 9000`.

Not through the verbs but by COPY, into a demo district that is there already; histories are valid chains all the same.
One transaction: a run that is cut short leaves nothing. Foreign keys are not checked on the way where the database lets
us (a superuser's session), and indexes are made at the end.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from rich.progress import Progress

from server.demo.bulk_rows import COLUMNS, FIRST_NUMBER, Where, rows_of
from server.kernel import clock, database
from server.kernel.database import Connection

CHUNK = 5_000
"""Cases that are composed and copied at a time."""
LARGE = 20_000
"""Cases from which on making the indexes anew is quicker than keeping them."""

Told = Callable[[int, int], None]


async def fill(cases: int, open_cases: int, *, seed: int = 1, told: Told | None = None) -> None:
    """Add so many cases, `open_cases` of them open and the newest, to the demo district.

    ValueError where there is no district with desks and units.
    """
    if not 0 <= open_cases <= cases:
        raise ValueError("There cannot be more open cases than cases.")
    where = await _where()
    async with database.transaction() as one, _unindexed(one, cases >= LARGE):
        done = 0
        for chunk in _chunks(rows_of(where, cases, open_cases, seed, clock.now()), CHUNK):
            await _copy(one, chunk)
            done += len(chunk)
            if told is not None:
                told(done, cases)
    await database.execute("ANALYZE")


async def _where() -> Where:
    """The grids with their line, the desks, secretaries and units, and the categories."""
    grids = await database.fetch(
        """SELECT g.id AS grid, c.id AS community, s.id AS street, s.parent AS district, c.name
           FROM areas g JOIN areas c ON c.id = g.parent JOIN areas s ON s.id = c.parent
           WHERE g.level = 'grid' AND g.until IS NULL ORDER BY g.code"""
    )
    posts = await database.fetch(
        """SELECT p.id, p.role, p.area, p.unit, h.account, a.name FROM posts p
           JOIN holdings h ON h.post = p.id AND h.until IS NULL JOIN accounts a ON a.id = h.account
           WHERE p.until IS NULL ORDER BY p.id"""
    )
    units = await database.fetch("SELECT id, name FROM units WHERE until IS NULL ORDER BY id")
    versions = await database.fetch(
        """SELECT DISTINCT ON (v.category) v.id, k.name, (v.allowances -> 'normal' ->> 'amount')::int AS days
           FROM category_versions v JOIN categories k ON k.id = v.category WHERE k.is_leaf AND NOT v.private
           ORDER BY v.category, v.version DESC"""
    )
    residents = await database.fetch(
        """SELECT a.id FROM accounts a WHERE a.closed_at IS NULL
           AND NOT EXISTS (SELECT FROM holdings h WHERE h.account = a.id) ORDER BY a.phone"""
    )
    desks = {(row["role"], row["area"]) for row in posts}
    if not grids or not units or not all(("community_staff", row["community"]) in desks for row in grids):
        raise ValueError("There is no demo district here; make one first: python -m server.demo")
    numbers = await database.fetch(
        """SELECT left(number, 6) AS day, max(right(number, 5)::int) + 1 AS following FROM cases
           WHERE right(number, 5)::int >= $1 GROUP BY 1""",
        FIRST_NUMBER,
    )
    given = {row["day"]: row["following"] for row in numbers}
    return Where(grids, posts, units, versions, [row["id"] for row in residents], given)


def _chunks(rows: Iterator[Any], length: int) -> Iterator[list[Any]]:
    chunk = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == length:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def _copy(one: Connection, chunk: Sequence[dict[str, list[tuple[Any, ...]]]]) -> None:
    for table, columns in COLUMNS.items():
        records = [record for case in chunk for record in case.get(table, ())]
        await one.copy_records_to_table(table, records=records, columns=columns)


@asynccontextmanager
async def _unindexed(one: Connection, large: bool) -> Any:
    """Without foreign keys, and without indexes where there is much to come, within this block."""
    try:
        async with one.transaction():
            await one.execute("SET LOCAL session_replication_role = replica")
    except asyncpg.InsufficientPrivilegeError:
        pass
    await one.execute("SET LOCAL maintenance_work_mem = '256MB'")
    indexes = await _indexes(one) if large else []
    for name, _ in indexes:
        await one.execute(f'DROP INDEX "{name}"')
    yield
    for _, definition in indexes:
        await one.execute(definition)


async def _indexes(one: Connection) -> list[tuple[str, str]]:
    """Name and definition of every index of these tables that no constraint needs."""
    rows = await one.fetch(
        """SELECT i.indexname, i.indexdef FROM pg_indexes i
           WHERE i.tablename = ANY($1) AND i.schemaname = current_schema() AND NOT EXISTS (
               SELECT FROM pg_constraint c WHERE c.conname = i.indexname)""",
        list(COLUMNS),
    )
    return [(row["indexname"], row["indexdef"]) for row in rows]


async def main() -> int:
    """The command line, on the database of DATABASE_URL."""
    parser = argparse.ArgumentParser(prog="python -m server.demo.bulk")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--open", type=int, default=9_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began = time.monotonic()
    async with database.pool(min_size=1, max_size=2):
        try:
            with Progress() as progress:
                bar = progress.add_task("Writing cases", total=asked.cases)
                await fill(
                    asked.cases,
                    asked.open,
                    seed=asked.seed,
                    told=lambda done, whole: progress.update(bar, completed=done, total=whole),
                )
        except ValueError as error:
            print(f"Bulk: {error}", file=sys.stderr)
            return 1
    print(f"{asked.cases} cases, {asked.open} of them open, in {time.monotonic() - began:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
