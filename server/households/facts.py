"""What somebody says of a household, checked: where it is, who to ask for."""

from typing import Any

import msgspec

from server.addresses import matcher
from server.areas import tree
from server.households import household as households
from server.households.household import Stands
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.errors import Invalid
from server.kernel.masks import wrong_mask
from server.kernel.sheets import wrong_text
from server.patrols.facts import wrong_phone
from server.people import phones

PLACE_LONGEST = 120
PART_LONGEST = 20
NAME_LONGEST = 40
RELATION_LONGEST = 20
"""Characters."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Where a household is, as somebody says it. `area_id`: a community or grid, where the register is not sure."""

    place: str
    building: str = ""
    unit: str = ""
    room: str = ""
    area_id: int | None = None
    external_code: str = ""
    private: bool = False


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to ask for. `phone` as typed; empty where there is none."""

    name: str
    phone: str = ""
    relation: str = ""


async def check(facts: Facts, by: Actor) -> dict[str, Any]:
    """The columns that follow; everything wrong raises `Invalid`, each field named.

    The register's address gives grid and point where it is sure what the words mean; else the chosen area counts.
    """
    wrong = {}
    for field, longest, called in (
        ("place", PLACE_LONGEST, "地址"),
        ("building", PART_LONGEST, "楼栋"),
        ("unit", PART_LONGEST, "单元"),
        ("room", PART_LONGEST, "房号"),
        ("external_code", PLACE_LONGEST, "原编号"),
    ):
        text = getattr(facts, field).strip()
        if text and (words := wrong_text(text, longest)):
            wrong[field] = f"{called}{words}。"
    if not facts.place.strip():
        wrong["place"] = "请写地址,例:民治路 12 号。"
    if wrong:
        raise Invalid(wrong)
    place, building, unit, room = (getattr(facts, name).strip() for name in ("place", "building", "unit", "room"))
    chosen = await _line(facts.area_id)
    text = households.words_of(place, building, unit, "")
    found = await matcher.match_in_time(text, community_id=chosen["community"] if chosen else None)
    areas = chosen
    if found.grid_id is not None and (chosen is None or chosen["grid"] is None):
        by_address = await _line(found.grid_id)
        if by_address and (chosen is None or chosen["community"] == by_address["community"]):
            areas = by_address
    if areas is None or areas["community"] is None:
        raise Invalid({"area": "地址库里没有找到,请选社区或网格。"})
    if by.system is None and Stands.KEEPER not in households.stands(by, areas, linked=False):
        raise Invalid({"area": "这里不是您负责的社区,请检查。"})
    point = await _point(found.address_id)
    return {
        "place": place,
        "building": building,
        "unit": unit,
        "room": room,
        "address": found.address_id,
        **point,
        **areas,
        "external_code": facts.external_code.strip(),
        "private": facts.private,
    }


def check_person(person: Person) -> dict[str, str]:
    """A person's columns; `Invalid` naming each wrong field."""
    wrong = {}
    name, relation = person.name.strip(), person.relation.strip()
    if words := wrong_text(name, NAME_LONGEST):
        wrong["name"] = f"怎么称呼{words}。" if name else "请写怎么称呼。"
    if relation and (words := wrong_text(relation, RELATION_LONGEST)):
        wrong["relation"] = f"关系{words}。"
    phone = phones.read(person.phone) or person.phone.strip()
    if words := wrong_phone(phone):
        wrong["phone"] = words
    wrong |= {field: words for field, text in (("name", name), ("phone", phone)) if (words := wrong_mask(text))}
    if wrong:
        raise Invalid(wrong)
    return {"name": name, "phone": phone, "relation": relation}


async def _line(area_id: int | None) -> dict[str, int | None] | None:
    if area_id is None:
        return None
    area = await database.fetch_one("SELECT level FROM areas WHERE id = $1 AND until IS NULL", area_id)
    if area is None or area["level"] not in ("community", "grid"):
        raise Invalid({"area": "没有这个社区或网格,请重新选择。"})
    line = await tree.line(area_id)
    return {
        "district": line.district_id,
        "street": line.street_id,
        "community": line.community_id,
        "grid": line.grid_id,
    }


async def _point(address_id: int | None) -> dict[str, float | None]:
    row = await database.fetch_one("SELECT latitude, longitude FROM addresses WHERE id = $1", address_id)
    return (
        {"latitude": row["latitude"], "longitude": row["longitude"]} if row else {"latitude": None, "longitude": None}
    )
