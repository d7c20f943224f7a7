"""The way of a case: one table of state, verb, who may, what it demands, where it leads.

The same table guards the verbs, draws the buttons (web) and is printed in docs/way.md (`python -m server.cases.way`).
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class State(StrEnum):
    REPORTED = "reported"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    IN_HAND = "in_hand"
    FINISHED = "finished"
    CHECKED = "checked"
    CLOSED = "closed"
    ASKED = "asked"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


STATE_WORDS: dict[State, str] = {
    State.REPORTED: "待受理",
    State.ACCEPTED: "待派发",
    State.DISPATCHED: "待接单",
    State.IN_HAND: "处理中",
    State.FINISHED: "待核查",
    State.CHECKED: "待结案",
    State.CLOSED: "已结案",
    State.ASKED: "待补充",
    State.WITHDRAWN: "已撤回",
    State.REJECTED: "不予受理",
}

OPEN = frozenset(State) - {State.CLOSED, State.WITHDRAWN, State.REJECTED}


class Relation(StrEnum):
    """How somebody stands to a case, as far as the way asks."""

    REPORTER = "reporter"
    DESK = "desk"
    """Staff, secretary or centre officer of an area the case lies in; of private cases the secretaries only."""
    SECRETARY = "secretary"
    CENTRE = "centre"
    UNIT = "unit"
    """Handler or lead of the unit that has it."""
    UNIT_LEAD = "unit_lead"
    GRID_WORKER = "grid_worker"
    OWNER = "owner"


RELATION_WORDS: dict[Relation, str] = {
    Relation.REPORTER: "上报人",
    Relation.DESK: "受理台",
    Relation.SECRETARY: "书记",
    Relation.CENTRE: "指挥中心",
    Relation.UNIT: "处置单位",
    Relation.UNIT_LEAD: "处置单位负责人",
    Relation.GRID_WORKER: "网格员",
    Relation.OWNER: "负责岗位",
}


class Demand(StrEnum):
    REASON = "reason"
    TEXT = "text"
    UNIT = "unit"
    STARS = "stars"
    PHOTOS = "photos"
    """Photos where the category says so: before and after."""
    OTHER_THAN_DOER = "other_than_doer"
    WINDOW = "window"
    """Within the reopening window."""


DEMAND_WORDS: dict[Demand, str] = {
    Demand.REASON: "说明理由",
    Demand.TEXT: "写明内容",
    Demand.UNIT: "选择处置单位",
    Demand.STARS: "打分",
    Demand.PHOTOS: "分类要求的照片",
    Demand.OTHER_THAN_DOER: "不能由办理人自己核查",
    Demand.WINDOW: "在可重办期限内",
}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the way. `leads_to` None: the state stays (or is decided by the verb, as the docs column says)."""

    verb: str
    words: str
    states: frozenset[State]
    who: frozenset[Relation]
    leads_to: State | None = None
    demands: tuple[Demand, ...] = ()
    remark: str = ""


R, S, D = Relation, State, Demand
_BEFORE_DISPATCH = frozenset({S.REPORTED, S.ACCEPTED})
_INSIDERS = frozenset({R.DESK, R.SECRETARY, R.CENTRE, R.UNIT, R.GRID_WORKER, R.OWNER})
_DESK = frozenset({R.DESK})


def _step(
    verb: str,
    words: str,
    states: Iterable[State],
    who: Iterable[Relation],
    leads_to: State | None = None,
    *demands: Demand,
    remark: str = "",
) -> Step:
    return Step(
        verb=verb,
        words=words,
        states=frozenset(states),
        who=frozenset(who),
        leads_to=leads_to,
        demands=demands,
        remark=remark,
    )


