"""`record`: what was seen on a round is received, many records in one go, each for itself.

One load for all, pure rules for each, set-wise statements for what stands; a savepoint only where one fails or leads
on.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from server.areas import locate, tree
from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import HuyingError, NotAllowed, NotFound
from server.patrols import closing, judging, known, leading, marks, visit_photos
from server.patrols.judging import Judged, Where
from server.patrols.known import Known
from server.patrols.leading import Lead
from server.patrols.visit import Led, Recorded, Told, stream_of

_BATCH_BROKE = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
"""Something of one record; the others of the batch are none the worse."""
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_VISIT = (
    *("id", "root", "version", "corrects", "corrected_at", "account", "post", "task", "place", "place_words"),
    *("community", "grid", "outcome", "note", "latitude", "longitude", "accuracy", "answers", "finding", "marks"),
    *("made_at", "odd_clock", "at"),
)
_FINDING = (*("id", "visit", "place", "checklist_version", "item", "leads_to", "words", "rectification", "case", "at"),)


class Ready(msgspec.Struct, frozen=True):
    """A record with all that it led to."""

    judged: Judged
    lead: Lead

    @property
    def marks(self) -> list[str]:
        return [*self.judged.marks, *([self.lead.mark] if self.lead.mark else [])]


Outcome = Recorded | HuyingError


async def record(visits: Sequence[Told], by: Actor) -> list[Outcome]:
    """Receive records; one answer for each, in their order: what was recorded, or why not.

    Late work is recorded and marked. An error is `NotFound` (not theirs), `NotAllowed` (received already), or
    `Invalid` naming what has to be mended: `lists.<version>.<item>`, `findings.<id>`, or a member of `Told`.
    """
    if by.account_id is None:
        raise NotFound()
    outcomes: list[Outcome] = []
    async with database.transaction():
        for run in _runs(visits):
            outcomes += await _record(run, by)
    return outcomes


def _runs(visits: Sequence[Told]) -> Iterator[list[Told]]:
    """Parts in which no record has to do with another one of the part, so that all can be judged by one load."""
    run: list[Told] = []
    seen: set[UUID | None] = set()
    for one in visits:
        names = {one.id, one.corrects, one.task, one.order, *(each.id for each in one.findings)} - {None}
        if not names.isdisjoint(seen):
            yield run
            run, seen = [], set()
        run.append(one)
        seen |= names
    if run:
        yield run


async def _record(run: Sequence[Told], by: Actor) -> list[Outcome]:
    run = [_plain(one) for one in run]
    there = await known.load(run, by)
    found: list[Ready | HuyingError] = [await _ready(one, there, by) for one in run]
    ready = [one for one in found if isinstance(one, Ready)]
    outcomes = await _written(ready, there, by)
    return [outcomes[one.judged.told.id] if isinstance(one, Ready) else one for one in found]


async def _ready(told: Told, there: Known, by: Actor) -> Ready | HuyingError:
    try:
        where = await _where(told) if told.place is None and told.task is None else None
        judged = judging.judge(told, there, where)
        if not judged.findings and not judged.corrects and not (judged.task and judged.task.rectification):
            return Ready(judged, Lead(rows=()))
        async with database.transaction():
            return Ready(judged, await leading.lead(judged, there, by))
    except HuyingError as error:
        return error


def _plain(told: Told) -> Told:
    """The record without the one sign that the database cannot keep."""
    content = msgspec.json.encode(told)
    if b"\\u0000" not in content:
        return told
    return msgspec.json.decode(_NUL.sub(rb"\1", content), type=Told)


async def _where(told: Told) -> Where | None:
    """The areas of a record at no known place: its position, else what was chosen."""
    if told.latitude is not None and told.longitude is not None:
        found = await locate.locate(told.longitude, told.latitude)
        if found is not None and found.community_id is not None:
            return Where(found.community_id, found.grid_id)
    if told.community_id is None:
        return None
    line = await tree.line(told.community_id)
    return Where(line.community_id, line.grid_id) if line.community_id is not None else None


async def _written(ready: Sequence[Ready], there: Known, by: Actor) -> dict[UUID, Outcome]:
    """Write them together; where one breaks the batch each is written alone, and that one alone fails."""
    if not ready:
        return {}
    try:
        async with database.transaction():
            return await _write(ready, there, by)
    except _BATCH_BROKE:
        if len(ready) == 1:
            return {ready[0].judged.told.id: NotAllowed(judging.REUSED)}
    alone: dict[UUID, Outcome] = {}
    for one in ready:
        alone |= await _written([one], there, by)
    return alone


async def _write(ready: Sequence[Ready], there: Known, by: Actor) -> dict[UUID, Outcome]:
    moment = clock.now()
    post = next(iter(there.now.posts), None)
    async with database.connection() as one:
        await one.copy_records_to_table(
            "patrol_visits", columns=_VISIT, records=[_visit(each, by, post, moment) for each in ready]
        )
        findings = [row for each in ready for row in _findings(each, moment)]
        if findings:
            await one.copy_records_to_table("patrol_findings", columns=_FINDING, records=findings)
    photos = [row for each in ready for row in visit_photos.rows_of(each.judged, each.lead.rows, by)]
    if photos:
        await visit_photos.hang(photos, by)
    await closing.close([one.judged for one in ready], moment, by)
    heads = await _tell(ready, by)
    return {
        each.judged.told.id: _recorded(each, heads[stream_of(each.judged.root)].link.hex(), moment) for each in ready
    }


async def _tell(ready: Sequence[Ready], by: Actor) -> dict[str, events.Head]:
    """One event for each record, in the history that it shares with its other versions."""
    fresh = [one for one in ready if one.judged.version == 1 and not one.judged.overtaken]
    heads: dict[str, events.Head] = {}
    for each, are_fresh in ((fresh, True), ([one for one in ready if one not in fresh], False)):
        if each:
            said = [(stream_of(one.judged.root), _data(one)) for one in each]
            kind = "visit.recorded" if are_fresh else "visit.corrected"
            ends = await (events.begin_many if are_fresh else events.record_many)(kind, said, by)
            heads |= dict(zip([stream for stream, _ in said], ends, strict=True))
    return heads


def _data(one: Ready) -> dict[str, Any]:
    told, judged = one.judged.told, one.judged
    data: dict[str, Any] = {"visit": told.id, "version": judged.version, "outcome": told.outcome}
    if judged.place is not None:
        data["place"] = judged.place.id
    if told.task is not None:
        data["task"] = told.task
    if judged.finding:
        data["finding"] = judged.finding
    if one.marks:
        data["marks"] = one.marks
    return data | ({"phone": told.phone.data} if told.phone else {})


def _visit(one: Ready, by: Actor, post: int | None, moment: datetime) -> tuple[Any, ...]:
    told, judged = one.judged.told, one.judged
    placed = judged.place is None
    return (
        *(told.id, judged.root, judged.version, told.corrects, moment if judged.overtaken else None),
        *(by.account_id, post, judged.task.id if judged.task else None),
        *(judged.place.id if judged.place else None, told.place_words.strip()),
        *(judged.community, judged.grid, told.outcome, told.note.strip()),
        # At a known place no position is taken: nothing asks for it.
        *(_degrees(told) if placed else (None, None, None)),
        *(database.to_jsonb(judged.answered), judged.finding, database.to_jsonb(one.marks)),
        *(told.phone.at if told.phone else "", told.phone.odd if told.phone else False, moment),
    )


def _degrees(told: Told) -> tuple[float | None, float | None, float | None]:
    if told.latitude is None or told.longitude is None or abs(told.latitude) > 90 or abs(told.longitude) > 180:
        return None, None, None
    accurate = told.accuracy is not None and 0 <= told.accuracy <= 1_000_000
    return told.latitude, told.longitude, told.accuracy if accurate else None


def _findings(one: Ready, moment: datetime) -> Iterator[tuple[Any, ...]]:
    place = one.judged.place.id if one.judged.place else None
    for row in one.lead.rows:
        told, seen = row.found.told, row.found.list
        yield (
            *(told.id, one.judged.told.id, place, seen.id if seen else None, told.item if seen else ""),
            *(row.leads_to, told.words.strip(), row.rectification, row.case, moment),
        )


def _recorded(one: Ready, head: str, moment: datetime) -> Recorded:
    return Recorded(
        visit_id=one.judged.told.id,
        version=one.judged.version,
        head=head,
        at=moment,
        findings=tuple(
            Led(id=row.found.told.id, leads_to=row.leads_to, number=row.number, due=row.due) for row in one.lead.rows
        ),
        marks=marks.in_words(one.marks),
    )
