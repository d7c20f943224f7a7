"""Staff sign in with phone and password, and a second factor where they have one or a post of theirs demands it."""

from typing import Any
from uuid import UUID

import msgspec

from server.kernel import database, events, limits
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, TooMany
from server.people import passwords, sealing, second_factor, sessions
from server.people.phones import demand

SECOND_STEP_WITHIN = 5 * 60
_WRONG = "手机号或密码不对。"


class SignedIn(msgspec.Struct, frozen=True):
    """The token for the session cookie. `enrol`: a post demands a second factor that is not set up yet."""

    token: str
    enrol: bool = False


class SecondStep(msgspec.Struct, frozen=True):
    """The password was right; `pending` goes back with the code of the second factor."""

    pending: str


class _Pending(msgspec.Struct, frozen=True):
    account_id: UUID
    proof: str


async def sign_in(phone: str, password: str, by: Actor, *, user_agent: str = "") -> SignedIn | SecondStep:
    """Check phone and password; raises `Invalid` that does not tell which was wrong, or `TooMany`."""
    phone = demand(phone)
    row = await database.fetch_one(_ACCOUNT, phone, by.device)
    await _limit(phone, bool(row and row["known_device"]), by)
    kept = row["password_hash"] if row else None
    if not await passwords.matches(kept, password) or row is None or kept is None:
        raise Invalid({"password": _WRONG})
    if passwords.outdated(kept):
        kept = await _rehash(row["id"], kept, password)
    if row["has_totp"]:
        pending = _Pending(row["id"], _proof(kept))
        return SecondStep(sealing.seal("second step", msgspec.json.encode(pending)))
    token = await _open(row["id"], by, user_agent, second=False)
    return SignedIn(token, enrol=await second_factor.is_demanded(row["id"]))


async def second_step(pending: str, code: str, by: Actor, *, user_agent: str = "") -> SignedIn:
    """Finish what `sign_in` began; raises `Invalid` or `TooMany`."""
    plain = sealing.unseal("second step", pending, seconds=SECOND_STEP_WITHIN)
    if plain is None:
        raise Invalid({"password": "时间过了,请重新登录。"})
    step = msgspec.json.decode(plain, type=_Pending)
    kept = await database.fetch_value(
        "SELECT password_hash FROM accounts WHERE id = $1 AND closed_at IS NULL", step.account_id
    )
    if kept is None or _proof(kept) != step.proof:
        raise Invalid({"password": "密码已经改过,请重新登录。"})
    await second_factor.demand(step.account_id, code)
    return SignedIn(await _open(step.account_id, by, user_agent, second=True))


async def choose_password(new: str, by: Actor, *, old: str = "") -> str:
    """Set the actor's password; the old one is needed where there is one. All other sessions end.

    Answers a new token for this session, which now counts as signed in with the password.

    The first password is chosen in a session begun with a one-time code: whoever holds the phone is the person that
    the administrator has named.
    """
    if by.account_id is None:
        raise NotAllowed("请先登录。")
    row = await database.fetch_one(
        "SELECT phone, password_hash FROM accounts WHERE id = $1 AND closed_at IS NULL", by.account_id
    )
    assert row is not None
    kept = row["password_hash"]
    if kept is not None:
        if not await limits.take(sealing.bucket("password.change", str(by.account_id)), burst=5, per_hour=10):
            raise TooMany("试错太多次。为了账号安全,请过一会儿再试。", 360)
        if not await passwords.matches(kept, old):
            raise Invalid({"old": "现在的密码不对。"})
    passwords.check_choice(new, row["phone"])
    made = await passwords.hashed(new)
    async with database.transaction():
        done = await database.fetch_value(
            """UPDATE accounts SET password_hash = $2
                WHERE id = $1 AND password_hash IS NOT DISTINCT FROM $3 AND closed_at IS NULL RETURNING true""",
            by.account_id,
            made,
            kept,
        )
        if not done:
            raise NotAllowed("密码刚刚已经改过,请重新登录。")
        await sessions.revoke_others(by)
        await events.record(f"account:{by.account_id}", "account.password_changed", {"first": kept is None}, by)
        return await sessions.renew(by, password=True)


async def _limit(phone: str, known_device: bool, by: Actor) -> None:
    """A device that has signed in before has tries of its own, so that strangers cannot lock its person out."""
    if by.address and not await limits.take(sealing.bucket("staff.address", by.address), burst=30, per_hour=120):
        raise TooMany("这里的登录尝试太多了,请过几分钟再试。", 60)
    who = f"{phone} {by.device}" if known_device else phone
    if not await limits.take(sealing.bucket("staff.phone", who), burst=6, per_hour=12):
        raise TooMany("试错太多次。为了账号安全,请过几分钟再试;忘了密码,请找管理员重设。", 300)


async def _rehash(account_id: UUID, kept: str, password: str) -> str:
    made = await passwords.hashed(password)
    await database.execute(
        "UPDATE accounts SET password_hash = $2 WHERE id = $1 AND password_hash = $3", account_id, made, kept
    )
    return str(await database.fetch_value("SELECT password_hash FROM accounts WHERE id = $1", account_id) or kept)


async def _open(account_id: UUID, by: Actor, user_agent: str, **how: Any) -> str:
    return await sessions.open_session(
        account_id, user_agent=user_agent, address=by.address, device=by.device, password=True, **how
    )


def _proof(kept: str) -> str:
    return sealing.fingerprint("second step", kept).hex()


_ACCOUNT = """
SELECT a.id, a.password_hash, a.totp_secret IS NOT NULL AS has_totp,
       EXISTS (SELECT 1 FROM sessions s WHERE s.account = a.id AND s.device_digest = $2 AND s.password) AS known_device
  FROM accounts a WHERE a.phone = $1 AND a.closed_at IS NULL
"""
