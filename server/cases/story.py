"""The history told in words: for the reporter as a neighbour would say it, for the staff with the inner steps too."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.cases import lateness, warning
from server.cases.case import Known
from server.cases.way import Relation
from server.kernel import events
from server.kernel.events import Event

Data = Mapping[str, Any]
Teller = Callable[[Data], str]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One step told: when, one sentence, and what was said with it (in somebody's own words)."""

    sequence: int
    at: datetime
    kind: str
    words: str
    said: str = ""
    internal: bool = False


def called(name: str) -> str:
    """How a neighbour speaks of a member of staff: 陈师傅 for 陈建国."""
    return f"{name[0]}师傅" if name and name != "系统" else "工作人员"


PUBLIC: dict[str, Teller] = {
    "case.reported": lambda d: f"已收到,编号 {d['number']}。{d['area']}会在一个工作日内受理。",
    "case.accepted": lambda d: f"{d['area']}已受理。",
    "case.classified": lambda d: f"{d['area']}把这件事归为“{d['category']}”,答复期限随之调整。",
    "case.rejected": lambda d: f"{d['area']}没有受理这件事,理由如下。",
    "case.answered": lambda d: f"{d['area']}答复了您。",
    "case.asked": lambda d: f"{d['area']}想请您补充一点情况,答复期限先停表。",
    "case.replied": lambda d: "补充的情况已收到,继续办理。",
    "case.dispatched": lambda d: f"已派给{d['unit']}。",
    "case.relocated": lambda d: f"地点改为{d['area']},由那里继续办理。",
    "case.taken_on": lambda d: f"{d['unit']}{called(d['by'])}已接单。",
    "case.returned": lambda d: f"{d['unit']}说明这件事不归它办,已退回{d['area']}重新安排。",
    "case.taken_back": lambda d: f"{d['unit']}现在没有人去,{d['area']}已收回,重新安排。",
    "case.finished": lambda d: f"{d['unit']}已办结,等待核查。",
    "case.checked": lambda d: "已核查,情况属实。" if d["passed"] else "核查没有通过,已请处置单位再去处理。",
    "case.closed": lambda d: f"已结案,{d['area']}评价 {d['stars']} 星。请您也说说满意不满意。",
    "case.rated": lambda d: f"您评价了 {d['stars']} 星,谢谢。",
    "case.responded": lambda d: f"{d['area']}回应了评价。",
    "case.reopened": lambda d: "已要求重办,重新安排中。",
    "case.withdrawn": lambda d: "已按您的意思撤回。",
    "case.report_withdrawn": lambda d: "一位上报人撤回了上报。",
    "case.added": lambda d: "已收到补充的内容。",
}

STAFF: dict[str, Teller] = {
    **PUBLIC,
    "case.reported": lambda d: (
        f"上报,编号 {d['number']}"
        + (f",按地址推断在{d['inferred']['grid_name']}" if d.get("inferred") else "")
        + (",待甄别:" + d["held"] if d.get("held") else "")
    ),
    "case.accepted": lambda d: f"{d['by']}受理" + (f",分类:{d['category']}" if d.get("category") else ""),
    "case.classified": lambda d: f"{d['by']}改分类:{d['category']},{d['level']}",
    "case.rejected": lambda d: f"{d['by']}不予受理",
    "case.answered": lambda d: f"{d['by']}直接答复",
    "case.asked": lambda d: f"{d['by']}请上报人补充,停表",
    "case.replied": lambda d: "上报人补充了情况,恢复计时",
    "case.dispatched": lambda d: f"{d['by']}派给{d['unit']}",
    "case.taken_on": lambda d: f"{d['unit']}{d['by']}接单",
    "case.returned": lambda d: f"{d['unit']}{d['by']}退单",
    "case.taken_back": lambda d: f"{d['by']}从{d['unit']}收回",
    "case.finished": lambda d: f"{d['unit']}{d['by']}办结",
    "case.checked": lambda d: f"{d['by']}核查" + ("通过" if d["passed"] else "不通过,重办"),
    "case.closed": lambda d: f"{d['by']}结案,评价 {d['stars']} 星",
    "case.rated": lambda d: f"上报人评价 {d['stars']} 星" + (f",原因:{d['reason']}" if d.get("reason") else ""),
    "case.responded": lambda d: f"{d['by']}回应评价",
    "case.reopened": lambda d: f"{'上报人' if d.get('report') else d['by'] or '上报人'}要求重办",
    "case.withdrawn": lambda d: "上报人撤回",
    "case.added": lambda d: "上报人补充",
    "case.assigned": lambda d: f"{d['by']}转给{d['to']}",
    "case.noted": lambda d: f"{d['by']}备注",
    "case.came_late": lambda d: f"{d['unit']}{d['by']}补传了“{d['step']}”,到的时候已经不能{d['step']}",
    "case.revealed": lambda d: f"{d['by']}查看了联系方式",
    "case.fell": lambda d: f"{d['unit']}没有在岗的人,暂由{d['to']}负责",
    "case.floated": lambda d: f"原岗位空缺,由{d['to']}接手",
    "case.warned": lambda d: f"提醒:{warning.in_words(d)}",
    "case.recounted": lambda d: "按新公布的工作日历重新计算了期限",
}


def for_reporter(history: list[Event], mine: Collection[UUID]) -> list[Line]:
    """The steps a reporter sees, oldest first; without internal ones, and without what other reporters said."""
    seen = [event for event in history if event.kind in PUBLIC and not event.internal]
    return [
        _line(event, PUBLIC[event.kind], others=_by_another(event, mine))
        for event in seen
        if event.kind not in _PERSONAL or not _by_another(event, mine)
    ]


_PERSONAL = frozenset({"case.added", "case.rated"})


def _by_another(event: Event, mine: Collection[UUID]) -> bool:
    report = event.data.get("report")
    return report is not None and UUID(report) not in mine


def for_staff(history: list[Event]) -> list[Line]:
    """All steps, oldest first."""
    return [_line(event, STAFF[event.kind], inner=True) for event in history if event.kind in STAFF]


async def meanwhile(known: Known, seen: int) -> list[str]:
    """What happened after version `seen`, one sentence each, in the words for this reader."""
    later = [one for one in await events.history(known.case.stream) if one.sequence > seen]
    only_reporter = known.relations == {Relation.REPORTER}
    told = for_reporter(later, known.report_ids) if only_reporter else for_staff(later)
    return [line.words.rstrip("。") for line in told if not line.internal] or ["内容已更新"]


def _line(event: Event, teller: Teller, *, inner: bool = False, others: bool = False) -> Line:
    """Reasons and notes of the staff among each other (why returned, what to mind) are told to the staff alone."""
    data = event.data
    told = data.get("note") or (data.get("reason") if event.kind != "case.rated" else "")
    said = data.get("said") or (inner and told) or ""
    words = teller(data) if data else "内容已按规定清除"
    if inner and (data.get("late") or event.kind == "case.came_late" or data.get("phone", {}).get("odd")):
        words += f"(补传,{lateness.in_words(data['phone'])})"
    return Line(
        sequence=event.sequence,
        at=event.at,
        kind=event.kind,
        words=words,
        said="" if others else str(said),
        internal=event.internal,
    )
