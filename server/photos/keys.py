"""The key of a photo in the store: from its id and content alone, so it tells nothing and never means two pictures."""

from typing import Literal, TypeAlias
from uuid import UUID

Size: TypeAlias = Literal["display", "thumb"]
SIZES: tuple[Size, ...] = ("display", "thumb")


def key(photo_id: UUID, digest: bytes, size: Size) -> str:
    """E.g. "7f/0198…7f-3a5f…-thumb.jpg". The content is in it: two who send one id cannot overwrite each other."""
    # The end of a UUIDv7 is chance, its beginning is time: folders by the end fill evenly.
    return f"{photo_id.hex[-2:]}/{photo_id.hex}-{digest.hex()[:16]}-{size}.jpg"


def id_in(one: str) -> UUID | None:
    """The photo a key belongs to; None for what is not ours."""
    try:
        return UUID(hex=one.split("/")[1].split("-")[0])
    except (IndexError, ValueError):
        return None
