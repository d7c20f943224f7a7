"""What somebody says of a place, checked: words, position, area, operator, answers."""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any, TypeAlias

import msgspec

from server.addresses import matcher
from server.addresses.matcher import Match
from server.areas import locate, tree
from server.forms import questions
from server.kernel import database, datum
from server.kernel.actor import Actor
from server.kernel.errors import Invalid
from server.kernel.masks import wrong_mask
from server.kernel.sheets import wrong_text
from server.patrols import place as places
from server.patrols.kinds import Kind
from server.patrols.place import PlaceRow

NAME_LONGEST = 40
ADDRESS_LONGEST = 120
OPERATOR_LONGEST = 40
EXTERNAL_LONGEST = 60
SOURCES = ("phone", "map", "import")
DATUMS = ("WGS-84", "GCJ-02")
OUTSIDE = "这个位置不在您负责的区域内,请检查。"
Levels: TypeAlias = dict[str, int | None]
"""Level of area -> id."""
_PHONE = re.compile(r"[0-9+][0-9 \-]{4,24}")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a place. None leaves the operator and the answers of a known place as they are."""

    kind_id: int
    name: str
    address_text: str = ""
    area_id: int | None = None
    """A grid or community, where no polygon covers the position or there is none."""
    latitude: float | None = None
    longitude: float | None = None
    accuracy: float | None = None
    """Metres."""
    position_source: str = "none"
    datum: str = "WGS-84"
    """Of `latitude` and `longitude` as given here."""
    operator: str | None = None
    operator_phone: str | None = None
    answers: Mapping[str, Any] | None = None
    external_code: str = ""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """The columns that follow from the facts, and what of them matters for the history."""

    columns: dict[str, Any]

    def changes(self, before: PlaceRow) -> dict[str, Any]:
        """The columns that differ from how the place is."""
        return {name: value for name, value in self.columns.items() if getattr(before, name) != value}


async def check(facts: Facts, kind: Kind, by: Actor, before: PlaceRow | None = None) -> Checked:
    """Everything that is wrong raises `Invalid`, each field named; `before` is the place as it is, if it is known."""
    wrong = _wrong_words(facts)
    wrong |= _wrong_operator(facts, kind, before)
    if not kind.active and (before is None or before.kind != kind.id):
        wrong["kind"] = f"“{kind.name}”已经停用,请另选一类。"
    position, said = _position(facts)
    wrong |= said
    meant = await _meant(facts, before)
    areas, said = await _areas(facts, position, by, before, meant)
    wrong |= said
    answers, said = _answers(facts, kind, before)
    wrong |= said
    if wrong:
        raise Invalid(wrong)
    return Checked(
        columns={
            "kind": kind.id,
            "name": facts.name.strip(),
            "address_text": facts.address_text.strip(),
            "address": meant.address_id,
            "external_code": facts.external_code.strip(),
            **position,
            **areas,
            **_operator(facts, before),
            **answers,
        }
    )


def wrong_phone(phone: str) -> str | None:
    """What is wrong with an operator's number, mobile or fixed, in words."""
    return None if not phone or _PHONE.fullmatch(phone) else "请填手机或固定电话号码,例:0755-12345678。"


def wrong_position(longitude: float, latitude: float) -> bool:
    """Whether these degrees are no position."""
    return not (isfinite(latitude) and isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180)


def in_wgs84(longitude: float, latitude: float, of: str) -> tuple[float, float]:
    """A position (degrees) of one of `DATUMS` as it is kept."""
    return datum.to_wgs84(longitude, latitude) if of == "GCJ-02" else (longitude, latitude)


def narrower(found: Levels | None, chosen: Levels | None) -> Levels | None:
    """Where a place lies: the position decides, the chosen grid where no polygon of its community says more."""
    if found is None or (chosen and found["grid"] is None and chosen["community"] == found["community"]):
        return chosen or found
    return found


def within(chosen: Levels, found: Levels | None) -> Levels:
    """The grid that was found, where a community was chosen and the grid lies in it."""
    same = found is not None and chosen["grid"] is None and found["community"] == chosen["community"]
    return found if same and found is not None else chosen


def _wrong_words(facts: Facts) -> dict[str, str]:
    found = {}
    if words := wrong_text(facts.name.strip(), NAME_LONGEST):
        found["name"] = f"名称{words}。"
    for field, value, longest, called in (
        ("address_text", facts.address_text.strip(), ADDRESS_LONGEST, "地址"),
        ("external_code", facts.external_code.strip(), EXTERNAL_LONGEST, "原编码"),
    ):
        if value and (words := wrong_text(value, longest)):
            found[field] = f"{called}{words}。"
    return found


