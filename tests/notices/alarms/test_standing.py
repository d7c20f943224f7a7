"""Which alarms a case has: the pure rule over its row and its history."""

from datetime import datetime, timedelta

import msgspec

from server.cases.deadlines import Budget
from server.cases.warning import Alarm
from server.kernel.calendar import WorkCalendar
from server.kernel.clock import BEIJING
from server.notices.alarms.standing import Facts, Stands, Step, standing

CALENDAR = WorkCalendar()
REPORTED = datetime(2026, 3, 2, 10, 0, tzinfo=BEIJING)
DUE = datetime(2026, 3, 9, 18, 0, tzinfo=BEIJING)
PLAIN = Facts(open=True, due_at=DUE, owner_post=7, owner_since=REPORTED, whole=Budget("working_days", 5))


def history(*kinds: str, stars: int | None = None) -> tuple[Step, ...]:
    """Steps one hour apart, done by somebody unless they are the system's."""
    return tuple(
        Step(
            kind=f"case.{kind}",
            sequence=place,
            at=REPORTED + timedelta(hours=place),
            by_somebody=kind not in ("fell", "floated"),
            stars=stars if kind == "rated" else None,
        )
        for place, kind in enumerate(kinds, 2)
    )


def of(now: datetime = REPORTED, **changes: object) -> dict[Alarm, Stands]:
    return {one.alarm: one for one in standing(msgspec.structs.replace(PLAIN, **changes), CALENDAR, now)}


def test_a_running_clock_is_due_soon_and_then_overdue() -> None:
    assert set(of()) == {Alarm.DUE_SOON, Alarm.OVERDUE}
    # A quarter of five working days before the deadline.
    assert of()[Alarm.DUE_SOON].since == datetime(2026, 3, 6, 15, 45, tzinfo=BEIJING)
    assert of()[Alarm.OVERDUE].since == DUE
    assert set(of(DUE)) == {Alarm.OVERDUE}


def test_a_stopped_clock_and_an_ended_case_are_never_late() -> None:
    assert of(due_at=None) == {}
    assert of(DUE, open=False) == {}


def test_a_new_deadline_or_owner_is_a_new_occasion() -> None:
    first = of()[Alarm.OVERDUE].occasion
    assert of(owner_post=8)[Alarm.OVERDUE].occasion != first
    assert of(due_at=DUE + timedelta(days=1))[Alarm.OVERDUE].occasion != first
    assert of(owner_since=REPORTED + timedelta(hours=1))[Alarm.OVERDUE].occasion != first
    assert of(REPORTED + timedelta(hours=1))[Alarm.OVERDUE].occasion == first


def test_who_gets_it_late_was_told_with_it_and_has_time_before_it_climbs() -> None:
    late = DUE + timedelta(days=1)
    assert (of(late, owner_since=late)[Alarm.OVERDUE].since, of(late, owner_since=late)[Alarm.OVERDUE].told) == (
        late,
        1,
    )
    assert (of()[Alarm.OVERDUE].since, of()[Alarm.OVERDUE].told) == (DUE, 0)


def test_what_fell_floats_until_somebody_takes_it_in_hand() -> None:
    assert Alarm.FLOATING in of(steps=history("dispatched", "fell"))
    assert Alarm.FLOATING in of(steps=history("floated"))
    assert Alarm.FLOATING not in of(steps=history("dispatched", "fell", "taken_back"))
    assert Alarm.FLOATING not in of(steps=history("floated", "accepted"))
    assert Alarm.FLOATING in of(steps=history("floated", "accepted", "floated"))
    assert Alarm.FLOATING not in of(open=False, steps=history("floated"))


def test_a_second_return_counts_until_the_desk_gives_it_on() -> None:
    assert Alarm.RETURNED_TWICE not in of(steps=history("dispatched", "returned"))
    twice = ("dispatched", "returned", "dispatched", "returned")
    assert Alarm.RETURNED_TWICE in of(steps=history(*twice))
    assert Alarm.RETURNED_TWICE in of(steps=history(*twice, "classified"))
    for given_on in ("dispatched", "relocated", "asked"):
        assert Alarm.RETURNED_TWICE not in of(steps=history(*twice, given_on))
    assert Alarm.RETURNED_TWICE in of(steps=history(*twice, "dispatched", "returned"))
    assert Alarm.RETURNED_TWICE not in of(steps=history(*twice, "reopened", "dispatched", "returned"))


def test_a_low_rating_waits_for_an_answer() -> None:
    assert Alarm.LOW_RATING in of(open=False, steps=history("closed", "rated", stars=2))
    assert Alarm.LOW_RATING not in of(open=False, steps=history("closed", "rated", stars=3))
    for answered in ("responded", "reopened"):
        assert Alarm.LOW_RATING not in of(open=False, steps=history("closed", "rated", answered, stars=1))
    first = of(open=False, steps=history("closed", "rated", "rated", stars=1))[Alarm.LOW_RATING]
    assert first.occasion == "3"
