"""When a case is due: a budget, a clock that can be stopped, the working calendar. Pure, apart from the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

import msgspec

from server.forms.categories import DEFAULT_ALLOWANCES, Allowance
from server.kernel.calendar import DAY, WorkCalendar


class Budget(msgspec.Struct, frozen=True):
    """Time that is still allowed.

    `working_days` counts whole days by the Civil Code (see kernel.calendar); once a clock has been stopped, what is
    left of them is `working_seconds`. `seconds` are those of a plain clock, for what cannot wait until Monday.
    """

    unit: Literal["working_days", "working_seconds", "seconds"]
    amount: float


class Segment(msgspec.Struct, frozen=True):
    """A stretch of the clock, from–until; the last one has no end."""

    running: bool
    since: datetime
    until: datetime | None = None
    fresh: bool = False
    """It begins with the whole budget again: the case was reopened."""


def budget_for(allowances: Mapping[str, Allowance] | None, level: str) -> Budget:
    """The budget that a category allows at a level; without a category, what every new one begins with."""
    allowed = (allowances or DEFAULT_ALLOWANCES).get(level, DEFAULT_ALLOWANCES[level])
    if allowed.unit == "hours":
        return Budget("seconds", allowed.amount * 3600)
    return Budget("working_days", allowed.amount)


def due(since: datetime, budget: Budget, calendar: WorkCalendar) -> datetime:
    """When a budget that begins to run at `since` is used up."""
    if budget.unit == "working_days":
        return calendar.end_of_period(since, int(budget.amount))
    if budget.unit == "working_seconds":
        return calendar.after_working_time(since, timedelta(seconds=budget.amount))
    return since + timedelta(seconds=budget.amount)


def share_before(until: datetime, share: float, whole: Budget, calendar: WorkCalendar) -> datetime:
    """When so large a share of a whole budget is still left before `until`, in the time that it is counted in."""
    amount = timedelta(seconds=share * seconds_of(whole))
    return until - amount if whole.unit == "seconds" else calendar.before_working_time(until, amount)


def share_after(since: datetime, share: float, whole: Budget, calendar: WorkCalendar) -> datetime:
    """When so large a share of a whole budget has passed since `since`, in the time that it is counted in."""
    amount = timedelta(seconds=share * seconds_of(whole))
    if not amount or whole.unit == "seconds":
        return since + amount
    return calendar.after_working_time(since, amount)


def seconds_of(budget: Budget) -> float:
    """How long a budget is, in seconds of the time that it is counted in."""
    return budget.amount * DAY.total_seconds() if budget.unit == "working_days" else budget.amount


def left(since: datetime, budget: Budget, until: datetime, calendar: WorkCalendar) -> Budget:
    """What is left of a budget after running from `since` to `until`; nothing below zero."""
    end = due(since, budget, calendar)
    if budget.unit == "seconds":
        return Budget("seconds", max(0.0, (end - until).total_seconds()))
    return Budget("working_seconds", calendar.working_time(until, end).total_seconds())


def budgets(first: Budget, segments: Sequence[Segment], calendar: WorkCalendar) -> list[Budget]:
    """The budget at the beginning of every segment, from what was allowed at first."""
    result = [first]
    for segment, following in pairwise(segments):
        rest = result[-1]
        if segment.running and segment.until is not None:
            rest = left(segment.since, rest, segment.until, calendar)
        result.append(first if following.fresh else rest)
    return result


def due_of(first: Budget, segments: Sequence[Segment], calendar: WorkCalendar) -> datetime | None:
    """When the case is due; None while its clock stands."""
    last = segments[-1]
    if not last.running:
        return None
    return due(last.since, budgets(first, segments, calendar)[-1], calendar)
