"""What the gallery shows: long, short, many and none. People and places are made up."""

import base64
from datetime import datetime, timedelta
from typing import Any

from server.kernel import clock

LONG = "楼下的路灯从上个月开始就一直闪,晚上回家看不清台阶,前天邻居家的老人差点摔倒。请尽快来看一看,谢谢大家。" * 8
NAME = "阿卜杜热西提·买买提江·吐尔逊尼亚孜阿吉"


def samples() -> dict[str, Any]:
    """Values for the gallery's templates."""
    now = clock.now()
    return {
        "long": LONG[:400],
        "name": NAME[:20],
        "times": [now, now - timedelta(hours=3), now - timedelta(days=1), now - timedelta(days=40)],
        "dues": [now + timedelta(hours=30), now + timedelta(hours=3), now - timedelta(hours=26)],
        "steps": _steps(now),
        "cases": _cases(now),
        "photos": [_photo(dark, word) for dark, word in ((True, "坏了的路灯"), (False, "修好的路灯"), (True, "台阶"))],
        "points": [
            {"latitude": 22.6569, "longitude": 114.0329, "word": "民乐新村 3 栋楼下", "href": "#row"},
            {"latitude": 22.6589, "longitude": 114.0361, "word": "民乐老村牌坊东侧"},
        ],
        "filters": [
            {"word": "看谁的", "options": [_option("我的", 7, True), _option("我们社区的", 43)]},
            {
                "word": "状态",
                "options": [
                    _option(*one) for one in (("待受理", 12, True), ("处理中", 23), ("待核查", 8), ("超期", 3))
                ],
            },
        ],
        "kinds": [
            {"value": "road", "word": "路和灯", "icon": "map"},
            {"value": "waste", "word": "垃圾", "icon": "trash"},
            {"value": "noise", "word": "噪声扰民", "icon": "chat"},
            {"value": "other", "word": "说不清,都行", "icon": "help", "help": "我们来分"},
        ],
    }


def _steps(now: datetime) -> list[dict[str, Any]]:
    return [
        {"state": "done", "title": "已收到您的诉求", "at": now - timedelta(days=1, hours=2)},
        {"state": "done", "title": "民乐社区已受理", "at": now - timedelta(days=1), "who": "社区工作者 李姐"},
        {
            "state": "now",
            "title": "陈师傅已接单,今天下午去看",
            "at": now - timedelta(hours=2),
            "who": "市政维修队",
            "said": "带了新的灯头,先看线路有没有问题。",
            "photos": [_photo(True, "现场")],
        },
        {"state": "next", "title": "办完后请您评价"},
    ]


def _cases(now: datetime) -> list[dict[str, Any]]:
    subjects = ("路灯一直闪,晚上看不清台阶", "楼道里堆了旧家具,过不去人", "牌坊东侧井盖松动,车过有响声", LONG[:60])
    states = ("reported", "in_hand", "asked", "finished", "closed")
    return [
        {
            "number": f"HY20261121{number:04}",
            "subject": subjects[number % 4],
            "place": "民乐新村 3 栋楼下",
            "state": states[number % 5],
            "at": now - timedelta(hours=5 * number),
            "due": now + timedelta(hours=7 * number - 20) if states[number % 5] != "closed" else None,
            "photo": _photo(number % 2 == 0, "")["thumb"] if number % 3 else "",
        }
        for number in range(200)
    ]


def _option(word: str, count: int, on: bool = False) -> dict[str, Any]:
    return {"word": word, "href": f"?f={count}", "on": on, "count": count}


def _photo(broken: bool, alt: str) -> dict[str, str]:
    """A drawn street lamp, by night or mended."""
    sky, light = ("#39415a", "#5b6178") if broken else ("#f1d9a7", "#fff3c4")
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 120">'
        f'<rect width="160" height="120" fill="{sky}"/><rect y="92" width="160" height="28" fill="#6d655c"/>'
        '<rect x="16" y="40" width="44" height="54" fill="#a2978a"/><rect x="104" y="28" width="56" height="66" '
        f'fill="#8c8175"/><circle cx="88" cy="34" r="18" fill="{light}"/>'
        '<path d="M76 100V30q0-8 8-8h6" fill="none" stroke="#24201c" stroke-width="4"/></svg>'
    )
    address = "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()
    return {"thumb": address, "full": address, "alt": alt}
