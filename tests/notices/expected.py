"""Who must be told of events of cases, found the slow way: person by person, without the statements under test."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from server.cases import case as case_room
from server.cases.case import CaseRow
from server.kernel import database
from server.kernel.actor import Role, the_system
from server.kernel.events import Event
from server.notices import table
from server.notices.relations import Relation
from server.notices.rules import Rule, holds


class World(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides who is told of one case, as plain rows."""

    case: CaseRow
    needs_check: bool
    held: list[dict[str, Any]]
    """Posts that an active person holds: id, role, area, unit, account."""
    reports: list[dict[str, Any]]
    accounts: dict[str, UUID]
    """By phone."""
    last_unit: int | None


async def untold() -> list[Event]:
    """Every event that nobody was told of, oldest first."""
    rows = await database.fetch("SELECT e.* FROM events e JOIN untold u ON u.event = e.id ORDER BY e.id")
    return [msgspec.convert(dict(row), Event) for row in rows]


async def expected(events: Sequence[Event]) -> dict[tuple[UUID, str], Rule]:
    """For each event and receiver (an account's id, or a report's) the one rule that tells them."""
    wanted: dict[tuple[UUID, str], Rule] = {}
    for event in events:
        if event.kind == "alarms.gathered":
            wanted[event.id, event.stream.partition(":")[2]] = next(r for r in table.TABLE if r.event == event.kind)
        if not event.stream.startswith("case:"):
            continue
        world = await world_of(UUID(event.stream.partition(":")[2]))
        texted: set[str] = set()
        for rule in table.TABLE:
            if rule.event == event.kind and holds(rule.when, event.data, world.needs_check):
                for receiver, phone in _receivers(rule, event, world):
                    if (event.id, receiver) in wanted or phone in texted:
                        continue
                    wanted[event.id, receiver] = rule
                    texted |= {phone} if phone else set()
    return wanted


async def world_of(case_id: UUID) -> World:
    case = (await case_room.load(case_id, the_system("test"))).case
    held = await database.fetch(
        """SELECT p.id, p.role, p.area, p.unit, h.account FROM posts p JOIN holdings h ON h.post = p.id
           JOIN accounts a ON a.id = h.account
           WHERE h.until IS NULL AND p.until IS NULL AND a.closed_at IS NULL"""
    )
    reports = await database.fetch(
        """SELECT r.* FROM reports r JOIN report_cases rc ON rc.report = r.id
           WHERE rc.until IS NULL AND rc."case" = $1""",
        case_id,
    )
    accounts = await database.fetch("SELECT phone, id FROM accounts WHERE closed_at IS NULL")
    ended = await database.fetch(
        'SELECT unit FROM dispatches WHERE "case" = $1 AND ended_at IS NOT NULL ORDER BY ended_at, id', case_id
    )
    check = await database.fetch_value("SELECT needs_check FROM category_versions WHERE id = $1", case.category_version)
    return World(
        case=case,
        needs_check=check is not False,
        held=[dict(row) for row in held],
        reports=[dict(row) for row in reports],
        accounts={row["phone"]: row["id"] for row in accounts},
        last_unit=ended[-1]["unit"] if ended else None,
    )


def _receivers(rule: Rule, event: Event, world: World) -> list[tuple[str, str]]:
    """Receivers of a rule, with the phone of those who have no account."""
    if rule.to in (Relation.TELLER, Relation.TOLD_FOR, Relation.REPORTERS):
        return [one for report in world.reports for one in _of_report(rule, event, world, report)]
    found = [post["account"] for post in world.held if _stands(rule.to, post, event, world)]
    return [(str(account), "") for account in found if account != event.account_id]


def _of_report(rule: Rule, event: Event, world: World, report: dict[str, Any]) -> list[tuple[str, str]]:
    if rule.to is not Relation.REPORTERS and event.data["report"] != str(report["id"]):
        return []
    sides = [("report", report["account"], report["phone"])]
    if report["for_phone"]:
        sides.append(("for", world.accounts.get(report["for_phone"]), report["for_phone"]))
    if rule.to is not Relation.REPORTERS:
        sides = [one for one in sides if (one[0] == "report") == (rule.to is Relation.TELLER)]
    told = []
    for side, account, phone in sides:
        if account is not None:
            told += [(str(account), "")] if account != event.account_id else []
        elif phone and rule.must_know and not (side == "report" and _did_it(rule, event, report)):
            told.append((f"{side}:{report['id']}", phone))
    return told


def _did_it(rule: Rule, event: Event, report: dict[str, Any]) -> bool:
    """Who has no account did what their own report's event says; that it was received they are told all the same."""
    by_report = event.account_id is None and event.data.get("report") == str(report["id"])
    return by_report and rule.to is not Relation.TELLER


def _stands(relation: Relation, post: dict[str, Any], event: Event, world: World) -> bool:
    case = world.case
    match relation:
        case Relation.UNIT:
            return post["unit"] is not None and post["unit"] == case.handler_unit
        case Relation.FORMER_UNIT:
            return post["unit"] is not None and post["unit"] == world.last_unit != case.handler_unit
        case Relation.OWNER:
            return bool(post["id"] == case.owner_post)
        case Relation.DESK:
            return bool(post["id"] == case.desk_post)
        case Relation.SECRETARY:
            areas = [case.community, case.street, case.district]
            near = [a for a in areas if a and any(p["role"] == Role.SECRETARY and p["area"] == a for p in world.held)]
            return post["role"] == Role.SECRETARY and post["area"] in near[:1]
        case Relation.ASSIGNED:
            there = post["id"] == event.data.get("post") and post["id"] in (case.owner_post, case.desk_post)
            mine = str(post["account"]) == event.data.get("account") == str(case.handler_account)
            return there or (mine and post["unit"] is not None and post["unit"] == case.handler_unit)
        case Relation.WARNED | Relation.ABOVE:
            rung = event.data["to"].get(str(post["account"]))
            if rung is None or (rung == "person") is not (relation is Relation.WARNED):
                return False
            in_line = post["area"] is not None and post["area"] in (case.community, case.street, case.district)
            roles = (Role.SECRETARY,) if case.private else (Role.SECRETARY, Role.CENTRE_OFFICER)
            mine = post["id"] == case.owner_post or (post["unit"] is not None and post["unit"] == case.handler_unit)
            return mine or (in_line and post["role"] in roles)
    raise AssertionError(f"{relation} is no relation of a case")
