"""Where somebody is sent: a place, a case, a point of the map, or an address in words."""

from uuid import UUID

import msgspec

from server.addresses import matcher
from server.addresses.matcher import Candidate
from server.areas import locate, tree
from server.cases import case as cases
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotFound
from server.patrols import facts, reach
from server.patrols import place as places

NOWHERE = "请写地址、对象编码或工单编号,或者在地图上点一下。"
OUTSIDE = "这里不在您管的社区,请向那边的社区说一声。"
WORDS_LONGEST = facts.ADDRESS_LONGEST
OFFERED = 3
"""Addresses of the register that a refusal names."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the desk said of where; the first of place (code), case (number), point (WGS-84), address counts."""

    place: str = ""
    case: str = ""
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    """With a point it only says in words where that is."""
    unknown: bool = False
    """The register may not know the address: the worker finds it by the words."""


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is."""

    place: UUID | None = None
    case: UUID | None = None
    latitude: float | None = None
    longitude: float | None = None
    community: int | None = None
    """None: the worker's."""
    words: str = ""


async def find(wanted: Wanted, by: Actor) -> Destination:
    """Where it is, within what the actor sees; raise `Invalid` naming the field."""
    if wanted.place.strip():
        return await _place(wanted.place, by)
    if wanted.case.strip():
        return await _case(wanted.case.strip(), by)
    words = wanted.address.replace("\x00", "").strip()
    if len(words) > WORDS_LONGEST:
        raise Invalid({"address": f"太长了,请缩短到 {WORDS_LONGEST} 字以内。"})
    if wanted.latitude is not None and wanted.longitude is not None:
        return await _point(wanted.latitude, wanted.longitude, words, by)
    if not words:
        raise Invalid({"address": NOWHERE})
    return await _address(words, wanted.unknown, by)


async def _place(code: str, by: Actor) -> Destination:
    try:
        found = await places.load(code, by)
    except NotFound:
        raise Invalid({"place": "没有这个编码的对象,请检查。"}) from None
    places.must_live(found)
    return Destination(place=found.id, latitude=found.latitude, longitude=found.longitude, community=found.community)


async def _case(number: str, by: Actor) -> Destination:
    try:
        known = (await cases.load(number, by)).case
    except NotFound:
        raise Invalid({"case": "没有这个编号的工单,请检查。"}) from None
    if known.private:
        raise Invalid({"case": "这件事只有书记能看,不能派网格员去。"})
    return Destination(
        case=known.id,
        latitude=known.latitude,
        longitude=known.longitude,
        community=known.community,
        words=known.place[:WORDS_LONGEST],
    )


async def _point(latitude: float, longitude: float, words: str, by: Actor) -> Destination:
    if facts.wrong_position(longitude, latitude):
        raise Invalid({"position": "这个位置不对,请在地图上重新点一下。"})
    area = await locate.locate(longitude, latitude)
    if area is None or area.community_id is None:
        raise Invalid({"position": "这个位置不在任何社区里,请在地图上重新点一下。"})
    await _must_be_ours(area.community_id, "position", by)
    lowest = (await tree.get(area.grid_id or area.community_id)).name
    return Destination(
        latitude=latitude, longitude=longitude, community=area.community_id, words=words or f"{lowest},地图上的点"
    )


async def _address(words: str, unknown: bool, by: Actor) -> Destination:
    """The one address of the register that is surely meant, with its point where it has one."""
    match = await matcher.match_in_time(words)
    if match.best is None or match.grid_id is None:
        if unknown:
            return Destination(words=words)
        raise Invalid({"address": _unsure(match.candidates)})
    await _must_be_ours(match.best.community_id, "address", by)
    row = None
    if match.address_id is not None:
        row = await database.fetch_one("SELECT latitude, longitude FROM addresses WHERE id = $1", match.address_id)
    return Destination(
        latitude=row["latitude"] if row else None,
        longitude=row["longitude"] if row else None,
        community=match.best.community_id,
        words=words,
    )


async def _must_be_ours(community: int, field: str, by: Actor) -> None:
    if community not in await reach.communities(by):
        raise Invalid({field: OUTSIDE})


def _unsure(candidates: tuple[Candidate, ...]) -> str:
    if not candidates:
        return "地址库里没有认出这个地址。请写全一点,或者在地图上点一下。"
    named = "、".join(f"“{one.text}”" for one in candidates[:OFFERED])
    return f"地址库里不能确定是哪里,可能是{named}。请写全一点,或者在地图上点一下。"
