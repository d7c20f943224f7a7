"""Which alarms a case has, from its row and the steps of its history. Pure."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from server.cases import deadlines
from server.cases.closing import LOW
from server.cases.deadlines import Budget
from server.cases.warning import RUNGS, Alarm, Rung
from server.kernel.calendar import WorkCalendar
from server.notices.alarms.ladder import SOON


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a case's history, as far as it counts here."""

    kind: str
    sequence: int
    at: datetime
    by_somebody: bool = True
    """An account did it, not the system."""
    stars: int | None = None
    """Of a rating."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What alarms rest on."""

    open: bool
    due_at: datetime | None
    owner_post: int
    owner_since: datetime
    whole: Budget
    """The time that the category allows in all."""
    steps: Sequence[Step] = ()
    """Those whose kinds are `COUNTED`, oldest first."""


class Stands(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that a case has."""

    alarm: Alarm
    occasion: str
    """Which one: a case that is late again has a new occasion, and the ladder begins from below."""
    since: datetime
    """When it begins; may be still to come."""
    told: int = 0
    """How many rungs know already."""


_FELL = frozenset({"case.fell", "case.floated"})
_GIVEN_ON = frozenset(
    {"case.dispatched", "case.relocated", "case.answered", "case.rejected", "case.closed", "case.asked"}
)
_IN_HAND = _GIVEN_ON | {
    "case.accepted",
    "case.classified",
    "case.assigned",
    "case.taken_on",
    "case.taken_back",
    "case.returned",
    "case.finished",
    "case.checked",
}
_RATED = frozenset({"case.rated", "case.responded"})
COUNTED: tuple[str, ...] = tuple(sorted(_FELL | _IN_HAND | _RATED | {"case.reopened"}))


def standing(facts: Facts, calendar: WorkCalendar, now: datetime) -> tuple[Stands, ...]:
    """The alarms of a case as it is now."""
    found = _of_deadline(facts, calendar, now) + _of_rating(facts)
    if facts.open:
        found += _of_floating(facts) + _of_returns(facts)
    return tuple(found)


def _of_deadline(facts: Facts, calendar: WorkCalendar, now: datetime) -> list[Stands]:
    """Due soon until the deadline, overdue from then on: each as long as it is the same post's."""
    if not facts.open or facts.due_at is None:
        return []
    occasion = f"{facts.due_at.isoformat()} {facts.owner_post} {facts.owner_since.isoformat()}"
    moments = {Alarm.OVERDUE: facts.due_at}
    if now < facts.due_at:
        moments[Alarm.DUE_SOON] = deadlines.share_before(facts.due_at, SOON, facts.whole, calendar)
    return [_deadline(alarm, occasion, at, facts.owner_since) for alarm, at in moments.items()]


def _deadline(alarm: Alarm, occasion: str, at: datetime, owner_since: datetime) -> Stands:
    """Who gets it when it is late already was told the deadline with it: the ladder begins above them."""
    if owner_since <= at:
        return Stands(alarm=alarm, occasion=occasion, since=at)
    return Stands(alarm=alarm, occasion=occasion, since=owner_since, told=RUNGS.index(Rung.PERSON) + 1)


def _of_floating(facts: Facts) -> list[Stands]:
    fell: Step | None = None
    for step in facts.steps:
        if step.kind in _FELL:
            fell = step
        elif step.by_somebody and step.kind in _IN_HAND:
            fell = None
    return [_since(Alarm.FLOATING, fell)] if fell else []


def _of_returns(facts: Facts) -> list[Stands]:
    times, last = 0, None
    for step in facts.steps:
        if step.kind == "case.returned":
            times, last = times + 1, step
        elif step.kind == "case.reopened":
            times, last = 0, None
        elif step.kind in _GIVEN_ON:
            last = None
    return [_since(Alarm.RETURNED_TWICE, last)] if last and times > 1 else []


def _of_rating(facts: Facts) -> list[Stands]:
    low: Step | None = None
    for step in facts.steps:
        if step.kind == "case.rated" and step.stars is not None and step.stars <= LOW:
            low = low or step
        elif step.kind in ("case.responded", "case.reopened"):
            low = None
    return [_since(Alarm.LOW_RATING, low)] if low else []


def _since(alarm: Alarm, step: Step) -> Stands:
    return Stands(alarm=alarm, occasion=str(step.sequence), since=step.at)
