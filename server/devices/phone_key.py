"""The key of an account's phones: what is written there under the account is sealed with it."""

import base64
import hmac
from uuid import UUID

from server.kernel.settings import settings


def key_of(account: UUID) -> str:
    """The key of an account's phones: the same at every sign-in, so that unsent work opens again; stored nowhere."""
    return base64.urlsafe_b64encode(raw_key_of(account.bytes)).rstrip(b"=").decode()


def raw_key_of(account: bytes) -> bytes:
    """The same as 32 bytes, for an account's id as 16."""
    return hmac.digest(settings().secret_key.encode(), b"phone store " + account, "sha256")
