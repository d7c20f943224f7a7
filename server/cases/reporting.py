"""A resident tells; a case with an owner and a deadline exists from that second."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.addresses import matcher
from server.addresses.matcher import Candidate
from server.areas import locate, tree
from server.areas.locate import Place
from server.areas.tree import Line
from server.cases import evidence, links, opening
from server.cases.evidence import Strip
from server.cases.lateness import Phone
from server.cases.telling import Telling, checked, subject
from server.kernel import clock, database, errors, limits
from server.kernel.actor import Actor
from server.people import sealing


class Reported(msgspec.Struct, frozen=True):
    """What the teller gets: the number, by when, and a link (see `links.secret_of`) where they have no account."""

    report_id: UUID
    case_id: UUID
    number: str
    due_at: datetime
    link: UUID | None
    head: str = ""
    """The end of the case's history (hex)."""


async def suspicion(by: Actor, many: int = 1) -> str:
    """Why a report from here would be held for the desk; empty where nothing is odd. `many` are asked for in one go.

    Asked before the verb, outside its transaction, so that many reports from one address do not wait for each other.
    Staff and the system are never held.
    """
    if by.is_staff or by.system:
        return ""
    if by.device and not await limits.take(sealing.bucket("report.device", by.device), burst=6, per_hour=6, many=many):
        return "这台手机短时间内上报较多"
    if by.address and not await limits.take(
        sealing.bucket("report.address", by.address), burst=60, per_hour=120, many=many
    ):
        return "这个网络地址短时间内上报较多"
    return ""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One of many tellings that are taken in one go."""

    telling: Telling
    held: str = ""
    """Why the desk looks at it first (see `suspicion`); it is never dropped."""
    phone: Phone | None = None
    """From a phone's outbox: its photos may come later."""


async def report(telling: Telling, by: Actor, *, held: str = "", phone: Phone | None = None) -> Reported:
    """Take a report and open its case.

    `held` (see `suspicion`) marks it for the desk to look at first; it is never dropped. From a phone's outbox
    (`phone`) its photos may come later. Raises Invalid with the fields that need mending.
    """
    [done] = await report_all([Asked(telling=telling, held=held, phone=phone)], by)
    return done


async def report_all(asked: Sequence[Asked], by: Actor) -> list[Reported]:
    """Take many reports of one sender, with as many statements as for one (photos apart). All of them or none:
    where one cannot be taken it raises what `report` would, and the caller tries them one by one.
    """
    told = [checked(one.telling) for one in asked]
    async with database.transaction():
        found = [await _by_address(one, line) for one, line in zip(told, await _lines(told), strict=True)]
        moment = clock.now()
        numbers = await opening.numbers(len(told), moment)
        opened = [
            opening.Opened(
                telling=telling,
                line=line,
                inferred=_said_of(by_address, line) if by_address is not None else {},
                number=number,
                subject=subject(telling.text),
                held=one.held,
                phone=one.phone,
            )
            for one, telling, (line, by_address), number in zip(asked, told, found, numbers, strict=True)
        ]
        await opening.write_reports(opened, by, moment)
        dues, heads = await opening.write_cases(opened, by, moment)
        for one in opened:
            strip = Strip(role="report", photos=one.telling.photos, report=one.report_id)
            await evidence.hang(one.case_id, strip, by, later=one.phone is not None)
        nameless = by.account_id is None and by.system is None
        made = await links.make_all([one.report_id for one in opened]) if nameless else {}
        return [
            Reported(one.report_id, one.case_id, one.number, due, made.get(one.report_id), head.link.hex())
            for one, due, head in zip(opened, dues, heads, strict=True)
        ]


async def _lines(told: Sequence[Telling]) -> list[Line]:
    """Where the matters are: the point's grid; what the teller chose wins where the two disagree."""
    index = await locate.current() if any(one.latitude is not None for one in told) else None
    found = [
        index.find(one.longitude, one.latitude)
        if index is not None and one.longitude is not None and one.latitude is not None
        else None
        for one in told
    ]
    wanted = [_area_of(one, place) for one, place in zip(told, found, strict=True)]
    lines = await tree.lines({area for area in wanted if area is not None and 0 < area < 2**31})
    return [await _outside_all_grids() if area is None else _chosen(lines.get(area), "community_id") for area in wanted]


def _area_of(told: Telling, found: Place | None) -> int | None:
    if told.community_id is not None and (found is None or found.community_id != told.community_id):
        return told.community_id
    return found.ids[0] if found is not None else None


async def _by_address(told: Telling, chosen: Line) -> tuple[Line, Candidate | None]:
    """The grid of the place in words, where the register is sure of it and it lies in the community that was chosen."""
    if told.latitude is not None or not told.place or told.community_id is None or chosen.grid_id is not None:
        return chosen, None
    found = await matcher.match_in_time(told.place, community_id=chosen.community_id, above=matcher.above_of(chosen))
    if found.grid_id is None or found.best is None:
        return chosen, None
    line = await tree.line(found.grid_id)
    return (line, found.best) if line.community_id == chosen.community_id else (chosen, None)


def _said_of(found: Candidate, line: Line) -> dict[str, Any]:
    """How the grid was inferred, for the history: the desk reads it, the reporter's own words stay as they are."""
    return {
        "grid": line.grid_id,
        "grid_name": line.grid_name,
        "address": found.address_id,
        "confidence": found.confidence,
        "reasons": list(found.reasons),
    }


async def chosen_line(area_id: int | None, field: str) -> Line:
    """The line of a community or grid that somebody chose; Invalid naming `field` where there is none such."""
    known = area_id is not None and 0 < area_id < 2**31
    return _chosen((await tree.lines([area_id])).get(area_id) if known and area_id else None, field)


def _chosen(line: Line | None, field: str) -> Line:
    if line is None or line.community_id is None:
        raise errors.Invalid({field: "请选择社区。"})
    return line


async def _outside_all_grids() -> Line:
    """Outside every area the district's centre looks where it belongs; it is taken all the same."""
    districts = await tree.districts()
    if not districts:
        raise errors.NotAllowed("这里还没有开通,请拨打 12345;您写的内容没有丢。")
    return await tree.line(districts[0].id)
