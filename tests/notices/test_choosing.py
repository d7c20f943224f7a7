"""Whether and when a notice leaves the inbox."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.clock import BEIJING
from server.notices import choosing
from server.notices.choosing import NEVER_QUIET, Choices, Quiet, Way, way
from server.notices.kinds import KINDS, How, Urgency, choosable, kind_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=BEIJING)
NIGHT = datetime(2026, 3, 2, 23, 30, tzinfo=BEIJING)
MORNING = datetime(2026, 3, 3, 7, 0, tzinfo=BEIJING)


def ask(
    kind: str, at: datetime, urgency: Urgency = "soon", *, quiet: Quiet = choosing.NIGHT, **chosen: How
) -> Way | None:
    return way(kind, kind_of(kind), urgency, Choices(kinds=chosen, quiet=quiet), at)


def test_who_chose_nothing_gets_each_kind_as_usual() -> None:
    assert ask("asked", NOON) == Way(NOON)
    assert ask("accepted", NOON) is None


def test_what_was_switched_off_stays_in_the_inbox() -> None:
    assert ask("asked", NOON, asked="inbox") is None


def test_what_was_switched_on_comes() -> None:
    assert ask("accepted", NOON, accepted="at_once") == Way(NOON)


def test_a_daily_kind_comes_in_one_message_at_the_hour_chosen() -> None:
    evening = NOON.replace(hour=18)
    assert ask("asked", NOON, asked="daily") == Way(evening, together=True)
    assert ask("asked", evening, asked="daily") == Way(evening + timedelta(days=1), together=True)


def test_the_night_holds_back_until_it_ends_and_then_all_come_together() -> None:
    assert ask("asked", NIGHT) == Way(MORNING, together=True)
    assert ask("asked", MORNING - timedelta(seconds=1)) == Way(MORNING, together=True)
    assert ask("asked", MORNING) == Way(MORNING)


def test_whoever_wants_no_quiet_hours_has_none() -> None:
    assert ask("asked", NIGHT, quiet=NEVER_QUIET) == Way(NIGHT)


@pytest.mark.parametrize("chosen", ["inbox", "daily"])
def test_what_somebody_owes_cannot_be_switched_off_or_put_off(chosen: How) -> None:
    assert ask("overdue", NOON, "now", overdue=chosen) == Way(NOON)
    assert ask("overdue", NIGHT, "now", overdue=chosen) == Way(NIGHT)
    assert ask("due_soon", NIGHT, "soon", due_soon=chosen) == Way(MORNING, together=True)


def test_of_a_kind_that_nobody_knows_the_inbox_is_enough() -> None:
    assert ask("something new", NOON, "now") is None


def test_residents_choose_about_their_own_matters_only() -> None:
    assert {"asked", "rate"} <= set(choosable(staff=False)) < set(choosable(staff=True)) == set(KINDS)
    assert not any(kind.owed for kind in choosable(staff=False).values())


@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
    kind=st.sampled_from(sorted(KINDS)),
    urgency=st.sampled_from(["now", "soon", "calm"]),
    chosen=st.sampled_from(["at_once", "daily", "inbox"]),
    hours=st.tuples(*[st.integers(0, 23)] * 3),
)
def test_nothing_ever_comes_in_quiet_hours_but_what_is_owed_now(
    at: datetime, kind: str, urgency: Urgency, chosen: How, hours: tuple[int, int, int]
) -> None:
    begins, ends, daily = hours
    choices = Choices(quiet=Quiet(begins, ends), daily_at=daily, kinds={kind: chosen})
    moment = at.replace(tzinfo=BEIJING)
    found = way(kind, kind_of(kind), urgency, choices, moment)
    if found is None:
        assert chosen == "inbox" and not kind_of(kind).owed
        return
    assert moment <= found.at <= moment + timedelta(days=2)
    assert not choices.quiet.holds(found.at) or (kind_of(kind).owed and urgency == "now" and found.at == moment)


def test_every_kind_is_in_the_docs_as_it_is() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "outlets.md").read_text()
    words = {"at_once": "at once", "daily": "daily", "inbox": "inbox only"}
    for name, kind in KINDS.items():
        whom, owed = "residents" if kind.residents else "staff", "yes" if kind.owed else ""
        assert f"| `{name}` | {kind.words} | {whom} | {words[kind.usual]} | {owed} |" in docs
