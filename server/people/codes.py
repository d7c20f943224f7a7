"""One-time codes for residents: six digits by text message, good for five minutes, five tries and one use."""

import secrets
import unicodedata
from datetime import timedelta
from uuid import UUID

import msgspec

from server.kernel import clock, database, jobs, limits
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, TooMany
from server.kernel.ids import new_id
from server.people import messages, sealing
from server.people.phones import demand, masked

GOOD_FOR = timedelta(minutes=5)
TRIES = 5
PER_PHONE_HOUR = 5
PER_ADDRESS_HOUR = 60
"""Generous: behind one address of a mobile network there are many residents."""
CHECKS_PER_ADDRESS_HOUR = 240

_WRONG = "验证码不对,或者已经过期。请核对短信,或重新获取。"


class Asked(msgspec.Struct, frozen=True):
    """A code on its way. `code` itself is for the demo's sign-in page and the tests alone."""

    id: UUID
    phone: str
    code: str


async def ask(phone: str, by: Actor) -> Asked:
    """Send a new code to `phone`; the older ones count no more. The same for phones known and unknown.

    The answer's `id` stays with the browser that asked: only there the code counts, so nobody else can guess at it or
    use up its tries. Raises `Invalid` or `TooMany`.
    """
    phone = demand(phone)
    await _limit_asking(phone, by)
    asked = Asked(new_id(), phone, f"{secrets.randbelow(1_000_000):06d}")
    now = clock.now()
    async with database.transaction():
        await database.execute(
            """INSERT INTO signin_codes (id, phone, code_hash, created_at, expires_at, tries)
               VALUES ($1, $2, $3, $4, $5, 0)""",
            asked.id,
            phone,
            _hash(phone, asked.code),
            now,
            now + GOOD_FOR,
        )
        text = f"您的登录验证码是 {asked.code},5 分钟内有效。不是您本人操作,请不用理会,也不要告诉任何人。"
        values = {"code": asked.code, "minutes": "5"}
        await messages.send_later(phone, text, template="code", values=values, useless_after=now + GOOD_FOR)
    return asked


async def check(asked: UUID, phone: str, code: str, by: Actor) -> None:
    """Spend one try on the newest code of `phone`, and the code itself where it is right; else raise `Invalid`.

    The try is spent before the answer is known, in one statement: parallel guesses are counted one by one.
    """
    if by.address and not await limits.take(
        sealing.bucket("code.check.address", by.address), burst=60, per_hour=CHECKS_PER_ADDRESS_HOUR
    ):
        raise TooMany("这里的登录尝试太多了,请过几分钟再试。", 60)
    right = await database.fetch_value(
        """UPDATE signin_codes
              SET tries = tries + 1, used_at = CASE WHEN code_hash = $2 THEN $3 ELSE used_at END
            WHERE id = (SELECT id FROM signin_codes WHERE phone = $1 ORDER BY created_at DESC, id DESC LIMIT 1)
              AND id = $5
              AND used_at IS NULL AND tries < $4 AND expires_at > $3
            RETURNING used_at IS NOT NULL""",
        phone,
        _hash(phone, _digits(code)),
        clock.now(),
        TRIES,
        asked,
    )
    if right is not True:
        raise Invalid({"code": _WRONG})


@jobs.schedule("people.forget_codes", "17 * * * *")
async def forget_old() -> None:
    """Delete codes that have been useless for a day."""
    await database.execute("DELETE FROM signin_codes WHERE expires_at < $1", clock.now() - timedelta(days=1))


async def _limit_asking(phone: str, by: Actor) -> None:
    if by.address and not await limits.take(
        sealing.bucket("code.address", by.address), burst=30, per_hour=PER_ADDRESS_HOUR
    ):
        raise TooMany("这里获取验证码太频繁了,请过几分钟再试。", 60)
    if not await limits.take(sealing.bucket("code.minute", phone), burst=1, per_hour=60):
        raise TooMany(f"刚刚已经给 {masked(phone)} 发过验证码,请等一分钟再试。", 60)
    if not await limits.take(sealing.bucket("code.hour", phone), burst=PER_PHONE_HOUR, per_hour=PER_PHONE_HOUR):
        raise TooMany(f"给 {masked(phone)} 发的验证码太多了,请过一会儿再试。", 12 * 60)


def _digits(typed: str) -> str:
    return "".join(unicodedata.normalize("NFKC", typed[:40]).split()).encode(errors="replace").decode()


def _hash(phone: str, code: str) -> bytes:
    return sealing.fingerprint("code", f"{phone} {code}")
