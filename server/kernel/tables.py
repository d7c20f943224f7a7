"""Tables that belong to no room: the history, limits, the working calendar as entered."""

from piccolo.columns import JSONB, UUID, BigInt, Boolean, Bytea, DoublePrecision, Integer, SmallInt, Text, Timestamptz
from piccolo.constraints import Unique
from piccolo.table import Table


class Event(Table, tablename="events"):
    id = UUID(primary_key=True, default=None)
    stream = Text(default=None, null=False)
    sequence = Integer(default=None, null=False)
    kind = Text(default=None, null=False)
    at = Timestamptz(default=None, null=False, index=True)
    account_id = UUID(default=None, null=True)
    post_id = BigInt(default=None, null=True)
    internal = Boolean(default=False, null=False)
    salt = Bytea(default=None, null=True)
    content = Bytea(default=None, null=True)
    digest = Bytea(default=None, null=False)
    link = Bytea(default=None, null=False)

    events_stream_sequence = Unique([stream, sequence])


class Untold(Table, tablename="untold"):
    """An event of which the worker has not told yet; see server.kernel.untold. Rows live for a second or so."""

    event = UUID(primary_key=True, default=None)
    at = Timestamptz(default=None, null=False)
    tries = SmallInt(default=0, null=False)
    """Times that telling of it failed."""
    again_at = Timestamptz(default=None, null=True)
    error = Text(default="", null=False)


class Bucket(Table, tablename="buckets"):
    key = Text(primary_key=True, default=None)
    tokens = DoublePrecision(default=None, null=False)
    at = Timestamptz(default=None, null=False)


class CalendarYear(Table, tablename="calendar_years"):
    year = Integer(primary_key=True, default=None)
    days_off = JSONB(default="[]", null=False)
    days_worked = JSONB(default="[]", null=False)
    entered_at = Timestamptz(default=None, null=False)


class KeptFile(Table, tablename="kept_files"):
    """A file between its dry run and the confirmation; see server.kernel.kept_files."""

    id = UUID(primary_key=True, default=None)
    sender = Text(default=None, null=False)
    purpose = Text(default=None, null=False)
    content = Bytea(default=None, null=False)
    at = Timestamptz(default=None, null=False, index=True)
