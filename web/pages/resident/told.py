"""A case told to its reporter: where it stands in one sentence, the stops of its way, the track."""

from typing import Any

import msgspec

from server.cases.mine import MyReport
from server.cases.view import CaseView
from server.cases.way import State

STOPS = ("上报", "受理", "处理", "核查", "结案")
"""The way as a resident counts it."""
_AT: dict[State, int] = {
    State.REPORTED: 0,
    State.ASKED: 1,
    State.ACCEPTED: 1,
    State.DISPATCHED: 2,
    State.IN_HAND: 2,
    State.FINISHED: 3,
    State.CHECKED: 3,
    State.CLOSED: 4,
}
_TO_COME: dict[State, tuple[str, ...]] = {
    State.REPORTED: ("受理", "派人处理", "核查,给您看结果"),
    State.ASKED: ("您补充以后继续办",),
    State.ACCEPTED: ("派人处理", "核查,给您看结果"),
    State.DISPATCHED: ("接单,去处理", "核查,给您看结果"),
    State.IN_HAND: ("办好,拍照说明", "核查,给您看结果"),
    State.FINISHED: ("核查", "结案,请您评价"),
    State.CHECKED: ("结案,请您评价",),
}


class Told(msgspec.Struct, frozen=True):
    """One report in a line: what it is, where it stands."""

    report: MyReport
    sentence: str
    stops: list[dict[str, str]]


def newest(reports: tuple[MyReport, ...]) -> Told | None:
    """The newest report as the home page shows it: one that waits for the reporter first."""
    if not reports:
        return None
    first = next((one for one in reports if one.state is State.ASKED), reports[0])
    return Told(first, sentence(first), stops(first.state))


def sentence(report: MyReport) -> str:
    """Where a report stands, as one would say it."""
    return _sentence(report.state, report.area, report.unit or "处置单位", report.rated)


def sentence_of(view: CaseView) -> str:
    """The same of a case."""
    area = view.line.community_name or view.line.street_name or view.line.district_name
    if view.case.state is State.REJECTED:
        return f"{area}没有受理这件事"
    return _sentence(view.case.state, area, view.unit or "处置单位", view.my_stars is not None)


def reason(view: CaseView) -> str:
    """Why it was not taken on, where it was not."""
    told = [line.said for line in view.track if line.kind == "case.rejected"]
    return told[-1] if told and view.case.state is State.REJECTED else ""


def stops(state: State) -> list[dict[str, str]]:
    """The five stops, each done, now or next; empty for a case that ended on the way."""
    at = _AT.get(state)
    if at is None:
        return []
    ended = state is State.CLOSED
    return [
        {"word": word, "state": "done" if place < at or ended else "now" if place == at else "next"}
        for place, word in enumerate(STOPS)
    ]


def track(view: CaseView) -> list[dict[str, Any]]:
    """The steps of the track, oldest first, and what is still to come."""
    lines = [line for line in view.track if not line.internal]
    apart = (view.question, view.answer, reason(view))
    steps: list[dict[str, Any]] = [
        # What stands in a section of its own is not said twice.
        {
            "state": "done",
            "title": line.words,
            "at": line.at,
            "said": "" if line.kind == "case.reported" or line.said in apart else line.said,
        }
        for line in lines
    ]
    if view.case.open and steps:
        steps[-1]["state"] = "now"
    return steps + [{"state": "next", "title": words} for words in _TO_COME.get(view.case.state, ())]


def _sentence(state: State, area: str, unit: str, rated: bool) -> str:
    match state:
        case State.REPORTED:
            return f"{area}正在看,一个工作日内受理"
        case State.ACCEPTED:
            return f"{area}已受理,正在安排谁去办"
        case State.ASKED:
            return f"{area}想请您补充一点情况"
        case State.DISPATCHED:
            return f"已派给{unit},等待接单"
        case State.IN_HAND:
            return f"{unit}正在处理"
        case State.FINISHED:
            return f"{unit}已办完,{area}正在核查"
        case State.CHECKED:
            return "已核查,等待结案"
        case State.CLOSED:
            return "已结案,谢谢您的评价" if rated else "已有结果,满意吗?"
        case State.WITHDRAWN:
            return "已按您的意思撤回"
        case State.REJECTED:
            return f"{area}没有受理,理由写在里面"
