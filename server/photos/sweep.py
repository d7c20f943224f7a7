"""What nobody holds is thrown away: photos that came and no record names, and bytes in the store that no row names."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog

from server.kernel import clock, database, jobs
from server.photos.keys import id_in
from server.photos.store import store
from server.photos.stores import Entry

GRACE = timedelta(days=2)
"""A photo may come so long before the record it belongs to."""
_BATCH = 500

_holders: list[str] = []


class Swept(msgspec.Struct, frozen=True):
    """How many photos and how many things in the store were thrown away."""

    photos: int
    entries: int


def held_by(query: str) -> None:
    """Tell which photos a room holds: a SELECT of one column, the photos' ids. Called when the room is imported."""
    if query not in _holders:
        _holders.append(query)


@jobs.schedule("photos.sweep", "20 19 * * *")
async def sweep_nightly() -> None:
    """At 3:20 in the morning, Beijing time."""
    swept = await sweep()
    structlog.get_logger().info("photos.swept", photos=swept.photos, entries=swept.entries)


async def sweep() -> Swept:
    """Delete photos that nobody has held for two days, rows first; then what the store keeps without a row.

    Rows go before bytes, so a row without bytes never exists. Where no room has told what it holds, nothing is touched:
    a process that has not imported them would throw away everything.
    """
    if not _holders:
        structlog.get_logger().warning("photos.sweep.no_holders")
        return Swept(0, 0)
    before = clock.now() - GRACE
    photos = 0
    after = UUID(int=0)
    while candidates := await _unheld(before, after):
        photos += await _forget(candidates)
        after = candidates[-1]
    return Swept(photos, await _clear_store(before))


def _not_held() -> str:
    return " AND ".join(
        f"NOT EXISTS (SELECT FROM ({query}) AS held (photo) WHERE held.photo = p.id)" for query in _holders
    )


async def _unheld(before: datetime, after: UUID) -> list[UUID]:
    rows = await database.fetch(
        f"SELECT id FROM photos p WHERE created_at < $1 AND id > $2 AND {_not_held()} ORDER BY id LIMIT $3",
        before,
        after,
        _BATCH,
    )
    return [row["id"] for row in rows]


async def _forget(ids: list[UUID]) -> int:
    """Delete rows, except those that a record is taking hold of at this moment."""
    async with database.transaction():
        free = await database.fetch("SELECT id FROM photos WHERE id = ANY($1) FOR UPDATE SKIP LOCKED", ids)
        gone = await database.fetch(
            f"DELETE FROM photos p WHERE id = ANY($1) AND {_not_held()} RETURNING id", [row["id"] for row in free]
        )
    return len(gone)


async def _clear_store(before: datetime) -> int:
    cleared = 0
    page: list[Entry] = []
    async for entry in store().entries():
        if entry.put_at < before and id_in(entry.key) is not None:
            page.append(entry)
        if len(page) == _BATCH:
            cleared += await _clear(page)
            page = []
    return cleared + await _clear(page)


async def _clear(page: list[Entry]) -> int:
    rows = await database.fetch("SELECT id FROM photos WHERE id = ANY($1)", [id_in(entry.key) for entry in page])
    known = {row["id"] for row in rows}
    cleared = 0
    for entry in page:
        if id_in(entry.key) not in known:
            await store().delete(entry.key)
            cleared += 1
    return cleared
