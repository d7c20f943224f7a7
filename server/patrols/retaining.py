"""Rounds of long ago: what was written and seen is erased; that somebody was there remains. And operators who left."""

from collections.abc import Sequence
from uuid import UUID

from server.kernel import database, events
from server.kernel.personal import erases
from server.patrols.round_tables import ROUNDS
from server.patrols.tables import OPERATORS


@erases(
    ROUNDS,
    """SELECT id FROM patrol_visits v WHERE at < $1 AND (place_words <> '' OR note <> '' OR finding <> ''
           OR latitude IS NOT NULL OR answers <> '[]' OR EXISTS (SELECT FROM patrol_photos p WHERE p.visit = v.id))""",
)
async def erase_visits(ids: Sequence[UUID]) -> None:
    """Words, positions, answers and photos of visits, and what was found."""
    for statement in (
        """UPDATE patrol_visits SET place_words = '', note = '', finding = '', latitude = NULL, longitude = NULL,
               accuracy = NULL, answers = '[]' WHERE id = ANY($1::uuid[])""",
        "UPDATE patrol_findings SET words = '' WHERE visit = ANY($1::uuid[])",
        "UPDATE patrol_settlements SET note = '' WHERE visit = ANY($1::uuid[])",
        "DELETE FROM patrol_photos WHERE visit = ANY($1::uuid[])",
    ):
        await database.execute(statement, list(ids))
    roots = await database.fetch("SELECT DISTINCT root FROM patrol_visits WHERE id = ANY($1::uuid[])", list(ids))
    await events.erase_streams([f"visit:{row['root']}" for row in roots])


@erases(
    ROUNDS,
    """SELECT id FROM patrol_rectifications WHERE state <> 'open' AND COALESCE(ended_at, made_at) < $1
           AND (words <> '' OR link_digest IS NOT NULL)""",
)
async def erase_rectifications(ids: Sequence[UUID]) -> None:
    """What had to be put right, and the operator's link."""
    await database.execute(
        "UPDATE patrol_rectifications SET words = '', items = '[]', link = NULL, link_digest = NULL WHERE id = ANY($1)",
        list(ids),
    )
    await events.erase_streams([f"rectification:{one}" for one in ids])


@erases(ROUNDS, "SELECT id FROM patrol_orders WHERE at < $1 AND words <> ''")
async def erase_orders(ids: Sequence[UUID]) -> None:
    """Where somebody was sent, and what for."""
    await database.execute(
        """UPDATE patrol_orders SET words = '', place_words = '', latitude = NULL, longitude = NULL
           WHERE id = ANY($1::uuid[])""",
        list(ids),
    )
    await events.erase_streams([f"order:{one}" for one in ids])


@erases(OPERATORS, "SELECT id FROM places WHERE until < $1 AND (operator <> '' OR operator_phone <> '')")
async def erase_operators(ids: Sequence[UUID]) -> None:
    """Who ran a place that is no more."""
    await database.execute("UPDATE places SET operator = '', operator_phone = '' WHERE id = ANY($1::uuid[])", list(ids))
    await events.erase_streams([f"place:{one}" for one in ids])
