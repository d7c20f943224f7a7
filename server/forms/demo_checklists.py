"""A few everyday checklists, so that rounds can begin before a district has written its own."""

from typing import Any

import msgspec

from server.forms.checklist_publishing import create, must_administer_checklists, publish
from server.kernel import database
from server.kernel.actor import Actor


class Everyday(msgspec.Struct, frozen=True, kw_only=True):
    """One checklist as it is first published."""

    code: str
    name: str
    department: str
    items: tuple[dict[str, Any], ...]


def _check(id: str, label: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": "check", "label": label, "required": True, **more}


def _yes_no(id: str, label: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": "yes_no", "label": label, "required": True, **more}


def _number(id: str, label: str, low: int, high: int, **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": "number", "label": label, "min": low, "max": high, **more}


def _choice(id: str, label: str, *words: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": "choice", "label": label, "choices": [{"value": w, "label": w} for w in words], **more}


def _yes(id: str) -> dict[str, Any]:
    return {"question": id, "is": True}


_FIRE_LAW = "《中华人民共和国消防法》"
_FOOD_LAW = "《中华人民共和国食品安全法》"

CHECKLISTS: tuple[Everyday, ...] = (
    Everyday(
        code="fire-shop",
        name="沿街店铺消防检查",
        department="消防",
        items=(
            _check(
                "exit",
                "疏散通道、安全出口畅通",
                help="走一遍到门口,看有没有堆东西、锁门。",
                rule=f"{_FIRE_LAW}第二十八条",
                remedy="清走通道上的杂物,打开安全出口",
                photo_if_failed=True,
                photo_reason="让经营者和消防部门看清堵在哪里,复查时对照",
                outcomes=["fixed", "rectify", "case"],
                rectify_days=3,
            ),
            _number(
                "extinguishers",
                "能用的灭火器有几具",
                0,
                50,
                required=True,
                help="压力表指针在绿区的才算。",
                fails_if={"question": "extinguishers", "less": 2},
                rule="《建筑灭火器配置设计规范》GB 50140",
                remedy="配齐两具以上有效的灭火器",
                outcomes=["rectify"],
                rectify_days=7,
            ),
            _yes_no(
                "sleeping",
                "店里有人住宿",
                fails_if=_yes("sleeping"),
                rule=f"{_FIRE_LAW}第十九条",
                remedy="搬离住宿,拆除床铺",
                outcomes=["rectify", "case"],
                rectify_days=3,
            ),
            _number("sleepers", "住了几个人", 1, 50, shown_if=_yes("sleeping")),
            _check(
                "wiring",
                "电线没有私拉乱接",
                remedy="请电工整理线路",
                outcomes=["note", "fixed", "rectify"],
                rectify_days=7,
            ),
            _check(
                "bikes",
                "电动自行车没有在店内停放、充电",
                remedy="把车移到室外集中充电处",
                outcomes=["fixed", "rectify", "case"],
                rectify_days=1,
            ),
        ),
    ),
    Everyday(
        code="food-shop",
        name="小餐饮食品安全检查",
        department="市监",
        items=(
            _check(
                "licence",
                "营业执照、食品经营许可挂在看得见的地方",
                rule=f"{_FOOD_LAW}第三十五条",
                remedy="把证照挂到店里显眼处;没有的尽快去办",
                outcomes=["note", "fixed", "rectify"],
                rectify_days=15,
            ),
            _check(
                "health_cards",
                "从业人员都有有效的健康证明",
                rule=f"{_FOOD_LAW}第四十五条",
                remedy="没有健康证明的人员停止接触食品,去体检办证",
                outcomes=["rectify"],
                rectify_days=10,
            ),
            _yes_no("fridge", "有冷藏柜"),
            _number(
                "fridge_degrees",
                "冷藏柜温度(℃)",
                -30,
                40,
                required=True,
                shown_if=_yes("fridge"),
                help="看柜上的温度计。",
                fails_if={
                    "any": [
                        {"question": "fridge_degrees", "less": 0},
                        {"question": "fridge_degrees", "greater": 8},
                    ]
                },
                rule="《餐饮服务食品安全操作规范》",
                remedy="把冷藏温度调到 0 到 8 ℃",
                outcomes=["fixed", "rectify"],
                rectify_days=1,
            ),
            _check(
                "expired",
                "抽看三样食材,没有过期的",
                rule=f"{_FOOD_LAW}第三十四条",
                remedy="过期食材立即下架销毁",
                photo_if_failed=True,
                photo_reason="标签上的日期是市监部门处理的依据",
                outcomes=["fixed", "case"],
            ),
            _choice("smoke", "油烟排到哪里", "净化后高处排放", "直接排到街面", "没有油烟", required=True)
            | {
                "fails_if": {"question": "smoke", "is": "直接排到街面"},
                "demanded_by": "城管",
                "rule": "《中华人民共和国大气污染防治法》第八十一条",
                "remedy": "装油烟净化设施,不向街面排放",
                "outcomes": ["rectify", "case"],
                "rectify_days": 15,
            },
        ),
    ),
    Everyday(
        code="rented-house",
        name="出租屋安全检查",
        department="流管",
        items=(
            _number("rooms", "隔成几间出租", 1, 200, required=True),
            _check(
                "stairs",
                "楼道畅通,没有堆物和电动车",
                demanded_by="消防",
                rule=f"{_FIRE_LAW}第二十八条",
                remedy="清走楼道里的东西",
                outcomes=["fixed", "rectify", "case"],
                rectify_days=3,
            ),
            _check(
                "bars",
                "防盗窗留有能打开的逃生口",
                demanded_by="消防",
                remedy="在防盗窗上开逃生口",
                outcomes=["rectify"],
                rectify_days=15,
            ),
            _choice("heater", "热水器是哪种", "电热水器", "燃气热水器", "没有", required=True),
            _check(
                "flue",
                "燃气热水器装在通风处,烟管通到室外",
                shown_if={"question": "heater", "is": "燃气热水器"},
                demanded_by="住建",
                rule="《城镇燃气管理条例》第二十七条",
                remedy="停用热水器,请有资质的人员移装并接好烟管",
                outcomes=["rectify", "case"],
                rectify_days=1,
            ),
            {"id": "said", "kind": "text", "label": "房东或租户说的情况", "max": 300},
        ),
    ),
    Everyday(
        code="street-things",
        name="井盖和消火栓巡查",
        department="城管",
        items=(
            _choice("what", "看的是哪一种", "井盖", "消火栓", required=True),
            _check(
                "cover",
                "井盖在位、不响、不晃",
                shown_if={"question": "what", "is": "井盖"},
                remedy="马上围挡,更换或固定井盖",
                photo_if_failed=True,
                photo_reason="维护队凭照片带对井盖,不跑第二趟",
                outcomes=["case"],
            ),
            _check(
                "hydrant",
                "消火栓没有被圈占、遮挡,栓口完好",
                shown_if={"question": "what", "is": "消火栓"},
                demanded_by="消防",
                rule=f"{_FIRE_LAW}第二十八条",
                remedy="移走遮挡物,修好栓口",
                outcomes=["fixed", "case"],
            ),
            _yes_no(
                "water",
                "试开有水",
                shown_if={"question": "what", "is": "消火栓"},
                outcomes=["case"],
                demanded_by="水务",
            )
            | {"required": False, "fails_if": {"question": "water", "is": False}, "remedy": "恢复供水"},
            _yes_no("elsewhere", "和登记的位置对不上", outcomes=["note"]) | {"required": False},
            {
                "id": "where",
                "kind": "position",
                "label": "它实际在哪里",
                "shown_if": {"question": "elsewhere", "is": True},
                "position_reason": "登记的位置不对,抢修和消防要找得到",
                "help": "站到旁边再取。",
            },
            {
                "id": "plate",
                "kind": "photo",
                "label": "编号牌",
                "shown_if": {"question": "what", "is": "消火栓"},
                "max": 1,
                "help": "编号看不清时拍一张。",
            },
        ),
    ),
)


async def install_demo(by: Actor) -> int:
    """Publish the checklists that are not there yet, and answer how many; what is there stays as it is."""
    async with database.transaction():
        await must_administer_checklists(by)
        there = {row["code"] for row in await database.fetch("SELECT code FROM checklists")}
        new = [one for one in CHECKLISTS if one.code not in there]
        for one in new:
            checklist_id = await create(one.code, one.name, one.department, by=by)
            await publish(checklist_id, list(one.items), by=by)
        return len(new)
