"""The Chinese working calendar, against the State Council's notices for 2025 and 2026."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.calendar import CLOSES, DAY, WorkCalendar, Year
from server.kernel.clock import BEIJING

CALENDAR = WorkCalendar()
moments = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1)).map(lambda moment: moment.replace(tzinfo=BEIJING))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    "day", ["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11", "2026-01-04", "2026-02-14"]
)
def test_moved_weekends_are_worked(day: str) -> None:
    assert date.fromisoformat(day).weekday() >= 5
    assert CALENDAR.works(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2025-01-28", "2025-05-02", "2025-10-08", "2026-02-16", "2026-02-23", "2026-10-07"])
def test_weekdays_of_a_holiday_are_not(day: str) -> None:
    assert date.fromisoformat(day).weekday() < 5
    assert not CALENDAR.works(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-02T10:00", 1, "2026-03-03T18:00"),
        ("2026-03-06T10:00", 1, "2026-03-09T18:00"),
        # Friday before the Spring Festival of 2026: the 14th is a worked Saturday, then nothing until the 24th.
        ("2026-02-13T17:00", 2, "2026-02-24T18:00"),
        ("2025-09-30T23:59", 3, "2025-10-11T18:00"),
        # On a day off the period has not begun either.
        ("2025-10-01T08:00", 1, "2025-10-09T18:00"),
    ],
)
def test_a_period_ends_with_the_close_of_its_last_working_day(start: str, days: int, end: str) -> None:
    assert CALENDAR.end_of_period(at(start), days) == at(end)


def test_the_day_is_the_day_in_beijing() -> None:
    # 2026-03-02 23:30 UTC is the 3rd in Beijing.
    assert CALENDAR.end_of_period(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), 1) == at("2026-03-04T18:00")


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-03-02T10:00", "2026-03-02T11:30", 1.5),
        ("2026-03-02T07:00", "2026-03-02T23:00", 9),
        ("2026-03-06T17:00", "2026-03-09T10:00", 2),
        ("2025-10-01T09:00", "2025-10-08T18:00", 0),
        ("2025-10-11T09:00", "2025-10-11T18:00", 9),
        ("2026-03-02T11:00", "2026-03-02T10:00", 0),
        ("2026-03-02T19:00", "2026-03-03T08:00", 0),
    ],
)
def test_working_time_counts_open_hours_only(since: str, until: str, hours: float) -> None:
    assert CALENDAR.working_time(at(since), at(until)) == timedelta(hours=hours)


@given(moments, st.integers(0, 200))
def test_a_stopped_clock_resumes_where_it_was(since: datetime, halves: int) -> None:
    amount = timedelta(minutes=30 * halves)
    end = CALENDAR.after_working_time(since, amount)
    assert end >= since or amount == timedelta()
    assert CALENDAR.working_time(since, end) == amount


@given(moments, st.integers(0, 200))
def test_so_much_working_time_is_left_from_the_moment_found(until: datetime, halves: int) -> None:
    amount = timedelta(minutes=30 * halves)
    begin = CALENDAR.before_working_time(until, amount)
    assert begin <= until
    assert CALENDAR.working_time(begin, until) == amount


@given(moments, moments, moments)
def test_working_time_adds_up(first: datetime, second: datetime, third: datetime) -> None:
    first, second, third = sorted((first, second, third))
    parts = CALENDAR.working_time(first, second) + CALENDAR.working_time(second, third)
    assert parts == CALENDAR.working_time(first, third)


@given(moments, st.integers(1, 60))
def test_a_period_of_n_days_has_n_working_days(start: datetime, days: int) -> None:
    end = CALENDAR.end_of_period(start, days)
    assert end.astimezone(BEIJING).time() == CLOSES
    after_today = datetime.combine(start.date() + timedelta(days=1), time(), BEIJING)
    assert CALENDAR.working_time(after_today, end) == days * DAY


def test_an_unpublished_year_counts_weekdays_and_is_provisional() -> None:
    assert CALENDAR.works(date(2031, 10, 1)) and not CALENDAR.works(date(2031, 10, 4))
    assert CALENDAR.provisional(at("2030-12-30T09:00"), at("2031-01-05T09:00"))
    assert not CALENDAR.provisional(at("2025-12-30T09:00"), at("2026-01-05T09:00"))


def test_a_year_that_the_district_enters_wins() -> None:
    entered = WorkCalendar({2031: Year(frozenset({date(2031, 10, 1)}), frozenset({date(2031, 10, 4)}))})
    assert not entered.works(date(2031, 10, 1)) and entered.works(date(2031, 10, 4))
    assert not entered.provisional(at("2031-03-01T09:00"), at("2031-03-05T09:00"))
    assert entered.end_of_period(at("2031-09-30T10:00"), 2) == at("2031-10-03T18:00")
    assert WorkCalendar({2026: Year(frozenset(), frozenset())}).works(date(2026, 10, 1))
