"""What the desk does: accept, reject, answer, ask, dispatch, move to the right area, hand to a colleague."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from server.areas import tree
from server.cases import clocks, deadlines, evidence, ownership
from server.cases.case import DESK_ROLES, CaseRow
from server.cases.change import Change, Changed, change, own_words
from server.cases.closing import write_closure
from server.cases.evidence import Strip
from server.cases.reporting import chosen_line
from server.cases.way import RELATION_WORDS, Relation, State
from server.forms import categories, questions
from server.kernel import database, errors
from server.kernel.actor import Actor, Role
from server.kernel.ids import new_id
from server.people import candidates


async def accept(
    case: UUID | str,
    by: Actor,
    *,
    seen: int | None,
    category_id: int | None = None,
    level: str = "normal",
    answers: Mapping[str, Any] | None = None,
) -> Changed:
    """The desk takes the matter on; a category and level set what is demanded and by when.

    `answers` are those to the category's extra questions, as far as the desk knows them: what is given must be right,
    what is missing may be asked later. Raises Invalid naming each wrong one as `answers.<question>`.
    """
    async with change(case, "accept", by, seen) as it:
        if level not in categories.LEVELS:
            raise errors.Invalid({"level": "请选择紧急程度。"})
        columns, named = await _categorise(it, category_id, level)
        columns["answers"] = database.to_jsonb(await _answers(category_id, answers or {}))
        data = {"area": await where(it.case), "level": categories.LEVEL_WORDS[level], **named}
        return await it.done("case.accepted", data, held=False, level=level, **columns)


async def classify(
    case: UUID | str,
    by: Actor,
    *,
    seen: int | None,
    category_id: int | None,
    level: str = "normal",
    answers: Mapping[str, Any] | None = None,
) -> Changed:
    """Give an accepted case its category, or another one: demands and deadline follow, counted from the beginning."""
    async with change(case, "classify", by, seen) as it:
        if category_id is None:
            raise errors.Invalid({"category": "请选择类别。"})
        if level not in categories.LEVELS:
            raise errors.Invalid({"level": "请选择紧急程度。"})
        columns, named = await _categorise(it, category_id, level)
        columns["answers"] = database.to_jsonb(await _answers(category_id, answers or {}))
        data = {"area": await where(it.case), "level": categories.LEVEL_WORDS[level], **named}
        return await it.done("case.classified", data, level=level, **columns)


async def reject(case: UUID | str, by: Actor, *, seen: int | None, reason: str) -> Changed:
    """Not for this district to do; the reporter reads why and may object within the window."""
    async with change(case, "reject", by, seen) as it:
        said = own_words(reason, "reason", "请写明不受理的理由,上报人会看到。")
        closed = await write_closure(it, "rejected", reason=said)
        return await it.done("case.rejected", {"area": await where(it.case), "said": said}, **closed, held=False)


async def answer(case: UUID | str, by: Actor, *, seen: int | None, text: str, photos: Sequence[UUID] = ()) -> Changed:
    """Answer at the desk without dispatch; that closes the case, and the reporter can rate and reopen it."""
    async with change(case, "answer", by, seen) as it:
        said = own_words(text, "text", "请写明答复,上报人会看到。", longest=20_000)
        answer_id = await write_answer(it, said, dispatch_id=None)
        await evidence.hang(it.case.id, Strip(role="after", photos=tuple(photos), answer=answer_id), by)
        closed = await write_closure(it, "answered")
        return await it.done("case.answered", {"area": await where(it.case), "said": said}, **closed, held=False)


async def ask(case: UUID | str, by: Actor, *, seen: int | None, text: str) -> Changed:
    """Ask the reporter; the clock stands until they answer."""
    async with change(case, "ask", by, seen) as it:
        said = own_words(text, "text", "请写明想问什么。")
        await database.execute(
            """INSERT INTO questions (id, "case", text, asked_by, asked_at) VALUES ($1, $2, $3, $4, $5)""",
            new_id(),
            it.case.id,
            said,
            by.account_id,
            it.moment,
        )
        stopped = await clocks.stop(it.case.id, "asked", it.moment)
        data = {"area": await where(it.case), "said": said}
        return await it.done("case.asked", data, asked_from=it.case.state, **stopped)


async def dispatch(case: UUID | str, by: Actor, *, seen: int | None, unit_id: int | None, note: str = "") -> Changed:
    """Give the case to a unit. Where nobody of the unit is there it falls to the secretary, which is told."""
    async with change(case, "dispatch", by, seen) as it:
        name = await _unit_name(it.case, unit_id)
        assert unit_id is not None
        await database.execute(
            """INSERT INTO dispatches (id, "case", unit, note, by, at) VALUES ($1, $2, $3, $4, $5, $6)""",
            new_id(),
            it.case.id,
            unit_id,
            note.strip()[:2000],
            by.account_id,
            it.moment,
        )
        owner = await ownership.unit_owner(it.case, unit_id)
        await ownership.stand_as_handler(it.case.id, unit_id, it.moment)
        await ownership.stand_as_owner(it.case.id, owner.post_id, it.moment)
        data = {"unit": name, "note": note.strip()[:2000]}
        changed = await it.done(
            "case.dispatched", data, handler_unit=unit_id, handler_account=None, owner_post=owner.post_id
        )
        if owner.fell:
            await it.tell("case.fell", {"unit": name, "to": await ownership.post_title(owner.post_id)})
        return changed


async def relocate(case: UUID | str, by: Actor, *, seen: int | None, area_id: int | None, reason: str) -> Changed:
    """Put the case where it belongs (a community or a grid); the owner of the new area takes it over."""
    async with change(case, "relocate", by, seen) as it:
        said = own_words(reason, "reason", "请写明为什么改地点。")
        line = await chosen_line(area_id, "area_id")
        columns: dict[str, Any] = {
            "district": line.district_id,
            "street": line.street_id,
            "community": line.community_id,
            "grid": line.grid_id,
        }
        areas = (line.community_id, line.street_id, line.district_id)
        owner = await ownership.desk_for(areas, it.case.private, ownership.lot(it.case.id))
        await ownership.stand_as_owner(it.case.id, owner.post_id, it.moment)
        data = {"area": line.known_as, "reason": said}
        return await it.done("case.relocated", data, owner_post=owner.post_id, desk_post=owner.post_id, **columns)


async def assign(
    case: UUID | str,
    by: Actor,
    *,
    seen: int | None,
    post_id: int | None = None,
    account_id: UUID | None = None,
) -> Changed:
    """Hand to a colleague: the desk to another desk post of the case's areas, a unit's lead to one of its people."""
    async with change(case, "assign", by, seen) as it:
        needed = Relation.UNIT_LEAD if account_id is not None else Relation.DESK
        if needed not in it.known.relations:
            raise errors.NotAllowed(f"这样转交由{RELATION_WORDS[needed]}来做。")
        if account_id is not None:
            return await _assign_in_unit(it, account_id)
        return await _assign_at_desk(it, post_id)


async def where(case: CaseRow) -> str:
    """The name of the case's community (street, district) for sentences."""
    nearest = case.community or case.street or case.district
    return (await tree.line(nearest)).known_as


