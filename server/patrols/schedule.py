"""When a plan wants its places visited: periods, and within each a window of working days. Pure rules."""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from server.kernel.calendar import WorkCalendar

Unit = Literal["days", "months"]
UNITS: tuple[Unit, ...] = ("days", "months")
_DAY = timedelta(days=1)


class Rhythm(msgspec.Struct, frozen=True, kw_only=True):
    """How often: every so many days or months from `first` on, each time within the first `window` working days."""

    first: date
    every: int
    unit: Unit
    window: int = 0
    """Working days; 0: any working day of the period."""
    last: date | None = None
    """The plan ends with this day."""

    def begins(self, number: int) -> date:
        """The first day of period `number` (0, 1, 2 …)."""
        if self.unit == "days":
            return self.first + number * self.every * _DAY
        return add_months(self.first, number * self.every)


class Window(msgspec.Struct, frozen=True):
    """A period by its first day, and the first and last working day on which it can be met."""

    period: date
    begin: date
    end: date


class WorkingDays:
    """The working days of a stretch of time, in order, so that asking is quick."""

    def __init__(self, calendar: WorkCalendar, since: date, until: date) -> None:
        days = (since + number * _DAY for number in range((until - since).days + 1))
        self._days = [day for day in days if calendar.works(day)]

    def between(self, begin: date, end: date) -> Sequence[date]:
        """Those from `begin` to `end`, both included."""
        return self._days[bisect_left(self._days, begin) : bisect_right(self._days, end)]


def windows(rhythm: Rhythm, days: WorkingDays, since: date, until: date) -> list[Window]:
    """The windows that touch `since`–`until`, in order. A period without a working day has none."""
    found = []
    for number in _numbers(rhythm, since, until):
        period, after = rhythm.begins(number), rhythm.begins(number + 1)
        if rhythm.last is not None:
            after = min(after, rhythm.last + _DAY)
        working = days.between(period, after - _DAY)
        if not working:
            continue
        end = working[min(rhythm.window, len(working)) - 1] if rhythm.window else working[-1]
        if end >= since and working[0] <= until:
            found.append(Window(period, working[0], end))
    return found


def a_month(rhythm: Rhythm) -> float:
    """How many times a month, on average."""
    return 1 / rhythm.every if rhythm.unit == "months" else 365.25 / 12 / rhythm.every


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _numbers(rhythm: Rhythm, since: date, until: date) -> Iterator[int]:
    """The periods that can touch the stretch; one before it may still run into it."""
    if rhythm.unit == "days":
        number = (since - rhythm.first).days // rhythm.every - 1
    else:
        number = ((since.year - rhythm.first.year) * 12 + since.month - rhythm.first.month) // rhythm.every - 1
    number = max(number, 0)
    while rhythm.begins(number) <= until and (rhythm.last is None or rhythm.begins(number) <= rhythm.last):
        yield number
        number += 1
