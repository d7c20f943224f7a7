"""Names for things: sortable ids, secrets that cannot be guessed, digests to keep instead of secrets."""

import hashlib
import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

__all__ = ["digest", "new_id", "new_secret"]


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): unique anywhere, sorts by the time it was made."""
    return uuid7()


def new_secret() -> str:
    """256 bits of chance, safe in a URL or cookie. Store only its `digest`."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """SHA-256 of a secret that is itself long and random; not for passwords or short codes."""
    return hashlib.sha256(secret.encode()).digest()
