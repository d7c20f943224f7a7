"""Receipts are kept longer than any protocol is understood (docs/sync.md), then deleted."""

from collections.abc import Sequence
from uuid import UUID

from server.kernel import database
from server.kernel.personal import RECEIPTS, erases


@erases(RECEIPTS, "SELECT id FROM receipts WHERE at < $1")
async def erase_receipts(ids: Sequence[UUID]) -> None:
    """A command that comes again after so long is a new one; its protocol is not understood any more."""
    await database.execute("DELETE FROM receipts WHERE id = ANY($1::uuid[])", list(ids))
