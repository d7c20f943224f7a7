"""How cases go in the demo: which turns a matter takes, how fast, and one of each so that all states are seen."""

import msgspec

from server.cases.way import State


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """The turns of one case. Without any it goes straight: accepted, dispatched, finished, checked, closed, rated."""

    weight: int = 0
    """How often it comes among the plots."""
    kind: str = "street"
    """Which categories it is told of: street (something to mend), talk (answered at the desk), private."""
    category: str = ""
    """Of this category; empty: by chance among its kind."""
    held: bool = False
    junk: bool = False
    """Nobody means it; the desk rejects it."""
    by_phone: bool = False
    """The desk writes down what somebody says on the telephone."""
    stranger: bool = False
    """Told without an account."""
    for_other: bool = False
    added: bool = False
    asked: bool = False
    noted: bool = False
    rejected: bool = False
    withdrawn: bool = False
    returned: bool = False
    not_passed: bool = False
    low: bool = False
    """The reporter is not satisfied and has it done again."""
    pace: float = 1.0
    """How long everything takes, as a multiple of what is usual."""
    rests: State | None = None
    """It goes no further than this state."""
    days_ago: int | None = None
    """Working days before the end on which it is told; by chance where None."""


PLOTS = (
    Plot(weight=20),
    Plot(weight=8, stranger=True),
    Plot(weight=5, pace=0.3),
    Plot(weight=6, added=True),
    Plot(weight=3, pace=4.0),
    Plot(weight=5, returned=True, noted=True),
    Plot(weight=5, not_passed=True),
    Plot(weight=6, low=True),
    Plot(weight=4, asked=True),
    Plot(weight=4, by_phone=True),
    Plot(weight=3, for_other=True),
    Plot(weight=3, withdrawn=True),
    Plot(weight=12, kind="talk"),
    Plot(weight=3, kind="talk", asked=True),
    Plot(weight=2, kind="talk", low=True),
    Plot(weight=3, rejected=True),
    Plot(weight=2, junk=True, held=True, rejected=True, stranger=True),
    Plot(weight=2, held=True),
    Plot(weight=5, kind="private"),
)

QUICK = 0.15
ALWAYS = (
    Plot(days_ago=0, rests=State.REPORTED),
    Plot(days_ago=1, rests=State.REPORTED, stranger=True),
    Plot(days_ago=0, rests=State.REPORTED, held=True, junk=True, stranger=True),
    Plot(days_ago=0, rests=State.REPORTED, kind="private"),
    Plot(days_ago=1, rests=State.ACCEPTED, pace=QUICK),
    Plot(days_ago=1, rests=State.ACCEPTED, returned=True, noted=True, pace=QUICK),
    Plot(days_ago=1, rests=State.ASKED, asked=True, pace=QUICK),
    Plot(days_ago=1, rests=State.ASKED, asked=True, pace=QUICK, stranger=True),
    Plot(days_ago=1, rests=State.DISPATCHED, pace=QUICK, category="井盖缺失"),
    Plot(days_ago=1, rests=State.DISPATCHED, kind="private", pace=QUICK),
    Plot(days_ago=4, rests=State.DISPATCHED, pace=QUICK),
    Plot(days_ago=1, rests=State.IN_HAND, pace=QUICK, category="道路积水"),
    Plot(days_ago=5, rests=State.IN_HAND, pace=QUICK, category="井盖缺失"),
    Plot(days_ago=5, rests=State.IN_HAND, pace=QUICK, added=True),
    Plot(days_ago=1, rests=State.FINISHED, pace=QUICK, category="路灯不亮"),
    Plot(days_ago=1, rests=State.FINISHED, pace=QUICK, not_passed=True),
    Plot(days_ago=1, rests=State.CHECKED, pace=QUICK),
    Plot(days_ago=1, rests=State.CHECKED, pace=QUICK),
    Plot(days_ago=4, pace=0.2),
    Plot(days_ago=5, pace=0.15, low=True, rests=None),
    Plot(days_ago=4, kind="private", pace=0.2),
    Plot(days_ago=4, kind="talk", pace=0.2),
    Plot(days_ago=3, withdrawn=True, pace=QUICK),
    Plot(days_ago=3, rejected=True, pace=QUICK),
    Plot(days_ago=5, low=True, kind="talk", pace=0.1),
)
"""One of each whatever the size, so that every list has something in it."""

TALK = ("政策咨询", "意见建议", "物业服务", "噪声扰民")
PRIVATE = ("邻里纠纷", "独居老人求助")