def _wrong_operator(facts: Facts, kind: Kind, before: PlaceRow | None) -> dict[str, str]:
    found = {}
    name = before.operator if facts.operator is None and before else (facts.operator or "").strip()
    if kind.needs_operator and not name:
        found["operator"] = "这一类要有负责人,请填怎么称呼。"
    elif name and (words := wrong_text(name, OPERATOR_LONGEST)):
        found["operator"] = f"负责人{words}。"
    if words := wrong_phone((facts.operator_phone or "").strip()):
        found["operator_phone"] = words
    given = (("operator", facts.operator), ("operator_phone", facts.operator_phone))
    found |= {field: words for field, text in given if (words := wrong_mask(text or ""))}
    return found


def _operator(facts: Facts, before: PlaceRow | None) -> dict[str, str]:
    kept = (before.operator, before.operator_phone) if before else ("", "")
    given = (facts.operator, facts.operator_phone)
    name, phone = (one.strip() if one is not None else old for one, old in zip(given, kept, strict=True))
    return {"operator": name, "operator_phone": phone}


def _position(facts: Facts) -> tuple[dict[str, Any], dict[str, str]]:
    nothing = {"latitude": None, "longitude": None, "accuracy": None, "position_source": "none", "datum": "WGS-84"}
    if facts.latitude is None and facts.longitude is None:
        return nothing, {}
    if facts.latitude is None or facts.longitude is None or wrong_position(facts.longitude, facts.latitude):
        return nothing, {"position": "这个位置不对,请重新选择。"}
    if facts.datum not in DATUMS or facts.position_source not in SOURCES:
        return nothing, {"position": "不认识这个位置的坐标系或来源,请重新选择。"}
    longitude, latitude = in_wgs84(facts.longitude, facts.latitude, facts.datum)
    accurate = facts.accuracy is not None and 0 <= facts.accuracy <= 1_000_000
    return {
        "latitude": latitude,
        "longitude": longitude,
        "accuracy": facts.accuracy if accurate else None,
        "position_source": facts.position_source,
        "datum": facts.datum,
    }, {}


async def _meant(facts: Facts, before: PlaceRow | None) -> Match:
    """What of the address register the address surely means."""
    text = facts.address_text.strip()
    if not text:
        return Match()
    chosen = await _line(facts.area_id) if facts.area_id is not None else before.areas if before else None
    return await matcher.match_in_time(text, community_id=chosen["community"] if chosen else None)


async def _areas(
    facts: Facts, position: dict[str, Any], by: Actor, before: PlaceRow | None, meant: Match
) -> tuple[Levels, dict[str, str]]:
    """The position decides; the chosen area where no polygon says more than it; else where the address lies."""
    found = None
    if position["latitude"] is not None:
        found = await locate.locate(position["longitude"], position["latitude"])
    chosen = await _line(facts.area_id) if facts.area_id is not None else None
    if facts.area_id is not None and chosen is None:
        return {}, {"area": "没有这个社区或网格,请重新选择。"}
    areas = narrower(places.levels(found) if found else None, chosen)
    if found is None and meant.grid_id is not None:
        by_address = await _line(meant.grid_id)
        areas = within(areas, by_address) if areas else by_address
    if areas is None and before is not None:
        areas = before.areas
    if areas is None or areas["district"] is None:
        return {}, {"area": "请选社区或网格,或者在地图上点一下。"}
    if not places.sees(by, areas):
        return {}, {"position" if found else "area": OUTSIDE}
    return areas, {}


async def _line(area_id: int) -> Levels | None:
    area = await database.fetch_one("SELECT level FROM areas WHERE id = $1 AND until IS NULL", area_id)
    if area is None or area["level"] not in ("community", "grid"):
        return None
    line = await tree.line(area_id)
    return {
        "district": line.district_id,
        "street": line.street_id,
        "community": line.community_id,
        "grid": line.grid_id,
    }


def _answers(facts: Facts, kind: Kind, before: PlaceRow | None) -> tuple[dict[str, Any], dict[str, str]]:
    if facts.answers is None and before is not None and before.kind == kind.id:
        return {}, {}
    form = questions.read_form(kind.questions)
    given = facts.answers or {}
    wrong = {f"answers.{name}": words for name, words in questions.problems(form, given).items()}
    return {"answers": questions.clean(form, given), "kind_version": kind.version_id}, wrong
