"""Receipts: what became of every command, kept in the transaction of the change itself."""

from piccolo.columns import JSONB, UUID, Bytea, Text, Timestamptz
from piccolo.table import Table


class Receipt(Table, tablename="receipts"):
    id = UUID(primary_key=True, default=None)
    """The command's id, made where the person typed."""
    sender = Text(default=None, null=False)
    """account:<id>, device:<digest> or link:<report>; nobody else learns what it answers."""
    verb = Text(default=None, null=False)
    content_digest = Bytea(default=None, null=False)
    answer = JSONB(default=None, null=False)
    at = Timestamptz(default=None, null=False)
