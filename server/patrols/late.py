"""Late and doubled records: what was received with a mark, until the desk has said what holds."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.kernel import clock, database, events, pages
from server.kernel.actor import Actor
from server.kernel.errors import NotAllowed, NotFound
from server.kernel.pages import Page
from server.patrols import marks, reach
from server.patrols.reach import today
from server.patrols.visit import OUTCOME_WORDS, stream_of

_KEY: dict[str, type] = {"v.at": datetime, "v.id": UUID}


class LateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A marked record as the desk reads it, with the one that met the same task beside it."""

    id: UUID
    place: str
    place_code: str
    name: str
    at: datetime
    made_at: str
    odd_clock: bool
    outcome: str
    finding: str
    note: str
    marks: tuple[str, ...]
    other_name: str
    other_at: datetime | None
    other_finding: str

    @property
    def words(self) -> tuple[str, ...]:
        return marks.in_words(list(self.marks))

    @property
    def outcome_words(self) -> str:
        return OUTCOME_WORDS[self.outcome]


async def late(by: Actor, after: str = "") -> Page[LateRow]:
    """The marked records of the actor's desk that nobody has settled, oldest first."""
    values: list[Any] = [await reach.communities(by)]
    onward = pages.beyond(after, _KEY, values)
    rows = await database.fetch(
        f"""SELECT v.id, COALESCE(p.name, v.place_words) AS place, COALESCE(p.code, '') AS place_code, a.name, v.at,
                  v.made_at, v.odd_clock, v.outcome, v.finding, v.note, v.marks, COALESCE(b.name, '') AS other_name,
                  o.at AS other_at, COALESCE(o.finding, '') AS other_finding
           FROM patrol_visits v JOIN accounts a ON a.id = v.account LEFT JOIN places p ON p.id = v.place
           LEFT JOIN patrol_tasks t ON t.id = v.task
           LEFT JOIN patrol_visits o ON o.id = t.visit AND o.id <> v.id LEFT JOIN accounts b ON b.id = o.account
           WHERE v.community = ANY($1::int[]) AND v.settled_at IS NULL AND v.marks <> '[]' AND v.corrected_at IS NULL
             AND {onward} ORDER BY v.at, v.id LIMIT {pages.SIZE + 1}""",
        *values,
    )
    found = [LateRow(**{**dict(row), "marks": tuple(msgspec.json.decode(row["marks"]))}) for row in rows]
    return pages.page(found, lambda one: (one.at, one.id))


async def must_be_theirs(visit: UUID, by: Actor) -> None:
    """Raise `NotFound` where the record is not of the actor's desk."""
    community = await database.fetch_value("SELECT community FROM patrol_visits WHERE id = $1", visit)
    await reach.must_look_after(community, by, "没有找到这条记录。")


async def settle(visit: UUID, by: Actor, *, holds: bool, note: str = "") -> None:
    """Say whether a marked record counts. The same again changes nothing; the other way is `NotAllowed`.

    A doubled one that counts meets the task in the other's stead; one that does not count leaves its task open again
    while its window lasts. Records and what they led to stay.
    """
    async with database.transaction():
        row = await database.fetch_one("SELECT * FROM patrol_visits WHERE id = $1 FOR UPDATE", visit)
        if row is None:
            raise NotFound("没有找到这条记录。")
        await reach.must_look_after(row["community"], by, "没有找到这条记录。")
        if row["settled_at"] is not None:
            await _must_be_the_same(visit, holds)
            return
        await _write(visit, holds, note, by)
        if row["task"] is not None:
            await (_meets(row) if holds else _does_not_count(row))
        data = {"visit": visit, "holds": holds}
        await events.record(stream_of(row["root"]), "visit.settled", data, by, post_id=reach.desk_post(by))


async def _must_be_the_same(visit: UUID, holds: bool) -> None:
    before = await database.fetch_value(
        "SELECT holds FROM patrol_settlements WHERE visit = $1 ORDER BY at DESC LIMIT 1", visit
    )
    if before is not holds:
        raise NotAllowed("这条记录已经有人处理过了。")


async def _write(visit: UUID, holds: bool, note: str, by: Actor) -> None:
    await database.execute("UPDATE patrol_visits SET settled_at = $2 WHERE id = $1", visit, clock.now())
    await database.execute(
        "INSERT INTO patrol_settlements (visit, holds, note, by, at) VALUES ($1, $2, $3, $4, $5)",
        visit,
        holds,
        note.replace("\x00", "").strip()[:500],
        by.account_id,
        clock.now(),
    )


async def _meets(row: Any) -> None:
    await database.execute(
        "UPDATE patrol_tasks SET visit = $2, outcome = $3 WHERE id = $1 AND state = 'done'",
        row["task"],
        row["id"],
        row["outcome"],
    )


async def _does_not_count(row: Any) -> None:
    await database.execute(
        """UPDATE patrol_tasks SET state = 'open', visit = NULL, outcome = NULL, ended_at = NULL
           WHERE id = $1 AND visit = $2 AND state = 'done' AND window_to >= $3 AND rectification IS NULL""",
        row["task"],
        row["id"],
        today(),
    )
