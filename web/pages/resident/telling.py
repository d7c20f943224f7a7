"""The form of 找书记 as it was typed, and the telling it means."""

import msgspec

from server.cases.telling import Telling, checked
from server.kernel.errors import Invalid
from web.pages.resident import places
from web.pages.resident.taken import Taken

_SOURCES = ("photo", "phone", "map")
_PLACE_WRONG = "这个位置不对,请重新选择。"


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """Every field as it came, so that nothing typed is lost where something else has to be mended."""

    command: str = ""
    text: str = ""
    community_id: str = ""
    place: str = ""
    latitude: str = ""
    longitude: str = ""
    accuracy: str = ""
    position_source: str = ""
    private: bool = False
    name: str = ""
    phone: str = ""
    for_name: str = ""
    for_phone: str = ""
    for_agreed: bool = False
    photo: list[str] = []
    refused: list[str] = []


async def telling_of(typed: Typed, taken: Taken) -> Telling:
    """What the form means, checked; `Invalid` names every field that needs mending."""
    wrong: dict[str, str] = {}
    community = await places.known(typed.community_id)
    if typed.community_id and community is None:
        wrong["community_id"] = "没有这个社区,请重新选择。"
    try:
        latitude, longitude = _number(typed.latitude), _number(typed.longitude)
        accuracy = _number(typed.accuracy)
    except ValueError:
        latitude = longitude = accuracy = None
        wrong["community_id"] = _PLACE_WRONG
    source = typed.position_source if typed.position_source in _SOURCES else None
    told = Telling(
        text=typed.text,
        community_id=community,
        place=typed.place,
        latitude=latitude,
        longitude=longitude,
        accuracy=accuracy if accuracy is not None and 0 <= accuracy <= 1_000_000 else None,
        position_source=source if latitude is not None else None,
        private=typed.private,
        name=typed.name,
        phone=typed.phone,
        for_name=typed.for_name,
        for_phone=typed.for_phone,
        for_agreed=typed.for_agreed,
        photos=taken.ids,
        refused_photos=taken.refused,
    )
    try:
        told = checked(await _with_photos_place(told, taken))
    except Invalid as error:
        raise Invalid({**error.fields, **wrong}) from None
    if wrong:
        raise Invalid(wrong)
    return told


async def _with_photos_place(told: Telling, taken: Taken) -> Telling:
    """Without JavaScript nobody was asked about a photo's position: it counts where no other community is chosen."""
    got = taken.first
    if got is None or told.latitude is not None or got.latitude is None or got.longitude is None:
        return told
    found = await places.community_at(got.latitude, got.longitude)
    if found is None or told.community_id not in (None, found):
        return told
    return msgspec.structs.replace(
        told, latitude=got.latitude, longitude=got.longitude, accuracy=got.accuracy, position_source="photo"
    )


def _number(text: str) -> float | None:
    return float(text) if text else None
