"""A file as the phone makes it (static/export.js), for tests: whole, or wrong in one way."""

import base64
import hashlib
import json
import os
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.devices import desk_key, phone_key
from server.kernel.actor import Actor
from server.kernel.ids import new_id

Made = tuple[dict[str, Any], bytes]


def photo(command: dict[str, Any], content: bytes, id: UUID | None = None) -> Made:
    """A photo of a command: what the file says of it, and its bytes."""
    named = {"id": str(id or new_id()), "command": command["id"], "type": "image/jpeg", "size": len(content)}
    return named | {"digest": _text(hashlib.sha256(content).digest())}, content


def part(by: Actor, commands: list[Any], photos: Sequence[Made] = (), key: bytes | None = None) -> dict[str, Any]:
    """What an account (or nobody) did; `key` another than that of its phones."""
    content = json.dumps({"commands": commands, "photos": [named for named, _ in photos]}).encode()
    if by.account_id is None:
        return {"account": None, "iv": "", "content": _text(content)}
    iv = os.urandom(12)
    sealed = AESGCM(key or phone_key.raw_key_of(by.account_id.bytes)).encrypt(iv, content, b"export")
    return {"account": str(by.account_id), "iv": _text(iv), "content": _text(sealed)}


def file(by: Actor, commands: list[Any], photos: Sequence[Made] = (), **more: Any) -> bytes:
    """The file of one account's phone."""
    return sealed([part(by, commands, photos)], [content for _, content in photos], by.device, **more)


def sealed(parts: list[dict[str, Any]], pictures: list[bytes], of: str | None, **more: Any) -> bytes:
    manifest = {"made": "2026-11-25T18:30:00.000+08:00", "device": desk_key.device_proof(of), "parts": parts} | more
    said = json.dumps(manifest).encode()
    return envelope(len(said).to_bytes(4) + said + b"".join(pictures))


def envelope(content: bytes, to: str | None = None) -> bytes:
    ours = base64.urlsafe_b64decode((to or desk_key.public()) + "==")
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), ours)
    mine = ec.generate_private_key(ec.SECP256R1())
    point = mine.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    iv = os.urandom(12)
    head = desk_key.MAGIC + bytes([1]) + hashlib.sha256(ours).digest()[:8] + point + iv
    key = HKDF(SHA256(), 32, None, b"huying export 1" + point + ours).derive(mine.exchange(ec.ECDH(), public))
    return head + AESGCM(key).encrypt(iv, content, head)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
