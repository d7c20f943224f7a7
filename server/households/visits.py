"""Contacts with households are recorded: by the linked member, by phone or at the desk, late or not.

Nothing true is refused for being late: a link that ended, a household that was merged or closed meanwhile is a mark for
the desk. Refused is what is no contact, and a household that was never the member's.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg
import msgspec

from server import cases
from server.cases import Telling, ownership
from server.households import household as households
from server.households.care import looking
from server.households.household import HouseholdRow, Stands
from server.households.visit import MARKS, OUTCOMES, TOPICS, WAYS, Recorded, Told, checked
from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.clock import BEIJING
from server.kernel.errors import HuyingError, Invalid, NotAllowed, NotFound


class VisitRow(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as pages and phones show it."""

    id: UUID
    version: int
    account: UUID
    name: str
    entered_by: str
    way: str
    outcome: str
    topics: tuple[str, ...]
    said: str
    needs: str
    next_on: date | None
    at: datetime
    case_number: str
    case_state: str
    marks: tuple[str, ...]

    @property
    def way_words(self) -> str:
        return WAYS[self.way]

    @property
    def outcome_words(self) -> str:
        return OUTCOMES[self.outcome]

    @property
    def topic_words(self) -> tuple[str, ...]:
        return tuple(TOPICS.get(topic, topic) for topic in self.topics)

    @property
    def mark_words(self) -> tuple[str, ...]:
        return tuple(MARKS.get(mark, mark) for mark in self.marks)


async def record_all(told: Sequence[Told], by: Actor) -> list[Recorded | HuyingError]:
    """Many contacts of one sender, each for itself: one that fails takes nothing from the others."""
    done: list[Recorded | HuyingError] = []
    for one in told:
        try:
            async with database.transaction():
                done.append(await record(one, by))
        except HuyingError as error:
            done.append(error)
    return done


async def record(told: Told, by: Actor) -> Recorded:
    """Keep one contact, with the case that its need becomes where that is asked.

    Raises NotFound for a household that was never the member's, Invalid naming the fields, NotAllowed for a record that
    exists. Staff of the community may write it `member`'s.
    """
    async with database.transaction():
        moment = clock.now()
        one = checked(told, moment.astimezone(BEIJING).date())
        standing, marks = await _standing(one, by)
        member = await _member(one, standing, by)
        before = await _before(one, member)
        if one.phone is not None and one.phone.odd:
            marks.append("odd_clock")
        reported = await _case(one, standing, member, by, before)
        case_id = reported.case_id if reported else (before["case"] if before else None)
        await _write(one, standing, member, by, before, case_id, marks, moment)
        await _remember(standing, one, moment)
        if before is None:
            await looking.visited(standing.id, one.way, one.outcome, moment)
        data = {
            "visit": str(one.id),
            "way": one.way,
            "outcome": one.outcome,
            "member": str(member),
            **({"corrects": str(one.corrects)} if one.corrects else {}),
            **({"case": str(case_id)} if reported else {}),
        }
        await households.tell(standing, by, "household.visited", data)
        head = await database.fetch_value("SELECT history_link FROM households WHERE id = $1", standing.id)
        return Recorded(
            id=one.id,
            version=before["version"] + 1 if before else 1,
            head=head.hex(),
            number=reported.number if reported else "",
            case_id=case_id,
            marks=tuple(marks),
        )


async def of(household_id: UUID, *, most: int = 50) -> tuple[VisitRow, ...]:
    """The contacts of a household that the caller has loaded, latest first, those of merged ones among them."""
    rows = await database.fetch(
        """SELECT v.id, v.version, v.account, a.name, COALESCE(e.name, '') AS entered_by, v.way, v.outcome, v.topics,
                  v.said, v.needs, v.next_on, v.at, v.marks, COALESCE(c.number, '') AS case_number,
                  COALESCE(c.state, '') AS case_state
           FROM household_visits v JOIN accounts a ON a.id = v.account LEFT JOIN accounts e ON e.id = v.entered_by
           LEFT JOIN cases c ON c.id = v."case"
           WHERE v.latest AND v.household IN (SELECT id FROM households WHERE id = $1 OR merged_into = $1)
           ORDER BY v.at DESC, v.id DESC LIMIT $2""",
        household_id,
        most,
    )
    return tuple(_row(row) for row in rows)


def _row(row: asyncpg.Record) -> VisitRow:
    lists = {name: msgspec.json.decode(row[name]) for name in ("topics", "marks")}
    return msgspec.convert({**dict(row), **lists}, VisitRow)


