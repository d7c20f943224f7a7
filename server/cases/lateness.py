"""Work that a phone did while it had no signal: what the phone says of its own time."""

from datetime import datetime
from typing import Any

import msgspec

from server.kernel.clock import BEIJING


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """That a verb comes out of a phone's outbox: what was done there may be late, and its photos come apart."""

    at: str
    """The phone's own time as it said it; kept and shown, never believed."""
    odd: bool = False
    """The phone's time cannot be right."""
    form: str = ""
    """The form it was made with, e.g. "report 1"."""

    @property
    def data(self) -> dict[str, Any]:
        """As events tell it."""
        told: dict[str, Any] = {"at": self.at}
        if self.odd:
            told["odd"] = True
        return told | ({"form": self.form} if self.form else {})


def in_words(data: dict[str, Any]) -> str:
    """The phone's time as the staff read it, e.g. "手机时间 2026-11-21 18:02"."""
    if data.get("odd"):
        return "手机时间不对"
    try:
        moment = datetime.fromisoformat(str(data.get("at"))).astimezone(BEIJING)
    except (ValueError, OverflowError):
        return "手机时间不对"
    return f"手机时间 {moment:%Y-%m-%d %H:%M}"
