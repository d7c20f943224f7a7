"""What a phone holds to work without a signal: whole sections, each with a hash, and only those that changed are sent.

Whole, never a cursor: a row that is committed late cannot be missed.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from server.areas import choices
from server.areas.choices import StreetChoice
from server.cases import evidence, in_hand, mine, telling
from server.cases.in_hand import Task
from server.cases.way import OPEN, STATE_WORDS
from server.devices import desk_key
from server.devices.phone_key import key_of
from server.devices.protocol import Section
from server.households import carrying as households
from server.households.carrying import LinkedHousehold
from server.kernel.actor import Actor
from server.kernel.settings import settings
from server.notices import inbox
from server.notices.inbox import InboxRow
from server.patrols import carrying
from server.patrols.round import GridPast, GridPlace, Round

NAMES = ("me", "places", "mine", "inbox", "unit", "round", "grid_places", "grid_past", "households")
_AWAY = Section(hash="", data=msgspec.Raw(b"null"))


class Title(msgspec.Struct, frozen=True):
    """A post that the person holds."""

    title: str
    role: str


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Section `me`: who the phone speaks for, and the key to what they write there (32 bytes, base64url)."""

    account: UUID | None
    name: str
    posts: tuple[Title, ...]
    key: str | None
    days: int
    """Unseen for so many days, the phone forgets the working set and the key."""
    phone: str | None
    """By what this phone is known; it says so in every request, for a cookie may be lost."""
    device: str | None
    """Proves to the desk which phone a file comes from (docs/export.md)."""


class ReportLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What the form of a report takes."""

    version: int
    longest: int
    photos: int


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Section `places`: streets and communities for choosing, and the forms' versions."""

    streets: tuple[StreetChoice, ...]
    report: ReportLimits
    desk: str
    """The public key of the desk, for what is handed to it in a file (docs/export.md)."""


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of section `mine`: a report of the reader that is still open."""

    number: str
    subject: str
    state: str
    words: str
    area: str
    unit: str | None
    reported_at: datetime
    due_at: datetime | None


class Kept(msgspec.Struct, frozen=True):
    """The data of every section by its name; a section that the reader has none of is taken away."""

    me: Me
    places: Places
    mine: tuple[Mine, ...]
    inbox: tuple[InboxRow, ...]
    unit: tuple[Task, ...]
    round: Round
    grid_places: tuple[GridPlace, ...]
    grid_past: tuple[GridPast, ...]
    households: tuple[LinkedHousehold, ...]


async def changed(by: Actor, have: Mapping[str, str], phone: str | None = None) -> dict[str, Section]:
    """The sections whose hash is another than the phone says; one that is not theirs any more comes empty.

    `phone`: the token that this device is known by, None where its cookie is only on its way.
    """
    held = await _sections(by, phone)
    found = {name: section for name, section in held.items() if have.get(name) != section.hash}
    return found | {name: _AWAY for name in NAMES if name not in held and have.get(name)}


async def _sections(by: Actor, phone: str | None) -> dict[str, Section]:
    found = {"me": _section(_me(by, phone)), "places": await _places()}
    if by.signed_in or by.links:
        found["mine"] = _section(await _mine(by))
    if by.account_id is not None:
        found["inbox"] = _section(await inbox.carried(by.account_id))
    if by.unit_ids:
        found["unit"] = _section(await in_hand.tasks(by))
    if carrying.carries(by):
        found["round"] = _section(await carrying.round_of(by))
        places, past = await carrying.grid(by)
        found["grid_places"], found["grid_past"] = _section(places), _section(past)
    if households.carries(by):
        found["households"] = _section(await households.households(by))
    return found


def _me(by: Actor, phone: str | None) -> Me:
    return Me(
        phone=phone,
        account=by.account_id,
        name=by.name,
        posts=tuple(Title(post.title, post.role.value) for post in by.posts),
        key=key_of(by.account_id) if by.account_id else None,
        days=settings().session_days,
        device=desk_key.device_proof(by.device) if phone else None,
    )


_kept: tuple[tuple[StreetChoice, ...], Section] | None = None


async def _places() -> Section:
    """Kept until areas change: every phone asks for the same."""
    global _kept
    streets = await choices.choices()
    kept = _kept
    if kept is None or kept[0] is not streets:
        form = ReportLimits(version=1, longest=telling.LONGEST, photos=evidence.MOST)
        kept = _kept = (streets, _section(Places(streets=streets, report=form, desk=desk_key.public())))
    return kept[1]


async def _mine(by: Actor) -> tuple[Mine, ...]:
    return tuple(
        Mine(
            number=one.number,
            subject=one.subject,
            state=one.state.value,
            words=STATE_WORDS[one.state],
            area=one.area,
            unit=one.unit,
            reported_at=one.reported_at,
            due_at=one.due_at,
        )
        for one in await mine.mine(by)
        if one.state in OPEN
    )


def _section(data: object) -> Section:
    content = msgspec.json.encode(data)
    return Section(hash=hashlib.sha256(content).hexdigest()[:16], data=msgspec.Raw(content))
