"""Alarms as rows: what the tick looks at."""

from piccolo.columns import JSONB, BigSerial, ForeignKey, OnDelete, SmallInt, Text, Timestamptz
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from server.cases.tables import Case
from server.kernel.personal import names


class AlarmRow(Table, tablename="alarms"):
    """One kind of alarm of one case, the latest time it stood. That it was told is in the history (`case.warned`)."""

    id = BigSerial(primary_key=True)
    case = ForeignKey(Case, null=False, default=None, on_delete=OnDelete.restrict)
    alarm = Text(default=None, null=False)
    """Of server.notices.alarms.ladder."""
    occasion = Text(default=None, null=False)
    since = Timestamptz(default=None, null=False)
    """When it begins; the ladder's times count from here."""
    whole = JSONB(default=None, null=False)
    """The time that the case's category allows, as server.cases.deadlines.Budget."""
    told = SmallInt(default=0, null=False)
    """How many rungs know."""
    told_at = Timestamptz(default=None, null=True)
    next_at = Timestamptz(default=None, null=True)
    """When somebody is told next; None at the top."""
    ended_at = Timestamptz(default=None, null=True)

    alarms_once = Unique([case, alarm])
    alarms_alarm = Check("alarm IN ('overdue', 'floating', 'returned_twice', 'due_soon', 'low_rating')")

    plain = names("alarm", "occasion", "whole")
