"""Devices that asked for push, what goes to them, and the key by which push services know us."""

from piccolo.columns import UUID, Bytea, ForeignKey, OnDelete, SmallInt, Text, Timestamptz
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from server.kernel.personal import keeps, names
from server.notices.tables import NOTICES
from server.people.tables import Account, Session


class PushKey(Table, tablename="push_keys"):
    """The installation's VAPID key pair (RFC 8292), made once and kept: devices are bound to its public half."""

    id = SmallInt(primary_key=True, default=1)
    """1: there is one pair."""
    public = Text(default=None, null=False)
    """Uncompressed P-256 point, base64url."""
    sealed = Text(default=None, null=False)
    made_at = Timestamptz(default=None, null=False)

    plain = names("public", "sealed")


class PushDevice(Table, tablename="push_devices"):
    """A browser on a device where somebody wants to be told; ends with their session there."""

    id = UUID(primary_key=True, default=None)
    account = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    session = ForeignKey(Session, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    name = Text(default="", null=False)
    """What kind of device and browser, in words for the person's own list."""
    host = Text(default=None, null=False)
    """Of the push service, for the log."""
    endpoint_digest = Bytea(default=None, null=False)
    sealed = Text(default=None, null=False)
    """Endpoint and keys; who has them can push."""
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)
    why_ended = Text(default="", null=False)
    last_sent_at = Timestamptz(default=None, null=True)
    last_shown_at = Timestamptz(default=None, null=True)

    kept = keeps(NOTICES, "name", "endpoint_digest", "sealed")
    plain = names("host", "why_ended")


class PushSend(Table, tablename="push_sends"):
    """One notice on its way to one device."""

    id = UUID(primary_key=True, default=None)
    """Goes with the message, however often it is tried: the device shows it once."""
    notice = UUID(default=None, null=False, index=True)
    account = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict)
    device = ForeignKey(PushDevice, null=False, default=None, on_delete=OnDelete.cascade, index=True)
    kind = Text(default=None, null=False)
    urgency = Text(default=None, null=False)
    title = Text(default=None, null=False)
    words = Text(default="", null=False)
    href = Text(default="", null=False)
    sent_with = UUID(default=None, null=True, index=True)
    """The push that says it together with others."""
    state = Text(default="waiting", null=False)
    tries = SmallInt(default=0, null=False)
    first_at = Timestamptz(default=None, null=False)
    next_at = Timestamptz(default=None, null=False)
    said = Text(default="", null=False)
    created_at = Timestamptz(default=None, null=False)
    done_at = Timestamptz(default=None, null=True)
    shown_at = Timestamptz(default=None, null=True)

    push_sends_once = Unique([notice, device])
    push_sends_state = Check("state IN ('waiting', 'sent', 'failed', 'dropped')")
    push_sends_urgency = Check("urgency IN ('now', 'soon', 'calm')")

    kept = keeps(NOTICES, "title", "words", "href")
    plain = names("kind", "urgency", "state", "said")
