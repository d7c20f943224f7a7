"""Who stands how to what happened: one statement for each relation, however many events there are."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from server.cases.warning import Rung
from server.kernel import database
from server.kernel.events import Event
from server.notices.relations import Relation
from server.notices.wording import subject_of


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is told of an event: an account, or the phone behind a report of who has none."""

    event: UUID
    account: UUID | None = None
    door: str = ""
    """Which page of the case is theirs: mine, unit or desk."""
    number: str = ""
    """Of their report; empty: the case's."""
    report: UUID | None = None
    phone: str = ""
    teller: bool = False

    @property
    def key(self) -> str:
        """Who it is, in one word."""
        if self.account is not None:
            return str(self.account)
        return f"{'report' if self.teller else 'for'}:{self.report}"


Finder = Callable[[Sequence[Event]], Awaitable[list[Any]]]

HELD = """JOIN holdings h ON h.post = p.id AND h.until IS NULL AND p.until IS NULL
           JOIN accounts a ON a.id = h.account AND a.closed_at IS NULL"""
_CASE = 'unnest($1::uuid[], $2::uuid[]) AS g(event, "case") JOIN cases c ON c.id = g."case"'
_DOOR = "CASE WHEN p.unit IS NULL THEN 'desk' ELSE 'unit' END AS door"


async def _by_case(statement: str, events: Sequence[Event], *more: object) -> list[Any]:
    subjects = [subject_of(event) for event in events]
    return await database.fetch(statement, [event.id for event in events], subjects, *more)


def _of_case(condition: str) -> Finder:
    """The holders of posts that stand to the case as `condition` says."""

    async def finder(events: Sequence[Event]) -> list[Any]:
        return await _by_case(
            f"SELECT DISTINCT g.event, a.id AS account, {_DOOR} FROM {_CASE} JOIN posts p ON {condition} {HELD}", events
        )

    return finder


async def _reporters(events: Sequence[Event]) -> list[Any]:
    """Tellers, and those they told it for; without an account only where there is a phone to reach them by."""
    return await _by_case(
        """WITH told AS (
               SELECT g.event, r.* FROM unnest($1::uuid[], $2::uuid[]) AS g(event, "case")
               JOIN report_cases rc ON rc."case" = g."case" AND rc.until IS NULL JOIN reports r ON r.id = rc.report)
           SELECT t.event, a.id AS account, 'mine' AS door, t.number, t.id AS report, t.phone, TRUE AS teller
           FROM told t LEFT JOIN accounts a ON a.id = t.account AND a.closed_at IS NULL
           WHERE a.id IS NOT NULL OR (t.account IS NULL AND t.phone <> '')
           UNION ALL
           SELECT t.event, a.id, 'mine', t.number, t.id, t.for_phone, FALSE
           FROM told t LEFT JOIN accounts a ON a.phone = t.for_phone AND a.closed_at IS NULL
           WHERE t.for_phone <> ''""",
        events,
    )


async def _teller(events: Sequence[Event]) -> list[Any]:
    return [row for row in await _of_the_report(events) if row["teller"]]


async def _told_for(events: Sequence[Event]) -> list[Any]:
    return [row for row in await _of_the_report(events) if not row["teller"]]


async def _of_the_report(events: Sequence[Event]) -> list[Any]:
    named = {event.id: event.data.get("report") for event in events}
    return [row for row in await _reporters(events) if str(row["report"]) == named[row["event"]]]


async def _former_unit(events: Sequence[Event]) -> list[Any]:
    return await _by_case(
        f"""SELECT DISTINCT g.event, a.id AS account, 'unit' AS door FROM {_CASE}
            CROSS JOIN LATERAL (SELECT d.unit FROM dispatches d WHERE d."case" = c.id AND d.ended_at IS NOT NULL
                                ORDER BY d.ended_at DESC, d.id DESC LIMIT 1) AS last
            JOIN posts p ON p.unit = last.unit AND p.unit IS DISTINCT FROM c.handler_unit {HELD}""",
        events,
    )


