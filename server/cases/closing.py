"""Closed means answered: the check by somebody else, the centre's rating, the reporter's, and the way back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from server.areas import tree
from server.cases import clocks, deadlines, evidence, ownership
from server.cases.change import Change, Changed, change, own_words
from server.cases.evidence import Strip
from server.cases.way import Relation, State
from server.forms import categories
from server.kernel import database, errors
from server.kernel.actor import Actor
from server.kernel.ids import new_id
from server.kernel.settings import settings

LOW = 2
"""Stars up to which a rating says why."""
REASONS = {
    "not_fixed": "问题没有解决",
    "too_slow": "太慢了",
    "no_explanation": "没有说清楚",
    "attitude": "态度不好",
    "again": "又出现了",
    "other": "其他",
}


async def check(
    case: UUID | str,
    by: Actor,
    *,
    seen: int | None,
    passed: bool,
    note: str = "",
    photos: Sequence[UUID] = (),
) -> Changed:
    """Somebody else than the doer looked. Not passed: back in hand with the unit, with the reason."""
    async with change(case, "check", by, seen) as it:
        answer = await _last_answer(it)
        if by.account_id is not None and answer["by"] == by.account_id:
            raise errors.NotAllowed("办理的人不能自己核查,请换一位同事。")
        said = note.strip()[:5000] if passed else own_words(note, "note", "请写明哪里没有办好。")
        await database.execute(
            'INSERT INTO checks (id, "case", answer, passed, note, by, at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
            new_id(),
            it.case.id,
            answer["id"],
            passed,
            said,
            by.account_id,
            it.moment,
        )
        await evidence.hang(it.case.id, Strip(role="check", photos=tuple(photos), answer=answer["id"]), by)
        data = {"passed": passed, "said": said}
        if passed:
            return await it.done("case.checked", data)
        return await it.done("case.checked", data, **await _back_in_hand(it))


async def close(case: UUID | str, by: Actor, *, seen: int | None, stars: int | None, reason: str = "") -> Changed:
    """The centre (the secretary, of a private case) agrees that it is answered, and rates the answer 1–5."""
    async with change(case, "close", by, seen) as it:
        category = await _category(it)
        if it.case.state is State.FINISHED and (category is None or category.needs_check):
            raise errors.NotAllowed("这类事情要先核查,再结案。")
        rated, said = _stars(stars, reason, "请写明为什么评价低,处置单位会看到。")
        closed = await write_closure(it, "closed", stars=rated, reason=said)
        return await it.done("case.closed", {"area": await _closer(it), "stars": rated, "reason": said}, **closed)


async def rate(
    case: UUID | str, by: Actor, *, seen: int | None, stars: int | None, reason: str = "", text: str = ""
) -> Changed:
    """The reporter says whether it helped, once for each closure; a low rating says why."""
    async with change(case, "rate", by, seen) as it:
        if stars is None or not 1 <= stars <= 5:
            raise errors.Invalid({"stars": "请选几颗星。"})
        if stars <= LOW and reason not in REASONS:
            raise errors.Invalid({"reason": "请选一个原因,我们好改进。"})
        closure = await _last_closure(it)
        written = await database.execute(
            """INSERT INTO ratings (id, closure, report, stars, reason, text, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (closure, report) DO NOTHING""",
            new_id(),
            closure["id"],
            it.report_id,
            stars,
            reason,
            text.replace("\x00", "").strip()[:2000],
            it.moment,
        )
        if written == "INSERT 0 0":
            raise errors.NotAllowed("您已经评价过了。")
        data = {"stars": stars, "reason": REASONS.get(reason, ""), "said": text.strip()[:2000]}
        data["report"] = str(it.report_id)
        return await it.done("case.rated", data)


async def respond(case: UUID | str, by: Actor, *, seen: int | None, text: str) -> Changed:
    """Answer a reporter's low rating: what is done about it, for them to read. The case stays closed."""
    async with change(case, "respond", by, seen) as it:
        said = own_words(text, "text", "请写一句回应,上报人会看到。")
        if not await unanswered_low_rating(it.case.id):
            raise errors.NotAllowed("没有等着回应的低评价。")
        return await it.done("case.responded", {"area": await _closer(it), "said": said})


async def unanswered_low_rating(case_id: UUID) -> bool:
    """Whether a reporter rated the present closure low and nobody has said a word to it."""
    found = await database.fetch_value(
        f'SELECT EXISTS (SELECT FROM closures c WHERE c."case" = $1 AND {RATING_WAITS})', case_id
    )
    return bool(found)


RATING_WAITS = f"""c.reopened_at IS NULL AND EXISTS (
    SELECT FROM ratings r WHERE r.closure = c.id AND r.stars <= {LOW} AND NOT EXISTS (
        SELECT FROM events e
        WHERE e.stream = 'case:' || c."case" AND e.kind = 'case.responded' AND e.at >= r.at))"""
"""Of a closure `c`: a low rating stands without an answer."""


async def reopen(case: UUID | str, by: Actor, *, seen: int | None, reason: str) -> Changed:
    """Not fixed: back to the desk with a whole new deadline, within the window counted from the stored closure."""
    async with change(case, "reopen", by, seen) as it:
        said = own_words(reason, "reason", "请写一句为什么要重办。")
        closure = await _last_closure(it)
        if Relation.REPORTER in it.known.relations and it.moment > closure["at"] + window():
            raise errors.NotAllowed(f"已经过了 {window().days} 天的重办期限,请重新上报。")
        await database.execute(
            "UPDATE closures SET reopened_at = $2, reopened_reason = $3 WHERE id = $1", closure["id"], it.moment, said
        )
        desk = await ownership.desk_again(it.case)
        await ownership.stand_as_owner(it.case.id, desk.post_id, it.moment)
        await ownership.stand_as_handler(it.case.id, None, it.moment)
        category = await _category(it)
        budget = deadlines.budget_for(category.allowances if category else None, it.case.level)
        due = await clocks.begin(it.case.id, budget, it.moment, await clocks.calendar(), clocks.REOPENED)
        return await it.done(
            "case.reopened",
            {"said": said} | ({"report": str(it.report_id)} if it.known.report_ids else {}),
            owner_post=desk.post_id,
            desk_post=desk.post_id,
            handler_unit=None,
            handler_account=None,
            closed_at=None,
            **due,
        )


def window() -> timedelta:
    """How long after the stored closure the reporter may reopen; nothing restarts it."""
    return timedelta(days=settings().reopen_days)


async def write_closure(it: Change, kind: str, *, stars: int | None = None, reason: str = "") -> dict[str, Any]:
    """Keep how the case ended, end its clock, give it back to the desk; the columns for the case come back."""
    await database.execute(
        'INSERT INTO closures (id, "case", kind, stars, reason, by, at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
        new_id(),
        it.case.id,
        kind,
        stars,
        reason,
        it.by.account_id,
        it.moment,
    )
    await clocks.end(it.case.id, it.moment)
    return {"closed_at": it.moment}


def _stars(stars: int | None, reason: str, missing: str) -> tuple[int, str]:
    if stars is None or not 1 <= stars <= 5:
        raise errors.Invalid({"stars": "请打 1 到 5 颗星。"})
    return stars, own_words(reason, "reason", missing) if stars <= LOW else reason.strip()[:2000]


async def _closer(it: Change) -> str:
    """Which area's people closed it: the widest of the actor's posts the case lies in."""
    for level in ("district", "street", "community"):
        area = it.case.areas[level]
        if area is not None and any(post.area_id == area for post in it.by.posts):
            return (await tree.line(area)).known_as
    return it.by.name


async def _last_answer(it: Change) -> asyncpg.Record:
    row = await database.fetch_one(
        'SELECT id, by FROM answers WHERE "case" = $1 ORDER BY at DESC, id DESC LIMIT 1', it.case.id
    )
    if row is None:
        raise errors.NotAllowed("还没有办理结果,不能核查。")
    return row


async def _last_closure(it: Change) -> asyncpg.Record:
    row = await database.fetch_one(
        'SELECT id, at FROM closures WHERE "case" = $1 ORDER BY at DESC, id DESC LIMIT 1', it.case.id
    )
    if row is None:
        raise errors.NotAllowed("这件事还没有结案。")
    return row


async def _category(it: Change) -> categories.Version | None:
    version = it.case.category_version
    return await categories.version(version) if version is not None else None


async def _back_in_hand(it: Change) -> dict[str, Any]:
    unit = it.case.handler_unit
    if unit is None:
        raise errors.NotAllowed("这件事没有处置单位,不能退回重办。")
    await database.execute(
        """INSERT INTO dispatches (id, "case", unit, note, by, at, taken_on_by, taken_on_at)
           VALUES ($1, $2, $3, '核查未通过,重办', $4, $5, $6, $5)""",
        new_id(),
        it.case.id,
        unit,
        it.by.account_id,
        it.moment,
        it.case.handler_account,
    )
    owner = await ownership.unit_owner(it.case, unit)
    await ownership.stand_as_owner(it.case.id, owner.post_id, it.moment)
    return {"state": State.IN_HAND, "owner_post": owner.post_id}
