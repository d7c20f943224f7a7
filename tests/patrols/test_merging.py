"""One visit instead of several, and tasks spread over the days."""

from collections import Counter
from datetime import date, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from server.patrols.merging import Due, Open, along, merge, spread

FIRST = date(2026, 11, 2)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def a_due(plan: int, begin: int, end: int) -> Due:
    return Due(plan, FIRST, day(begin), day(end))


dues = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 6)).map(lambda one: (one[0], one[0] + one[1])), max_size=6
).map(lambda each: [a_due(plan, *one) for plan, one in enumerate(each)])


def test_three_departments_in_one_week_are_one_visit_and_two_are_saved() -> None:
    [visit] = merge([a_due(1, 0, 20), a_due(2, 0, 4), a_due(3, 2, 9)])
    assert (visit.begin, visit.end, visit.saved) == (day(2), day(4), 2)


def test_windows_that_do_not_meet_are_two_visits() -> None:
    assert [visit.saved for visit in merge([a_due(1, 0, 4), a_due(2, 5, 9)])] == [0, 0]


@given(dues)
def test_every_demand_is_met_once_and_within_its_window(wanted: list[Due]) -> None:
    visits = merge(wanted)
    assert sorted(one.plan for visit in visits for one in visit.due) == [one.plan for one in wanted]
    for visit in visits:
        assert visit.begin <= visit.end
        assert all(one.begin <= visit.begin and visit.end <= one.end for one in visit.due)


@given(dues)
def test_no_grouping_needs_fewer_visits(wanted: list[Due]) -> None:
    days = [day(number) for number in range(20)]
    fewest = next(
        number
        for number in range(len(wanted) + 1)
        for chosen in combinations(days, number)
        if all(any(one.begin <= on <= one.end for on in chosen) for one in wanted)
    )
    assert len(merge(wanted)) == fewest


def test_a_task_takes_more_along_and_keeps_its_day_where_it_can() -> None:
    there = Open(day(0), day(9), day(3))
    assert there.joined(a_due(2, 1, 5)) == Open(day(1), day(5), day(3))
    assert there.joined(a_due(2, 5, 20)) == Open(day(5), day(9), day(5))
    assert there.joined(a_due(2, 10, 20)) is None


@given(
    st.integers(0, 200),
    st.lists(st.integers(0, 40), min_size=1, max_size=25),
)
def test_spread_tasks_leave_no_day_with_more_than_it_must(many: int, carried: list[int]) -> None:
    days = [day(number) for number in range(len(carried))]
    load = dict(zip(days, carried, strict=True))
    chosen = spread(many, days, load)
    assert len(chosen) == many and chosen == sorted(chosen)
    after = Counter(load)
    after.update(chosen)
    given_some = [after[one] for one in set(chosen)]
    assert not given_some or max(given_some) - min(after.values()) <= 1


def test_neighbours_come_one_after_the_other() -> None:
    near, beside, far = along(22.60000, 114.00000), along(22.60010, 114.00010), along(22.65, 114.05)
    assert abs(near - beside) < abs(near - far)
    assert along(None, None) > far
