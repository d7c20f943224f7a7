"""A resident tells; a case with an owner and a deadline exists from that second."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.areas import locate, tree
from server.areas.tree import Line
from server.cases import clocks, deadlines, evidence, links, ownership
from server.cases.case import stream_of
from server.cases.evidence import Strip
from server.cases.lateness import Phone
from server.kernel import clock, database, errors, events, jobs, limits
from server.kernel.actor import Actor
from server.kernel.clock import BEIJING
from server.kernel.events import Head
from server.kernel.ids import new_id
from server.people import phones, sealing

LONGEST = 20_000
"""Characters of a report."""
SUBJECT = 60
"""Characters of the first words that lists show."""
CHANNELS = ("web", "desk", "hotline", "import", "patrol")
OWN = ("web", "patrol")
"""Channels by which the actor tells it themselves, as its reporter."""


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody tells, as a form or another channel brings it. Positions in WGS-84 degrees, accuracy in metres."""

    text: str
    community_id: int | None = None
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    accuracy: float | None = None
    position_source: str | None = None
    private: bool = False
    name: str = ""
    phone: str = ""
    for_name: str = ""
    for_phone: str = ""
    for_agreed: bool = False
    """The person it is told for said yes."""
    photos: tuple[UUID, ...] = ()
    refused_photos: tuple[str, ...] = ()
    """Why photos were not taken, in words."""
    channel: str = "web"
    answers: Mapping[str, Any] = {}


class Reported(msgspec.Struct, frozen=True):
    """What the teller gets: the number, by when, and a link (see `links.secret_of`) where they have no account."""

    report_id: UUID
    case_id: UUID
    number: str
    due_at: datetime
    link: UUID | None
    head: str = ""
    """The end of the case's history (hex)."""


class Received(msgspec.Struct, frozen=True):
    """Data of the job `notices.received`: tell the people of a report that it has arrived."""

    report_id: UUID


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


async def report(telling: Telling, by: Actor, *, held: str = "", phone: Phone | None = None) -> Reported:
    """Take a report and open its case.

    `held` (see `suspicion`) marks it for the desk to look at first; it is never dropped. From a phone's outbox
    (`phone`) its photos may come later. Raises Invalid with the fields that need mending.
    """
    told = checked(telling)
    async with database.transaction():
        line = await _line(told)
        moment = clock.now()
        report_id, case_id = new_id(), new_id()
        number = await _number(moment)
        await _insert_report(report_id, number, told, by, moment)
        marks: dict[str, Any] = ({"held": held} if held else {}) | ({"phone": phone.data} if phone else {})
        due, head = await _open_case(case_id, report_id, number, told, line, by, marks)
        await _tie(report_id, case_id, by, moment)
        strip = Strip(role="report", photos=told.photos, report=report_id)
        await evidence.hang(case_id, strip, by, later=phone is not None)
        link = await links.make(report_id) if by.account_id is None and by.system is None else None
        if told.for_phone or (told.phone and by.account_id is None):
            await jobs.enqueue("notices.received", Received(report_id))
        return Reported(report_id, case_id, number, due, link, head.link.hex())


def subject(text: str) -> str:
    """The first words of a report, for lists: one line, at most 60 characters."""
    line = " ".join(text.split())
    return line if len(line) <= SUBJECT else line[: SUBJECT - 1] + "…"


def checked(telling: Telling) -> Telling:
    """The telling trimmed, phones in one form; `Invalid` names every field that needs mending. `report` asks it too."""
    wrong: dict[str, str] = {}
    text = telling.text.replace("\x00", "")
    if not text.strip():
        wrong["text"] = "请写一两句话,说说是什么事。"
    if len(text) > LONGEST:
        wrong["text"] = f"太长了({len(text)} 字),请缩短到 {LONGEST} 字以内。"
    if telling.community_id is None and telling.latitude is None:
        wrong["community_id"] = "请选择在哪个社区,或者在地图上点一下。"
    if (telling.latitude is None) != (telling.longitude is None) or not _on_earth(telling):
        wrong["community_id"] = "这个位置不对,请重新选择。"
    if telling.channel not in CHANNELS:
        wrong["channel"] = "这个来源不认识。"
    if telling.for_phone and not telling.for_agreed:
        wrong["for_agreed"] = "替别人上报,要先得到对方同意。"
    phone, for_phone = phones.read(telling.phone), phones.read(telling.for_phone)
    if telling.phone and phone is None:
        wrong["phone"] = "请填写 11 位手机号码,或者留空。"
    if telling.for_phone and for_phone is None:
        wrong["for_phone"] = "请填写对方的 11 位手机号码。"
    for field in ("name", "for_name", "place"):
        if len(getattr(telling, field)) > 200:
            wrong[field] = "太长了,请缩短到 200 字以内。"
    if wrong:
        raise errors.Invalid(wrong)
    return msgspec.structs.replace(
        telling,
        text=text,
        phone=phone or "",
        for_phone=for_phone or "",
        place=telling.place.replace("\x00", "").strip(),
        name=telling.name.replace("\x00", "").strip(),
        for_name=telling.for_name.replace("\x00", "").strip(),
    )