async def write_answer(it: Change, text: str, dispatch_id: UUID | None) -> UUID:
    """Keep what was done in words; its id comes back."""
    answer_id = new_id()
    await database.execute(
        """INSERT INTO answers (id, "case", dispatch, text, by, at) VALUES ($1, $2, $3, $4, $5, $6)""",
        answer_id,
        it.case.id,
        dispatch_id,
        text,
        it.by.account_id,
        it.moment,
    )
    return answer_id


async def _categorise(it: Change, category_id: int | None, level: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Columns and words that follow from a category: demands, deadline, privacy (and with it the owner)."""
    version = await categories.current(category_id) if category_id is not None else None
    columns: dict[str, Any] = {}
    named = {}
    if version is not None:
        columns["category_version"] = version.id
        named["category"] = version.name
        if version.private and not it.case.private:
            columns |= await _make_private(it)
    budget = deadlines.budget_for(version.allowances if version else None, level)
    columns |= await clocks.allow(it.case.id, budget)
    return columns, named


async def _answers(category_id: int | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that belong to the category's questions; blanks are no answers and not demanded here."""
    if category_id is None:
        return {}
    form = questions.read_form((await categories.current(category_id)).questions)
    kept = questions.clean(form, given)
    asked = [question for question in form if question.id in kept]
    if wrong := questions.problems(asked, kept):
        raise errors.Invalid({f"answers.{question}": words for question, words in wrong.items()})
    return kept


async def _make_private(it: Change) -> dict[str, Any]:
    owner = await ownership.desk_for(ownership.upwards(it.case), True, ownership.lot(it.case.id))
    if it.case.state in (State.DISPATCHED, State.IN_HAND):  # the unit owns it now; the secretary gets it back later
        return {"private": True, "desk_post": owner.post_id}
    await ownership.stand_as_owner(it.case.id, owner.post_id, it.moment)
    return {"private": True, "owner_post": owner.post_id, "desk_post": owner.post_id}


async def _unit_name(case: CaseRow, unit_id: int | None) -> str:
    name = await database.fetch_value(
        """SELECT u.name FROM units u JOIN areas a ON a.id = u.area JOIN areas d ON d.id = $2
           WHERE u.id = $1 AND u.until IS NULL AND starts_with(a.path, d.path)""",
        unit_id,
        case.district,
    )
    if name is None:
        raise errors.Invalid({"unit_id": "请选择处置单位。"})
    return str(name)


async def _assign_in_unit(it: Change, account_id: UUID) -> Changed:
    there = await candidates.unit_posts(it.case.handler_unit or 0)
    if account_id not in [one.account_id for one in there]:
        raise errors.Invalid({"account_id": "这位同事不在本单位。"})
    name = await database.fetch_value("SELECT name FROM accounts WHERE id = $1", account_id)
    return await it.done("case.assigned", {"to": name, "account": str(account_id)}, handler_account=account_id)


async def _assign_at_desk(it: Change, post_id: int | None) -> Changed:
    roles = (Role.SECRETARY,) if it.case.private else DESK_ROLES
    there = await candidates.active_posts(ownership.upwards(it.case), roles)
    if post_id not in [one.post_id for one in there]:
        raise errors.Invalid({"post_id": "请选择一位在岗的同事。"})
    assert post_id is not None
    to = await ownership.post_title(post_id)
    if it.case.state in (State.DISPATCHED, State.IN_HAND):  # the unit owns it now; the colleague gets it back later
        return await it.done("case.assigned", {"to": to, "post": post_id}, desk_post=post_id)
    await ownership.stand_as_owner(it.case.id, post_id, it.moment)
    return await it.done("case.assigned", {"to": to, "post": post_id}, owner_post=post_id, desk_post=post_id)
