"""The VAPID keys: made at first use, kept sealed in the database, the same for every process (RFC 8292)."""

import base64

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from server.kernel import clock, database
from server.kernel.settings import settings
from server.people import sealing

_PURPOSE = "push.key"


async def public() -> str:
    """The public key that a browser binds a subscription to (uncompressed point, base64url without padding)."""
    return (await _row())[0]


async def private() -> Vapid02:
    """What signs; raises ValueError where it was sealed with another secret key."""
    plain = sealing.unseal(_PURPOSE, (await _row())[1])
    if plain is None:
        raise ValueError("the push key was sealed with another SECRET_KEY")
    return Vapid02.from_pem(plain)


def contact() -> str:
    """Whom a push service may write to: `sub` must be an https: or mailto: address."""
    public_url = settings().public_url
    return public_url if public_url.startswith("https://") else "mailto:huying@example.org"


async def _row() -> tuple[str, str]:
    row = await database.fetch_one("SELECT public, sealed FROM push_keys WHERE id = 1")
    if row is None:
        made = Vapid02()
        made.generate_keys()
        point = made.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        await database.execute(
            """INSERT INTO push_keys (id, public, sealed, made_at) VALUES (1, $1, $2, $3)
               ON CONFLICT (id) DO NOTHING""",
            base64.urlsafe_b64encode(point).rstrip(b"=").decode(),
            sealing.seal(_PURPOSE, made.private_pem()),
            clock.now(),
        )
        # Whoever was first: there is one pair.
        row = await database.fetch_one("SELECT public, sealed FROM push_keys WHERE id = 1")
    assert row is not None
    return row["public"], row["sealed"]
