"""What somebody tells, and whether it can be taken."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from server.kernel import errors
from server.people import phones

LONGEST = 20_000
"""Characters of a report."""
SUBJECT = 60
"""Characters of the first words that lists show."""
CHANNELS = ("web", "desk", "hotline", "import", "patrol", "visit", "door")
OWN = ("web", "patrol", "visit")
"""Channels by which the actor tells it themselves, as its reporter."""


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody tells, as a form or another channel brings it. Positions in WGS-84 degrees, accuracy in metres."""

    text: str
    community_id: int | None = None
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    accuracy: float | None = None
    position_source: str | None = None
    private: bool = False
    name: str = ""
    phone: str = ""
    for_name: str = ""
    for_phone: str = ""
    for_agreed: bool = False
    """The person it is told for said yes."""
    photos: tuple[UUID, ...] = ()
    refused_photos: tuple[str, ...] = ()
    """Why photos were not taken, in words."""
    channel: str = "web"
    answers: Mapping[str, Any] = {}


def subject(text: str) -> str:
    """The first words of a report, for lists: one line, at most 60 characters."""
    line = " ".join(text.split())
    return line if len(line) <= SUBJECT else line[: SUBJECT - 1] + "…"


def checked(telling: Telling) -> Telling:
    """The telling trimmed, phones in one form; `Invalid` names every field that needs mending. `report` asks it too."""
    wrong: dict[str, str] = {}
    text = telling.text.replace("\x00", "")
    if not text.strip():
        wrong["text"] = "请写一两句话,说说是什么事。"
    if len(text) > LONGEST:
        wrong["text"] = f"太长了({len(text)} 字),请缩短到 {LONGEST} 字以内。"
    if telling.community_id is None and telling.latitude is None:
        wrong["community_id"] = "请选择在哪个社区,或者在地图上点一下。"
    if (telling.latitude is None) != (telling.longitude is None) or not _on_earth(telling):
        wrong["community_id"] = "这个位置不对,请重新选择。"
    if telling.channel not in CHANNELS:
        wrong["channel"] = "这个来源不认识。"
    if telling.for_phone and not telling.for_agreed:
        wrong["for_agreed"] = "替别人上报,要先得到对方同意。"
    phone, for_phone = phones.read(telling.phone), phones.read(telling.for_phone)
    if telling.phone and phone is None:
        wrong["phone"] = "请填写 11 位手机号码,或者留空。"
    if telling.for_phone and for_phone is None:
        wrong["for_phone"] = "请填写对方的 11 位手机号码。"
    for field in ("name", "for_name", "place"):
        if len(getattr(telling, field)) > 200:
            wrong[field] = "太长了,请缩短到 200 字以内。"
    if wrong:
        raise errors.Invalid(wrong)
    return msgspec.structs.replace(
        telling,
        text=text,
        phone=phone or "",
        for_phone=for_phone or "",
        place=telling.place.replace("\x00", "").strip(),
        name=telling.name.replace("\x00", "").strip(),
        for_name=telling.for_name.replace("\x00", "").strip(),
    )


def _on_earth(telling: Telling) -> bool:
    if telling.latitude is None or telling.longitude is None:
        return True
    return -90 <= telling.latitude <= 90 and -180 <= telling.longitude <= 180
