"""The second factor: time-based codes (TOTP, RFC 6238) from an app on the phone; each code works once."""

import hmac
import unicodedata
from uuid import UUID

import msgspec
import pyotp
import segno

from server.kernel import clock, database, events, limits
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, SignInNeeded, TooMany
from server.people import sealing, sessions
from server.people.phones import masked

SECONDS = 30
WINDOW = 1
"""Steps before and after the present one that count too: clocks of phones go wrong."""
ENROL_WITHIN = 15 * 60

_WRONG = "动态口令不对或已经用过,请等下一个口令再试。"


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A secret to put into the app; nothing is stored until its first code comes back with `sealed`."""

    sealed: str
    secret: str
    address: str
    """otpauth:// address."""
    svg: str
    """The address as a QR code, an <svg> element made here."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """How the actor stands with the second factor."""

    enrolled: bool
    demanded: bool
    """By a post that the account holds."""
    given: bool
    """In this session."""
    with_password: bool
    """This session began with the password."""


async def state(by: Actor) -> State:
    """How the actor's account and session stand; for the person's own page."""
    row = await database.fetch_one(
        """SELECT a.totp_secret IS NOT NULL AS enrolled, s.second_factor AS given, s.password AS with_password
             FROM sessions s JOIN accounts a ON a.id = s.account WHERE s.id = $1""",
        by.session_id,
    )
    if row is None or by.account_id is None:
        raise SignInNeeded()
    return State(**dict(row), demanded=await is_demanded(by.account_id))


async def offer(by: Actor) -> Offer:
    """A new secret for the actor's account."""
    phone = await database.fetch_value("SELECT phone FROM accounts WHERE id = $1", by.account_id)
    return _drawn(pyotp.random_base32(), by, phone)


async def offer_again(sealed: str, by: Actor) -> Offer | None:
    """The same offer once more, after a code that was not right; None where it is too old."""
    secret = _secret_in(sealed, by)
    phone = await database.fetch_value("SELECT phone FROM accounts WHERE id = $1", by.account_id)
    return _drawn(secret, by, phone) if secret else None


async def enrol(sealed: str, code: str, by: Actor) -> str:
    """Keep the offered secret, proven by its first code; answers a new token for the session, which now counts as
    signed in with the second factor. Raises `Invalid` or `NotAllowed`.
    """
    secret = _secret_in(sealed, by)
    if secret is None:
        raise Invalid({"code": "这个二维码已经过期,请重新扫一次。"})
    await _demand_password_session(by)
    await _limit(by.account_id)
    step = _step_of(secret, code)
    if step is None:
        raise Invalid({"code": _WRONG})
    async with database.transaction():
        kept = await database.fetch_value(
            """UPDATE accounts SET totp_secret = $2, totp_step = $3 WHERE id = $1 AND totp_secret IS NULL
               RETURNING true""",
            by.account_id,
            sealing.seal("totp", secret.encode()).encode(),
            step,
        )
        if not kept:
            raise NotAllowed("动态口令已经启用。要换手机,请先停用现在的。")
        await events.record(f"account:{by.account_id}", "account.second_factor_on", {}, by)
        return await sessions.renew(by, second=True)


async def lift(code: str, by: Actor) -> str:
    """Give the second factor in a session that began without it; answers the session's new token."""
    await _demand_password_session(by)
    assert by.account_id is not None
    await demand(by.account_id, code)
    return await sessions.renew(by, second=True)


async def give_up(code: str, by: Actor) -> None:
    """Take the secret away, proven by a code of it; posts that demand it are out of reach until a new one is there."""
    assert by.account_id is not None
    await demand(by.account_id, code)
    async with database.transaction():
        await database.execute("UPDATE accounts SET totp_secret = NULL, totp_step = NULL WHERE id = $1", by.account_id)
        await database.execute("UPDATE sessions SET second_factor = false WHERE account = $1", by.account_id)
        await events.record(f"account:{by.account_id}", "account.second_factor_off", {}, by)


async def demand(account_id: UUID, code: str) -> None:
    """Spend a code of the account; raises `Invalid` where it is wrong or was used, `TooMany` after too many tries."""
    await _limit(account_id)
    sealed = await database.fetch_value(
        "SELECT totp_secret FROM accounts WHERE id = $1 AND closed_at IS NULL", account_id
    )
    secret = sealing.unseal("totp", bytes(sealed).decode()) if sealed else None
    step = _step_of(secret.decode(), code) if secret else None
    spent = step is not None and await database.fetch_value(
        """UPDATE accounts SET totp_step = $2
            WHERE id = $1 AND totp_secret = $3 AND (totp_step IS NULL OR totp_step < $2) RETURNING true""",
        account_id,
        step,
        sealed,
    )
    if not spent:
        raise Invalid({"code": _WRONG})


async def is_demanded(account_id: UUID) -> bool:
    """Whether any post that the account holds demands a second factor."""
    return bool(
        await database.fetch_value(
            """SELECT true FROM holdings h JOIN posts p ON p.id = h.post
                WHERE h.account = $1 AND h.until IS NULL AND p.until IS NULL AND p.second_factor LIMIT 1""",
            account_id,
        )
    )


async def _demand_password_session(by: Actor) -> None:
    if not await database.fetch_value("SELECT password FROM sessions WHERE id = $1", by.session_id):
        raise NotAllowed("请先用手机号和密码登录。")


async def _limit(account_id: UUID | None) -> None:
    if not await limits.take(sealing.bucket("totp", str(account_id)), burst=6, per_hour=20):
        raise TooMany("动态口令试错太多次。为了账号安全,请等几分钟再试。", 180)


def _step_of(secret: str, code: str) -> int | None:
    """The time step that a code belongs to, among those that count now."""
    typed = "".join(unicodedata.normalize("NFKC", code[:40]).split()).encode(errors="replace")
    now = int(clock.now().timestamp()) // SECONDS
    maker = pyotp.TOTP(secret, interval=SECONDS)
    steps = range(now - WINDOW, now + WINDOW + 1)
    return next((step for step in steps if hmac.compare_digest(maker.generate_otp(step).encode(), typed)), None)


def _drawn(secret: str, by: Actor, phone: str) -> Offer:
    address = pyotp.TOTP(secret, interval=SECONDS).provisioning_uri(name=masked(phone), issuer_name="呼应")
    svg = segno.make(address, error="m").svg_inline(omitsize=True, light="#fff", border=3)
    sealed = sealing.seal("enrol", f"{by.account_id} {secret}".encode())
    return Offer(sealed=sealed, secret=secret, address=address, svg=svg)


def _secret_in(sealed: str, by: Actor) -> str | None:
    plain = sealing.unseal("enrol", sealed, seconds=ENROL_WITHIN)
    owner, _, secret = plain.decode().partition(" ") if plain else ("", "", "")
    return secret if owner == str(by.account_id) and secret else None
