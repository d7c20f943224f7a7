"""The phone's types are the server's."""

from server.devices import types


def test_the_phones_types_are_current() -> None:
    assert types.FILE.read_text(encoding="utf-8") == types.declarations(), "run python -m server.devices.types"
