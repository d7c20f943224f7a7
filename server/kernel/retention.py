"""What is over is erased every night, kind by kind, in small transactions, with a report. A dry run counts."""

from datetime import datetime

import msgspec
import structlog

from server.kernel import clock, database
from server.kernel.jobs import schedule
from server.kernel.personal import Eraser, Kind, erasers

BATCH = 200
log = structlog.get_logger("retention")


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a kind is over."""

    kind: Kind
    count: int


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One kind in one run, as the report has it."""

    kind: str
    at: datetime
    erased: int
    failed: str


@schedule("retention.erase", "17 19 * * *")
async def erase_on_schedule() -> None:
    """At 3:17 in Beijing."""
    await erase()


async def dry_run() -> list[Due]:
    """What the next run would erase; nothing is changed."""
    found = []
    for one in erasers:
        count = await database.fetch_value(f"SELECT count(*) FROM ({one.due}) AS due", clock.now() - one.kind.time)
        found.append(Due(kind=one.kind, count=count))
    return found


async def erase() -> dict[str, int]:
    """Erase everything that is over; how much of each kind. One kind that fails keeps no other from being erased."""
    done: dict[str, int] = {}
    for one in erasers:
        erased, failed = 0, ""
        try:
            while count := await _some(one):
                erased += count
        except Exception as error:
            # Whatever it is: the night's other kinds are due too, and the report names this one.
            log.exception("not erased", kind=one.kind.code)
            failed = type(error).__name__
        done[one.kind.code] = done.get(one.kind.code, 0) + erased
        if erased or failed:
            await database.execute(
                "INSERT INTO retention_runs (kind, at, erased, failed) VALUES ($1, $2, $3, $4)",
                one.kind.code,
                clock.now(),
                erased,
                failed,
            )
    await database.execute("INSERT INTO retention_runs (kind, at, erased, failed) VALUES ('', $1, 0, '')", clock.now())
    return done


async def report(limit: int = 60) -> tuple[Run, ...]:
    """What the last runs erased, the latest first; a run ends with a line without a kind."""
    rows = await database.fetch("SELECT kind, at, erased, failed FROM retention_runs ORDER BY id DESC LIMIT $1", limit)
    return tuple(msgspec.convert(dict(row), Run) for row in rows)


async def _some(one: Eraser) -> int:
    async with database.transaction():
        rows = await database.fetch(f"{one.due} LIMIT {BATCH}", clock.now() - one.kind.time)
        if rows:
            await one.erase([row[0] for row in rows])
        return len(rows)
