"""A re-visit looks again at what had to be put right; a correction of one looks at it anew (rules: settling)."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from server.kernel import database
from server.kernel.actor import Actor
from server.patrols import rectifications, settling
from server.patrols.judging import Found, Judged
from server.patrols.known import Known, KnownRectification, KnownTask
from server.patrols.reporting import report
from server.patrols.settling import Stand, Step, Verdict

_LEADS = {"passed": "fixed", "case": "case", "open": "rectify", "withdrawn": "note"}


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What a re-visit settled: what it leads to that an item failed again."""

    one: KnownRectification
    """As it is afterwards."""
    leads_to: str
    number: str
    due: date | None = None
    case: UUID | None = None
    mark: str = ""

    @property
    def rectification(self) -> UUID:
        return self.one.id

    @property
    def items(self) -> tuple[str, ...]:
        return self.one.items


class _Before(msgspec.Struct, frozen=True):
    """What the version before it said, and what has come since."""

    verdict: Verdict
    last: bool


async def look(judged: Judged, known: Known, by: Actor) -> Looked | None:
    """Settle what the record of a re-visit settles; None where it settles nothing."""
    task = judged.task
    one = known.rectifications.get(task.rectification) if task and task.rectification else None
    if task is None or one is None or not judged.settles or (one.state != "open" and judged.corrects is None):
        return None
    failed = [found for found in judged.findings if _is_of(found, one)]
    answered = any(known.lists[each.version].checklist == one.checklist for each in judged.answered)
    before = await _before(judged.corrects.id, task, one) if judged.corrects else None
    leads = [found.told.leads_to for found in failed]
    now = settling.verdict(judged.told.outcome, answered, leads)
    step = settling.settle(
        now,
        Stand(state=one.state, failed=one.failed, last=before is None or before.last),
        was=before.verdict if before else None,
        at_once="case" in leads,
    )
    looked = await _do(step, one, judged, failed, now == "failed", by)
    # A later record of the same batch is held against what this one did.
    known.rectifications[one.id] = looked.one
    return looked if before is not None or now not in ("gone", "nobody") else None


async def _do(
    step: Step, one: KnownRectification, judged: Judged, failed: list[Found], seen: bool, by: Actor
) -> Looked:
    after = msgspec.structs.replace(one, failed=step.failed)
    match step.do:
        case "pass":
            await rectifications.passed(after, by)
            after = msgspec.structs.replace(after, state="passed")
        case "drop":
            await rectifications.drop(one.id, "对象已不在", by)
            after = msgspec.structs.replace(after, state="withdrawn")
        case "case":
            why = f"整改单 {one.number} 到期复查,没有改好。"
            reported = await report(judged, failed, by, why)
            await rectifications.became_case(after, reported.case_id, reported.number, by)
            after = msgspec.structs.replace(after, state="case")
            return Looked(one=after, leads_to="case", number=reported.number, case=reported.case_id)
        case "again" if step.revisit:
            dues = [found.told.due for found in failed if found.told.due]
            days = min((found.item.rectify_days for found in failed if found.item), default=7)
            due = await rectifications.again(after, judged.must_place, min(dues, default=None), days, seen, by)
            after = msgspec.structs.replace(after, due=due, state="open")
        case "again" if step.failed != one.failed:
            await rectifications.recount(after, by)
    case, number = await _case_of(after) if after.state == "case" else (None, one.number)
    return Looked(
        one=after,
        leads_to=_LEADS[after.state],
        number=number,
        due=after.due if after.state == "open" else None,
        case=case,
        mark=step.mark,
    )


async def _before(visit: UUID, task: KnownTask, one: KnownRectification) -> _Before:
    """Asked for here and not loaded with the batch: few re-visits are ever corrected."""
    row: Any = await database.fetch_one(
        """SELECT v.outcome, EXISTS (
                      SELECT FROM jsonb_array_elements(v.answers) a
                      JOIN checklist_versions c ON c.id = (a->>'version')::int WHERE c.checklist = $2) AS answered,
                  ARRAY(SELECT f.leads_to FROM patrol_findings f
                        JOIN checklist_versions c ON c.id = f.checklist_version
                        WHERE f.visit = v.id AND c.checklist = $2 AND f.item = ANY($3::text[])) AS leads,
                  NOT EXISTS (SELECT FROM patrol_tasks x JOIN patrol_tasks t ON t.rectification = x.rectification
                              WHERE t.id = $4 AND x.state = 'done' AND x.made_at > t.made_at) AS last
           FROM patrol_visits v WHERE v.id = $1""",
        visit,
        one.checklist,
        list(one.items),
        task.id,
    )
    return _Before(settling.verdict(row["outcome"], row["answered"], row["leads"]), row["last"])


async def _case_of(one: KnownRectification) -> tuple[UUID | None, str]:
    row = await database.fetch_one(
        'SELECT c.id, c.number FROM patrol_rectifications r JOIN cases c ON c.id = r."case" WHERE r.id = $1', one.id
    )
    return (row["id"], row["number"]) if row else (None, one.number)


def _is_of(found: Found, one: KnownRectification) -> bool:
    return found.list is not None and found.list.checklist == one.checklist and found.told.item in one.items
