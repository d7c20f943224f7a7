"""The secretary is reminded of what waits; that a day has passed, the level above hears by number."""

from typing import Any

from server.households.door import rule
from server.households.door import thread as threads
from server.kernel import clock, database
from server.kernel.jobs import schedule

BATCH = 200


@schedule("door.tick", "*/10 * * * *")
async def tick_on_schedule() -> None:
    """Every ten minutes."""
    await tick()


async def tick() -> int:
    """Remind of everything whose time has come; how many there were. After a pause only the last word is said."""
    reminded = 0
    while True:
        async with database.transaction():
            rows = await database.fetch(
                """SELECT u.id, u.thread, u.asked_at, COALESCE(u.moved_to, u.promised_on) AS promise, u.told
                   FROM door_turns u JOIN door_threads t ON t.id = u.thread
                   WHERE u.next_at <= $1 AND u.answered_at IS NULL ORDER BY u.next_at LIMIT $2
                   FOR UPDATE OF t, u SKIP LOCKED""",
                clock.now(),
                BATCH,
            )
            for row in rows:
                await _remind(row)
        reminded += len(rows)
        if len(rows) < BATCH:
            return reminded


async def _remind(row: Any) -> None:
    due = [(reminder, at) for reminder, at in rule.steps(row["asked_at"], row["promise"]) if at <= clock.now()]
    reminder, _ = due[-1]
    await database.execute(
        "UPDATE door_turns SET told = $2, next_at = $3 WHERE id = $1",
        row["id"],
        len(due),
        rule.next_at(row["asked_at"], row["promise"], len(due)),
    )
    known, _ = await threads.load(row["thread"], threads.SYSTEM, lock=True)
    await threads.write(known, threads.SYSTEM, "door.reminded", {"turn": str(row["id"]), "of": reminder.value}, {})
