"""The Chinese working calendar: which days are worked, moved working days included, and how long a promise takes.

Days come from the State Council's yearly notice as `chinesecalendar` carries it, or from a year that the district has
entered itself. A year known to neither counts as plain weekdays and whatever rests on it is *provisional*.

A period in working days follows the Civil Code, Art. 201 and 203: the day it begins is not counted, and it ends with
the close of business of its last day.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

import chinese_calendar
import msgspec

from server.kernel.clock import BEIJING

OPENS = time(9, 0)
CLOSES = time(18, 0)
DAY = timedelta(hours=9)
"""Working time of one day; the break at noon is not taken out."""

_PUBLISHED = frozenset(day.year for day in chinese_calendar.constants.holidays)


class Year(msgspec.Struct, frozen=True):
    """A year's calendar as a district enters it: weekdays that are off, weekend days that are worked."""

    days_off: frozenset[date]
    days_worked: frozenset[date]


class WorkCalendar(msgspec.Struct, frozen=True):
    """What is known of the working days; `entered` wins over what is published."""

    entered: Mapping[int, Year] = {}

    def knows(self, year: int) -> bool:
        return year in self.entered or year in _PUBLISHED

    def works(self, day: date) -> bool:
        """Whether `day` is a working day; plain weekdays where its year is not known."""
        if (year := self.entered.get(day.year)) is not None:
            return day in year.days_worked or (day.weekday() < 5 and day not in year.days_off)
        if day.year in _PUBLISHED:
            return bool(chinese_calendar.is_workday(day))
        return day.weekday() < 5

    def end_of_period(self, start: datetime, working_days: int) -> datetime:
        """Close of business of the last of `working_days` working days after the day of `start`."""
        day = start.astimezone(BEIJING).date()
        for _ in range(working_days):
            day = self._next_working_day(day)
        return datetime.combine(day, CLOSES, BEIJING)

    def working_time(self, since: datetime, until: datetime) -> timedelta:
        """Working time between two moments; nothing where `until` is not after `since`."""
        return sum((end - begin for begin, end in self._hours(since, until)), timedelta())

    def after_working_time(self, since: datetime, amount: timedelta) -> datetime:
        """The moment at which `amount` of working time after `since` is used up."""
        day, left = since.astimezone(BEIJING).date(), amount
        while True:
            if self.works(day):
                begin = max(since, datetime.combine(day, OPENS, BEIJING))
                there = datetime.combine(day, CLOSES, BEIJING) - begin
                if there >= left and there >= timedelta():
                    return begin + left
                left -= max(there, timedelta())
            day += timedelta(days=1)

    def before_working_time(self, until: datetime, amount: timedelta) -> datetime:
        """The latest moment before `until` from which there is still `amount` of working time to it."""
        day, left = until.astimezone(BEIJING).date(), amount
        while True:
            if self.works(day):
                end = min(until, datetime.combine(day, CLOSES, BEIJING))
                there = end - datetime.combine(day, OPENS, BEIJING)
                if there >= left and there >= timedelta():
                    return end - left
                left -= max(there, timedelta())
            day -= timedelta(days=1)

    def provisional(self, since: datetime, until: datetime) -> bool:
        """Whether a period rests on a year that is not known yet."""
        years = range(since.astimezone(BEIJING).year, until.astimezone(BEIJING).year + 1)
        return not all(self.knows(year) for year in years)

    def _next_working_day(self, day: date) -> date:
        day += timedelta(days=1)
        while not self.works(day):
            day += timedelta(days=1)
        return day

    def _hours(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        day, last = since.astimezone(BEIJING).date(), until.astimezone(BEIJING).date()
        while day <= last:
            begin = max(since, datetime.combine(day, OPENS, BEIJING))
            end = min(until, datetime.combine(day, CLOSES, BEIJING))
            if self.works(day) and begin < end:
                yield begin, end
            day += timedelta(days=1)
