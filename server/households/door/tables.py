"""Threads at a secretary's door, what was asked and answered in them, and what was said."""

from piccolo.columns import (
    UUID,
    BigSerial,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.constraints import Unique
from piccolo.table import Table

from server.areas.tables import Area
from server.cases.tables import Case
from server.kernel.personal import DUTY, Kind, keeps, names
from server.people.tables import Account

DOOR = Kind(
    code="door",
    what="居民跟书记单独说的话",
    why="书记答复本人",
    basis=DUTY,
    days=730,
    counted="最后一次留言后",
    then="双方的话都删去,只留次数",
)


class DoorThread(Table, tablename="door_threads"):
    """One resident at the door of one community: one thread, however often they come."""

    id = UUID(primary_key=True, default=None)
    account = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict)
    community = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    street = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict)
    district = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    secretary = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    """Whom the resident knows it is with; another one begins with a word to the resident."""
    for_successor = Text(default="", null=False)
    """What the secretary before left word of."""
    since = Timestamptz(default=None, null=False)
    last_at = Timestamptz(default=None, null=False)
    version = Integer(default=1, null=False)
    history_sequence = Integer(default=None, null=False)
    history_link = Bytea(default=None, null=False)

    door_threads_once = Unique([account, community])

    kept = keeps(DOOR, "for_successor")
    plain = names("history_link")


class DoorTurn(Table, tablename="door_turns"):
    """Something was asked: until it was answered, and by when that was promised. The public numbers rest on these."""

    id = UUID(primary_key=True, default=None)
    thread = ForeignKey(DoorThread, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    community = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    asked_at = Timestamptz(default=None, null=False)
    promised_on = Date(default=None, null=True)
    """The first promise; a later one does not make it kept."""
    moved_to = Date(default=None, null=True)
    """The promise that holds now, where it was moved."""
    answered_at = Timestamptz(default=None, null=True)
    case = ForeignKey(Case, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    withdrawn = Boolean(default=False, null=False)
    """Erased before it was answered; in no number."""
    told = SmallInt(default=0, null=False)
    next_at = Timestamptz(default=None, null=True)
    """When somebody is reminded next."""


class DoorMessage(Table, tablename="door_messages"):
    """What was said. Read by the resident and their secretary, nobody else."""

    id = BigSerial(primary_key=True)
    thread = ForeignKey(DoorThread, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    turn = ForeignKey(DoorTurn, null=True, default=None, on_delete=OnDelete.restrict)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    from_secretary = Boolean(default=False, null=False)
    text = Text(default="", null=False)
    at = Timestamptz(default=None, null=False)

    kept = keeps(DOOR, "text")
