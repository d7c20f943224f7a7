"""Devices that asked for push: one row for each browser, bound to the session in which it was asked."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from msgspec import Meta

from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotFound, SignInNeeded
from server.kernel.ids import new_id
from server.notices.outlets.push import endpoints
from server.people import sealing

MOST = 10
"""Devices of one account; the one that was silent longest goes."""
_PURPOSE = "push.device"


class Keys(msgspec.Struct, frozen=True):
    """A browser's keys: P-256 point (65 bytes) and secret (16 bytes), base64url."""

    p256dh: Annotated[str, Meta(max_length=120)]
    auth: Annotated[str, Meta(max_length=40)]


class Subscription(msgspec.Struct, frozen=True):
    """What `PushSubscription.toJSON()` says."""

    endpoint: Annotated[str, Meta(max_length=1200)]
    keys: Keys


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device as its person sees it."""

    id: UUID
    name: str
    since: datetime
    last_sent_at: datetime | None
    last_shown_at: datetime | None
    here: bool


async def add(subscription: Subscription, by: Actor) -> UUID:
    """Remember that this browser wants to be told; the same again is the same, of whoever asks last."""
    if by.account_id is None or by.session_id is None:
        raise SignInNeeded()
    host = endpoints.checked(subscription.endpoint)
    _check(subscription.keys)
    digest = hashlib.sha256(subscription.endpoint.encode()).digest()
    async with database.transaction():
        # Two pages of one browser may ask at once.
        await database.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"push {digest.hex()}")
        # A browser has one subscription: whoever was signed in before is told here no more.
        await database.execute(
            """UPDATE push_devices SET until = $3, why_ended = 'taken over'
               WHERE endpoint_digest = $1 AND until IS NULL AND account <> $2""",
            digest,
            by.account_id,
            clock.now(),
        )
        found: UUID | None = await database.fetch_value(
            """UPDATE push_devices SET session = $3, sealed = $4
               WHERE endpoint_digest = $1 AND account = $2 AND until IS NULL RETURNING id""",
            digest,
            by.account_id,
            by.session_id,
            _seal(subscription),
        )
        if found is not None:
            return found
        made = new_id()
        await database.execute(
            """INSERT INTO push_devices (id, account, session, name, host, endpoint_digest, sealed, since)
               SELECT $1, $2, s.id, s.device, $4, $5, $6, $7 FROM sessions s WHERE s.id = $3""",
            made,
            by.account_id,
            by.session_id,
            host,
            digest,
            _seal(subscription),
            clock.now(),
        )
        await database.execute(
            """UPDATE push_devices SET until = $3, why_ended = 'too many' WHERE id IN (
                   SELECT id FROM push_devices WHERE account = $1 AND until IS NULL
                   ORDER BY COALESCE(last_shown_at, since) DESC, id DESC OFFSET $2)""",
            by.account_id,
            MOST,
            clock.now(),
        )
    return made


async def remove(device_id: UUID, by: Actor) -> None:
    """Tell this device no more; NotFound for somebody else's. Twice is once."""
    gone = await database.fetch_value(
        """UPDATE push_devices SET until = COALESCE(until, $3),
               why_ended = CASE WHEN until IS NULL THEN 'removed' ELSE why_ended END
           WHERE id = $1 AND account = $2 RETURNING TRUE""",
        device_id,
        by.account_id,
        clock.now(),
    )
    if not gone:
        raise NotFound()


async def of(by: Actor) -> tuple[Device, ...]:
    """The actor's devices that are told now, this one first."""
    rows = await database.fetch(
        f"""SELECT d.id, d.name, d.since, d.last_sent_at, d.last_shown_at,
                   COALESCE(d.session = $3, FALSE) AS here FROM push_devices d {LIVE}
            WHERE d.account = $2 ORDER BY d.session = $3 DESC, d.since DESC""",
        clock.now(),
        by.account_id,
        by.session_id,
    )
    return tuple(msgspec.convert(dict(row), Device) for row in rows)


async def end(device_ids: Sequence[UUID], why: str) -> None:
    """The push service knows these no more."""
    await database.execute(
        "UPDATE push_devices SET until = $2, why_ended = $3 WHERE id = ANY($1::uuid[]) AND until IS NULL",
        list(device_ids),
        clock.now(),
        why,
    )


def opened(sealed: str) -> Subscription | None:
    """A subscription in plain; None where another secret key sealed it."""
    plain = sealing.unseal(_PURPOSE, sealed)
    return msgspec.json.decode(plain, type=Subscription) if plain is not None else None


LIVE = """JOIN sessions s ON s.id = d.session AND s.revoked_at IS NULL AND s.expires_at > $1
          JOIN accounts a ON a.id = d.account AND a.closed_at IS NULL AND d.until IS NULL"""
"""Devices `d` whose person is still signed in there ($1: now): signing out ends push at once."""


def _seal(subscription: Subscription) -> str:
    return sealing.seal(_PURPOSE, msgspec.json.encode(subscription))


def _check(keys: Keys) -> None:
    try:
        point = base64.urlsafe_b64decode(keys.p256dh + "=" * (-len(keys.p256dh) % 4))
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
        secret = base64.urlsafe_b64decode(keys.auth + "=" * (-len(keys.auth) % 4))
    except (ValueError, TypeError):
        raise Invalid({"keys": "浏览器给的密钥不对,请刷新后再试。"}) from None
    if len(point) != 65 or len(secret) != 16:
        raise Invalid({"keys": "浏览器给的密钥不对,请刷新后再试。"})
