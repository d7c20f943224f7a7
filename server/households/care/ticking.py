"""Missed contacts and sensors' alarms are warned of: the member, the grid worker, the secretary, each in their time."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from server.households import household as households
from server.households.care import rule
from server.households.care.rule import Climb, Rung, Watched
from server.kernel import clock, database
from server.kernel.actor import the_system
from server.kernel.jobs import schedule
from server.people.secretaries import nearest

BATCH = 200
SYSTEM = the_system("care")


@schedule("care.tick", "* * * * *")
async def tick_on_schedule() -> None:
    """Every minute."""
    await tick()


async def tick() -> int:
    """Warn of everything whose time has come; of how many ways of looking in there was something to say."""
    told = 0
    while True:
        async with database.transaction():
            rows = await database.fetch(_DUE, clock.now(), BATCH)
            if not rows:
                return told
            held = await people([row["id"] for row in rows])
            for row in rows:
                told += await _climb(row, held[row["id"]])


async def _climb(row: Any, held: dict[Rung, list[UUID]]) -> int:
    one = Watched(
        way=row["way"], every_hours=row["every_hours"], due_at=row["due_at"], alarm=row["alarm"], told=row["told"]
    )
    climb = rule.climb(one, held, clock.now())
    await database.execute(
        "UPDATE care_watches SET told = $2, next_at = $3 WHERE id = $1", row["id"], climb.told, climb.next_at
    )
    if not climb.to:
        return 0
    known = await households.load(row["household"], households.SYSTEM, lock=True)
    await households.tell(known.household, SYSTEM, "household.missed", _event(row, climb))
    return 1


def _event(row: Any, climb: Climb) -> dict[str, Any]:
    return {
        "watch": str(row["id"]),
        "alarm": row["alarm"],
        "since": row["due_at"],
        "to": {str(account): rung.value for account, rung in climb.to.items()},
        "empty": [rung.value for rung in climb.empty],
    }


async def people(watch_ids: Sequence[UUID]) -> dict[UUID, dict[Rung, list[UUID]]]:
    """Who stands on which rung of these, active people only; three statements, however many there are."""
    found: dict[UUID, dict[Rung, list[UUID]]] = defaultdict(dict)
    for row in await database.fetch(_PEOPLE, list(watch_ids)):
        found[row["watch"]].setdefault(Rung(row["rung"]), []).append(row["account"])
    rows = await database.fetch(
        """SELECT w.id, h.community FROM care_watches w JOIN households h ON h.id = w.household
           WHERE w.id = ANY($1::uuid[])""",
        list(watch_ids),
    )
    answering = await nearest({row["community"] for row in rows})
    for row in rows:
        found[row["id"]][Rung.SECRETARY] = list(answering.get(row["community"], ()))
    return found


_DUE = """SELECT w.id, w.household, w.due_at, w.alarm, w.told, k.way, k.every_hours
          FROM care_watches w JOIN care_kinds k ON k.id = w.kind JOIN households h ON h.id = w.household
          WHERE w.until IS NULL AND w.next_at <= $1 ORDER BY w.next_at, w.household LIMIT $2
          FOR UPDATE OF h, w SKIP LOCKED"""

_HELD = """JOIN holdings d ON d.post = p.id AND d.until IS NULL AND p.until IS NULL
           JOIN accounts a ON a.id = d.account AND a.closed_at IS NULL"""
_PEOPLE = f"""WITH these AS (
        SELECT w.id AS watch, w.account AS agreed, h.* FROM care_watches w JOIN households h ON h.id = w.household
        WHERE w.id = ANY($1::uuid[])),
    linked AS (
        SELECT DISTINCT t.watch, a.id AS account, a.id = t.agreed AS agreed
        FROM these t JOIN household_links l ON l.household = t.id AND l.until IS NULL
        JOIN holdings d ON d.account = l.account AND d.until IS NULL
        JOIN posts p ON p.id = d.post AND p.until IS NULL AND p.role = 'party_member'
        JOIN accounts a ON a.id = l.account AND a.closed_at IS NULL)
    SELECT watch, account, 'member' AS rung FROM linked o
    WHERE agreed OR NOT EXISTS (SELECT FROM linked x WHERE x.watch = o.watch AND x.agreed)
    UNION
    SELECT t.watch, a.id, 'worker' FROM these t JOIN posts p ON p.area = t.grid AND p.role = 'grid_worker' {_HELD}
    ORDER BY watch, rung, account"""
"""The member whom the household agreed on, else all who are linked; the grid's workers."""
