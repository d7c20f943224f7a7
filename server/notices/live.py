"""Says to open pages what changed; see design §7."""

from collections.abc import Sequence

from server.kernel import database

CHANNEL = "huying_live"
_MOST = 60
"""Names in one message: PostgreSQL takes 8,000 bytes."""


async def announce(streams: Sequence[str], accounts: Sequence[str]) -> None:
    """Tell every web process which streams and whose inboxes changed."""
    for begin in range(0, max(len(streams), len(accounts)), _MOST):
        end = begin + _MOST
        said = {"streams": list(streams[begin:end]), "accounts": list(accounts[begin:end])}
        await database.execute("SELECT pg_notify($1, $2)", CHANNEL, database.to_jsonb(said))
