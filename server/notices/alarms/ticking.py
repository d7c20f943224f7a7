"""The tick: alarms whose time has come are told. One look at one index, however many cases there are.

What is told is an event in the case's history (`case.warned`) that names whom it tells; notices follow from it by the
table like all others. Who would hear of more than `FEW` alarms in one tick gets one notice that gathers them, the worst
first: so a worker that was down for a day wakes up to one digest a person.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog

from server.cases import clocks, warning
from server.cases.deadlines import Budget
from server.cases.warning import Alarm
from server.kernel import clock, database, events
from server.kernel.actor import the_system
from server.kernel.jobs import loop
from server.notices.alarms import ladder, rungs, watching
from server.notices.alarms.ladder import Climb

AT_ONCE = 5000
"""Alarms told in one transaction: what a district lets slip in a day, so that a person's digest is one."""
FEW = 5
"""More alarms than this come to a person as one notice."""
NAMED = 3
"""So many of the worst are named in it."""
PATIENCE = 600.0
"""Seconds that a tick waits for the follower of events to catch up: what was acted on meanwhile is no alarm."""
BEHIND = timedelta(minutes=2)
_ORDER = list(Alarm)

log = structlog.get_logger("alarms")
_waiting_since: float | None = None


class Ringing(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm whose time has come, with what is told of it now."""

    id: int
    case: UUID
    number: str
    alarm: Alarm
    since: datetime
    climb: Climb


@loop("alarms.tick", 20.0)
async def tick() -> int:
    """Tell of the alarms whose time has come; how many there were."""
    async with database.transaction():
        if await _follower_is_behind():
            return 0
        await watching.alone()
        rows = await _take(AT_ONCE)
        ringing = await _ringing(rows)
        await _tell([one for one in ringing if one.climb.to])
        await _climbed(ringing)
    if ringing:
        log.info("alarms", told=len([one for one in ringing if one.climb.to]), looked_at=len(ringing))
    return len(ringing)


async def _follower_is_behind() -> bool:
    """Whether much that happened is not told yet; true for no longer than `PATIENCE` on end."""
    global _waiting_since
    now = time.monotonic()
    behind = await database.fetch_value("SELECT EXISTS (SELECT FROM untold WHERE tries = 0 AND at < $1)", _before())
    if not behind:
        _waiting_since = None
        return False
    _waiting_since = _waiting_since if _waiting_since is not None else now
    return now - _waiting_since < PATIENCE


def _before() -> datetime:
    return clock.now() - BEHIND


async def _take(limit: int) -> list[Any]:
    """Due alarms, brought to what stands now; cases that somebody has in hand are left for the next tick."""
    rows = await database.fetch(_DUE, clock.now(), limit)
    await watching.watch(sorted({row["case"] for row in rows}))
    found = await database.fetch(
        """SELECT a.id, a."case", c.number, a.alarm, a.since, a.told, a.whole
           FROM alarms a JOIN cases c ON c.id = a."case"
           WHERE a.id = ANY($1::bigint[]) AND a.next_at <= $2 ORDER BY a.id""",
        [row["id"] for row in rows],
        clock.now(),
    )
    return list(found)


_DUE = """SELECT a.id, a."case" FROM alarms a JOIN cases c ON c.id = a."case"
          WHERE a.ended_at IS NULL AND a.next_at <= $1 ORDER BY a.next_at LIMIT $2 FOR UPDATE OF a, c SKIP LOCKED"""


async def _ringing(rows: Sequence[Any]) -> list[Ringing]:
    if not rows:
        return []
    near = await rungs.near(sorted({row["case"] for row in rows}))
    calendar, now = await clocks.calendar(), clock.now()
    return [
        Ringing(
            id=row["id"],
            case=row["case"],
            number=row["number"],
            alarm=Alarm(row["alarm"]),
            since=row["since"],
            climb=ladder.climb(
                Alarm(row["alarm"]),
                rungs.rungs(*near[row["case"]]),
                told=row["told"],
                since=row["since"],
                whole=msgspec.json.decode(row["whole"], type=Budget),
                calendar=calendar,
                now=now,
            ),
        )
        for row in rows
    ]


async def _tell(ringing: Sequence[Ringing]) -> None:
    """Write the events: one a case and alarm, and one for each person to whom they come gathered."""
    system = the_system("alarms")
    heard = Counter(account for one in ringing for account in one.climb.to)
    gathered = {account for account, times in heard.items() if times > FEW}
    # A case may ring for two reasons; its history takes one event after the other.
    rounds: dict[UUID, int] = defaultdict(int)
    turns: dict[int, list[tuple[UUID, dict[str, Any]]]] = defaultdict(list)
    for one in sorted(ringing, key=_worst_first):
        turns[rounds[one.case]].append((one.case, _event(one, gathered)))
        rounds[one.case] += 1
    for _, told in sorted(turns.items()):
        await warning.warn(told, system)
    for account in sorted(gathered):
        mine = [one for one in sorted(ringing, key=_worst_first) if account in one.climb.to]
        await events.record(f"alarms:{account}", "alarms.gathered", _digest(mine), system, internal=True)


def _event(one: Ringing, gathered: set[UUID]) -> dict[str, Any]:
    to = {str(account): rung.value for account, rung in one.climb.to.items() if account not in gathered}
    later = {str(account): rung.value for account, rung in one.climb.to.items() if account in gathered}
    return {
        "alarm": one.alarm.value,
        "since": one.since,
        "rung": one.climb.highest.value,
        "empty": [rung.value for rung in one.climb.empty],
        "to": to,
        "gathered": later,
    }


def _digest(mine: Sequence[Ringing]) -> dict[str, Any]:
    each = Counter(one.alarm for one in mine)
    return {
        "count": len(mine),
        "each": {alarm.value: each[alarm] for alarm in _ORDER if each[alarm]},
        "worst": list(dict.fromkeys(one.number for one in mine))[:NAMED],
    }


def _worst_first(one: Ringing) -> tuple[int, datetime, str]:
    return _ORDER.index(one.alarm), one.since, one.number


async def _climbed(ringing: Sequence[Ringing]) -> None:
    await database.execute(
        """UPDATE alarms a SET told = n.told, next_at = n.next_at,
               told_at = CASE WHEN n.heard THEN $5 ELSE a.told_at END
           FROM unnest($1::bigint[], $2::smallint[], $3::timestamptz[], $4::bool[]) AS n(id, told, next_at, heard)
           WHERE a.id = n.id""",
        [one.id for one in ringing],
        [one.climb.told for one in ringing],
        [one.climb.next_at for one in ringing],
        [bool(one.climb.to) for one in ringing],
        clock.now(),
    )
