"""What the findings of a record lead to: rectifications, cases, and what a re-visit settles."""

from collections import defaultdict
from datetime import date
from uuid import UUID

import msgspec

from server.kernel.actor import Actor
from server.patrols import looking_again, rectifications
from server.patrols.judging import Found, Judged
from server.patrols.known import Earlier, Known
from server.patrols.looking_again import Looked
from server.patrols.reporting import report
from server.patrols.settling import CASE_STAYS


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
    looked = await looking_again.look(judged, known, by)
    earlier = known.earlier.get(judged.root, []) if judged.corrects else []
    rows: list[Row] = []
    fresh: dict[tuple[int, date | None], list[Found]] = defaultdict(list)
    for found in judged.findings:
        before = _same(found, earlier)
        if looked and found.item is not None and found.item.id in looked.items:
            rows.append(_as(found, looked))
        elif before is not None and before.leads_to == found.told.leads_to:
            rows.append(_as(found, before))
        elif found.told.leads_to == "rectify" and found.list is not None and not judged.overtaken:
            fresh[found.list.id, found.told.due].append(found)
        elif found.told.leads_to == "case" and not judged.overtaken:
            reported = await report(judged, [found], by)
            rows.append(Row(found=found, leads_to="case", number=reported.number, case=reported.case_id))
        else:
            rows.append(Row(found=found, leads_to=found.told.leads_to))
    for together in fresh.values():
        one = await rectifications.open_one(judged.must_place, together, by)
        rows += [
            Row(found=found, leads_to="rectify", number=one.number, due=one.due, rectification=one.id)
            for found in together
        ]
    mark = await _let_go(earlier, rows, looked, known, by)
    return Lead(rows=tuple(rows), mark=mark or (looked.mark if looked else ""))


def _same(found: Found, earlier: list[Earlier]) -> Earlier | None:
    """The same finding in an earlier version: of the same item, or in the same words."""
    item = found.item.id if found.item else ""
    same = [one for one in earlier if one.item == item and (item or one.words == found.told.words)]
    return same[-1] if same else None


def _as(found: Found, led: Earlier | Looked) -> Row:
    """It leads where it led before, or where looking again has led."""
    return Row(
        found=found,
        leads_to=led.leads_to,
        number=led.number,
        due=led.due,
        case=led.case,
        rectification=led.rectification,
    )


async def _let_go(earlier: list[Earlier], rows: list[Row], looked: Looked | None, known: Known, by: Actor) -> str:
    """A rectification that the correction does not name any more falls away; a case stays, and the desk is told.

    What a re-visit looks at is settled by that, whether it names it or not.
    """
    named = {row.rectification for row in rows} | {row.case for row in rows} | ({looked.one.id} if looked else set())
    for one in {each.rectification for each in earlier if each.rectification} - named:
        if known.rectifications[one].state == "open":
            await rectifications.drop(one, "记录改正后不再需要整改", by)
    return CASE_STAYS if {each.case for each in earlier if each.case} - named else ""
