"""Receipts: what became of every command, kept in the transaction of the change itself."""

from piccolo.columns import JSONB, UUID, Boolean, Bytea, SmallInt, Text, Timestamptz
from piccolo.constraints import Check
from piccolo.table import Table

from server.kernel.personal import RECEIPTS, keeps, names


class Receipt(Table, tablename="receipts"):
    id = UUID(primary_key=True, default=None)
    """The command's id, made where the person typed."""
    sender = Text(default=None, null=False)
    """account:<id>, device:<digest> or link:<report>; nobody else learns what it answers."""
    verb = Text(default=None, null=False)
    content_digest = Bytea(default=None, null=False)
    answer = JSONB(default=None, null=False)
    at = Timestamptz(default=None, null=False)
    outcome = Text(default="done", null=False)
    """done or refused; what is not yet done leaves no receipt."""
    words = Text(default="", null=False)
    """Why it was refused, for the person."""
    protocol = SmallInt(default=None, null=True)
    """Of a phone's command; none for a page's form."""
    made_at = Text(default="", null=False)
    """The phone's own time, as it said it; never believed."""
    odd_clock = Boolean(default=False, null=False)
    """The phone's time cannot be right."""
    mends = UUID(default=None, null=True, index=True)
    """The refused command that this one replaced."""

    receipts_outcome = Check("outcome IN ('done', 'refused')")

    kept = keeps(RECEIPTS, "sender", "answer", "words")
    plain = names("verb", "content_digest", "outcome", "made_at")
