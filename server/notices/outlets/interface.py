"""The one small interface of every way out: what goes, what comes back, and how it fails."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec

from server.notices.kinds import Urgency


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A message on its way out. `id` stays the same however often it is tried, so that the other side drops doubles."""

    id: UUID
    kind: str
    at: datetime
    address: str = ""
    """A mainland mobile number (eleven digits) where the outlet sends to people; robots and webhooks know their own."""
    urgency: Urgency = "calm"
    title: str = ""
    words: str = ""
    link: str = ""
    """A whole address, or empty."""
    template: str = "notice"
    """What a gateway calls this text where it takes registered templates only, with `values` to fill in."""
    values: Mapping[str, str] = {}


class Sent(msgspec.Struct, frozen=True):
    """The other side has taken the message; `said` is what it answered, for the log."""

    said: str = ""


class OutletFailed(Exception):
    """A message did not go out. The text names neither phone nor message nor secret: it is logged and shown."""


class TryLater(OutletFailed):
    """It may work another time: nobody answers, too much at once, the other side is broken. Not before `after`."""

    def __init__(self, why: str, after: timedelta | None = None) -> None:
        super().__init__(why)
        self.after = after


class NeverWorks(OutletFailed):
    """Trying again would change nothing: somebody has to look."""


class Outlet(Protocol):
    """A way out. `at_once` is how many messages may be under way to it together."""

    name: str
    at_once: int

    async def send(self, what: Outgoing) -> Sent:
        """Hand the message over; raises `TryLater` or `NeverWorks` unless the other side says that it took it."""
        ...
