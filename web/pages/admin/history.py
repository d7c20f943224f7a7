"""变更记录: what was done to a thing of the administration, and whether the record is whole."""

from datetime import datetime

import msgspec

from server.kernel import events
from web.pages.admin.words import KIND_WORDS, told

MOST = 100
_OWN = ("account.signed_in", "account.signed_out")
"""When somebody signs in is their own affair: administrators are shown no times online."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An event in words."""

    at: datetime
    by: str
    words: str
    said: str


class History(msgspec.Struct, frozen=True, kw_only=True):
    """The latest events of a stream, newest first. `whole`: the chain of all of them verifies."""

    lines: tuple[Told, ...]
    count: int
    whole: bool


async def of(stream: str) -> History:
    """The history of an admin stream: area:, unit:, post:, organisation:, account:, category:, calendar:, jobs:; or
    of a rectification."""
    every = await events.history(stream)
    known = [event for event in every if event.kind not in _OWN]
    lines = [
        Told(
            at=event.at,
            by=str(event.data.get("by", "")),
            words=KIND_WORDS.get(event.kind, event.kind),
            said=told(event.kind, event.data),
        )
        for event in known[-MOST:]
    ]
    return History(lines=tuple(reversed(lines)), count=len(known), whole=events.verifies(every))
