"""What a phone brings when the case has gone on without it: not done any more, but kept for the desk to see."""

from typing import Any
from uuid import UUID

from server.cases import case as cases
from server.cases import way
from server.cases.change import Change
from server.cases.lateness import Phone
from server.kernel import clock, database
from server.kernel.actor import Actor, the_system


async def keep_word(case: UUID | str, verb: str, said: str, by: Actor, phone: Phone) -> str:
    """Keep what a unit did to a case that has gone on without it, for the desk to see; why it is late, in words.

    Empty where the case never was this unit's, so nothing is learned of it. The case itself stays as it is.
    """
    async with database.transaction():
        row = await _dispatch(case, by)
        if row is None:
            return ""
        known = await cases.load(row["case"], the_system("sync"), lock=True)
        kept = said.replace("\x00", "").strip()[:20_000]
        if kept:
            it = Change(known, way.STEPS[verb], by, clock.now())
            data = {"unit": row["unit"], "said": kept, "step": way.STEPS[verb].words, "phone": phone.data}
            await it.tell("case.came_late", data, internal=True)
        told = f"这件事{_ENDED[row['outcome']]}" if row["outcome"] else _not_now(known.case.state, verb)
        return told + (",您写的内容已留给受理台看。" if kept else "。")


_ENDED = {
    "finished": "已经办结",
    "returned": "已经退回受理台",
    "withdrawn": "已由上报人撤回",
    "closed": "已经结束",
}


def _not_now(state: way.State, verb: str) -> str:
    return f"这件事现在是“{way.STATE_WORDS[state]}”,不能{way.STEPS[verb].words}"


async def _dispatch(case: UUID | str, by: Actor) -> Any:
    """The last time that one of the actor's units had the case."""
    return await database.fetch_one(
        """SELECT d."case", d.outcome, u.name AS unit FROM dispatches d JOIN units u ON u.id = d.unit
           WHERE d.unit = ANY($2) AND d."case" = (
               SELECT COALESCE((SELECT id FROM cases WHERE number = $1), (
                   SELECT rc."case" FROM reports r JOIN report_cases rc ON rc.report = r.id AND rc.until IS NULL
                   WHERE r.number = $1)))
           ORDER BY d.at DESC, d.id DESC LIMIT 1""",
        str(case),
        list(by.unit_ids),
    )
