"""The worker tells of events: each of them once, whatever happens to the worker and however many there are.

One transaction takes events that nobody has told of, writes the notices that server.notices.table names, and drops the
events from what is untold. A worker that is killed has done all of it or nothing; two never hold the same event.
"""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import structlog

from server.kernel import database, jobs, untold
from server.kernel.events import Event
from server.notices import door, live, outlets, receivers, table, texting, visitors, walkers, wording
from server.notices.alarms import watching
from server.notices.made import Made, applying, make
from server.notices.receivers import Receiver
from server.notices.relations import Relation

AT_ONCE = 500
FEW = 50
"""So many at once where one of them broke the whole: each is tried alone."""

log = structlog.get_logger("notices")
_FINDERS = receivers.FINDERS | walkers.FINDERS | visitors.FINDERS | door.FINDERS


@jobs.loop("notices.follow", 1.0)
async def follow(limit: int = AT_ONCE) -> int:
    """Tell of events that nobody has told of; how many they were."""
    try:
        async with database.transaction():
            events = await untold.take(limit)
            made = await tell(events)
            await untold.done([event.id for event in events])
            await watching.watch(watching.touched(events))
    except database.AWAY:
        raise
    except Exception as error:
        log.warning("telling broke, trying one by one", error=f"{type(error).__name__}: {error}")
        events, made = await _one_by_one()
    await live.announce(
        sorted({event.stream for event in events}),
        sorted({str(one.account) for one in made if one.account is not None}),
    )
    return len(events)


async def tell(events: Sequence[Event]) -> list[Made]:
    """Write the notices of these events and what goes out for them, in the open transaction; those that are new."""
    known = [event for event in events if event.kind in table.EVENTS]
    if not known:
        return []
    made = await _keep(await notices_of(known))
    await texting.send_later([one for one in made if one.account is None])
    await outlets.plan([one for one in made if one.account is not None])
    return made


async def notices_of(events: Sequence[Event]) -> list[Made]:
    """Who is to be told of these events in which words, as everything stands now."""
    abouts = await wording.facts(events)
    asked: dict[Relation, dict[UUID, Event]] = defaultdict(dict)
    for event in events:
        for rule in applying(event, abouts.get(event.stream, wording.Facts())):
            asked[rule.to][event.id] = event
    found: dict[tuple[Relation, UUID], list[Receiver]] = defaultdict(list)
    for relation, those in asked.items():
        for receiver in await _find(relation, list(those.values())):
            found[relation, receiver.event].append(receiver)
    return make(events, abouts, found)


async def _find(relation: Relation, events: Sequence[Event]) -> list[Receiver]:
    return [Receiver(**dict(row)) for row in await _FINDERS[relation](events)]


async def _one_by_one() -> tuple[list[Event], list[Made]]:
    """What can be told is told; what cannot is tried again later and never holds back the others."""
    made: list[Made] = []
    async with database.transaction():
        events = await untold.take(FEW)
        for event in events:
            try:
                async with database.transaction():
                    made += await tell([event])
                    await untold.done([event.id])
                    await watching.watch(watching.touched([event]))
            except database.AWAY:
                raise
            except Exception as error:
                log.error("cannot tell of it", event_id=str(event.id), kind=event.kind, error=type(error).__name__)
                await untold.failed(event.id, f"{type(error).__name__}: {error}")
    return events, made


_NAMES = ("id", "event", "kind", "receiver", "account", "report", "urgency", "title", "line", "href", "stream", "at")


async def _keep(made: Sequence[Made]) -> list[Made]:
    """Write them; those that were there already are left out of what comes back."""
    if not made:
        return []
    rows = await database.fetch(
        f"""INSERT INTO notices ({", ".join(_NAMES)})
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::text[],
                $8::text[], $9::text[], $10::text[], $11::text[], $12::timestamptz[])
            ON CONFLICT (event, receiver) DO NOTHING RETURNING id""",
        *([getattr(one, name) for one in made] for name in _NAMES),
    )
    new = {row["id"] for row in rows}
    return [one for one in made if one.id in new]
