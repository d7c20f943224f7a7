"""A photo's bytes by its id. Who may see it is decided by the room of the record it hangs on, before asking here."""

from uuid import UUID

from server.kernel import database, errors
from server.photos.keys import Size, key
from server.photos.store import store
from server.photos.stores import NotKept


async def read(photo_id: UUID, size: Size) -> bytes:
    """The JPEG in this size; `NotFound` where there is no such photo. `StoreSilent` where the store does not answer."""
    digest = await database.fetch_value("SELECT digest FROM photos WHERE id = $1", photo_id)
    if digest is None:
        raise errors.NotFound()
    try:
        return await store().get(key(photo_id, digest, size))
    except NotKept:
        raise errors.NotFound() from None
