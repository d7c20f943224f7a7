"""The kinds of notices as people know them: their words, whom they reach, how they come unless chosen otherwise."""

from typing import Literal

import msgspec

Urgency = Literal["now", "soon", "calm"]
How = Literal["at_once", "daily", "inbox"]
"""How a notice leaves the inbox: by a message at once, in one message a day, or not at all. The inbox has it always."""


class Kind(msgspec.Struct, frozen=True):
    """A kind of notice. `owed`: it tells of a deadline or an order that its receiver owes; nobody switches it off."""

    words: str
    residents: bool = False
    usual: How = "inbox"
    owed: bool = False


KINDS: dict[str, Kind] = {
    "received": Kind("上报收到了", residents=True, usual="at_once"),
    "accepted": Kind("上报受理了", residents=True),
    "in_hand": Kind("谁在办我的事", residents=True),
    "asked": Kind("有话要问我", residents=True, usual="at_once"),
    "finished": Kind("处置单位说办好了", residents=True),
    "rate": Kind("有了结果,请我评价", residents=True, usual="at_once"),
    "responded": Kind("回应了我的评价", residents=True),
    "reopened": Kind("重新办理了", residents=True),
    "door_answer": Kind("书记回了我的话", residents=True, usual="at_once"),
    "door": Kind("居民在书记的门里留了话", usual="at_once"),
    "new": Kind("新来的事"),
    "assigned": Kind("派给我或我们单位的事", usual="at_once"),
    "returned": Kind("退单、要求重办", usual="at_once"),
    "check": Kind("办结了,等我核查结案"),
    "added": Kind("上报人有补充、有回答"),
    "low_rating": Kind("评价低的事"),
    "task_changed": Kind("手上的事、巡查任务有变"),
    "go_now": Kind("马上去一趟", usual="at_once", owed=True),
    "look_in": Kind("有一户要去看看", usual="at_once", owed=True),
    "due_soon": Kind("快到期", usual="at_once", owed=True),
    "overdue": Kind("已超期", usual="at_once", owed=True),
    "returned_twice": Kind("退了两次的事", usual="at_once", owed=True),
    "floats": Kind("没有人管的事", usual="at_once", owed=True),
    "escalated": Kind("报上来的事", usual="at_once", owed=True),
}
"""Every kind there is. One that is not here stays in the inbox."""

UNKNOWN = Kind("")


def kind_of(name: str) -> Kind:
    """What is known of a kind."""
    return KINDS.get(name, UNKNOWN)


def word_of(name: str) -> str:
    """What people call a kind."""
    return kind_of(name).words or _OTHER.get(name, name)


_OTHER = {"test": "试发", "message": "验证码等短信"}


def choosable(staff: bool) -> dict[str, Kind]:
    """The kinds that reach somebody: everybody may report something, staff are told of their work too."""
    return {name: kind for name, kind in KINDS.items() if kind.residents or staff}
