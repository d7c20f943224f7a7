"""What may rest outside our hands only unread: sealed with keys drawn from the secret key, one for each purpose."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from server.kernel import clock
from server.kernel.settings import settings


def seal(purpose: str, content: bytes) -> str:
    """Encrypt and sign; only `unseal` with the same purpose opens it. Safe in a cookie or a form."""
    return _fernet(purpose).encrypt_at_time(content, int(clock.now().timestamp())).decode()


def unseal(purpose: str, sealed: str, *, seconds: int | None = None) -> bytes | None:
    """What was sealed; None where it was not sealed here for this purpose, or longer ago than `seconds`."""
    fernet, token = _fernet(purpose), sealed.encode(errors="replace")
    try:
        if seconds is None:
            return fernet.decrypt(token)
        return fernet.decrypt_at_time(token, seconds, int(clock.now().timestamp()))
    except InvalidToken:
        return None


def fingerprint(purpose: str, text: str) -> bytes:
    """A keyed digest (HMAC-SHA256), for what is too short for a plain one: phones, six digits."""
    return hmac.digest(_key(purpose), text.encode(), "sha256")


def bucket(purpose: str, text: str) -> str:
    """A key for `kernel.limits` that names nobody."""
    return f"{purpose}:{fingerprint('limits.' + purpose, text).hex()[:32]}"


def _fernet(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key("seal." + purpose)))


def _key(purpose: str) -> bytes:
    return hmac.digest(hashlib.sha256(settings().secret_key.encode()).digest(), purpose.encode(), "sha256")