def _on_earth(telling: Telling) -> bool:
    if telling.latitude is None or telling.longitude is None:
        return True
    return -90 <= telling.latitude <= 90 and -180 <= telling.longitude <= 180


async def _line(told: Telling) -> Line:
    """Where the matter is: the point's grid; what the teller chose wins where the two disagree."""
    found = None
    if told.latitude is not None and told.longitude is not None:
        found = await locate.locate(told.longitude, told.latitude)
    if told.community_id is not None and (found is None or found.community_id != told.community_id):
        return await chosen_line(told.community_id, "community_id")
    if found is not None:
        return await tree.line(found.ids[0])
    return await _outside_all_grids()


async def chosen_line(area_id: int | None, field: str) -> Line:
    """The line of a community or grid that somebody chose; Invalid naming `field` where there is none such."""
    known = area_id is not None and 0 < area_id < 2**31
    try:
        line = await tree.line(area_id) if known and area_id else None
    except errors.NotFound:
        line = None
    if line is None or line.community_id is None:
        raise errors.Invalid({field: "请选择社区。"})
    return line


async def _outside_all_grids() -> Line:
    """Outside every area the district's centre looks where it belongs; it is taken all the same."""
    districts = await tree.districts()
    if not districts:
        raise errors.NotAllowed("这里还没有开通,请拨打 12345;您写的内容没有丢。")
    return await tree.line(districts[0].id)


async def _number(moment: datetime) -> str:
    """Date in Beijing and a running number, e.g. 26112100042: short enough to say on the phone."""
    running = await database.fetch_value("SELECT nextval('report_numbers')")
    return f"{moment.astimezone(BEIJING):%y%m%d}{running % 100_000:05d}"


async def _insert_report(report_id: UUID, number: str, told: Telling, by: Actor, moment: datetime) -> None:
    await database.execute(
        """INSERT INTO reports (id, number, channel, text, place, latitude, longitude, accuracy, position_source, datum,
               account, name, phone, for_name, for_phone, private, answers, refused_photos, device, reported_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'WGS-84', $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)""",
        report_id,
        number,
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


async def _open_case(
    case_id: UUID, report_id: UUID, number: str, told: Telling, line: Line, by: Actor, marks: dict[str, Any]
) -> tuple[datetime, Head]:
    """Write the case with its first event, its owner and its clock; when it is due comes back."""
    moment = clock.now()
    areas = (line.community_id, line.street_id, line.district_id)
    owner = await ownership.desk_for(areas, told.private, ownership.lot(case_id))
    days = await clocks.calendar()
    budget = deadlines.budget_for(None, "normal")
    due = deadlines.due(moment, budget, days)
    data: dict[str, Any] = {"number": number, "area": area_name(line), "said": told.text, "channel": told.channel}
    data["report"] = str(report_id)
    head = await events.record(stream_of(case_id), "case.reported", data | marks, by, head=Head())
    await database.execute(
        """INSERT INTO cases (id, number, state, open, version, history_sequence, history_link, subject, place, private,
               held, district, street, community, grid, latitude, longitude, level, owner_post, desk_post,
               reported_at, due_at, due_provisional, changed_at)
           VALUES ($1, $2, 'reported', TRUE, 1, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'normal', $14, $14,
               $15, $16, $17, $15)""",
        case_id,
        number,
        head.link,
        subject(told.text),
        told.place,
        told.private,
        "held" in marks,
        line.district_id,
        line.street_id,
        line.community_id,
        line.grid_id,
        told.latitude,
        told.longitude,
        owner.post_id,
        moment,
        due,
        days.provisional(moment, due),
    )
    await ownership.stand_as_first_owner(case_id, owner.post_id, moment)
    await clocks.begin(case_id, budget, moment, days)
    return due, head


def area_name(line: Line) -> str:
    """The name people know the place by: the community's, else the street's, else the district's."""
    return line.community_name or line.street_name or line.district_name


async def _tie(report_id: UUID, case_id: UUID, by: Actor, moment: datetime) -> None:
    await database.execute(
        'INSERT INTO report_cases (report, "case", since) VALUES ($1, $2, $3)', report_id, case_id, moment
    )
    await database.execute(
        """INSERT INTO standings ("case", kind, report, account, since) VALUES ($1, 'reporter', $2, $3, $4)""",
        case_id,
        report_id,
        by.account_id,
        moment,
    )
