"""Alarms follow what happens: after every event of a case its rows are what `standing` says.

The follower of events calls `watch` in the transaction in which it tells of them; a schedule looks after what was
changed around the verbs.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.cases import clocks
from server.cases.case import stream_of
from server.cases.deadlines import Budget
from server.cases.deadlines import share_after as after
from server.cases.warning import RUNGS, Alarm
from server.kernel import clock, database
from server.kernel.calendar import WorkCalendar
from server.kernel.events import Event
from server.kernel.jobs import schedule
from server.notices.alarms.ladder import LADDER
from server.notices.alarms.standing import COUNTED, Facts, Stands, Step, standing
from server.notices.wording import subject_of

BATCH = 1000
_LOCK = 7_401_001
"""Of the advisory lock under which alarms are written."""

_NOISE = frozenset({"case.warned", "case.noted", "case.revealed", "case.added"})


def touched(events: Sequence[Event]) -> list[UUID]:
    """The cases whose alarms these events may change."""
    ids = {subject_of(event) for event in events if event.stream.startswith("case:") and event.kind not in _NOISE}
    return sorted(one for one in ids if one is not None)


async def watch(case_ids: Sequence[UUID]) -> None:
    """Bring the alarms of these cases to what stands now, in the open transaction."""
    if not case_ids:
        return
    await alone()
    calendar, now = await clocks.calendar(), clock.now()
    known = await facts(case_ids)
    rows = [(case, stands, one.whole) for case, one in known.items() for stands in standing(one, calendar, now)]
    await _end_all_but(list(known), [(case, stands.alarm) for case, stands, _ in rows], now)
    await _stand(rows, calendar)


async def alone() -> None:
    """Until the transaction ends nobody else writes alarms: what is read from here on is the latest."""
    await database.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def facts(case_ids: Sequence[UUID]) -> dict[UUID, Facts]:
    """What alarms rest on, of those that have a clock."""
    rows = await database.fetch(_FACTS, list(case_ids))
    steps: dict[UUID, list[Step]] = defaultdict(list)
    streams = {stream_of(row["id"]): row["id"] for row in rows}
    for row in await database.fetch(_STEPS, list(streams), list(COUNTED)):
        steps[streams[row["stream"]]].append(_step(row))
    return {
        row["id"]: Facts(
            open=row["open"],
            due_at=row["due_at"],
            owner_post=row["owner_post"],
            owner_since=row["owner_since"],
            whole=msgspec.json.decode(row["whole"], type=Budget),
            steps=steps[row["id"]],
        )
        for row in rows
    }


def _step(row: Any) -> Step:
    return Step(**{name: row[name] for name in Step.__struct_fields__})


_FACTS = """SELECT c.id, c.open, c.due_at, c.owner_post,
                   COALESCE(o.since, c.reported_at) AS owner_since, w.allowance AS whole
            FROM cases c
            LEFT JOIN standings o ON o."case" = c.id AND o.kind = 'owner' AND o.until IS NULL
            JOIN LATERAL (
                SELECT allowance FROM clock_segments s WHERE s."case" = c.id
                ORDER BY CASE s.reason WHEN 'reopened' THEN s.since END DESC NULLS LAST, s.since, s.id LIMIT 1
            ) w ON TRUE WHERE c.id = ANY($1::uuid[])"""
"""The whole budget is that of the first segment since the case was last reopened."""

_STEPS = """SELECT e.stream, e.kind, e.sequence, e.at, e.account_id IS NOT NULL AS by_somebody,
                   CASE WHEN e.kind = 'case.rated' AND e.content IS NOT NULL
                        THEN (convert_from(e.content, 'UTF8')::jsonb ->> 'stars')::int END AS stars
            FROM events e WHERE e.stream = ANY($1::text[]) AND e.kind = ANY($2::text[])
            ORDER BY e.stream, e.sequence"""


async def _end_all_but(case_ids: Sequence[UUID], kept: Sequence[tuple[UUID, Alarm]], now: datetime) -> None:
    await database.execute(
        """UPDATE alarms a SET ended_at = $1, next_at = NULL
           WHERE a."case" = ANY($2::uuid[]) AND a.ended_at IS NULL AND NOT EXISTS (
               SELECT FROM unnest($3::uuid[], $4::text[]) AS kept("case", alarm)
               WHERE kept."case" = a."case" AND kept.alarm = a.alarm)""",
        now,
        case_ids,
        [case for case, _ in kept],
        [alarm.value for _, alarm in kept],
    )


async def _stand(rows: Sequence[tuple[UUID, Stands, Budget]], calendar: WorkCalendar) -> None:
    """Write what stands; a row of the same occasion keeps how far it has climbed."""
    await database.execute(
        """INSERT INTO alarms ("case", alarm, occasion, since, whole, told, next_at)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::jsonb[], $6::smallint[],
                                $7::timestamptz[])
           ON CONFLICT ("case", alarm) DO UPDATE SET
               occasion = excluded.occasion, since = excluded.since, whole = excluded.whole,
               told = CASE WHEN alarms.occasion = excluded.occasion THEN alarms.told ELSE excluded.told END,
               told_at = CASE WHEN alarms.occasion = excluded.occasion THEN alarms.told_at END,
               next_at = excluded.next_at, ended_at = NULL
           WHERE alarms.ended_at IS NOT NULL OR alarms.occasion <> excluded.occasion""",
        [case for case, _, _ in rows],
        [stands.alarm.value for _, stands, _ in rows],
        [stands.occasion for _, stands, _ in rows],
        [stands.since for _, stands, _ in rows],
        [database.to_jsonb(whole) for _, _, whole in rows],
        [stands.told for _, stands, _ in rows],
        [_first(stands, whole, calendar) for _, stands, whole in rows],
    )


def _first(stands: Stands, whole: Budget, calendar: WorkCalendar) -> datetime | None:
    """When anybody may be told first; who is on which rung is looked up only then."""
    shares = [share for rung, share in LADDER[stands.alarm].items() if RUNGS.index(rung) >= stands.told]
    return min((after(stands.since, share, whole, calendar) for share in shares), default=None)


@schedule("alarms.watch", "23 * * * *")
async def watch_on_schedule() -> None:
    """What nobody told of is found within the hour."""
    await watch_all()


async def watch_all() -> int:
    """Watch every open case that nobody watches (imported, or changed around the verbs); how many there were."""
    found = 0
    while True:
        async with database.transaction():
            rows = await database.fetch(
                f"""SELECT id FROM cases c WHERE open AND due_at IS NOT NULL AND NOT EXISTS (
                        SELECT FROM alarms a WHERE a."case" = c.id AND a.alarm = 'overdue' AND a.ended_at IS NULL)
                    ORDER BY id LIMIT {BATCH}"""
            )
            await watch([row["id"] for row in rows])
        found += len(rows)
        if len(rows) < BATCH:
            return found
