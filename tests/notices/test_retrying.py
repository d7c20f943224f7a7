"""When a message that did not go out is tried again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.notices import retrying

FIRST = datetime(2026, 3, 2, tzinfo=UTC)


def test_the_pauses_grow_from_seconds_to_an_hour() -> None:
    pauses = [retrying.pause(tries, 0).total_seconds() for tries in range(1, 13)]
    assert pauses[:4] == [5, 10, 20, 40]
    assert pauses[-1] == 3600 and pauses == sorted(pauses)


def test_it_is_tried_for_a_day_and_then_no_more() -> None:
    tried, now, tries = [FIRST], FIRST, 1
    while (moment := retrying.again(FIRST, now, tries, asked=None, chance=0.5)) is not None:
        tried.append(moment)
        now, tries = moment, tries + 1
    assert timedelta(days=1) <= tried[-1] - FIRST < timedelta(days=1, hours=2)
    assert 25 < len(tried) < 40


def test_the_other_side_may_ask_for_a_longer_pause() -> None:
    asked = timedelta(minutes=10)
    assert retrying.again(FIRST, FIRST, 1, asked=asked, chance=0) == FIRST + asked


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_a_pause_is_never_nothing_and_never_much_more_than_an_hour(tries: int, chance: float) -> None:
    assert timedelta(seconds=5) <= retrying.pause(tries, chance) <= timedelta(minutes=72)
