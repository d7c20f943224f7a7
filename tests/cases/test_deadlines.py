"""When a case is due, over weekends, holidays, moved working days and stopped clocks."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cases import deadlines
from server.cases.deadlines import Budget, Segment
from server.kernel.calendar import WorkCalendar
from server.kernel.clock import BEIJING

CALENDAR = WorkCalendar()
FIVE_DAYS = Budget("working_days", 5)


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def test_the_day_of_the_report_is_not_counted() -> None:
    assert deadlines.due(beijing("2026-11-16 08:00"), Budget("working_days", 1), CALENDAR) == beijing(
        "2026-11-17 18:00"
    )


def test_a_weekend_is_not_counted() -> None:
    assert deadlines.due(beijing("2026-11-19 10:00"), FIVE_DAYS, CALENDAR) == beijing("2026-11-26 18:00")


def test_national_day_is_not_counted_and_a_moved_working_sunday_is() -> None:
    # 2025: off 1-8 October, worked Sunday 28 September and Saturday 11 October (State Council notice of 2024-11-12).
    assert deadlines.due(beijing("2025-09-26 10:00"), FIVE_DAYS, CALENDAR) == beijing("2025-10-10 18:00")
    assert deadlines.due(beijing("2025-10-09 10:00"), Budget("working_days", 2), CALENDAR) == beijing(
        "2025-10-11 18:00"
    )


def test_an_emergency_runs_through_the_night() -> None:
    assert deadlines.due(beijing("2026-11-20 23:00"), Budget("seconds", 4 * 3600), CALENDAR) == beijing(
        "2026-11-21 03:00"
    )


def test_an_unpublished_year_is_plain_weekdays_and_provisional() -> None:
    start = beijing("2030-09-30 10:00")
    due = deadlines.due(start, FIVE_DAYS, CALENDAR)
    assert due == beijing("2030-10-07 18:00")
    assert CALENDAR.provisional(start, due)


def test_a_stopped_clock_has_no_due_time() -> None:
    stopped = [
        Segment(True, beijing("2026-11-16 10:00"), beijing("2026-11-17 10:00")),
        Segment(False, beijing("2026-11-17 10:00")),
    ]
    assert deadlines.due_of(FIVE_DAYS, stopped, CALENDAR) is None


def test_a_stoppage_moves_the_deadline_by_the_working_time_it_took() -> None:
    asked, answered = beijing("2026-11-17 10:00"), beijing("2026-11-19 10:00")
    segments = [
        Segment(True, beijing("2026-11-16 10:00"), asked),
        Segment(False, asked, answered),
        Segment(True, answered),
    ]
    # Due Monday 23rd 18:00; two working days of standing still move it to Wednesday 25th 18:00.
    assert deadlines.due_of(FIVE_DAYS, segments, CALENDAR) == beijing("2026-11-25 18:00")


def test_a_reopened_case_begins_with_the_whole_time_again() -> None:
    closed, reopened = beijing("2026-11-18 10:00"), beijing("2026-11-20 10:00")
    segments = [Segment(True, beijing("2026-11-16 10:00"), closed), Segment(True, reopened, fresh=True)]
    assert deadlines.due_of(FIVE_DAYS, segments, CALENDAR) == beijing("2026-11-27 18:00")


def test_what_is_overdue_when_stopped_is_due_at_once_when_resumed() -> None:
    stop, resume = beijing("2026-11-30 10:00"), beijing("2026-12-02 11:30")
    segments = [Segment(True, beijing("2026-11-16 10:00"), stop), Segment(False, stop, resume), Segment(True, resume)]
    assert deadlines.due_of(FIVE_DAYS, segments, CALENDAR) == resume


@pytest.mark.parametrize("level", ["normal", "urgent", "emergency"])
def test_every_level_has_a_standard(level: str) -> None:
    assert deadlines.budget_for(None, level).amount > 0


moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 1)).map(lambda one: one.replace(tzinfo=BEIJING))


@given(moments, st.integers(1, 30), st.integers(0, 40 * 24 * 3600), st.integers(0, 10 * 24 * 3600))
def test_stopping_never_brings_a_deadline_nearer(start: datetime, days: int, ran: int, stood: int) -> None:
    budget = Budget("working_days", days)
    stop = start + timedelta(seconds=ran)
    resume = stop + timedelta(seconds=stood)
    segments = [Segment(True, start, stop), Segment(False, stop, resume), Segment(True, resume)]
    due = deadlines.due_of(budget, segments, CALENDAR)
    assert due is not None
    assert due >= min(deadlines.due(start, budget, CALENDAR), resume)


@given(moments, st.integers(1, 30), st.integers(0, 40 * 24 * 3600))
def test_stopping_for_no_time_changes_nothing_in_working_hours(start: datetime, days: int, ran: int) -> None:
    budget = Budget("working_days", days)
    stop = start + timedelta(seconds=ran)
    due = deadlines.due(start, budget, CALENDAR)
    segments = [Segment(True, start, stop), Segment(False, stop, stop), Segment(True, stop)]
    resumed = deadlines.due_of(budget, segments, CALENDAR)
    assert resumed == (due if stop < due else resumed)
