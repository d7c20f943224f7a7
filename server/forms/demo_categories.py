"""A small set of everyday categories, so that a district can begin before it has chosen a standard."""

from typing import Any

import msgspec

from server.forms.categories import Allowance
from server.forms.publishing import create, create_group, must_administer_categories, publish
from server.kernel import database
from server.kernel.actor import Actor

STANDARD = "huying-demo"


def _within(normal: int, emergency_hours: int) -> dict[str, Allowance]:
    return {
        "normal": Allowance(normal, "working_days"),
        "urgent": Allowance(1, "working_days"),
        "emergency": Allowance(emergency_hours, "hours"),
    }


class Everyday(msgspec.Struct, frozen=True, kw_only=True):
    """One category as it is first published."""

    group: str
    name: str
    within: dict[str, Allowance]
    photo_before: bool = False
    photo_after: bool = False
    needs_check: bool = True
    private: bool = False
    questions: tuple[dict[str, Any], ...] = ()


def _yes_no(name: str, label: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": "yes_no", "label": label, **more}


def _number(name: str, label: str, least: int, most: int, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": "number", "label": label, "min": least, "max": most, **more}


def _text(name: str, label: str, longest: int, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": "text", "label": label, "max": longest, **more}


def _choice(name: str, label: str, *labels: str, **more: Any) -> dict[str, Any]:
    choices = [{"value": one, "label": one} for one in labels]
    return {"id": name, "kind": "choice", "label": label, "choices": choices, **more}


CATEGORIES = (
    Everyday(
        group="市容环境",
        name="暴露垃圾",
        within=_within(2, 4),
        photo_after=True,
        questions=(_choice("what", "主要是什么", "生活垃圾", "装修垃圾", "大件家具", "其他"),),
    ),
    Everyday(
        group="市容环境",
        name="占道经营",
        within=_within(2, 4),
        photo_after=True,
        questions=(_choice("when", "一般什么时候", "早上", "白天", "晚上", "全天"),),
    ),
    Everyday(group="市容环境", name="乱贴小广告", within=_within(3, 8), photo_after=True, needs_check=False),
    Everyday(
        group="市容环境",
        name="噪声扰民",
        within=_within(3, 4),
        questions=(
            _choice("source", "声音从哪里来", "施工", "商铺", "邻居", "广场舞", "其他"),
            _yes_no("night", "晚上十点以后还有吗"),
        ),
    ),
    Everyday(
        group="市政设施",
        name="路灯不亮",
        within=_within(3, 4),
        photo_after=True,
        questions=(
            _number("lamps", "大约几盏", 1, 200),
            _text("pole", "灯杆上的编号", 30, help="看得清就写,没有可以不填"),
        ),
    ),
    Everyday(
        group="市政设施",
        name="井盖缺失",
        within=_within(1, 2),
        photo_after=True,
        questions=(
            _yes_no("open", "井口是敞开的吗", required=True),
            _yes_no("guarded", "旁边有围挡或标志吗", shown_if={"question": "open", "is": True}),
        ),
    ),
    Everyday(
        group="市政设施",
        name="道路破损",
        within=_within(5, 4),
        photo_before=True,
        photo_after=True,
        questions=(_choice("where", "在哪里", "车行道", "人行道", "盲道", "小区里的路"),),
    ),
    Everyday(
        group="市政设施",
        name="道路积水",
        within=_within(2, 2),
        photo_after=True,
        questions=(
            _number("depth", "大约多深(厘米)", 1, 300),
            _yes_no("passable", "人还能走过去吗", shown_if={"question": "depth", "greater": 10}),
        ),
    ),
    Everyday(
        group="市政设施",
        name="树木倒伏",
        within=_within(2, 2),
        photo_after=True,
        questions=(
            _yes_no("blocks", "挡住路了吗"),
            _yes_no("wires", "压到电线或车辆了吗"),
        ),
    ),
    Everyday(
        group="公共安全",
        name="电动车违规充电",
        within=_within(1, 2),
        photo_after=True,
        questions=(_choice("where", "在哪里充电", "楼道里", "家里", "飞线到楼下", "其他"),),
    ),
    Everyday(
        group="公共安全",
        name="高空抛物",
        within=_within(2, 2),
        questions=(_yes_no("hurt", "有人受伤或东西损坏吗"), _text("from", "可能从哪一层、哪一侧", 60)),
    ),
    Everyday(group="公共安全", name="楼道堆物", within=_within(3, 4), photo_after=True),
    Everyday(
        group="公共安全",
        name="消防通道占用",
        within=_within(1, 2),
        photo_after=True,
        questions=(_choice("what", "被什么占用", "机动车", "电动车", "杂物", "固定设施"),),
    ),
    Everyday(
        group="规划建设",
        name="违法建设",
        within=_within(10, 24),
        photo_before=True,
        photo_after=True,
        questions=(_yes_no("going_on", "现在还在建吗"),),
    ),
    Everyday(
        group="小区生活",
        name="物业服务",
        within=_within(5, 24),
        questions=(_choice("what", "主要是哪方面", "电梯", "保洁", "门禁和安全", "收费", "其他"),),
    ),
    Everyday(group="小区生活", name="停车秩序", within=_within(3, 8), photo_after=True),
    Everyday(
        group="小区生活",
        name="停水停电",
        within=_within(1, 2),
        questions=(
            _choice("what", "停了什么", "水", "电", "燃气"),
            _choice("range", "范围", "只有我家", "整层", "整栋", "整个小区"),
        ),
    ),
    Everyday(
        group="邻里和照护",
        name="邻里纠纷",
        within=_within(5, 4),
        private=True,
        questions=(_yes_no("mediate", "愿意请社区上门调解吗"),),
    ),
    Everyday(
        group="邻里和照护",
        name="独居老人求助",
        within=_within(1, 2),
        private=True,
        questions=(
            _choice("need", "需要什么", "送医陪诊", "买菜做饭", "家电维修", "有人说说话", "其他"),
            _text("other", "请说一说", 200, shown_if={"question": "need", "is": "其他"}, required=True),
        ),
    ),
    Everyday(group="咨询建议", name="政策咨询", within=_within(3, 24), needs_check=False),
    Everyday(group="咨询建议", name="意见建议", within=_within(5, 24), needs_check=False),
)


async def install_demo(by: Actor) -> int:
    """Make the categories that are not there yet, and answer how many; what is there stays as it was published."""
    async with database.transaction():
        await must_administer_categories(by)
        rows = await database.fetch("SELECT code FROM categories WHERE standard = $1", STANDARD)
        there = {row["code"] for row in rows}
        made = 0
        for code, everyday in with_codes():
            if code in there:
                continue
            group = await create_group(STANDARD, code[:2], everyday.group, by=by)
            begun = await create(STANDARD, code, everyday.name, group, by=by)
            await _publish(begun.category_id, everyday, by)
            made += 1
        return made


def with_codes() -> list[tuple[str, Everyday]]:
    """The set with codes, 0101 …: group and place within it, in the order above."""
    groups = list(dict.fromkeys(everyday.group for everyday in CATEGORIES))
    count = dict.fromkeys(groups, 0)
    coded = []
    for everyday in CATEGORIES:
        count[everyday.group] += 1
        coded.append((f"{groups.index(everyday.group) + 1:02}{count[everyday.group]:02}", everyday))
    return coded


async def _publish(category_id: int, everyday: Everyday, by: Actor) -> None:
    await publish(
        category_id,
        by=by,
        allowances=everyday.within,
        photo_before=everyday.photo_before,
        photo_after=everyday.photo_after,
        needs_check=everyday.needs_check,
        private=everyday.private,
        questions=list(everyday.questions),
    )
