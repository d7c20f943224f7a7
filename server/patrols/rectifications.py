"""Rectify by a date: what was wrong, what the operator must do, and what the re-visits find."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from server.forms import checklists
from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.clock import BEIJING
from server.kernel.errors import NotAllowed, NotFound, Stale
from server.kernel.ids import new_id
from server.patrols import reach, revisits
from server.patrols.judging import Found
from server.patrols.keeping import own_words
from server.patrols.known import KnownRectification
from server.patrols.place import PlaceRow, load_any
from server.patrols.reach import today


async def open_one(place: PlaceRow, found: Sequence[Found], by: Actor) -> KnownRectification:
    """Begin a rectification for items of one checklist that failed, with its re-visit.

    The caller has seen that every finding has an item and the place a community. The earliest day counts.
    """
    seen = found[0].list
    assert seen is not None
    demands = [
        checklists.demand(one.item, one.answer, today(), until=one.told.due, department=seen.department)
        for one in found
        if one.item is not None
    ]
    one = KnownRectification(
        id=new_id(),
        number=await _number(),
        place=place.id,
        checklist=seen.checklist,
        items=tuple(one.item.id for one in found if one.item is not None),
        due=min(demand.until for demand in demands),
        failed=0,
        state="open",
    )
    words = "\n".join([each.words for each in demands] + [each.told.words for each in found if each.told.words])
    await database.execute(
        """INSERT INTO patrol_rectifications (id, number, place, community, grid, checklist_version, items, words, due,
               made_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        one.id,
        one.number,
        place.id,
        place.community,
        place.grid,
        seen.id,
        database.to_jsonb(one.items),
        words,
        one.due,
        clock.now(),
    )
    day = await revisits.plan(one.id, place, one.checklist, one.due)
    data = {"number": one.number, "due": one.due, "items": one.items, "revisit": day}
    await events.record(stream_of(one.id), "rectification.opened", data, by)
    return one


async def passed(one: KnownRectification, by: Actor) -> None:
    """A re-visit found it put right; `one` says how often it had not been, before and with this."""
    await revisits.withdraw(one.id)
    await _end(one.id, "passed", "rectification.passed", {}, by, failed=one.failed)


async def again(one: KnownRectification, place: PlaceRow, due: date | None, days: int, looked: bool, by: Actor) -> date:
    """A re-visit found it not put right (or could not look): another day is set, and another re-visit.

    One that was settled is open again by this: the record that had settled it was corrected.
    """
    until = due or today() + timedelta(days=days)
    await database.execute(
        """UPDATE patrol_rectifications
           SET failed = $3, due = $2, state = 'open', ended_at = NULL, version = version + 1 WHERE id = $1""",
        one.id,
        until,
        one.failed,
    )
    await revisits.plan(one.id, place, one.checklist, until)
    kind = "failed" if looked else "not_seen"
    await events.record(
        stream_of(one.id),
        "rectification.reopened" if one.state != "open" else f"rectification.{kind}",
        {"due": until},
        by,
    )
    return until


async def recount(one: KnownRectification, by: Actor) -> None:
    """The record of a re-visit was corrected: it was not put right more or less often than was counted."""
    await database.execute(
        "UPDATE patrol_rectifications SET failed = $2, version = version + 1 WHERE id = $1", one.id, one.failed
    )
    await events.record(stream_of(one.id), "rectification.recounted", {"failed": one.failed}, by)


async def became_case(one: KnownRectification, case_id: UUID, number: str, by: Actor) -> None:
    """It was not put right: a case takes it on."""
    await database.execute('UPDATE patrol_rectifications SET "case" = $2 WHERE id = $1', one.id, case_id)
    await revisits.withdraw(one.id)
    await _end(one.id, "case", "rectification.became_case", {"case": number}, by, failed=one.failed)


async def drop(one: UUID, reason: str, by: Actor) -> None:
    """The record that led to it was corrected, or the place is gone."""
    await revisits.withdraw(one)
    await _end(one, "withdrawn", "rectification.withdrawn", {"reason": reason}, by)


async def withdraw(rectification: UUID, by: Actor, *, reason: str, seen: int | None = None) -> None:
    """The desk takes it back, with a reason. Twice is once."""
    async with database.transaction():
        row = await _load(rectification, by, seen)
        said = own_words(reason, "请写明为什么撤销。")
        if row["state"] == "withdrawn":
            return
        _must_be_open(row)
        await drop(rectification, said, by)


async def set_due(rectification: UUID, due: date, by: Actor, *, reason: str, seen: int | None = None) -> None:
    """The desk gives another day, with a reason; the re-visit moves along. The same day changes nothing."""
    async with database.transaction():
        row = await _load(rectification, by, seen)
        said = own_words(reason, "请写明为什么改期。")
        _must_be_open(row)
        if row["due"] == due:
            return
        if due < today():
            raise NotAllowed("新的期限不能早于今天。")
        await database.execute(
            "UPDATE patrol_rectifications SET due = $2, version = version + 1 WHERE id = $1", rectification, due
        )
        await revisits.withdraw(rectification)
        place = (await load_any([row["place"]]))[row["place"]]
        await revisits.plan(rectification, place, row["checklist"], due)
        data = {"due": due, "before": row["due"], "reason": said}
        await events.record(stream_of(rectification), "rectification.moved", data, by, post_id=reach.desk_post(by))


def stream_of(rectification: UUID) -> str:
    """The name of a rectification's history."""
    return f"rectification:{rectification}"


async def _load(rectification: UUID, by: Actor, seen: int | None) -> Any:
    row = await database.fetch_one(
        """SELECT r.*, v.checklist FROM patrol_rectifications r JOIN checklist_versions v ON v.id = r.checklist_version
           WHERE r.id = $1 FOR UPDATE OF r""",
        rectification,
    )
    if row is None:
        raise NotFound("没有找到这张整改单。")
    await reach.must_look_after(row["community"], by, "没有找到这张整改单。")
    if seen is not None and seen != row["version"]:
        raise Stale(["这张整改单有了新的进展"])
    return row


def _must_be_open(row: Any) -> None:
    if row["state"] != "open":
        raise NotAllowed("这张整改单已经了结。")


async def _end(
    rectification: UUID, state: str, kind: str, data: dict[str, Any], by: Actor, *, failed: int | None = None
) -> None:
    await database.execute(
        """UPDATE patrol_rectifications
           SET state = $2, ended_at = $3, failed = COALESCE($4, failed), version = version + 1 WHERE id = $1""",
        rectification,
        state,
        clock.now(),
        failed,
    )
    await events.record(stream_of(rectification), kind, data, by)


async def _number() -> str:
    """Z, the date in Beijing and a running number: short enough to say on the phone."""
    running = await database.fetch_value("SELECT nextval('rectification_numbers')")
    return f"Z{clock.now().astimezone(BEIJING):%y%m%d}{running % 100_000:05d}"