async def _standing(told: Told, by: Actor) -> tuple[HouseholdRow, list[str]]:
    """The household, locked, with what has become of it or of the link meanwhile."""
    marks: list[str] = []
    row = await database.fetch_one("SELECT * FROM households WHERE id = $1 FOR UPDATE", told.household)
    if row is None:
        raise NotFound(households.MISSING)
    found = households.household_from(row)
    how = households.stands(by, found.areas, await households.is_linked(found.id, by))
    if not how & {Stands.LINKED, Stands.KEEPER}:
        if not await _was_linked(found.id, by):
            raise NotFound(households.MISSING)
        marks.append("not_linked")
    while found.merged_into is not None:
        row = await database.fetch_one("SELECT * FROM households WHERE id = $1 FOR UPDATE", found.merged_into)
        assert row is not None
        found = households.household_from(row)
        if "merged" not in marks:
            marks.append("merged")
    if found.until is not None:
        marks.append("closed")
    return found, marks


async def _was_linked(household_id: UUID, by: Actor) -> bool:
    found = await database.fetch_value(
        "SELECT EXISTS (SELECT FROM household_links WHERE household = $1 AND account = $2)",
        household_id,
        by.account_id,
    )
    return bool(found)


async def _member(told: Told, standing: HouseholdRow, by: Actor) -> UUID:
    """Whose contact it is."""
    assert by.account_id is not None
    if told.member is None or told.member == by.account_id:
        return by.account_id
    if Stands.KEEPER not in households.stands(by, standing.areas, linked=False):
        raise NotAllowed("替党员补记由社区来做。")
    linked = await database.fetch_value(
        "SELECT EXISTS (SELECT FROM household_links WHERE household = $1 AND account = $2)", standing.id, told.member
    )
    if not linked:
        raise Invalid({"member": "这位党员没有联系这户。"})
    return told.member


async def _before(told: Told, member: UUID) -> asyncpg.Record | None:
    """The newest version of what this corrects; only who wrote it, or staff for them, writes it anew."""
    if await database.fetch_value("SELECT EXISTS (SELECT FROM household_visits WHERE id = $1)", told.id):
        raise NotAllowed("这条记录已经收到过了。")
    if told.corrects is None:
        return None
    row = await database.fetch_one(
        """SELECT v.* FROM household_visits o JOIN household_visits v ON v.root = o.root
           WHERE o.id = $1 AND o.account = $2 ORDER BY v.version DESC LIMIT 1 FOR UPDATE OF v""",
        told.corrects,
        member,
    )
    if row is None:
        raise NotFound("没有找到要改的那条记录。")
    return row


async def _case(
    told: Told, standing: HouseholdRow, member: UUID, by: Actor, before: asyncpg.Record | None
) -> cases.Reported | None:
    """A need becomes a case once, however often its record is corrected."""
    if not told.ask or (before is not None and before["case"] is not None):
        return None
    telling = Telling(
        text=told.needs,
        community_id=standing.grid or standing.community,
        place=standing.words,
        private=standing.private if told.private is None else told.private,
        channel="visit",
    )
    made = await cases.report(telling, by, phone=told.phone)
    await ownership.stand_as_linked_member(made.case_id, member, clock.now())
    return made


async def _write(
    told: Told,
    standing: HouseholdRow,
    member: UUID,
    by: Actor,
    before: asyncpg.Record | None,
    case_id: UUID | None,
    marks: Sequence[str],
    moment: datetime,
) -> None:
    if before is not None:
        await database.execute("UPDATE household_visits SET latest = FALSE WHERE root = $1", before["root"])
    await database.execute(
        """INSERT INTO household_visits (id, root, version, household, account, entered_by, way, outcome, topics, said,
               needs, next_on, at, made_at, odd_clock, "case", marks)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)""",
        told.id,
        before["root"] if before else told.id,
        before["version"] + 1 if before else 1,
        standing.id,
        member,
        by.account_id if by.account_id != member else None,
        told.way,
        told.outcome,
        database.to_jsonb(told.topics),
        told.said,
        told.needs,
        told.next_on,
        before["at"] if before else moment,
        told.phone.at if told.phone else "",
        bool(told.phone and told.phone.odd),
        case_id,
        database.to_jsonb(marks),
    )


async def _remember(standing: HouseholdRow, told: Told, moment: datetime) -> None:
    """The household's row carries when somebody was met last, and when to look in again."""
    await database.execute(
        """UPDATE households SET last_tried_at = $2, next_visit_on = $4,
               last_visit_at = CASE WHEN $3 THEN $2 ELSE last_visit_at END WHERE id = $1""",
        standing.id,
        moment,
        told.outcome == "met",
        told.next_on,
    )
