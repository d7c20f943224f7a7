"""A case that a round makes: with place, position, photos and answers."""

from typing import Any

from server import cases
from server.cases import Telling
from server.cases.evidence import MOST
from server.forms.questions import answer_in_words
from server.kernel.actor import Actor
from server.kernel.errors import Invalid
from server.patrols.judging import Found, Judged


async def report(judged: Judged, found: list[Found], by: Actor, why: str = "") -> cases.Reported:
    """A case at once; a refusal is named at the first finding."""
    first, told = found[0], judged.told
    photos = tuple(dict.fromkeys(photo for one in found for _, photo in one.told.strips))[:MOST]
    telling = Telling(
        text="\n".join(filter(None, [why, *(_said(one) for one in found)])),
        community_id=judged.grid or judged.community,
        place=_where(judged),
        latitude=judged.place.latitude if judged.place else told.latitude,
        longitude=judged.place.longitude if judged.place else told.longitude,
        accuracy=judged.place.accuracy if judged.place else told.accuracy,
        channel="patrol",
        for_name=first.told.for_name,
        for_phone=first.told.for_phone,
        for_agreed=first.told.for_agreed,
        photos=photos,
        answers={one.label: _answer(one) for one in found if one.item is not None},
    )
    try:
        return await cases.report(telling, by, phone=told.phone)
    except Invalid as wrong:
        raise Invalid({f"findings.{first.told.id}": ";".join(wrong.fields.values())}) from None


def _where(judged: Judged) -> str:
    if judged.place is None:
        return judged.told.place_words
    return f"{judged.place.address_text} {judged.place.name}".strip()[:200]


def _said(found: Found) -> str:
    answer: Any = _answer(found)
    asked = f"巡查发现:{found.label}({answer})" if found.item else ""
    return ",".join(filter(None, [asked, found.told.words]))


def _answer(found: Found) -> str:
    return answer_in_words(found.item, found.answer) if found.item else ""
