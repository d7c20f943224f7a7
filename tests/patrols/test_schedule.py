"""Periods and their windows of working days."""

import itertools
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.kernel.calendar import WorkCalendar
from server.patrols.schedule import Rhythm, Unit, Window, WorkingDays, a_month, add_months, windows

CALENDAR = WorkCalendar()
SINCE, UNTIL = date(2025, 12, 1), date(2027, 3, 1)
DAYS = WorkingDays(CALENDAR, date(2025, 1, 1), date(2028, 12, 31))


def a_rhythm(first: date = date(2026, 1, 1), every: int = 1, unit: Unit = "months", window: int = 0) -> Rhythm:
    return Rhythm(first=first, every=every, unit=unit, window=window)


rhythms = st.builds(
    Rhythm,
    first=st.dates(date(2025, 6, 1), date(2026, 12, 31)),
    every=st.integers(1, 40),
    unit=st.sampled_from(["days", "months"]),
    window=st.integers(0, 15),
    last=st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2027, 3, 1))),
)


def test_a_month_without_window_runs_from_its_first_to_its_last_working_day() -> None:
    found = windows(a_rhythm(), DAYS, date(2026, 11, 1), date(2026, 11, 30))
    assert found == [Window(date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 30))]


def test_a_window_counts_working_days_and_passes_over_the_holidays() -> None:
    # 2026: 1-8 October are off, 10 October is worked.
    found = windows(a_rhythm(date(2026, 10, 1), window=3), DAYS, date(2026, 10, 1), date(2026, 10, 31))
    assert [CALENDAR.works(day) for day in (date(2026, 10, 1), found[0].begin, found[0].end)] == [False, True, True]
    assert len(DAYS.between(found[0].begin, found[0].end)) == 3


def test_a_daily_plan_leaves_the_weekend_out() -> None:
    found = windows(a_rhythm(date(2026, 11, 2), 1, "days"), DAYS, date(2026, 11, 2), date(2026, 11, 8))
    assert [one.begin.day for one in found] == [2, 3, 4, 5, 6]


def test_a_plan_that_has_ended_wants_nothing_more() -> None:
    rhythm = Rhythm(first=date(2026, 1, 1), every=1, unit="months", last=date(2026, 2, 10))
    assert [one.period.month for one in windows(rhythm, DAYS, SINCE, UNTIL)] == [1, 2]
    assert windows(rhythm, DAYS, SINCE, UNTIL)[-1].end <= date(2026, 2, 10)


def test_the_last_day_of_a_month_stays_the_last() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 31), 2) == date(2026, 3, 31)
    assert add_months(date(2026, 3, 31), -13) == date(2025, 2, 28)


def test_how_often_a_month_is_told() -> None:
    assert a_month(a_rhythm(every=3)) == 1 / 3
    assert 4.3 < a_month(a_rhythm(every=7, unit="days")) < 4.4


@given(rhythms)
def test_windows_are_of_working_days_within_their_period_and_never_overlap(rhythm: Rhythm) -> None:
    found = windows(rhythm, DAYS, SINCE, UNTIL)
    for one, following in itertools.pairwise(found):
        assert one.end < following.begin and one.period < following.period
    for one in found:
        assert one.period <= one.begin <= one.end
        assert CALENDAR.works(one.begin) and CALENDAR.works(one.end)
        assert not rhythm.window or len(DAYS.between(one.begin, one.end)) <= rhythm.window


@given(rhythms, st.dates(SINCE, UNTIL), st.integers(0, 60))
def test_what_is_seen_of_the_windows_does_not_depend_on_when_one_looks(
    rhythm: Rhythm, since: date, length: int
) -> None:
    until = since + timedelta(days=length)
    every_one = windows(rhythm, DAYS, date(2025, 6, 1), date(2027, 6, 1))
    assert windows(rhythm, DAYS, since, until) == [one for one in every_one if one.end >= since and one.begin <= until]
