"""Tables that belong to no room: the history, limits, the working calendar as entered."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    DoublePrecision,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.constraints import Unique
from piccolo.table import Table

from server.kernel.personal import FILES, HISTORY, SIGN_INS, keeps, names


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

    kept = keeps(HISTORY, "content", "salt")
    plain = names("stream", "kind", "digest", "link")


class Untold(Table, tablename="untold"):
    """An event of which the worker has not told yet; see server.kernel.untold. Rows live for a second or so."""

    event = UUID(primary_key=True, default=None)
    at = Timestamptz(default=None, null=False)
    tries = SmallInt(default=0, null=False)
    """Times that telling of it failed."""
    again_at = Timestamptz(default=None, null=True)
    error = Text(default="", null=False)

    plain = names("error")


class Bucket(Table, tablename="buckets"):
    key = Text(primary_key=True, default=None)
    tokens = DoublePrecision(default=None, null=False)
    at = Timestamptz(default=None, null=False)

    kept = keeps(SIGN_INS, "key")
    plain = names("tokens")


class CalendarYear(Table, tablename="calendar_years"):
    year = Integer(primary_key=True, default=None)
    days_off = JSONB(default="[]", null=False)
    days_worked = JSONB(default="[]", null=False)
    entered_at = Timestamptz(default=None, null=False)

    plain = names("days_off", "days_worked")


class KeptFile(Table, tablename="kept_files"):
    """A file between its dry run and the confirmation; see server.kernel.kept_files."""

    id = UUID(primary_key=True, default=None)
    sender = Text(default=None, null=False)
    purpose = Text(default=None, null=False)
    content = Bytea(default=None, null=False)
    at = Timestamptz(default=None, null=False, index=True)

    kept = keeps(FILES, "sender", "content")
    plain = names("purpose")


class RetentionRun(Table, tablename="retention_runs"):
    """What one run erased of one kind."""

    id = BigSerial(primary_key=True)
    kind = Text(default=None, null=False)
    """Empty: the run was over."""
    at = Timestamptz(default=None, null=False)
    erased = Integer(default=None, null=False)
    failed = Text(default="", null=False)
    """The name of what went wrong."""

    plain = names("kind", "failed")
