"""How the steps of the way look on the pages of the staff: word of the button, icon, key, where its form goes."""

import msgspec

from server.cases.view import CaseView
from server.cases.way import Relation, State


class Doing(msgspec.Struct, frozen=True, kw_only=True):
    """A step as a page offers it. `resource` is what its form makes: POST …/cases/{number}/{resource}."""

    verb: str
    word: str
    title: str
    """Over its form."""
    icon: str
    key: str
    """Letter on a PC's keyboard."""
    resource: str
    done: str
    """Said once it is done."""
    kind: str = "quiet"
    relation: Relation | None = None
    """Who it is for on these pages, where the way lets others do it on theirs."""


DESK = (
    Doing(verb="accept", word="受理", title="受理", icon="done", key="a", resource="acceptance", done="已受理"),
    Doing(
        verb="dispatch",
        word="派发",
        title="派给处置单位",
        icon="send",
        key="d",
        resource="dispatch",
        done="已派发,等单位接单",
    ),
    Doing(verb="check", word="核查", title="核查办得怎么样", icon="eye", key="c", resource="check", done="已核查"),
    Doing(
        verb="close",
        word="结案",
        title="结案并评价",
        icon="star",
        key="e",
        resource="closure",
        done="已结案,等上报人评价",
    ),
    Doing(
        verb="answer", word="直接答复", title="直接答复", icon="chat", key="r", resource="answer", done="已答复并结案"
    ),
    Doing(
        verb="ask",
        word="请上报人补充",
        title="请上报人补充",
        icon="help",
        key="q",
        resource="question",
        done="已去问上报人,停表",
    ),
    Doing(
        verb="classify",
        word="改分类",
        title="改分类",
        icon="list",
        key="g",
        resource="category",
        done="分类已改,期限重新计算",
    ),
    Doing(verb="relocate", word="改地点", title="改到对的地方", icon="pin", key="m", resource="place", done="地点已改"),
    Doing(
        verb="assign",
        word="转给同事",
        title="转给同事",
        icon="people",
        key="t",
        resource="assignment",
        done="已转给同事",
        relation=Relation.DESK,
    ),
    Doing(verb="note", word="内部备注", title="内部备注", icon="edit", key="n", resource="notes", done="备注已记下"),
    Doing(
        verb="respond",
        word="回应评价",
        title="回应上报人的评价",
        icon="chat",
        key="p",
        resource="response",
        done="已回应,上报人能看到",
    ),
    Doing(
        verb="reopen", word="重办", title="重办", icon="return", key="o", resource="reopening", done="已重办,回到待派发"
    ),
    Doing(
        verb="return",
        word="收回重派",
        title="从单位收回",
        icon="return",
        key="b",
        resource="recall",
        done="已收回,请重新派发",
        relation=Relation.OWNER,
    ),
    Doing(
        verb="reject",
        word="不予受理",
        title="不予受理",
        icon="close",
        key="x",
        resource="rejection",
        done="已答复不予受理",
        kind="danger",
    ),
)

UNIT = (
    Doing(verb="take_on", word="接单", title="接单", icon="done", key="a", resource="taking", done="已接单"),
    Doing(verb="finish", word="办结", title="办结", icon="done", key="f", resource="result", done="已办结,等社区核查"),
    Doing(
        verb="assign",
        word="交给同事",
        title="交给同事",
        icon="people",
        key="t",
        resource="assignment",
        done="已交给同事",
        relation=Relation.UNIT_LEAD,
    ),
    Doing(verb="note", word="内部备注", title="内部备注", icon="edit", key="n", resource="notes", done="备注已记下"),
    Doing(
        verb="return",
        word="退单",
        title="退单",
        icon="return",
        key="b",
        resource="return",
        done="已退单,回到受理台",
        kind="danger",
    ),
)

BOTH = "已受理并派发,等单位接单"
"""Said once after accepting and dispatching in one go."""

_MAIN = {
    State.REPORTED: "accept",
    State.ACCEPTED: "dispatch",
    State.DISPATCHED: "take_on",
    State.IN_HAND: "finish",
    State.FINISHED: "check",
    State.CHECKED: "close",
    State.CLOSED: "respond",
}
"""What usually comes next."""

MEANING = {
    State.REPORTED: "waiting",
    State.ACCEPTED: "waiting",
    State.DISPATCHED: "waiting",
    State.IN_HAND: "hand",
    State.FINISHED: "waiting",
    State.CHECKED: "waiting",
    State.CLOSED: "done",
    State.ASKED: "plain",
    State.WITHDRAWN: "plain",
    State.REJECTED: "plain",
}
"""A state's colour for those who work: waiting is what somebody of us has to take up."""


def offered(shown: CaseView, these: tuple[Doing, ...]) -> tuple[Doing | None, tuple[Doing, ...]]:
    """The main step, if the way has one here for this reader, and the others, of what may be done now."""
    able = [one for one in these if _may(shown, one)]
    main = next((one for one in able if one.verb == _MAIN.get(shown.case.state)), None)
    if main is None:  # not theirs to check, or checking is not demanded
        main = next((one for one in able if one.verb == "close"), None)
    return main, tuple(one for one in able if one is not main)


def may(shown: CaseView, verb: str, these: tuple[Doing, ...]) -> Doing | None:
    """The step with this verb, where these pages offer it to the reader now."""
    return next((one for one in these if one.verb == verb and _may(shown, one)), None)


def _may(shown: CaseView, one: Doing) -> bool:
    if not shown.may(one.verb) or (one.relation is not None and one.relation not in shown.relations):
        return False
    needs_check = shown.category is None or shown.category.needs_check
    return not (one.verb == "close" and shown.case.state is State.FINISHED and needs_check)
