"""The ladder of alarms: who hears of what after which time. One table and one pure rule.

Times are shares of the time that the case's category allows, in the time it is counted in: of five working days a
tenth is half a working day, of an emergency's four hours it is 24 minutes, also at night. So one table fits them all,
and a holiday lets nothing climb.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from server.cases import deadlines
from server.cases.deadlines import Budget
from server.cases.warning import RUNGS, Alarm, Rung
from server.kernel.calendar import WorkCalendar

SOON = 0.25
"""A case is due soon when a quarter of its whole time is left."""

LOOK_AGAIN = timedelta(hours=1)
"""After so long people are looked for again where every rung was empty."""

Steps = Mapping[Rung, float]

LADDER: dict[Alarm, Steps] = {
    Alarm.DUE_SOON: {Rung.PERSON: 0, Rung.SUPERVISOR: 0.125},
    Alarm.OVERDUE: {Rung.PERSON: 0, Rung.SUPERVISOR: 0.1, Rung.SECRETARY: 0.2, Rung.STREET: 0.4, Rung.DISTRICT: 0.8},
    # Who it fell to hears of that at once (`case.fell`, `case.floated`); so does the desk of every return.
    Alarm.FLOATING: {Rung.SECRETARY: 0.1, Rung.STREET: 0.2, Rung.DISTRICT: 0.4},
    Alarm.RETURNED_TWICE: {Rung.SECRETARY: 0, Rung.STREET: 0.2, Rung.DISTRICT: 0.4},
    # Owner and secretary hear of the rating at once; this is for what stays without a word.
    Alarm.LOW_RATING: {Rung.PERSON: 0.2, Rung.SECRETARY: 0.4, Rung.STREET: 0.8},
}
"""After which share of the case's whole time each rung is told, counted from when the alarm began."""

BEGINS: dict[Alarm, str] = {
    Alarm.DUE_SOON: "a quarter of the time is left (later where it went to somebody else meanwhile)",
    Alarm.OVERDUE: "the deadline has passed (later where it went to somebody else meanwhile)",
    Alarm.FLOATING: "it fell to somebody because a unit or post is empty",
    Alarm.RETURNED_TWICE: "a unit returned it for the second time",
    Alarm.LOW_RATING: "the reporter gave one or two stars",
}
ENDS: dict[Alarm, str] = {
    Alarm.DUE_SOON: "it goes to somebody else, the clock stops, the deadline moves or passes, it is over",
    Alarm.OVERDUE: "it goes to somebody else, the clock stops, the deadline moves, it is over",
    Alarm.FLOATING: "somebody takes it in hand or gives it on",
    Alarm.RETURNED_TWICE: "the desk dispatches, moves, answers or rejects it",
    Alarm.LOW_RATING: "somebody answers the rating, or it is reopened",
}


class Climb(msgspec.Struct, frozen=True, kw_only=True):
    """What a tick does with one alarm."""

    to: Mapping[UUID, Rung]
    """Who is told now, each with the rung they stand on; the lower one where somebody stands on two."""
    empty: tuple[Rung, ...]
    """Rungs that had nobody: it climbed on past them."""
    told: int
    """How many of `RUNGS` are done with from now on."""
    next_at: datetime | None
    """When it climbs again, should it still stand; None at the top. Where nobody was found, when they are looked for
    again."""

    @property
    def highest(self) -> Rung:
        """The highest rung that is told."""
        return max(self.to.values(), key=RUNGS.index)


def climb(
    alarm: Alarm,
    held: Mapping[Rung, Sequence[UUID]],
    *,
    told: int,
    since: datetime,
    whole: Budget,
    calendar: WorkCalendar,
    now: datetime,
) -> Climb:
    """Who is told now of an alarm that began at `since` and of which the first `told` rungs have heard.

    `held` names the people of each rung; one that is not in it does not exist for this case (the desk has no
    supervisor), one without people is empty: it is never waited for, the next one above hears in its place.
    After a long pause all rungs whose times have passed hear together.
    """
    times = {
        rung: deadlines.share_after(since, share, whole, calendar)
        for rung, share in LADDER[alarm].items()
        if rung in held and RUNGS.index(rung) >= told
    }
    due = [rung for rung, at in times.items() if at <= now]
    before = told
    to: dict[UUID, Rung] = {}
    empty: list[Rung] = []
    if due:
        told = RUNGS.index(due[-1]) + 1
        asked = list(due)
        if not held[due[-1]]:
            above = [rung for rung in RUNGS[told:] if rung in held]
            reached = next((place for place, rung in enumerate(above, 1) if held[rung]), len(above))
            asked += above[:reached]
            told = RUNGS.index(asked[-1]) + 1
        for rung in asked:
            if not held[rung]:
                empty.append(rung)
            for one in held[rung]:
                to.setdefault(one, rung)
        if not to:
            return Climb(to={}, empty=tuple(empty), told=before, next_at=now + LOOK_AGAIN)
    later = [at for rung, at in times.items() if RUNGS.index(rung) >= told]
    return Climb(to=to, empty=tuple(empty), told=told, next_at=min(later, default=None))


def as_markdown() -> str:
    """The ladder for the docs."""
    lines = ["| alarm | begins when | ends when | " + " | ".join(RUNGS) + " |", "|---" * (3 + len(RUNGS)) + "|"]
    for alarm, steps in LADDER.items():
        shares = " | ".join(f"{steps[rung]:.1%}".replace(".0%", "%") if rung in steps else "" for rung in RUNGS)
        lines.append(f"| {alarm} | {BEGINS[alarm]} | {ENDS[alarm]} | {shares} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(as_markdown(), end="")
