"""Mainland mobile numbers, however they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.errors import Invalid
from server.people import phones


@pytest.mark.parametrize(
    "typed",
    [
        "13800000001",
        " 138 0000 0001 ",
        "138-0000-0001",
        "+86 138 0000 0001",
        "0086-13800000001",
        "8613800000001",
        "13800000001",
        "+86138 0000 0001",
        "138\u20130000\u20110001",
        "(+86)138\u00a00000\u30000001",
    ],
)
def test_a_number_is_read_as_it_is_meant(typed: str) -> None:
    assert phones.read(typed) == "13800000001"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "12800000001",
        "1380000000",
        "138000000011",
        "+1 138 0000 0001",
        "01013800000001",
        "86861380000001",
        "+8613800000001+86",
        "1380000000a",
        "1380000000\u0661",
        "13800000001\x00",
        "13800000001; DROP TABLE accounts",
        "9" * 1_000_000,
        "+" * 50 + "13800000001",
        "😀" * 11,
    ],
)
def test_anything_else_is_no_number(typed: str) -> None:
    assert phones.read(typed) is None
    with pytest.raises(Invalid) as refused:
        phones.demand(typed)
    assert "phone" in refused.value.fields


@given(st.text(max_size=60))
def test_what_is_read_is_always_eleven_digits(typed: str) -> None:
    phone = phones.read(typed)
    assert phone is None or (len(phone) == 11 and phone.isascii() and phone.isdigit() and phone[0] == "1")


def test_masked_shows_three_and_four() -> None:
    assert phones.masked("13812340001") == "138****0001"
    assert phones.masked("110") == "****"
