"""Passwords: argon2id, hashed in a few threads of their own so that the event loop and the memory stay free."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.kernel.errors import Invalid, TooMany
from server.kernel.settings import settings

SHORTEST = 10
LONGEST = 200
AT_ONCE = 2
"""Hashes computed at the same time in one process; each takes `argon2_cost` KiB."""
WAITING = 40
"""Hashes that may wait; who comes later is asked to try again."""

_threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="argon2")
_waiting = 0
_Answer = TypeVar("_Answer")


def check_choice(password: str, phone: str) -> None:
    """Raise `Invalid` where a new password is too short, too long or too easily guessed."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        raise Invalid({"password": f"密码至少要 {SHORTEST} 个字。"})
    if len(plain) > LONGEST:
        raise Invalid({"password": f"密码最多 {LONGEST} 个字。"})
    if len(set(plain)) < 5 or phone in plain or plain in "01234567890123456789" or plain in "98765432109876543210":
        raise Invalid({"password": "这个密码太容易猜到,请换一个,几个不相干的词连在一起就很好。"})


async def hashed(password: str) -> str:
    """The argon2id hash to keep."""
    return await _in_thread(_hash, _normal(password), settings().argon2_cost)


async def matches(kept: str | None, password: str) -> bool:
    """Whether `password` is the one that `kept` is the hash of; takes as long where nothing is kept."""
    return await _in_thread(_verify, kept, _normal(password)[: LONGEST + 1], settings().argon2_cost)


def outdated(kept: str) -> bool:
    """Whether the hash was made at another cost than is set now."""
    return _hasher(settings().argon2_cost).check_needs_rehash(kept)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password[: 4 * LONGEST]).encode(errors="replace").decode()


async def _in_thread(work: Callable[..., _Answer], *values: object) -> _Answer:
    global _waiting
    if _waiting >= WAITING + AT_ONCE:
        raise TooMany("现在登录的人比较多,请过一会儿再试。", 10)
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work, *values)
    finally:
        _waiting -= 1


def _hash(password: str, cost: int) -> str:
    return _hasher(cost).hash(password)


def _verify(kept: str | None, password: str, cost: int) -> bool:
    try:
        return _hasher(cost).verify(kept or _nobodys(cost), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher(cost: int) -> PasswordHasher:
    return PasswordHasher(time_cost=3, memory_cost=cost, parallelism=1)


@cache
def _nobodys(cost: int) -> str:
    return _hasher(cost).hash("nobody has this password")
