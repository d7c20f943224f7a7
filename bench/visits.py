"""A batch of 200 records through the plural verb, against COPY of the same rows of all its tables.

    python -m bench.visits

Every tenth record has a failed item with a photo. The rows that the verb wrote are taken out again and copied in; rows
that it changed (tasks, places) are copied into tables of the same shape and indexes. Both commit. In turns, in one run;
the limit is 0.2 of COPY's rate at the median.
"""

import asyncio
import statistics
from time import perf_counter
from typing import Any
from uuid import UUID

from bench import ground

RECORDS = 200
TURNS = 15
LIMIT = 0.2
WRITTEN = ("patrol_visits", "patrol_findings", "patrol_photos", "events")
CHANGED = ("patrol_tasks", "places")


async def measure() -> float:
    from bench import people, rounds
    from server.kernel import database
    from server.patrols import making

    async with database.pool():
        cast, _ = await people.gather(0)
        of = await rounds.prepare(cast, RECORDS * (TURNS + 2))
        await making.make()
        for table in CHANGED:
            await database.execute(f"CREATE TABLE copy_{table} (LIKE {table} INCLUDING ALL)")
        ratios: list[float] = []
        after = UUID(int=0)
        for turn in range(TURNS + 2):
            tasks = await rounds.open_tasks(RECORDS, after)
            after = tasks[-1][0]
            verb = await _verb(cast, of.version, tasks)
            copy = await _copy(tasks)
            if turn >= 2:
                ratios.append(copy / verb)
            print(f"turn {turn}: verb {verb * 1000:.1f} ms, COPY {copy * 1000:.1f} ms, ratio {copy / verb:.2f}")
        return statistics.median(ratios)


async def _verb(cast: Any, version: int, tasks: list[tuple[UUID, UUID]]) -> float:
    from server import patrols
    from server.patrols.visit import Recorded

    told = [_told(task, place, version, number) for number, (task, place) in enumerate(tasks)]
    begun = perf_counter()
    outcomes = await patrols.record(told, cast.grid_worker)
    took = perf_counter() - begun
    if not all(isinstance(one, Recorded) and not one.marks for one in outcomes):
        raise SystemExit(f"not all was recorded: {outcomes[:3]}")
    return took


def _told(task: UUID, place: UUID, version: int, number: int) -> Any:
    from bench.rounds import ITEMS
    from server.cases import Phone
    from server.kernel.ids import new_id
    from server.patrols.visit import FindingTold, ListTold, Told

    answers = {str(item["id"]): "yes" for item in ITEMS}
    findings: tuple[FindingTold, ...] = ()
    if number % 10 == 0:
        answers["item_3"] = "no"
        wrong = FindingTold(
            id=new_id(), leads_to="note", version=version, item="item_3", words="通道堆物", photos=(new_id(),)
        )
        findings = (wrong,)
    return Told(
        id=new_id(),
        outcome="done",
        task=task,
        place=place,
        lists=(ListTold(version=version, answers=answers),),
        findings=findings,
        phone=Phone(at="2026-11-21T18:02:11.123+08:00", form="visit 1"),
    )


async def _copy(tasks: list[tuple[UUID, UUID]]) -> float:
    """Take what the verb wrote out again, and time putting it back."""
    from server.kernel import database

    kept: dict[str, list[Any]] = {}
    async with database.transaction():
        visits = [row[0] for row in await database.fetch("SELECT id FROM patrol_visits")]
        streams = [f"visit:{visit}" for visit in visits]
        for table, column, values in (
            ("patrol_photos", "visit", visits),
            ("patrol_findings", "visit", visits),
            ("events", "stream", streams),
            ("patrol_visits", "id", visits),
        ):
            kept[table] = await database.fetch(f"DELETE FROM {table} WHERE {column} = ANY($1) RETURNING *", values)
        kept["patrol_tasks"] = await database.fetch(
            "SELECT * FROM patrol_tasks WHERE id = ANY($1::uuid[])", [task for task, _ in tasks]
        )
        kept["places"] = await database.fetch(
            "SELECT * FROM places WHERE id = ANY($1::uuid[])", [place for _, place in tasks]
        )
    begun = perf_counter()
    async with database.transaction() as one:
        for table in (*WRITTEN, *CHANGED):
            name = f"copy_{table}" if table in CHANGED else table
            await one.copy_records_to_table(name, columns=list(kept[table][0].keys()), records=map(tuple, kept[table]))
    took = perf_counter() - begun
    async with database.transaction():
        for table in ("patrol_photos", "patrol_findings", "patrol_visits"):
            await database.execute(f"DELETE FROM {table}")
    return took


def main() -> None:
    with ground.database("visits"):
        ratio = asyncio.run(measure())
    print(f"ratio verb/COPY: {ratio:.2f} (median of {TURNS}; limit {LIMIT})")
    if ratio < LIMIT:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
