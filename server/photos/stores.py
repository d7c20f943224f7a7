"""What every store of photos promises. The same tests hold the folder and the S3 server to it."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

import msgspec

_KEY = re.compile(r"[0-9a-z]+(?:[.-][0-9a-z]+)*(?:/[0-9a-z]+(?:[.-][0-9a-z]+)*)*")


class StoreSilent(Exception):
    """The store does not answer or cannot write; the text says which, for the log."""


class NotKept(KeyError):
    """The store has nothing under this key."""


class Entry(msgspec.Struct, frozen=True):
    """One thing kept: its key, how many bytes, when it was put (UTC)."""

    key: str
    bytes: int
    put_at: datetime


class Store(Protocol):
    """Bytes by key. Every method may raise `StoreSilent`; keys are made by `photos.keys`, others are a ValueError."""

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        """Keep `content` whole under `key`, or nothing of it; over what was there before."""

    async def get(self, key: str) -> bytes:
        """What was put under `key`; `NotKept` where nothing was."""

    async def delete(self, key: str) -> None:
        """Keep it no longer; nothing happens where nothing was."""

    def entries(self) -> AsyncIterator[Entry]:
        """Everything kept, in no order that matters."""

    def keys(self) -> AsyncIterator[str]:
        """The keys of everything kept."""

    async def ready(self) -> None:
        """Come back if the store can be written to; for /readyz."""


def checked(key: str) -> str:
    """The key, if it is one: small letters, digits, single dots and dashes between slashes. Else a ValueError."""
    if len(key) > 200 or not _KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")
    return key
