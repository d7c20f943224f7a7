"""A grid worker's working set as large as it may get, for phones that are measured."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from server.forms.demo_checklists import CHECKLISTS
from server.kernel.clock import BEIJING

WEST, SOUTH, WIDE = 114.0, 22.6, 0.01
_KINDS = ("沿街店铺", "出租屋", "消火栓", "井盖")
_NAMES = ("好又多便利店", "老陈面馆", "联营五金行", "和顺公寓")
_STREETS = ("幸福路", "民乐一街", "老街口巷", "河边路")
_FOUND = ("", "", "灭火器只有一具,压力不够", "通道里堆着纸箱和空桶", "燃气热水器装在卫生间")


def sections(account: UUID, *, tasks: int, places: int, orders: int = 0, seed: int = 4) -> dict[str, Any]:
    """Sections `me`, `round`, `grid_places`, `grid_past` and `places`, as docs/sync.md has them."""
    rand = random.Random(seed)
    today = datetime.now(BEIJING).date()
    all_places = [_place(rand, number, today) for number in range(max(places, tasks))]
    return {
        "me": {
            "account": str(account),
            "name": "陈建国",
            "posts": [{"title": "网格员", "role": "grid_worker"}],
            "days": 90,
        },
        "places": {
            "streets": [{"id": 2, "name": "民治街道", "communities": [{"id": 3, "name": "民乐社区"}]}],
            "report": {"version": 1, "longest": 20_000, "photos": 9},
        },
        "round": {
            "day": str(today),
            "grids": [{"id": 1, "code": "44030000100101", "name": "民乐一网格", "polygon": _polygon()}],
            "tasks": [_task(rand, number, one, today) for number, one in enumerate(all_places[:tasks])],
            "places": all_places[:tasks],
            "lists": [_list(number) for number in range(len(CHECKLISTS))],
            "rectifications": [_rectification(rand, one, today) for one in all_places[: min(tasks, 3)]],
            "orders": [_order(rand, one) for one in all_places[:orders]],
            "became": [_became(rand, number) for number in range(min(tasks, 5))],
        },
        "grid_places": [
            {name: one[name] for name in ("id", "code", "kind", "name", "address", "latitude", "longitude")}
            for one in all_places[:places]
        ],
        "grid_past": [
            {"id": one["id"], "at": one["last_visit_at"], "finding": one["last_finding"]} for one in all_places[:places]
        ],
    }


def _id(rand: random.Random) -> str:
    return str(UUID(int=rand.getrandbits(128), version=4))


def _place(rand: random.Random, number: int, today: date) -> dict[str, Any]:
    seen = datetime(today.year, today.month, today.day, 2, tzinfo=UTC) - timedelta(days=30 + number % 9)
    found = _FOUND[number % len(_FOUND)]
    return {
        "id": _id(rand),
        "code": f"{number:05d}-{number * 7 % 100000:05d}",
        "kind": _KINDS[number % 4],
        "name": f"{_NAMES[number % 4]}{number + 1}",
        "address": f"{_STREETS[number % 4]} {number // 4 + 1} 号",
        "latitude": SOUTH + WIDE * rand.random(),
        "longitude": WEST + WIDE * rand.random(),
        "last_visit_at": seen.isoformat(),
        "last_finding": found,
        "phone": f"139{number:08d}" if number % 3 else "",
        "past": [{"at": seen.isoformat(), "outcome": "done", "finding": found, "by": "陈建国"}] * 3,
    }


def _task(rand: random.Random, number: int, place: dict[str, Any], today: date) -> dict[str, Any]:
    day = today if number % 5 else today + timedelta(days=number % 14)
    two = number % 7 == 0
    return {
        "id": _id(rand),
        "place": place["id"],
        "day": str(day),
        "from_day": str(day - timedelta(days=5)),
        "to_day": str(day + timedelta(days=number % 9)),
        "lists": [1, 2] if two else [number % 4 + 1],
        "only": [],
        "minutes": 12 if two else 6,
        "tries": int(number % 40 == 3),
        "saved": int(two),
        "rectification": None,
        "given": number % 50 == 9,
    }


def _list(number: int) -> dict[str, Any]:
    one = CHECKLISTS[number]
    known = {"id": number + 1, "checklist": number + 1, "version": 1}
    return {**known, "name": one.name, "department": one.department, "items": list(one.items)}


def _rectification(rand: random.Random, place: dict[str, Any], today: date) -> dict[str, Any]:
    words = "能用的灭火器有几具:1。请配齐两具以上有效的灭火器。"
    due = str(today + timedelta(days=3))
    return {"id": _id(rand), "number": "ZG20261125001", "place": place["id"], "words": words, "due": due, "failed": 0}


def _order(rand: random.Random, place: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": _id(rand),
        "words": "有居民说楼道里冒烟,请先去看一眼,有火马上打 119。",
        "by": "刘慧",
        "at": datetime.now(UTC).isoformat(),
        "state": "sent",
        "place": place["id"],
        "case": "20261125000012",
        "latitude": place["latitude"],
        "longitude": place["longitude"],
    }


def _became(rand: random.Random, number: int) -> dict[str, Any]:
    done = number % 2 == 0
    return {
        "id": _id(rand),
        "visit": _id(rand),
        "at": (datetime.now(UTC) - timedelta(days=number + 1)).isoformat(),
        "place": "幸福路 3 号好又多便利店",
        "words": "井盖在位、不响、不晃",
        "leads_to": "case",
        "number": f"2026112500000{number}",
        "state": "closed" if done else "dispatched",
        "state_words": "已结案" if done else "处理中",
    }


def _polygon() -> dict[str, Any]:
    corners = [(0, 0), (1, 0), (1, 0.7), (0.6, 1), (0, 0.9), (0, 0)]
    return {"type": "Polygon", "coordinates": [[[WEST + WIDE * x, SOUTH + WIDE * y] for x, y in corners]]}