WAY: tuple[Step, ...] = (
    _step("accept", "受理", {S.REPORTED}, _DESK, S.ACCEPTED),
    _step(
        "classify",
        "改分类",
        {S.ACCEPTED, S.DISPATCHED, S.IN_HAND, S.FINISHED},
        _DESK,
        None,
        remark="category and level anew; the deadline is counted again from the beginning",
    ),
    _step("reject", "不予受理", _BEFORE_DISPATCH, _DESK, S.REJECTED, D.REASON),
    _step("answer", "直接答复", _BEFORE_DISPATCH, _DESK, S.CLOSED, D.TEXT),
    _step("ask", "请上报人补充", _BEFORE_DISPATCH, _DESK, S.ASKED, D.TEXT, remark="the clock stops"),
    _step("reply", "补充回答", {S.ASKED}, {R.REPORTER}, None, D.TEXT, remark="back to where it was; the clock runs"),
    _step("dispatch", "派发", {S.ACCEPTED}, _DESK, S.DISPATCHED, D.UNIT),
    _step("relocate", "改地点", _BEFORE_DISPATCH, _DESK, None, D.REASON, remark="finds the owner of the new area"),
    _step("take_on", "接单", {S.DISPATCHED}, {R.UNIT}, S.IN_HAND),
    _step(
        "return",
        "退单",
        {S.DISPATCHED, S.IN_HAND},
        {R.UNIT, R.OWNER},
        S.ACCEPTED,
        D.REASON,
        remark="the owner where nobody of the unit is there: taken back",
    ),
    _step("finish", "办结", {S.IN_HAND}, {R.UNIT}, S.FINISHED, D.TEXT, D.PHOTOS),
    _step(
        "check",
        "核查",
        {S.FINISHED},
        {R.DESK, R.GRID_WORKER},
        S.CHECKED,
        D.OTHER_THAN_DOER,
        remark="not passed: back in hand, with a reason",
    ),
    _step(
        "close",
        "结案",
        {S.CHECKED, S.FINISHED},
        {R.CENTRE, R.SECRETARY},
        S.CLOSED,
        D.STARS,
        remark="from finished only where the category needs no check",
    ),
    _step("rate", "评价", {S.CLOSED}, {R.REPORTER}, None, D.STARS),
    _step(
        "respond",
        "回应评价",
        {S.CLOSED},
        {R.DESK, R.SECRETARY, R.CENTRE},
        None,
        D.TEXT,
        remark="where a reporter's low rating has no answer yet",
    ),
    _step(
        "reopen",
        "要求重办",
        {S.CLOSED, S.REJECTED},
        {R.REPORTER, R.SECRETARY, R.CENTRE},
        S.ACCEPTED,
        D.REASON,
        D.WINDOW,
    ),
    _step(
        "withdraw",
        "撤回",
        {S.REPORTED, S.ACCEPTED, S.ASKED, S.DISPATCHED},
        {R.REPORTER},
        S.WITHDRAWN,
        remark="while others stand behind the case too, only this report goes",
    ),
    _step("add", "补充", OPEN, {R.REPORTER}, None, D.TEXT),
    _step("assign", "转给同事", OPEN, {R.DESK, R.UNIT_LEAD}),
    _step("note", "内部备注", State, _INSIDERS, None, D.TEXT),
)

STEPS: dict[str, Step] = {step.verb: step for step in WAY}


def allowed(state: State, relations: Iterable[Relation]) -> tuple[Step, ...]:
    """The steps somebody with these relations may take in this state, in the order of the way."""
    mine = frozenset(relations)
    return tuple(step for step in WAY if state in step.states and step.who & mine)


def as_markdown() -> str:
    """The table for the docs."""
    lines = [
        "| verb | words | from | who | leads to | demands | remark |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {step.verb} | {step.words} | {_names(step.states, State)} | {_names(step.who, Relation)} "
        f"| {step.leads_to or 'stays'} | {', '.join(step.demands)} | {step.remark} |"
        for step in WAY
    ]
    return "\n".join(lines) + "\n"


def _names(these: frozenset[State] | frozenset[Relation], order: type[State] | type[Relation]) -> str:
    return "any" if len(these) == len(order) else ", ".join(one.value for one in order if one in these)


if __name__ == "__main__":
    print(as_markdown(), end="")
