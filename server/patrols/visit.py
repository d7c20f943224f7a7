"""A visit as a phone tells it, and what becomes of it."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from server.cases.lateness import Phone

OUTCOME_WORDS = {
    "done": "已检查",
    "nobody_there": "没有人",
    "refused": "拒绝检查",
    "closed_down": "已停业",
    "moved": "已搬走",
    "not_found": "没找到",
}
LEADS_WORDS = {"note": "记下", "fixed": "当场改好", "rectify": "限期整改", "case": "转为工单"}
GONE = ("closed_down", "moved", "not_found")


class ListTold(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered to one version of a checklist."""

    version: int
    answers: dict[str, Any] = {}


class FindingTold(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong, and what it leads to."""

    id: UUID
    leads_to: str
    version: int | None = None
    item: str = ""
    words: str = ""
    due: date | None = None
    photos: tuple[UUID, ...] = ()
    before: tuple[UUID, ...] = ()
    after: tuple[UUID, ...] = ()
    for_name: str = ""
    for_phone: str = ""
    for_agreed: bool = False

    @property
    def strips(self) -> Iterator[tuple[str, UUID]]:
        """Its photos with their roles."""
        yield from (("finding", photo) for photo in self.photos)
        yield from (("before", photo) for photo in self.before)
        yield from (("after", photo) for photo in self.after)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One record. Degrees WGS-84, accuracy in metres. `phone`: it comes out of a phone's outbox."""

    id: UUID
    outcome: str
    corrects: UUID | None = None
    task: UUID | None = None
    order: UUID | None = None
    place: UUID | None = None
    place_words: str = ""
    community_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    accuracy: float | None = None
    note: str = ""
    lists: tuple[ListTold, ...] = ()
    findings: tuple[FindingTold, ...] = ()
    phone: Phone | None = None


class Led(msgspec.Struct, frozen=True, kw_only=True):
    """What a finding led to."""

    id: UUID
    leads_to: str
    number: str = ""
    due: date | None = None


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb answers for one record."""

    visit_id: UUID
    version: int
    head: str
    """The end of the visit's history (hex)."""
    at: datetime
    findings: tuple[Led, ...] = ()
    marks: tuple[str, ...] = ()


def stream_of(root: UUID) -> str:
    """The name of a visit's history, all its versions in one."""
    return f"visit:{root}"
