"""Passwords: hashed in threads, verified in equal time, rehashed when the cost changes."""

import asyncio
import threading
from typing import Any

import pytest

from server.kernel import settings as kernel_settings
from server.kernel.errors import Invalid, TooMany
from server.people import passwords

GOOD = "三棵树 下午茶 铁皮桶"


async def test_a_password_matches_its_own_hash_and_no_other() -> None:
    kept = await passwords.hashed(GOOD)
    assert kept.startswith("$argon2id$")
    assert await passwords.matches(kept, GOOD)
    assert not await passwords.matches(kept, GOOD + " ")
    assert not await passwords.matches(kept, "")
    assert kept != await passwords.hashed(GOOD)


async def test_full_width_letters_are_the_same_password() -> None:
    assert await passwords.matches(await passwords.hashed("abcdefg123"), "abcdefg123")


async def test_without_a_hash_the_same_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[str] = []
    hasher = passwords._hasher(8)
    nobodys = passwords._nobodys(8)

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            worked.append(kept)
            return hasher.verify(kept, password)

    monkeypatch.setattr(passwords, "_hasher", lambda cost: Counting())
    monkeypatch.setattr(passwords, "_nobodys", lambda cost: nobodys)
    assert not await passwords.matches(None, GOOD)
    assert not await passwords.matches(None, "nobody has this password")
    assert worked == [nobodys, nobodys]
    assert nobodys.split("$")[:4] == hasher.hash(GOOD).split("$")[:4]


async def test_hashing_leaves_the_event_loop_alone_and_takes_few_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most, lock = 0, 0, threading.Lock()
    go = threading.Event()

    def slow(password: str, cost: int) -> str:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        go.wait(5)
        with lock:
            at_once -= 1
        return "done"

    monkeypatch.setattr(passwords, "_hash", slow)
    tasks = [asyncio.create_task(passwords.hashed(GOOD)) for _ in range(10)]
    await asyncio.sleep(0.05)
    go.set()
    assert await asyncio.gather(*tasks) == ["done"] * 10
    assert most == passwords.AT_ONCE


async def test_too_many_waiting_are_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAITING", 0)
    answers = await asyncio.gather(*(passwords.hashed(GOOD) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, TooMany) for one in answers) == 6 - passwords.AT_ONCE
    assert isinstance(await passwords.hashed(GOOD), str)


async def test_another_cost_makes_a_hash_outdated(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = await passwords.hashed(GOOD)
    assert not passwords.outdated(kept)
    with_cost(monkeypatch, 16)
    assert passwords.outdated(kept)
    assert await passwords.matches(kept, GOOD)


def with_cost(monkeypatch: pytest.MonkeyPatch, cost: int) -> None:
    import msgspec

    changed: Any = msgspec.structs.replace(kernel_settings.settings(), argon2_cost=cost)
    monkeypatch.setattr(passwords, "settings", lambda: changed)


@pytest.mark.parametrize(
    "choice",
    ["", "short", "九个字的密码不够长", "aaaaaaaaaaaaaa", "1234567890", "我的13800000001", "x" * 201, "ababababab"],
)
def test_weak_choices_are_refused_with_the_mend(choice: str) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.check_choice(choice, "13800000001")
    assert list(refused.value.fields) == ["password"]


@pytest.mark.parametrize("choice", [GOOD, "correct horse battery", "x1y2z3x1y2", "密" * 6 + "码很长了吧"])
def test_strong_choices_are_taken(choice: str) -> None:
    passwords.check_choice(choice, "13800000001")
    assert passwords.SHORTEST == 10


async def test_a_huge_password_is_refused_quickly_and_matches_nothing() -> None:
    kept = await passwords.hashed("x" * 200)
    assert not await passwords.matches(kept, "x" * 1_000_000)
