"""What the unit does: take on, return, finish with before and after."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from server.cases import evidence, ownership
from server.cases.change import Change, Changed, change, own_words
from server.cases.desk import where, write_answer
from server.cases.evidence import Strip
from server.cases.lateness import Phone
from server.cases.way import Relation
from server.forms import categories
from server.kernel import database, errors
from server.kernel.actor import Actor


async def take_on(
    case: UUID | str, by: Actor, *, seen: int | None, promise: str = "", phone: Phone | None = None
) -> Changed:
    """The unit goes; `promise` is what it says it will do and when, for the reporter to read."""
    async with change(case, "take_on", by, seen, phone) as it:
        said = promise.replace("\x00", "").strip()[:2000]
        await database.execute(
            """UPDATE dispatches SET taken_on_by = $2, taken_on_at = $3, promise = $4
               WHERE "case" = $1 AND ended_at IS NULL""",
            it.case.id,
            by.account_id,
            it.moment,
            said,
        )
        return await it.done("case.taken_on", {"unit": await _unit(it), "said": said}, handler_account=by.account_id)


async def return_case(case: UUID | str, by: Actor, *, seen: int | None, reason: str) -> Changed:
    """Not this unit's: back to the desk, with the reason said once. Where nobody is there its owner takes it back."""
    async with change(case, "return", by, seen) as it:
        said = own_words(reason, "reason", "请写明退单的理由,受理台会看到。")
        await _end_dispatch(it.case.id, "returned", said, it.moment)
        back = await _back_at_desk(it)
        data = {"unit": await _unit(it), "area": await where(it.case), "reason": said}
        await ownership.stand_as_handler(it.case.id, None, it.moment)
        kind = "case.returned" if Relation.UNIT in it.known.relations else "case.taken_back"
        return await it.done(kind, data, handler_unit=None, handler_account=None, **back)


async def finish(
    case: UUID | str,
    by: Actor,
    *,
    seen: int | None,
    text: str,
    before: Sequence[UUID] = (),
    after: Sequence[UUID] = (),
    phone: Phone | None = None,
) -> Changed:
    """What was done, in words for the reporter, with photos where the category says so. The desk gets it back.

    From a phone's outbox (`phone`) photos may come later; until then they are awaited.
    """
    async with change(case, "finish", by, seen, phone) as it:
        said = own_words(text, "text", "请写明做了什么,上报人会看到。", longest=20_000)
        dispatch_id = await _end_dispatch(it.case.id, "finished", "", it.moment)
        answer_id = await write_answer(it, said, dispatch_id)
        for role, photos in (("before", before), ("after", after)):
            strip = Strip(role=role, photos=tuple(photos), answer=answer_id)
            await evidence.hang(it.case.id, strip, by, later=phone is not None)
        await _demand_photos(it)
        back = await _back_at_desk(it)
        return await it.done("case.finished", {"unit": await _unit(it), "said": said}, **back)


async def _unit(it: Change) -> str:
    return str(await database.fetch_value("SELECT name FROM units WHERE id = $1", it.case.handler_unit))


async def _end_dispatch(case_id: UUID, outcome: str, reason: str, moment: datetime) -> UUID | None:
    found: UUID | None = await database.fetch_value(
        """UPDATE dispatches SET ended_at = $2, outcome = $3, reason = $4
           WHERE "case" = $1 AND ended_at IS NULL RETURNING id""",
        case_id,
        moment,
        outcome,
        reason,
    )
    return found


async def _back_at_desk(it: Change) -> dict[str, Any]:
    desk = await ownership.desk_again(it.case)
    await ownership.stand_as_owner(it.case.id, desk.post_id, it.moment)
    return {"owner_post": desk.post_id, "desk_post": desk.post_id}


async def _demand_photos(it: Change) -> None:
    if it.case.category_version is None:
        return
    category = await categories.version(it.case.category_version)
    wrong = {}
    if category.photo_before and not await evidence.has(it.case.id, "before"):
        wrong["before"] = f"“{category.name}”要有处理前的照片。"
    if category.photo_after and not await evidence.has_new(it.case.id, "after"):
        wrong["after"] = f"“{category.name}”要有处理后的照片。"
    if wrong:
        raise errors.Invalid(wrong)