async def _secretary(events: Sequence[Event]) -> list[Any]:
    return await _by_case(
        f"""SELECT DISTINCT event, account, 'desk' AS door FROM (
                SELECT g.event, a.id AS account, rank() OVER (PARTITION BY g.event ORDER BY
                    CASE p.area WHEN c.community THEN 1 WHEN c.street THEN 2 ELSE 3 END) AS rung
                FROM {_CASE} JOIN posts p ON p.role = 'secretary' AND p.area IN (c.community, c.street, c.district)
                {HELD}) AS found
            WHERE rung = 1""",
        events,
    )


async def _assigned(events: Sequence[Event]) -> list[Any]:
    return await _by_case(
        f"""SELECT DISTINCT g.event, a.id AS account, {_DOOR}
            FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[]) AS g(event, "case", post, account)
            JOIN cases c ON c.id = g."case"
            JOIN posts p ON (p.id = g.post AND p.id IN (c.owner_post, c.desk_post)) OR p.unit = c.handler_unit {HELD}
            WHERE p.id = g.post OR (a.id = g.account AND a.id = c.handler_account)""",
        events,
        [event.data.get("post") for event in events],
        [event.data.get("account") for event in events],
    )


async def _named(events: Sequence[Event]) -> list[Any]:
    return await _by_case(
        f"""SELECT DISTINCT g.event, a.id AS account, {_DOOR}
            FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS g(event, "case", post)
            JOIN cases c ON c.id = g."case" JOIN posts p ON p.id = g.post AND (
                p.id = c.owner_post OR p.unit = c.handler_unit
                OR (p.area IN (c.community, c.street, c.district) AND (p.role = 'secretary'
                    OR (NOT c.private AND p.role IN ('community_staff', 'centre_officer'))))) {HELD}""",
        events,
        [event.data.get("post") for event in events],
    )


def _warned(first: bool) -> Finder:
    """Whom an alarm names: on the first rung or above it."""

    async def finder(events: Sequence[Event]) -> list[Any]:
        named = [
            (event, account)
            for event in events
            for account, rung in event.data.get("to", {}).items()
            if (rung == Rung.PERSON) is first
        ]
        return await database.fetch(
            f"""SELECT DISTINCT ON (g.event, a.id) g.event, a.id AS account, {_DOOR}
                FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS g(event, "case", account)
                JOIN cases c ON c.id = g."case" JOIN posts p ON p.id = c.owner_post OR p.unit = c.handler_unit
                    OR (p.area IN (c.community, c.street, c.district) AND (p.role = 'secretary'
                        OR (NOT c.private AND p.role = 'centre_officer'))) {HELD}
                WHERE a.id = g.account ORDER BY g.event, a.id, p.unit NULLS LAST, p.id""",
            [event.id for event, _ in named],
            [subject_of(event) for event, _ in named],
            [account for _, account in named],
        )

    return finder


async def _gathered(events: Sequence[Event]) -> list[Any]:
    return await database.fetch(
        """SELECT g.event, a.id AS account FROM unnest($1::uuid[], $2::uuid[]) AS g(event, account)
           JOIN accounts a ON a.id = g.account AND a.closed_at IS NULL""",
        [event.id for event in events],
        [subject_of(event) for event in events],
    )


FINDERS: dict[Relation, Finder] = {
    Relation.TELLER: _teller,
    Relation.TOLD_FOR: _told_for,
    Relation.REPORTERS: _reporters,
    Relation.UNIT: _of_case("p.unit = c.handler_unit"),
    Relation.FORMER_UNIT: _former_unit,
    Relation.OWNER: _of_case("p.id = c.owner_post"),
    Relation.DESK: _of_case("p.id = c.desk_post"),
    Relation.SECRETARY: _secretary,
    Relation.ASSIGNED: _assigned,
    Relation.NAMED: _named,
    Relation.WARNED: _warned(True),
    Relation.ABOVE: _warned(False),
    Relation.GATHERED: _gathered,
}
