"""How every process notices that areas have changed: one row that each change writes anew."""

from typing import TypeAlias

from server.kernel import database

Epoch: TypeAlias = tuple[int, int]


async def epoch() -> Epoch:
    """The state the areas are in; differs after every change.

    The row's xmin is part of it: a number counted up by a transaction that was then undone comes again, its xmin never.
    """
    row = await database.fetch_one("SELECT epoch, xmin::text::bigint AS made_by FROM area_epochs WHERE id = 1")
    return (row["epoch"], row["made_by"]) if row else (0, 0)


async def lock() -> None:
    """Let nobody else change areas until this transaction ends; every verb of this room begins so."""
    await database.execute("SELECT epoch FROM area_epochs WHERE id = 1 FOR UPDATE")


async def advance() -> None:
    """Say that areas have changed; every verb of this room that wrote something ends so."""
    await database.execute("UPDATE area_epochs SET epoch = epoch + 1 WHERE id = 1")
