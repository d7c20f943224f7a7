"""Where an address really leads: nothing that an administrator types reaches into our own network."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from server.notices.outlets import calling, reaching
from server.notices.outlets.interface import NeverWorks, TryLater
from tests.notices.conftest import Setting
from tests.notices.fakes import Hook

PRIVATE = (
    "127.0.0.1",
    "127.8.9.10",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::1",
    "2001:0:7f00:1::1",
)


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_private_address_is_refused_however_it_is_written(address: str) -> None:
    assert not reaching.allowed(ip_address(address))
    with pytest.raises(NeverWorks):
        await reaching.reachable(address, 80)


@pytest.mark.parametrize("address", ["8.8.8.8", "119.29.29.29", "2400:3200::1", "::ffff:8.8.8.8"])
def test_a_public_address_is_fine(address: str) -> None:
    assert reaching.allowed(ip_address(address))


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
async def test_odd_spellings_of_our_own_address_are_resolved_and_refused(host: str) -> None:
    with pytest.raises((NeverWorks, TryLater)):
        await reaching.reachable(host, 80)


async def test_networks_that_the_installation_names_may_be_reached(setting: Setting) -> None:
    setting(outlet_networks="10.8.0.0/16, fd00::/8")
    assert reaching.allowed(ip_address("10.8.1.1")) and reaching.allowed(ip_address("fd00::1"))
    assert not reaching.allowed(ip_address("10.9.1.1"))


async def test_one_private_answer_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "8.8.8.8", "10.0.0.1")
    with pytest.raises(NeverWorks):
        await reaching.reachable("rebinding.example", 443)


async def test_a_name_without_address_is_asked_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch)
    with pytest.raises(TryLater):
        await reaching.reachable("gone.example", 443)


async def test_the_call_goes_to_the_checked_address_under_its_own_name(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second lookup could answer otherwise; so there is none."""
    asked = answering(monkeypatch, "127.0.0.1")
    answer = await calling.post(f"http://hook.example:{hook.port}/x", b"{}", {}, public_only=True)
    assert answer.status != 0 and asked == ["hook.example"]
    assert hook.got[0].headers["host"] == f"hook.example:{hook.port}"


async def test_the_next_address_is_tried_where_one_does_not_answer(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "127.0.0.3", "127.0.0.1")
    await calling.post(f"http://hook.example:{hook.port}/x", b"{}", {}, public_only=True)
    assert len(hook.got) == 1


def answering(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Have every name lead to these; the list fills with what was asked."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[Any]:
        asked.append(host)
        return [ip_address(one) for one in addresses]

    monkeypatch.setattr(reaching, "resolve", resolve)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("looked up a second time"))
    return asked
