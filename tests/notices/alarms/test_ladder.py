"""Who hears of an alarm after which time: the pure rules, apart from the database."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cases.deadlines import Budget, due, share_before
from server.cases.warning import RUNGS, Alarm, Rung
from server.kernel.calendar import WorkCalendar
from server.kernel.clock import BEIJING
from server.notices.alarms.ladder import LADDER, LOOK_AGAIN, SOON, Climb, as_markdown, climb

CALENDAR = WorkCalendar()
FIVE_DAYS = Budget("working_days", 5)
FOUR_HOURS = Budget("seconds", 4 * 3600)
HANDLER, LEAD, SECRETARY, STREET, CENTRE = (uuid4() for _ in range(5))
FULL: dict[Rung, tuple[UUID, ...]] = {
    Rung.PERSON: (HANDLER,),
    Rung.SUPERVISOR: (LEAD,),
    Rung.SECRETARY: (SECRETARY,),
    Rung.STREET: (STREET,),
    Rung.DISTRICT: (CENTRE,),
}


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def climbed(now: str, held: dict[Rung, tuple[UUID, ...]] = FULL, **more: object) -> Climb:
    values: dict[str, object] = {
        "told": 0,
        "since": beijing("2026-11-26 18:00"),
        "whole": FIVE_DAYS,
        "calendar": CALENDAR,
        **more,
    }
    return climb(Alarm.OVERDUE, held, now=beijing(now), **values)  # type: ignore[arg-type]


def test_who_has_it_hears_at_the_deadline_and_nobody_above() -> None:
    now = climbed("2026-11-26 18:00")
    assert (now.to, now.told) == ({HANDLER: Rung.PERSON}, 1)
    # A tenth of five working days: half a working day, on the next one.
    assert now.next_at == beijing("2026-11-27 13:30")


def test_a_weekend_lets_nothing_climb() -> None:
    friday = climbed("2026-11-27 18:00", since=beijing("2026-11-27 18:00"))
    assert friday.next_at == beijing("2026-11-30 13:30")


def test_an_emergency_climbs_through_the_night() -> None:
    now = climbed("2026-11-27 03:00", since=beijing("2026-11-27 03:00"), whole=FOUR_HOURS)
    assert now.next_at == beijing("2026-11-27 03:24")


def test_an_empty_rung_is_not_waited_for_and_is_named() -> None:
    held = FULL | {Rung.SUPERVISOR: (), Rung.SECRETARY: ()}
    now = climbed("2026-11-27 13:30", held, told=1)
    assert now.to == {STREET: Rung.STREET}
    assert now.empty == (Rung.SUPERVISOR, Rung.SECRETARY)
    assert now.next_at == beijing("2026-12-02 18:00")


def test_due_soon_climbs_beyond_its_own_ladder_where_nobody_is_there() -> None:
    held = FULL | {Rung.PERSON: (), Rung.SUPERVISOR: ()}
    now = climb(
        Alarm.DUE_SOON,
        held,
        told=0,
        since=beijing("2026-11-25 11:15"),
        whole=FIVE_DAYS,
        calendar=CALENDAR,
        now=beijing("2026-11-25 11:15"),
    )
    assert now.to == {SECRETARY: Rung.SECRETARY}
    assert now.next_at is None


def test_after_a_long_silence_all_whose_time_has_passed_hear_together() -> None:
    now = climbed("2026-12-01 09:00")
    below = {rung: FULL[rung] for rung in RUNGS[:4]}
    assert now.to == {account: rung for rung, (account,) in below.items()}
    assert now.highest == Rung.STREET
    assert now.next_at == beijing("2026-12-02 18:00")


def test_where_nobody_is_left_they_are_looked_for_again() -> None:
    nobody = dict.fromkeys(RUNGS, ())
    now = climbed("2026-11-26 18:00", nobody)
    assert (now.to, now.told) == ({}, 0)
    assert now.next_at == beijing("2026-11-26 18:00") + LOOK_AGAIN
    assert set(now.empty) == set(RUNGS)


def test_what_is_due_soon_has_a_quarter_of_its_time_left() -> None:
    since = beijing("2026-11-19 10:00")
    end = due(since, FIVE_DAYS, CALENDAR)
    soon = share_before(end, SOON, FIVE_DAYS, CALENDAR)
    assert CALENDAR.working_time(soon, end) == timedelta(hours=11.25)
    assert share_before(end, SOON, FOUR_HOURS, CALENDAR) == end - timedelta(hours=1)


@pytest.mark.parametrize("alarm", Alarm)
def test_every_ladder_rises(alarm: Alarm) -> None:
    rungs = list(LADDER[alarm])
    assert rungs == sorted(rungs, key=RUNGS.index)
    assert all(LADDER[alarm][lower] < LADDER[alarm][upper] for lower, upper in pairwise(rungs))


people = st.lists(st.sampled_from([UUID(int=n) for n in range(1, 6)]), max_size=2, unique=True).map(tuple)
helds = st.dictionaries(st.sampled_from(RUNGS), people)
moments = st.datetimes(datetime(2026, 1, 5), datetime(2026, 6, 1)).map(lambda moment: moment.replace(tzinfo=BEIJING))


@given(
    st.sampled_from(Alarm),
    helds,
    moments,
    st.sampled_from([FIVE_DAYS, FOUR_HOURS]),
    st.lists(st.integers(1, 60 * 24 * 4), min_size=1, max_size=12),
)
def test_however_often_it_is_looked_at_it_climbs_and_tells_each_rung_once(
    alarm: Alarm, held: dict[Rung, tuple[UUID, ...]], since: datetime, whole: Budget, pauses: list[int]
) -> None:
    now, told, heard = since, 0, list[tuple[UUID, Rung]]()
    for pause in [0, *pauses]:
        now += timedelta(minutes=pause)
        one = climb(alarm, held, told=told, since=since, whole=whole, calendar=CALENDAR, now=now)
        assert one.told >= told
        assert all(account in held[rung] for account, rung in one.to.items())
        assert all(not held[rung] for rung in one.empty)
        heard += [(account, rung) for account, rung in one.to.items()]
        told = one.told
        if one.next_at is not None:
            assert one.next_at > now
        if one.empty and not one.to:
            lowest = min(map(RUNGS.index, one.empty))
            assert not any(held.get(rung) for rung in RUNGS[lowest:])
    assert len(heard) == len(set(heard))


def test_the_ladder_in_the_docs_is_current() -> None:
    assert as_markdown() in Path("docs/alarms.md").read_text()
