"""What a rule of the table is made of: whom it tells, in which words, where it leads, and what must be so besides."""

from enum import StrEnum
from typing import Any

import msgspec

from server.cases.closing import LOW as LOW_STARS
from server.cases.warning import Alarm
from server.households.door.rule import Reminder
from server.notices.kinds import KINDS, Urgency
from server.notices.relations import Relation


class Page(StrEnum):
    """Where a notice leads."""

    CASE = "the case"
    """/mine/…, /unit/cases/… or /desk/cases/…, by the receiver's own number (a reporter's is that of the report)."""
    UNIT = "/unit"
    ROUND = "/round"
    ORDERS = "/desk/patrols/orders"
    ALARMS = "/alarms"
    HOUSEHOLD = "the household"
    """/desk/households/…"""
    CARE = "the household's care register"
    """/desk/households/…/care"""
    DOOR = "/door"
    DESK_DOOR = "the thread"
    """/desk/door/…"""
    DOOR_NUMBERS = "/door/numbers"
    HOUSEHOLDS = "/households"


class When(StrEnum):
    """What must be so besides; empty: nothing."""

    ALWAYS = ""
    PASSED = "passed"
    NOT_PASSED = "not passed"
    LOW = "a low rating"
    CHECKED_FIRST = "the category needs a check"
    CLOSED_AT_ONCE = "the category needs no check"
    SOME = "there are any"
    DUE_SOON = "due soon"
    OVERDUE = "overdue"
    FLOATING = "floating"
    RETURNED_TWICE = "returned twice"
    LOW_RATING = "low rating unanswered"
    SILENT = "a contact was missed"
    ALARMED = "its sensor gave alarm"
    NO_PROMISE = "a day without a promise"
    TODAY = "the promised day"
    LATE = "the promised day has passed, or three days without a word"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table."""

    event: str
    to: Relation
    kind: str
    """Of server.notices.kinds, what a person's choices name; several rules may be of one."""
    urgency: Urgency
    title: str
    line: str
    page: Page
    when: When

    @property
    def must_know(self) -> bool:
        """Whether a reporter without account gets a text message: where others get one unless they choose otherwise."""
        kind = KINDS[self.kind]
        return kind.residents and kind.usual == "at_once"


def holds(when: When, data: dict[str, Any], needs_check: bool) -> bool:
    """Whether what a rule asks for besides is so: of the event's data, and of the case's category."""
    match when:
        case When.PASSED | When.NOT_PASSED:
            return bool(data.get("passed")) is (when is When.PASSED)
        case When.LOW:
            return data.get("stars") is not None and data["stars"] <= LOW_STARS
        case When.CHECKED_FIRST | When.CLOSED_AT_ONCE:
            return needs_check is (when is When.CHECKED_FIRST)
        case When.SOME:
            return bool(data.get("tasks"))
        case When.NO_PROMISE | When.TODAY | When.LATE:
            return data.get("of") == _REMINDER_OF[when]
        case When.SILENT | When.ALARMED:
            return bool(data.get("alarm")) is (when is When.ALARMED)
        case When.DUE_SOON | When.OVERDUE | When.FLOATING | When.RETURNED_TWICE | When.LOW_RATING:
            return data.get("alarm") == _ALARM_OF[when]
    return True


_REMINDER_OF = {When.NO_PROMISE: Reminder.NO_PROMISE, When.TODAY: Reminder.TODAY, When.LATE: Reminder.LATE}
_ALARM_OF = {
    When.DUE_SOON: Alarm.DUE_SOON,
    When.OVERDUE: Alarm.OVERDUE,
    When.FLOATING: Alarm.FLOATING,
    When.RETURNED_TWICE: Alarm.RETURNED_TWICE,
    When.LOW_RATING: Alarm.LOW_RATING,
}
