"""What households said and who they are is erased when its time is over; that somebody came by remains."""

from collections.abc import Sequence
from uuid import UUID

from server.households import household as households
from server.households.care.tables import CARE
from server.households.door import thread as threads
from server.households.door.tables import DOOR
from server.households.tables import HOUSEHOLDS, VISITS
from server.kernel import database, events
from server.kernel.personal import erases

FORGET = (
    "UPDATE household_people SET name = '', phone = '', relation = '', contact = FALSE, until = COALESCE(until, now())"
    " WHERE household = $1",
    "UPDATE household_visits SET said = '', needs = '', topics = '[]' WHERE household = $1",
    "UPDATE household_links SET for_successor = '' WHERE household = $1",
    "UPDATE household_addresses SET words = '' WHERE household = $1",
    "UPDATE care_agreements SET agreed_by = '', witness = '' WHERE household = $1",
    "UPDATE care_looks l SET note = '' FROM care_watches w WHERE w.id = l.watch AND w.household = $1",
    "DELETE FROM care_readings r USING care_watches w WHERE w.id = r.watch AND w.household = $1",
    "UPDATE household_wishes SET words = '' WHERE household = $1",
    "DELETE FROM household_tags WHERE household = $1",
    "UPDATE households SET place = '', building = '', unit = '', room = '', address = NULL, latitude = NULL,"
    " longitude = NULL, external_code = '' WHERE id = $1",
)
"""Everything personal of one household."""


async def forget(household_id: UUID) -> None:
    """Erase everything personal of a locked household, and what its history says; the chain still verifies."""
    for statement in FORGET:
        await database.execute(statement, household_id)
    await events.erase_streams([households.stream_of(household_id)])


@erases(HOUSEHOLDS, "SELECT id FROM households WHERE until < $1 AND merged_into IS NULL AND place <> ''")
async def erase_households(ids: Sequence[UUID]) -> None:
    """Households that nobody looks after any more, those that were merged into them among them."""
    rows = await database.fetch(
        "SELECT id FROM households WHERE id = ANY($1::uuid[]) OR merged_into = ANY($1::uuid[]) ORDER BY id FOR UPDATE",
        list(ids),
    )
    for row in rows:
        await forget(row["id"])


@erases(
    VISITS,
    "SELECT id FROM household_visits WHERE at < $1 AND (said <> '' OR needs <> '' OR topics <> '[]')",
)
async def erase_visits(ids: Sequence[UUID]) -> None:
    """What was said and needed."""
    await database.execute(
        "UPDATE household_visits SET said = '', needs = '', topics = '[]' WHERE id = ANY($1::uuid[])", list(ids)
    )


@erases(VISITS, "SELECT id FROM household_links WHERE until < $1 AND for_successor <> ''")
async def erase_word_left(ids: Sequence[UUID]) -> None:
    """What one member left for the next."""
    await database.execute("UPDATE household_links SET for_successor = '' WHERE id = ANY($1::uuid[])", list(ids))


@erases(CARE, "SELECT id FROM care_agreements WHERE ended_at < $1 AND (agreed_by <> '' OR witness <> '')")
async def erase_agreements(ids: Sequence[UUID]) -> None:
    """Who agreed before whom, how somebody was found, what a sensor said."""
    for statement in (
        "UPDATE care_looks l SET note = '' FROM care_watches w WHERE w.id = l.watch AND w.agreement = ANY($1::uuid[])",
        "DELETE FROM care_readings r USING care_watches w WHERE w.id = r.watch AND w.agreement = ANY($1::uuid[])",
        "UPDATE care_agreements SET agreed_by = '', witness = '' WHERE id = ANY($1::uuid[])",
    ):
        await database.execute(statement, list(ids))


@erases(CARE, "SELECT id FROM care_readings WHERE at < $1")
async def erase_readings(ids: Sequence[int]) -> None:
    """What a sensor said so long ago, however long the agreement lasts."""
    await database.execute("DELETE FROM care_readings WHERE id = ANY($1::bigint[])", list(ids))


@erases(
    DOOR,
    """SELECT id FROM door_threads t WHERE last_at < $1 AND (for_successor <> ''
           OR EXISTS (SELECT FROM door_messages m WHERE m.thread = t.id AND m.text <> ''))""",
)
async def erase_threads(ids: Sequence[UUID]) -> None:
    """What was said at the door, on both sides."""
    await database.execute("UPDATE door_messages SET text = '' WHERE thread = ANY($1::uuid[])", list(ids))
    await database.execute("UPDATE door_threads SET for_successor = '' WHERE id = ANY($1::uuid[])", list(ids))
    await events.erase_streams([threads.stream_of(one) for one in ids])
