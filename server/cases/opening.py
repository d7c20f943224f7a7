"""What is written when reports are taken: the tellings, their cases, owners, clocks. Many in one statement each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.areas.tree import Line
from server.cases import clocks, deadlines, ownership
from server.cases.case import stream_of
from server.cases.lateness import Phone
from server.cases.telling import OWN, Telling
from server.kernel import database, events
from server.kernel.actor import Actor
from server.kernel.clock import BEIJING
from server.kernel.events import Head
from server.kernel.ids import new_id


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A telling on its way to be a report with a case of its own."""

    telling: Telling
    line: Line
    inferred: dict[str, Any] = {}
    """How the grid was found by the words of the place, where it was."""
    number: str
    subject: str
    held: str = ""
    phone: Phone | None = None
    report_id: UUID = msgspec.field(default_factory=new_id)
    case_id: UUID = msgspec.field(default_factory=new_id)

    @property
    def areas(self) -> tuple[int | None, ...]:
        """Nearest first, as its owner is looked for."""
        return (self.line.community_id, self.line.street_id, self.line.district_id)


async def numbers(many: int, moment: datetime) -> list[str]:
    """Date in Beijing and a running number, e.g. 26112100042: short enough to say on the phone."""
    rows = await database.fetch("SELECT nextval('report_numbers') AS running FROM generate_series(1, $1::int)", many)
    return [f"{moment.astimezone(BEIJING):%y%m%d}{row['running'] % 100_000:05d}" for row in rows]


async def write_reports(opened: Sequence[Opened], by: Actor, moment: datetime) -> None:
    """The tellings, each tied to its case, the teller standing as its reporter."""
    await database.execute_many(
        """INSERT INTO reports (id, number, channel, text, place, latitude, longitude, accuracy, position_source, datum,
               account, name, phone, for_name, for_phone, private, answers, refused_photos, device, reported_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'WGS-84', $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)""",
        [_report(one, by, moment) for one in opened],
    )


async def write_cases(opened: Sequence[Opened], by: Actor, moment: datetime) -> tuple[list[datetime], list[Head]]:
    """The cases with their first event, owner and clock; when each is due and its history's head come back."""
    held = await ownership.held_in(area for one in opened for area in one.areas)
    owners = [
        ownership.desk_among(held, one.areas, one.telling.private, ownership.lot(one.case_id)).post_id for one in opened
    ]
    days = await clocks.calendar()
    budget = deadlines.budget_for(None, "normal")
    due = deadlines.due(moment, budget, days)
    heads = await events.begin_many("case.reported", [(stream_of(one.case_id), _told(one)) for one in opened], by)
    await database.execute_many(
        """INSERT INTO cases (id, number, state, open, version, history_sequence, history_link, subject, place, private,
               held, district, street, community, grid, latitude, longitude, level, owner_post, desk_post,
               reported_at, due_at, due_provisional, changed_at)
           VALUES ($1, $2, 'reported', TRUE, 1, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'normal', $14, $14,
               $15, $16, $17, $15)""",
        [
            (*_case(one, head), owner, moment, due, days.provisional(moment, due))
            for one, head, owner in zip(opened, heads, owners, strict=True)
        ],
    )
    await _tie(opened, owners, by, moment)
    await clocks.begin_all([one.case_id for one in opened], budget, moment)
    return [due] * len(opened), heads


def _report(one: Opened, by: Actor, moment: datetime) -> tuple[Any, ...]:
    told = one.telling
    return (
        one.report_id,
        one.number,
        told.channel,
        told.text,
        told.place,
        told.latitude,
        told.longitude,
        told.accuracy,
        told.position_source,
        by.account_id if told.channel in OWN else None,
        told.name,
        told.phone,
        told.for_name,
        told.for_phone,
        told.private,
        database.to_jsonb(told.answers),
        database.to_jsonb(told.refused_photos),
        by.device,
        moment,
    )


def _told(one: Opened) -> dict[str, Any]:
    data = {"number": one.number, "area": one.line.known_as, "said": one.telling.text, "channel": one.telling.channel}
    marks: dict[str, Any] = ({"held": one.held} if one.held else {}) | (
        {"inferred": one.inferred} if one.inferred else {}
    )
    return data | {"report": str(one.report_id)} | marks | ({"phone": one.phone.data} if one.phone else {})


def _case(one: Opened, head: Head) -> tuple[Any, ...]:
    return (
        one.case_id,
        one.number,
        head.link,
        one.subject,
        one.telling.place,
        one.telling.private,
        bool(one.held),
        one.line.district_id,
        one.line.street_id,
        one.line.community_id,
        one.line.grid_id,
        one.telling.latitude,
        one.telling.longitude,
    )


async def _tie(opened: Sequence[Opened], owners: Sequence[int], by: Actor, moment: datetime) -> None:
    """Each report belongs to its case; its desk owns it, its teller stands as reporter."""
    cases, reports = [one.case_id for one in opened], [one.report_id for one in opened]
    await database.execute(
        """INSERT INTO report_cases (report, "case", since)
           SELECT report, "case", $3 FROM unnest($1::uuid[], $2::uuid[]) AS given(report, "case")""",
        reports,
        cases,
        moment,
    )
    await database.execute(
        """INSERT INTO standings ("case", kind, post, report, account, since)
           SELECT "case", 'owner', post, NULL::uuid, NULL::uuid, $4::timestamptz
             FROM unnest($1::uuid[], $2::int[]) AS given("case", post)
           UNION ALL
           SELECT "case", 'reporter', NULL::int, report, $5::uuid, $4::timestamptz
             FROM unnest($1::uuid[], $3::uuid[]) AS given("case", report)""",
        cases,
        list(owners),
        reports,
        moment,
        by.account_id,
    )
