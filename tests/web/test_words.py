"""How times, phones and names are said."""

from datetime import datetime, timedelta

import pytest

from server.kernel import clock
from server.kernel.clock import BEIJING
from web import words

NOW = datetime(2026, 11, 4, 10, 30, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOW - timedelta(seconds=119), "刚刚"),
        (NOW - timedelta(minutes=2), "今天 10:28"),
        (NOW.replace(hour=0, minute=5), "今天 0:05"),
        (NOW.replace(day=3, hour=23, minute=59), "昨天 23:59"),
        (NOW.replace(day=2), "11月2日"),
        (NOW.replace(year=2025), "2025年11月4日"),
        (NOW + timedelta(hours=7), "今天 17:30"),
        (NOW + timedelta(days=1), "明天 10:30"),
        (NOW + timedelta(days=2), "后天 10:30"),
        (NOW + timedelta(days=3), "11月7日"),
        (None, ""),
    ],
)
def test_a_time_is_said_as_a_neighbour_says_it(moment: datetime | None, said: str) -> None:
    with clock.at(NOW):
        assert words.near(moment) == said


def test_days_change_at_midnight_in_beijing_not_in_greenwich() -> None:
    with clock.at(datetime(2026, 11, 4, 0, 10, tzinfo=BEIJING)):
        assert words.near(datetime(2026, 11, 3, 23, 50, tzinfo=BEIJING)) == "昨天 23:50"


def test_the_exact_time_is_in_beijing() -> None:
    assert words.exact(datetime.fromisoformat("2026-11-03T10:02:59+00:00")) == "2026年11月3日 18:02"
    assert words.exact(None) == ""


@pytest.mark.parametrize(
    ("left", "said", "state"),
    [
        (timedelta(minutes=59, seconds=59), "还有 59 分钟", "soon"),
        (timedelta(hours=3, minutes=59), "还有 3 小时", "soon"),
        (timedelta(hours=4), "还有 4 小时", "later"),
        (timedelta(hours=23, minutes=59), "还有 23 小时", "later"),
        (timedelta(days=1), "还有 1 天", "later"),
        (timedelta(hours=47, minutes=59), "还有 1 天", "later"),
        (timedelta(days=2), "还有 2 天", "later"),
        (-timedelta(minutes=5), "超 5 分钟", "over"),
        (-timedelta(hours=25), "超 1 天", "over"),
    ],
)
def test_a_deadline_says_how_long_and_is_never_rounded_up(left: timedelta, said: str, state: str) -> None:
    with clock.at(NOW):
        assert words.due(NOW + left) == said
        assert words.due_state(NOW + left) == state


def test_no_deadline_says_nothing() -> None:
    assert words.due(None) == words.due_state(None) == ""


@pytest.mark.parametrize(
    ("phone", "said"),
    [("13812345678", "138****5678"), ("110", "****"), ("", ""), (None, ""), ("1381234567", "****")],
)
def test_a_phone_keeps_its_middle_to_itself(phone: str | None, said: str) -> None:
    assert words.mask_phone(phone) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [("王芳", "王*"), ("王小芳", "王**"), ("阿卜杜热西提·买买提江", "阿**"), ("王", "王*"), ("", ""), (None, "")],
)
def test_a_name_shows_its_first_character_and_not_its_length(name: str | None, said: str) -> None:
    assert words.mask_name(name) == said
