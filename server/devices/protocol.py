"""What a phone and the server say to each other, protocol 1 (docs/sync.md): every shape, bounded.

What comes from outside has no unknown members: what nobody reads is refused, not dropped.

`static/protocol.d.ts` is written from this module (`python -m server.devices.types`).
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

OLDEST, NEWEST = 1, 1
"""Protocol versions that are understood; every one released, for twelve months after the next."""
MOST_COMMANDS = 50
"""Commands in one request."""

Outcome = Literal["done", "already", "not_yet", "refused"]
Reason = Literal[
    "", "sign_in", "other_account", "no_cookie", "busy", "newer", "older", "unreadable", "reused", "cannot"
]
"""Why it was not done, for the program; `words` say it to the person."""

Line = Annotated[str, Meta(max_length=2_000)]
Word = Annotated[str, Meta(max_length=40)]
Text = Annotated[str, Meta(max_length=100_000)]
"""Bounds of the shape alone; what a verb takes is shorter, and its refusal says how long in words."""
Number = Annotated[str, Meta(pattern="^[0-9]{1,20}$")]
Photos = Annotated[tuple[UUID, ...], Meta(max_length=50)]
Seen = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Id = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class FormVersion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which form it was typed into."""

    name: Annotated[str, Meta(max_length=40)]
    version: Annotated[int, Meta(ge=0, le=1_000_000)]


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody did on the phone. `id` is made there before the first send and never again."""

    id: UUID
    account: UUID | None
    """The account it was made under; None: nobody was signed in."""
    protocol: int
    verb: Annotated[str, Meta(max_length=40)]
    at: Annotated[str, Meta(max_length=40)]
    """The phone's own time; kept, never believed."""
    data: msgspec.Raw
    """As `Report`, `TakeOn`, `Finish`, `Visit`, `Go` or `Call`."""
    form: FormVersion | None = None
    mends: UUID | None = None
    """The refused command that this one replaces."""


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Data of the verb `report`. Degrees WGS-84, accuracy in metres."""

    text: Text
    community_id: int | None = None
    place: Line = ""
    latitude: float | None = None
    longitude: float | None = None
    accuracy: float | None = None
    position_source: Annotated[str, Meta(max_length=20)] | None = None
    private: bool = False
    name: Line = ""
    phone: Line = ""
    for_name: Line = ""
    for_phone: Line = ""
    for_agreed: bool = False
    photos: Photos = ()


class TakeOn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Data of the verb `take_on`; `seen` is the version of the case that the person looked at."""

    number: Number
    seen: Seen
    promise: Text = ""


class Finish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Data of the verb `finish`."""

    number: Number
    seen: Seen
    text: Text
    before: Photos = ()
    after: Photos = ()


class ListAnswers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was answered to one checklist."""

    version: Id
    """`RoundList.id`: the version that was on the phone, however old."""
    answers: Annotated[dict[str, Any], Meta(max_length=200)] = {}
    """By item; photos as their ids."""


class VisitFinding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something wrong, and what it leads to. A failed item without one is noted."""

    id: UUID
    leads_to: Literal["note", "fixed", "rectify", "case"]
    version: Id | None = None
    """The checklist version whose `item` failed; None for what no checklist asked about."""
    item: Annotated[str, Meta(max_length=40)] = ""
    words: Text = ""
    due: date | None = None
    """Of `rectify`: the day the worker agreed to; None: as the item says."""
    photos: Photos = ()
    before: Photos = ()
    after: Photos = ()
    for_name: Line = ""
    for_phone: Line = ""
    for_agreed: bool = False
    """Of `case`: for whom it is reported, with their yes; the notices go to them."""


class Visit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Data of the verb `visit`: one record of a round, a correction of one, or an ad-hoc finding."""

    id: UUID
    """The record's own id, made on the phone."""
    outcome: Literal["done", "nobody_there", "refused", "closed_down", "moved", "not_found"]
    corrects: UUID | None = None
    """The record that this one stands in for; the old one stays."""
    task: UUID | None = None
    order: UUID | None = None
    """The go-there order that it answers."""
    place: UUID | None = None
    place_words: Line = ""
    """Where, if at no known place; then with a position or a community."""
    community_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    accuracy: float | None = None
    note: Text = ""
    lists: Annotated[tuple[ListAnswers, ...], Meta(max_length=20)] = ()
    findings: Annotated[tuple[VisitFinding, ...], Meta(max_length=50)] = ()


class Go(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Data of the verb `go`: what a worker says to a go-there order. Arriving is a `visit` that names it."""

    order: UUID
    does: Literal["accept", "on_way"]


class Call(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Data of the verb `call`: a worker tapped the number of who runs a place."""

    place: UUID


class Contact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Data of the verb `contact`: one contact of a linked member with a household, or a correction of one."""

    id: UUID
    """The contact's own id, made on the phone."""
    household: UUID
    way: Literal["door", "phone", "message", "passing"]
    outcome: Literal["met", "nobody_home", "not_now"]
    topics: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
    said: Text = ""
    needs: Text = ""
    next_on: date | None = None
    corrects: UUID | None = None
    ask: bool = False
    """What is needed becomes a case now."""
    private: bool | None = None
    """Whether that case is private; null: as the household has it."""


class Ring(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Data of the verb `ring`: a linked member tapped the number of somebody of a household."""

    household: UUID
    person: UUID


class Sync(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of POST /sync. Commands are read one by one: what is wrong with one is no matter of the others."""

    protocol: int
    commands: list[msgspec.Raw] = []
    have: dict[str, str] = {}
    """The hash of every section that the phone holds."""


class FindingAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a finding of a visit led to."""

    id: UUID
    leads_to: str
    number: str = ""
    """Of the case or the rectification."""
    due: date | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a command that was done."""

    number: str
    """Of the case; empty for `visit`, `go` and `call`."""
    head: str
    """The end of the history (hex) of the case, visit, order or place; with it the receipt proves what was received."""
    due_at: datetime | None = None
    link: str | None = None
    """Path of the secret link, for who reported without an account."""
    state: str | None = None
    version: int | None = None
    findings: tuple[FindingAnswer, ...] = ()
    marks: tuple[str, ...] = ()
    """Of a visit: why the desk will look at it, in words; it is received all the same."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """One for each command, in their order."""

    id: str | None
    """As it was sent; None where none could be read."""
    outcome: Outcome
    at: datetime
    words: str = ""
    reason: Reason = ""
    fields: dict[str, str] = {}
    """What has to be mended, by member of the data."""
    answer: Answer | None = None


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A whole part of the working set; an empty hash with null takes it away from the phone."""

    hash: str
    data: msgspec.Raw


class Synced(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to POST /sync."""

    protocol: int
    now: datetime
    receipts: tuple[Receipt, ...]
    sections: dict[str, Section]


class PhotoAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to PUT /sync/photos/{id}."""

    id: UUID
    outcome: Outcome
    words: str = ""
