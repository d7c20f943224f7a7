"""Accounts that were closed are forgotten when their time is over."""

from collections.abc import Sequence
from uuid import UUID

from server.kernel import database, events
from server.kernel.personal import ACCOUNTS, erases


@erases(ACCOUNTS, "SELECT id FROM accounts WHERE closed_at < $1 AND (phone <> '' OR name <> '')")
async def erase_accounts(ids: Sequence[UUID]) -> None:
    """Phone and name are gone; that there was an account, and what it did by its id, remains."""
    await database.execute("UPDATE accounts SET phone = '', name = '' WHERE id = ANY($1::uuid[])", list(ids))
    await events.erase_streams([f"account:{one}" for one in ids])
