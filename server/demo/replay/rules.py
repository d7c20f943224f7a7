"""The fixed rules by which a message finds its place, its unit and its way. Everything by SHA-256, so by nobody's whim.

- **Where**: the first code of a county or district in it (A3区, B2县), else of a city (A市), else its author, decides
  the demo community.
- **How**: three messages in ten are answered at the desk, the others go to a unit.
- **What**: the category is the longest name of a leaf that stands in the text, none where none does.
- **When**: accepted, dispatched and taken on within the first tenths of the time the reply took, 4, 8 and 24 hours at
  most; finished or answered at the very time of the official reply; checked an hour later, closed another hour later.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from server.demo.replay.messages import Message

AT_THE_DESK = 77
"""Of 256: three in ten."""
_COUNTY = re.compile(r"[A-Z]\d+[区县市]")
_CITY = re.compile(r"[A-Z]\d*[市区县]")
_Thing = TypeVar("_Thing")


def pick(key: str, among: Sequence[_Thing]) -> _Thing:
    """One of these, always the same for the same key."""
    return among[int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % len(among)]


def place_code(message: Message) -> str:
    """The place that the message names, as it names it; empty where it names none."""
    found = _COUNTY.search(message.text) or _CITY.search(message.text)
    return found[0] if found else ""


def answered_at_desk(message: Message) -> bool:
    """Whether the desk answers it without a unit."""
    return hashlib.sha256(f"way {message.number}".encode()).digest()[0] < AT_THE_DESK


def category(message: Message, leaves: Sequence[tuple[str, int]]) -> int | None:
    """The id of the leaf (names and ids, longest name first) whose name stands in the message."""
    text = message.text
    return next((one for name, one in leaves if name in text), None)


def moment(message: Message, share: float, most_hours: float) -> datetime:
    """When a step on the way to the reply is taken: after this share of its time, and no later than that."""
    waited = (message.replied_at - message.sent_at) if message.replied_at else timedelta(days=365)
    return message.sent_at + min(waited * share, timedelta(hours=most_hours))
