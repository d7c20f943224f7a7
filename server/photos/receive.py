"""A photo comes in: counted, cleaned, kept in both sizes, and then, only then, known by a row."""

import asyncio
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.ids import new_id
from server.photos import arrivals, decoding, refusals
from server.photos.clean import Cleaned
from server.photos.keys import SIZES, key
from server.photos.spool import Source, take_in
from server.photos.store import store
from server.photos.stores import StoreSilent


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A photo that is kept. Pixels of the display size, degrees WGS-84, metres; `position_source` is "exif" or None."""

    id: UUID
    width: int
    height: int
    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    accuracy: float | None = None
    position_source: str | None = None


async def receive(
    source: Source, *, by: Actor, photo_id: UUID | None = None, expected: bytes | None = None
) -> Received:
    """Take in a photo: bytes, an upload, a temporary file or a stream. `PhotoRefused` says in words why not.

    Sent again with the same id and content, it is already received; the same id with other content is refused. Not to
    be called within a verb's transaction: it writes to the store. `expected` is the SHA-256 that the sender says; what
    came otherwise was harmed on its way, and may be sent again.
    """
    with closing(await take_in(source)) as sent:
        digest = sent.digest
        if expected is not None and digest != expected:
            raise refusals.harmed()
        already = await _received(photo_id, digest) if photo_id else None
        if already is not None:
            return already
        cleaned = await decoding.cleaned(sent)
    photo_id = photo_id or new_id()
    await _keep(photo_id, digest, cleaned)
    await _record(photo_id, digest, cleaned, by)
    # Read back, as somebody may have sent the same id at the same time.
    received = await _received(photo_id, digest)
    assert received is not None
    return received


async def known(photo_id: UUID, digest: bytes, by: Actor) -> bool | None:
    """Whether this very photo has been received from `by`; None where there is none of this id."""
    row = await database.fetch_one("SELECT digest, account_id, device FROM photos WHERE id = $1", photo_id)
    if row is None:
        return None
    mine = (by.account_id is not None and row["account_id"] == by.account_id) or (
        by.device is not None and row["device"] == by.device
    )
    return bool(mine and row["digest"] == digest)


async def _received(photo_id: UUID, digest: bytes) -> Received | None:
    row = await database.fetch_one("SELECT * FROM photos WHERE id = $1", photo_id)
    if row is None:
        return None
    if row["digest"] != digest:
        raise refusals.other_content()
    return msgspec.convert(dict(row), Received)


async def _keep(photo_id: UUID, digest: bytes, cleaned: Cleaned) -> None:
    try:
        await asyncio.gather(
            *(
                store().put(key(photo_id, digest, size), content, "image/jpeg")
                for size, content in zip(SIZES, (cleaned.display, cleaned.thumb), strict=True)
            )
        )
    except StoreSilent as error:
        raise refusals.store_silent() from error


async def _record(photo_id: UUID, digest: bytes, cleaned: Cleaned, by: Actor) -> None:
    said = cleaned.said
    row: dict[str, Any] = {
        "id": photo_id,
        "digest": digest,
        "kind": cleaned.kind.value,
        "width": cleaned.width,
        "height": cleaned.height,
        "bytes": len(cleaned.display) + len(cleaned.thumb),
        "taken_at": _not_to_come(said.taken_at),
        "latitude": said.latitude,
        "longitude": said.longitude,
        "accuracy": said.accuracy,
        "position_source": "exif" if said.latitude is not None else None,
        "created_at": clock.now(),
        "account_id": by.account_id,
        "device": by.device,
    }
    columns = ", ".join(row)
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    async with database.transaction():
        await arrivals.lock([photo_id])
        made = await database.fetch_value(
            f"INSERT INTO photos ({columns}) VALUES ({places}) ON CONFLICT (id) DO NOTHING RETURNING id", *row.values()
        )
        if made is not None:
            await arrivals.arrived(photo_id)


def _not_to_come(taken_at: datetime | None) -> datetime | None:
    """A camera whose clock runs more than a day ahead does not know the time."""
    return taken_at if taken_at and taken_at <= clock.now() + timedelta(days=1) else None
