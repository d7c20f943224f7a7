"""Sections `round`, `grid_places` and `grid_past`: what a grid worker needs to walk today's round without a signal."""

from datetime import date, datetime
from uuid import UUID

import msgspec


class RoundGrid(msgspec.Struct, frozen=True, kw_only=True):
    """A grid of the worker, for the map."""

    id: int
    code: str
    name: str
    polygon: msgspec.Raw
    """GeoJSON, simplified to about 10 metres; null where none is drawn."""


class RoundTask(msgspec.Struct, frozen=True, kw_only=True):
    """One visit to make."""

    id: UUID
    place: UUID
    day: date
    """When it is meant for; `from_day`–`to_day` is when it counts."""
    from_day: date
    to_day: date
    lists: tuple[int, ...]
    """Ids of checklist versions (`RoundList.id`)."""
    only: tuple[str, ...]
    """Of a re-visit: the items to look at; empty: all."""
    minutes: int
    """How long it takes, by the number of items."""
    tries: int
    saved: int
    """Visits that going once saves."""
    rectification: UUID | None
    given: bool
    """It was made the reader's by hand."""


class RoundPast(msgspec.Struct, frozen=True, kw_only=True):
    """One earlier visit of a place."""

    at: datetime
    outcome: str
    finding: str
    by: str


class RoundPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place of the round."""

    id: UUID
    code: str
    kind: str
    name: str
    address: str
    latitude: float | None
    longitude: float | None
    last_visit_at: datetime | None
    last_finding: str
    past: tuple[RoundPast, ...]
    phone: str
    """Of who runs it; to be called is what the assignment is for, and a tap on it is told (calling)."""


class RoundList(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a checklist."""

    id: int
    """Of the version; what `visit` sends back."""
    checklist: int
    name: str
    department: str
    version: int
    items: msgspec.Raw
    """As server.forms.checklists reads them."""


class RoundRectification(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has to be put right."""

    id: UUID
    number: str
    place: UUID
    words: str
    due: date
    failed: int


class RoundOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Go there now."""

    id: UUID
    words: str
    by: str
    at: datetime
    state: str
    """sent, accepted or on_way."""
    place: UUID | None
    case: str
    """Its number, or empty."""
    place_words: str
    """Where, in words, where it is no known place."""
    latitude: float | None
    longitude: float | None


class RoundBecame(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a finding."""

    id: UUID
    visit: UUID
    at: datetime
    place: str
    words: str
    leads_to: str
    number: str
    state: str
    state_words: str


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """Section `round`."""

    day: date
    grids: tuple[RoundGrid, ...]
    tasks: tuple[RoundTask, ...]
    places: tuple[RoundPlace, ...]
    lists: tuple[RoundList, ...]
    rectifications: tuple[RoundRectification, ...]
    orders: tuple[RoundOrder, ...]
    became: tuple[RoundBecame, ...]


class GridPlace(msgspec.Struct, frozen=True, kw_only=True):
    """One of section `grid_places`: for ad-hoc visits and scanned codes."""

    id: UUID
    code: str
    kind: str
    name: str
    address: str
    latitude: float | None
    longitude: float | None


class GridPast(msgspec.Struct, frozen=True, kw_only=True):
    """One of section `grid_past`: when a place of `grid_places` was last looked at, and what was found.

    Apart from the places, which seldom change; this does with every visit.
    """

    id: UUID
    at: datetime
    finding: str
