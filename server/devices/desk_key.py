"""The key that a phone encrypts to when it hands its unsent work to the desk, and the envelope made with it.

The format is docs/export.md; the phone's half is static/export.js. The private key is drawn from SECRET_KEY, so that
every process has it and nobody keeps it; a phone learns the public half in the section `places`.
"""

import base64
import hashlib
import hmac
import re
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.devices import phone_key
from server.kernel.settings import settings

MAGIC = b"HYEXPORT"
VERSION = 1
_POINT, _MARK, _IV, _TAG = 65, 8, 12, 16
_HEAD = len(MAGIC) + 1 + _MARK + _POINT + _IV
_ORDER = int("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
_INFO = b"huying export 1"
_DEVICE = re.compile(r"[0-9a-f]{64}")


class NotOpened(Exception):
    """The envelope cannot be opened; `why` is `other` (no export), `newer`, `foreign` or `damaged`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def public() -> str:
    """The public key as phones take it: an uncompressed P-256 point (65 bytes), base64url."""
    return _text(_point(_private(settings().secret_key)))


def device_proof(device: str | None) -> str | None:
    """What proves to the desk from which phone a file comes: the digest of its cookie and our mark on it."""
    return f"{device}.{_mark(device)}" if device and _DEVICE.fullmatch(device) else None


def device_of(proof: str | None) -> str | None:
    """The device that a proof names; None where it is not ours."""
    device, _, mark = (proof or "").partition(".")
    return device if _DEVICE.fullmatch(device) and hmac.compare_digest(mark.encode(), _mark(device).encode()) else None


def opened(sent: bytes) -> bytes:
    """What an envelope holds; raises `NotOpened`."""
    if not sent.startswith(MAGIC) or len(sent) <= len(MAGIC):
        raise NotOpened("other")
    if sent[len(MAGIC)] != VERSION:
        raise NotOpened("newer")
    if len(sent) < _HEAD + _TAG:
        raise NotOpened("damaged")
    at = len(MAGIC) + 1
    mark, point, iv = sent[at : at + _MARK], sent[at + _MARK : at + _MARK + _POINT], sent[_HEAD - _IV : _HEAD]
    private = _private(settings().secret_key)
    ours = _point(private)
    if mark != hashlib.sha256(ours).digest()[:_MARK]:
        raise NotOpened("foreign")
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        shared = private.exchange(ec.ECDH(), theirs)
        key = HKDF(SHA256(), length=32, salt=None, info=_INFO + point + ours).derive(shared)
        return AESGCM(key).decrypt(iv, memoryview(sent)[_HEAD:], sent[:_HEAD])
    except (ValueError, InvalidTag) as error:
        raise NotOpened("damaged") from error


def unsealed(account: bytes, iv: bytes, sealed: bytes) -> bytes:
    """What was sealed with the key of an account's phones (`phone_key`); raises `NotOpened`.

    That it opens proves that it was written where this account was signed in: nobody else has the key.
    """
    try:
        return AESGCM(phone_key.raw_key_of(account)).decrypt(iv, sealed, b"export")
    except (ValueError, InvalidTag) as error:
        raise NotOpened("damaged") from error


@cache
def _private(secret: str) -> ec.EllipticCurvePrivateKey:
    drawn = int.from_bytes(hmac.digest(secret.encode(), b"desk export key", "sha512"))
    return ec.derive_private_key(drawn % (_ORDER - 1) + 1, ec.SECP256R1())


def _point(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _mark(device: str) -> str:
    return _text(hmac.digest(settings().secret_key.encode(), b"export device " + device.encode(), "sha256"))


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
