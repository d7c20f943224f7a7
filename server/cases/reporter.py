"""What the reporter does after telling: add, answer a question, withdraw."""

from collections.abc import Sequence
from uuid import UUID

from server.cases import clocks, evidence
from server.cases.change import Change, Changed, change, own_words
from server.cases.closing import write_closure
from server.cases.evidence import Strip
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.ids import new_id


async def add(
    case: UUID | str, by: Actor, *, seen: int | None = None, text: str, photos: Sequence[UUID] = ()
) -> Changed:
    """Say or show more; the report itself stays as it was told."""
    async with change(case, "add", by, seen) as it:
        said = own_words(text, "text", "请写一句话。")
        await _write_addition(it, said, photos)
        return await it.done("case.added", {"said": said, "report": str(it.report_id)})


async def reply(
    case: UUID | str, by: Actor, *, seen: int | None = None, text: str, photos: Sequence[UUID] = ()
) -> Changed:
    """Answer what the desk asked; the case goes on where it was and the clock runs again."""
    async with change(case, "reply", by, seen) as it:
        said = own_words(text, "text", "请写一句回答。")
        addition_id = await _write_addition(it, said, photos)
        await database.execute(
            'UPDATE questions SET answer = $2, answered_at = $3 WHERE "case" = $1 AND answered_at IS NULL',
            it.case.id,
            addition_id,
            it.moment,
        )
        running = await clocks.resume(it.case.id, it.moment)
        return await it.done(
            "case.replied",
            {"said": said, "report": str(it.report_id)},
            state=it.case.asked_from,
            asked_from=None,
            **running,
        )


async def withdraw(case: UUID | str, by: Actor, *, seen: int | None, reason: str = "") -> Changed:
    """Take the report back. While others stand behind the case too only this report goes and the case goes on."""
    async with change(case, "withdraw", by, seen) as it:
        said = reason.replace("\x00", "").strip()[:2000]
        mine = list(it.known.report_ids)
        others = await database.fetch_value(
            'SELECT count(*) FROM report_cases WHERE "case" = $1 AND until IS NULL AND report <> ALL($2)',
            it.case.id,
            mine,
        )
        if others:
            await _leave(it, mine)
            return await it.done(
                "case.report_withdrawn", {"said": said, "report": str(it.report_id)}, state=it.case.state
            )
        await database.execute(
            """UPDATE dispatches SET ended_at = $2, outcome = 'withdrawn', reason = $3
               WHERE "case" = $1 AND ended_at IS NULL""",
            it.case.id,
            it.moment,
            said,
        )
        closed = await write_closure(it, "withdrawn", reason=said)
        return await it.done("case.withdrawn", {"said": said}, **closed, asked_from=None)


async def _write_addition(it: Change, text: str, photos: Sequence[UUID]) -> UUID:
    addition_id = new_id()
    await database.execute(
        'INSERT INTO additions (id, "case", report, text, at) VALUES ($1, $2, $3, $4, $5)',
        addition_id,
        it.case.id,
        it.report_id,
        text,
        it.moment,
    )
    strip = Strip(role="added", photos=tuple(photos), report=it.report_id, addition=addition_id)
    await evidence.hang(it.case.id, strip, it.by)
    return addition_id


async def _leave(it: Change, reports: list[UUID]) -> None:
    for table in ("report_cases", "standings"):
        await database.execute(
            f'UPDATE {table} SET until = $3 WHERE "case" = $1 AND report = ANY($2) AND until IS NULL',
            it.case.id,
            reports,
            it.moment,
        )
