"""Sends what is due: claims rows, sends outside any transaction, notes what became of each.

A claim moves `next_at` ahead by a lease and commits. A worker that dies in the middle leaves its rows waiting; when the
lease is over another sends them again with the same ids. So a message goes at least once, and the other side can tell.

Every outlet, and every robot and webhook, is a lane of its own: one that is broken holds up nobody else, and is asked
once a pass and not once for each of its thousand messages.
"""

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from server.kernel import clock, database, jobs
from server.notices import composing, retrying
from server.notices.claiming import Claimed, claim, lanes_due
from server.notices.composing import Dropped
from server.notices.outlets import chosen
from server.notices.outlets.interface import NeverWorks, Outgoing, Outlet, OutletFailed, Sent, TryLater
from server.notices.outlets.planning import JOB, Due

PASSES = 20
"""Batches of a lane in one job; the next job goes on, so that a worker that is told to stop can."""
NEXT_PASS = timedelta(seconds=30)
"""When those that waited behind a failed one are looked at again."""

log = structlog.get_logger("notices")

Outcome = Sent | TryLater | NeverWorks | Dropped


@jobs.schedule("notices.look", "* * * * *")
async def look() -> None:
    """Have a job look after every lane in which something is due; what was held back becomes due by the clock."""
    await jobs.enqueue(JOB, *await lanes_due())


@jobs.job(JOB, Due)
async def deliver(lane: Due) -> None:
    """Send what is due in a lane, until nothing is or it fails; then a job for the next try is enqueued."""
    again = await _drain(lane)
    if again is not None:
        await jobs.enqueue(JOB, lane, after=max(again - clock.now(), timedelta(0)))


async def _drain(lane: Due) -> datetime | None:
    for _ in range(PASSES):
        claimed = await claim(lane)
        if not claimed:
            return None
        if (again := await _send_all(lane, claimed)) is not None:
            return again
    return clock.now()


async def _send_all(lane: Due, claimed: Sequence[Claimed]) -> datetime | None:
    """Send a batch; where the lane turns out not to work, the moment of the next look at it."""
    try:
        outlet = _outlet(lane, claimed)
    except NeverWorks as failure:
        for one in claimed:
            await _note(one, composing.ENDED if one.ended else failure)
        return None
    rest = list(claimed)
    while rest:
        now, rest = rest[: outlet.at_once], rest[outlet.at_once :]
        outcomes = await _send_some(outlet, now)
        # Noted one after the other: within a test, and for savepoints, there is one connection only.
        moments = [await _note(one, outcome) for one, outcome in zip(now, outcomes, strict=True)]
        again = [moment for moment in moments if moment is not None]
        if again:
            asked = [one.after for one in outcomes if isinstance(one, TryLater) and one.after is not None]
            return min(*again, await _put_back(rest, max([*asked, NEXT_PASS])))
    return None


def _outlet(lane: Due, claimed: Sequence[Claimed]) -> Outlet:
    return chosen.for_persons() if lane.subscriber is None else chosen.for_subscriber(lane.outlet, claimed[0].target)


async def _send_some(outlet: Outlet, claimed: Sequence[Claimed]) -> list[Outcome]:
    composed = [await composing.compose(one) for one in claimed]
    return await asyncio.gather(*(_send(outlet, what) for what in composed))


async def _send(outlet: Outlet, what: Outgoing | Dropped) -> Outcome:
    if isinstance(what, Dropped):
        return what
    try:
        return await outlet.send(what)
    except (TryLater, NeverWorks) as failure:
        return failure
    except Exception as error:
        # A fault of ours must not stop the lane, nor tell what the message says.
        log.error("outlet broke", outlet=outlet.name, id=str(what.id), error=type(error).__name__)
        return TryLater(f"发送程序出错({type(error).__name__})")


async def _note(one: Claimed, outcome: Outcome) -> datetime | None:
    """Write what became of a delivery and of those it carries; answers when it is tried again, if it is."""
    if isinstance(outcome, Sent):
        await _done(one, "sent", outcome.said)
        return None
    if isinstance(outcome, Dropped):
        log.info("message dropped", id=str(one.id), why=outcome.why)
        await _done(one, "dropped", outcome.why)
        return None
    if isinstance(outcome, TryLater):
        moment = retrying.again(one.first_at, clock.now(), one.tries, asked=outcome.after, chance=random.random())
        if moment is not None:
            await _later(one, moment, str(outcome))
            return moment
    await _fail(one, outcome)
    return None


async def _done(one: Claimed, state: str, said: str) -> None:
    """However long it took and whoever claimed it meanwhile: what was taken was taken. Sealed words are forgotten."""
    await database.execute(
        """UPDATE deliveries SET state = $2, said = $3, done_at = $4, sealed = NULL
            WHERE (id = $1 OR sent_with = $1) AND state IN ('waiting', 'failed')""",
        one.id,
        state,
        said[:200],
        clock.now(),
    )


async def _fail(one: Claimed, failure: OutletFailed) -> None:
    log.warning("message failed for good", id=str(one.id), outlet=one.outlet, tries=one.tries, why=str(failure))
    await database.execute(
        """UPDATE deliveries SET state = 'failed', said = $2, done_at = $3
            WHERE (id = $1 OR sent_with = $1) AND state = 'waiting'""",
        one.id,
        str(failure)[:200],
        clock.now(),
    )


async def _later(one: Claimed, moment: datetime, said: str) -> None:
    await database.execute(
        "UPDATE deliveries SET next_at = $2, said = $3 WHERE id = $1 AND state = 'waiting' AND tries = $4",
        one.id,
        moment,
        said[:200],
        one.tries,
    )


async def _put_back(claimed: Sequence[Claimed], pause: timedelta) -> datetime:
    """Those behind a failed one were not tried; they are looked at with the next pass, whoever stands first then."""
    moment = clock.now() + pause
    await database.execute(
        """UPDATE deliveries d SET next_at = $2, tries = d.tries - 1
             FROM unnest($1::uuid[], $3::int[]) AS one (id, tries)
            WHERE d.id = one.id AND d.tries = one.tries AND state = 'waiting'""",
        [one.id for one in claimed],
        moment,
        [one.tries for one in claimed],
    )
    return moment
