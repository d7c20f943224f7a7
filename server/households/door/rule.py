"""When a secretary is reminded of what waits, and when the level above hears that a day has passed. Pure."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from server.kernel.clock import BEIJING

MORNING = time(9, tzinfo=BEIJING)


class Reminder(StrEnum):
    """What is said of what waits."""

    NO_PROMISE = "no_promise"
    """A day has gone by without a promise: the secretary."""
    TODAY = "today"
    """The promised day has come: the secretary."""
    LATE = "late"
    """Three days without a word, or the promised day has passed: the secretary, and the level above by number alone."""


def steps(asked_at: datetime, promise: date | None) -> tuple[tuple[Reminder, datetime], ...]:
    """What is said when, of something that was asked and is not answered."""
    if promise is None:
        return (
            (Reminder.NO_PROMISE, asked_at + timedelta(days=1)),
            (Reminder.LATE, asked_at + timedelta(days=3)),
        )
    day = datetime.combine(promise, MORNING)
    return (Reminder.TODAY, day), (Reminder.LATE, day + timedelta(days=1))


def next_at(asked_at: datetime, promise: date | None, told: int) -> datetime | None:
    """When somebody is reminded next, where `told` steps are done."""
    return next((at for _, at in steps(asked_at, promise)[told:]), None)
