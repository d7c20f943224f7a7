"""The places of the demo: thirty to fifty in every grid, of eight kinds, the same from the same seed."""

from random import Random
from typing import Any

from server.demo.district import District
from server.demo.ground import Spot
from server.demo.names import ROADS
from server.demo.people import SYSTEM
from server.patrols import kinds, writing
from server.patrols.kinds import Kind

LEAST, MOST = 30, 50
_QUESTIONS: dict[str, list[dict[str, Any]]] = {
    "出租屋": [
        {"id": "rooms", "kind": "number", "label": "几间房", "min": 1, "max": 300},
        {"id": "bottled_gas", "kind": "yes_no", "label": "用瓶装气吗"},
        {"id": "exits", "kind": "number", "label": "几个出口", "min": 1, "max": 20},
    ],
    "餐饮店": [
        {"id": "licence", "kind": "yes_no", "label": "有食品经营许可证吗"},
        {
            "id": "fuel",
            "kind": "choice",
            "label": "用什么火",
            "choices": [
                {"value": "pipe", "label": "管道气"},
                {"value": "bottle", "label": "瓶装气"},
                {"value": "electric", "label": "电"},
            ],
        },
    ],
    "小商铺": [{"id": "sleeps", "kind": "yes_no", "label": "晚上住人吗"}],
    "消防栓": [
        {
            "id": "where",
            "kind": "choice",
            "label": "在哪里",
            "choices": [{"value": "street", "label": "路边"}, {"value": "house", "label": "楼内"}],
        }
    ],
    "井盖": [{"id": "owner", "kind": "text", "label": "井盖上写的单位", "max": 40}],
    "儿童乐园": [{"id": "built", "kind": "date", "label": "建成日期"}],
    "健身点": [{"id": "machines", "kind": "number", "label": "几件器材", "min": 1, "max": 60}],
    "充电棚": [{"id": "sockets", "kind": "number", "label": "几个插座", "min": 1, "max": 200}],
}
_WEIGHTS = {
    "出租屋": 12,
    "餐饮店": 6,
    "小商铺": 8,
    "消防栓": 5,
    "井盖": 6,
    "儿童乐园": 1,
    "健身点": 1,
    "充电棚": 2,
}
_RUN = ("出租屋", "餐饮店", "小商铺")
_CODES = {
    "出租屋": "rented",
    "餐饮店": "food",
    "小商铺": "shop",
    "消防栓": "hydrant",
    "井盖": "manhole",
    "儿童乐园": "playground",
    "健身点": "fitness",
    "充电棚": "charging",
}
_NAMES = {
    "餐饮店": ("客家小馆", "湘味人家", "兰州拉面", "潮汕牛肉", "隆江猪脚饭", "早餐铺", "桂林米粉", "老友饺子馆"),
    "小商铺": ("便利店", "理发店", "水果店", "五金店", "药店", "打印店", "裁缝铺", "快递驿站"),
}
_SURNAMES = "陈林黄李张吴刘杨王何"


async def settle(district: District) -> int:
    """Give every grid its places; how many were made."""
    known = await _kinds()
    rows = [row for spot in district.spots("grid") for row in _of(district, spot, known)]
    await writing.add(rows, SYSTEM)
    return len(rows)


async def _kinds() -> dict[str, Kind]:
    made = {}
    for name, questions in _QUESTIONS.items():
        kind = await kinds.create_kind(_CODES[name], name, needs_operator=name in _RUN, by=SYSTEM)
        made[name] = (await kinds.publish_kind(kind.id, by=SYSTEM, questions=questions)).kind
    return made


def _of(district: District, spot: Spot, known: dict[str, Kind]) -> list[dict[str, Any]]:
    """One place of every kind, then by chance; numbers within the grid make the names differ."""
    chance = Random(f"places {district.size.seed} {spot.code}")
    names = list(known) + chance.choices(
        list(_WEIGHTS), list(_WEIGHTS.values()), k=chance.randint(LEAST, MOST) - len(known)
    )
    areas = _areas(district, spot)
    return [_place(district, spot, known[name], number, chance) | areas for number, name in enumerate(names, 1)]


def _place(district: District, spot: Spot, kind: Kind, number: int, chance: Random) -> dict[str, Any]:
    longitude, latitude = district.ground.somewhere(spot, chance)
    road, house = chance.choice(ROADS), chance.randrange(1, 160)
    surname = chance.choice(_SURNAMES)
    called = chance.choice(_NAMES[kind.name]) if kind.name in _NAMES else kind.name
    name = f"{surname}记{called}" if kind.name in _NAMES else f"{road} {house} 号{called}"
    return {
        "kind": kind.id,
        "kind_version": kind.version_id,
        "name": name,
        "address_text": f"{road} {house} 号",
        "external_code": f"{spot.code}-{number:03}",
        "longitude": longitude,
        "latitude": latitude,
        "position_source": "import",
        "operator": f"{surname}师傅" if kind.needs_operator else "",
        "operator_phone": f"1380000{chance.randrange(10_000):04}" if kind.needs_operator else "",
        "answers": {one["id"]: _answer(one, chance) for one in kind.questions},
    }


def _answer(question: dict[str, Any], chance: Random) -> object:
    match question["kind"]:
        case "yes_no":
            return chance.random() < 0.7
        case "number":
            return chance.randint(question["min"], min(question["max"], 12))
        case "choice":
            return chance.choice(question["choices"])["value"]
        case "date":
            return f"20{chance.randrange(10, 25)}-0{chance.randrange(1, 10)}-01"
    return chance.choice(("市政排水", "中国电信", "供水集团", "路灯管理"))


def _areas(district: District, spot: Spot) -> dict[str, int]:
    by_code = {one.code: one for one in district.ground.spots}
    line = {}
    at: Spot | None = spot
    while at is not None:
        line[at.level] = district.ids[at.code]
        at = by_code.get(at.parent_code)
    return line
