"""What the gallery shows: long, short, many and none."""

from datetime import timedelta
from typing import Any

from server.kernel import clock

LONG = "楼下的路灯从上个月开始就一直闪,晚上回家看不清台阶,前天邻居家的老人差点摔倒。" * 10
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
        "many": [f"第 {number} 件:{LONG[:18]}" for number in range(1, 201)],
    }


def _steps(now: Any) -> list[dict[str, Any]]:
    return [
        {"state": "done", "title": "已收到您的诉求", "at": now - timedelta(days=1, hours=2)},
        {"state": "done", "title": "民乐社区已受理", "at": now - timedelta(days=1), "who": "社区工作者 李姐"},
        {
            "state": "now",
            "title": "陈师傅已接单,今天下午去看",
            "at": now - timedelta(hours=2),
            "who": "市政维修队",
            "said": "带了新的灯头,先看线路有没有问题。",
        },
        {"state": "next", "title": "办完后请您评价"},
    ]
