"""What the findings of a record lead to: rectifications, cases, and what a re-visit settles."""

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from server import cases
from server.cases import Telling
from server.cases.evidence import MOST
from server.forms.questions import answer_in_words
from server.kernel.actor import Actor
from server.kernel.errors import Invalid
from server.patrols import rectifications
from server.patrols.judging import Found, Judged
from server.patrols.known import Earlier, Known, KnownRectification
from server.patrols.place import PlaceRow
from server.patrols.visit import GONE


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as it is written."""

    found: Found
    leads_to: str
    number: str = ""
    due: date | None = None
    case: UUID | None = None
    rectification: UUID | None = None


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """All that a record led to; `mark` where the desk must look at it for that."""

    rows: tuple[Row, ...]
    mark: str = ""


async def lead(judged: Judged, known: Known, by: Actor) -> Lead:
    """Do what the findings ask for; a correction goes on with what the earlier version led to."""
    looked = await _looked_again(judged, known, by)
    earlier = known.earlier.get(judged.root, []) if judged.corrects else []
    rows: list[Row] = []
    fresh: dict[tuple[int, date | None], list[Found]] = defaultdict(list)
    for found in judged.findings:
        before = _same(found, earlier)
        if looked and found.item is not None and found.item.id in looked.items:
            rows.append(looked.row(found))
        elif before is not None and before.leads_to == found.told.leads_to:
            rows.append(_as_before(found, before))
        elif found.told.leads_to == "rectify" and found.list is not None and not judged.overtaken:
            fresh[found.list.id, found.told.due].append(found)
        elif found.told.leads_to == "case" and not judged.overtaken:
            reported = await report(judged, [found], by)
            rows.append(Row(found=found, leads_to="case", number=reported.number, case=reported.case_id))
        else:
            rows.append(Row(found=found, leads_to=found.told.leads_to))
    for together in fresh.values():
        one = await rectifications.open_one(_place(judged), together, by)
        rows += [
            Row(found=found, leads_to="rectify", number=one.number, due=one.due, rectification=one.id)
            for found in together
        ]
    return Lead(rows=tuple(rows), mark=await _let_go(earlier, rows, known, by))


async def report(judged: Judged, found: list[Found], by: Actor, why: str = "") -> cases.Reported:
    """A case at once, with place, position, photos and answers."""
    first, told = found[0], judged.told
    photos = tuple(dict.fromkeys(photo for one in found for _, photo in one.told.strips))[:MOST]
    telling = Telling(
        text="\n".join(filter(None, [why, *(_said(one) for one in found)])),
        community_id=judged.grid or judged.community,
        place=_where(judged),
        latitude=judged.place.latitude if judged.place else told.latitude,
        longitude=judged.place.longitude if judged.place else told.longitude,
        accuracy=judged.place.accuracy if judged.place else told.accuracy,
        channel="patrol",
        for_name=first.told.for_name,
        for_phone=first.told.for_phone,
        for_agreed=first.told.for_agreed,
        photos=photos,
        answers={one.label: _answer(one) for one in found if one.item is not None},
    )
    try:
        return await cases.report(telling, by, phone=told.phone)
    except Invalid as wrong:
        raise Invalid({f"findings.{first.told.id}": ";".join(wrong.fields.values())}) from None


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What a re-visit settled."""

    one: KnownRectification
    items: tuple[str, ...]
    leads_to: str
    number: str
    due: date | None = None
    case: UUID | None = None

    def row(self, found: Found) -> Row:
        return Row(
            found=found,
            leads_to=self.leads_to,
            number=self.number,
            due=self.due,
            case=self.case,
            rectification=self.one.id,
        )


async def _looked_again(judged: Judged, known: Known, by: Actor) -> Looked | None:
    """Of a re-visit: put right, or not yet, or for the second time not."""
    task = judged.task
    one = known.rectifications.get(task.rectification) if task and task.rectification else None
    if one is None or one.state != "open" or not judged.settles or judged.corrects is not None:
        return None
    if judged.told.outcome in GONE:
        await rectifications.drop(one.id, "对象已不在", by)
        return None
    if judged.told.outcome == "nobody_there":
        return None
    failed = [found for found in judged.findings if _is_of(found, one)]
    answered = any(known.lists[each.version].checklist == one.checklist for each in judged.answered)
    if answered and all(found.told.leads_to == "fixed" for found in failed):
        await rectifications.passed(one, by)
        return Looked(one=one, items=one.items, leads_to="fixed", number=one.number)
    if answered and (one.failed + 1 >= rectifications.TWICE or any(f.told.leads_to == "case" for f in failed)):
        why = f"整改单 {one.number} 到期复查,没有改好。"
        reported = await report(judged, failed, by, why)
        await rectifications.became_case(one, reported.case_id, reported.number, by)
        return Looked(one=one, items=one.items, leads_to="case", number=reported.number, case=reported.case_id)
    dues = [found.told.due for found in failed if found.told.due]
    days = min((found.item.rectify_days for found in failed if found.item), default=7)
    due = await rectifications.again(one, _place(judged), min(dues, default=None), days, answered, by)
    return Looked(one=one, items=one.items, leads_to="rectify", number=one.number, due=due)


def _is_of(found: Found, one: KnownRectification) -> bool:
    return found.list is not None and found.list.checklist == one.checklist and found.told.item in one.items


def _same(found: Found, earlier: list[Earlier]) -> Earlier | None:
    """The same finding in an earlier version: of the same item, or in the same words."""
    item = found.item.id if found.item else ""
    same = [one for one in earlier if one.item == item and (item or one.words == found.told.words)]
    return same[-1] if same else None


def _as_before(found: Found, before: Earlier) -> Row:
    return Row(
        found=found,
        leads_to=before.leads_to,
        number=before.number,
        due=before.due,
        case=before.case,
        rectification=before.rectification,
    )


async def _let_go(earlier: list[Earlier], rows: list[Row], known: Known, by: Actor) -> str:
    """A rectification that the correction does not name any more falls away; a case stays, and the desk is told."""
    named = {row.rectification for row in rows} | {row.case for row in rows}
    for one in {each.rectification for each in earlier if each.rectification} - named:
        if known.rectifications[one].state == "open":
            await rectifications.drop(one, "记录改正后不再需要整改", by)
    return "corrected_case" if {each.case for each in earlier if each.case} - named else ""


def _place(judged: Judged) -> PlaceRow:
    assert judged.place is not None
    return judged.place


def _where(judged: Judged) -> str:
    if judged.place is None:
        return judged.told.place_words
    return f"{judged.place.address_text} {judged.place.name}".strip()[:200]


def _said(found: Found) -> str:
    answer: Any = _answer(found)
    asked = f"巡查发现:{found.label}({answer})" if found.item else ""
    return ",".join(filter(None, [asked, found.told.words]))


def _answer(found: Found) -> str:
    return answer_in_words(found.item, found.answer) if found.item else ""
