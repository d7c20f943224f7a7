"""When looking in is missed, and who hears of it after which time. Pure.

Times are shares of the time between two contacts, so that one ladder fits a daily call and a weekly visit. What is
counted in days falls due in the evening of its day, when somebody can still go; what a sensor says, to the hour.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from server.kernel.clock import BEIJING


class Rung(StrEnum):
    """Who hears of a missed contact, from below."""

    MEMBER = "member"
    WORKER = "worker"
    SECRETARY = "secretary"


RUNGS = tuple(Rung)
RUNG_WORDS = {Rung.MEMBER: "联系人", Rung.WORKER: "网格员", Rung.SECRETARY: "书记"}
MISSED: Mapping[Rung, float] = {Rung.MEMBER: 0, Rung.WORKER: 1 / 8, Rung.SECRETARY: 1 / 4}
"""After which share of the time between two contacts each rung hears, counted from when it was missed."""
ALARM: Mapping[Rung, timedelta] = {
    Rung.MEMBER: timedelta(0),
    Rung.WORKER: timedelta(0),
    Rung.SECRETARY: timedelta(minutes=10),
}
"""After a sensor's alarm nobody waits long for anybody."""
WAYS = {"contact": "打电话、发消息、见面都算", "visit": "上门见到人才算", "signal": "设备有动静就算"}
EVENING = 18
"""The hour (Beijing) at which a day's contact is missed."""
FOUND = {"well": "人平安", "helped": "已帮忙处理", "away": "人外出,已联系上"}
LOOK_AGAIN = timedelta(hours=1)
"""After so long people are looked for again where every rung was empty."""


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What the rule needs of one watch."""

    way: str
    every_hours: int
    due_at: datetime
    alarm: bool
    told: int


class Climb(msgspec.Struct, frozen=True, kw_only=True):
    """Who hears now, each with their rung; rungs that had nobody; how many are done with; when the next one hears."""

    to: Mapping[UUID, Rung]
    empty: tuple[Rung, ...]
    told: int
    next_at: datetime | None


def due_after(last: datetime, way: str, every_hours: int) -> datetime:
    """When the next contact after `last` is missed."""
    if way == "signal" or every_hours % 24:
        return last + timedelta(hours=every_hours)
    day = last.astimezone(BEIJING) + timedelta(hours=every_hours)
    return day.replace(hour=EVENING, minute=0, second=0, microsecond=0)


def satisfies(way: str, contact: str, outcome: str) -> bool:
    """Whether a contact counts: somebody must have been met, and at the door where visiting was agreed."""
    return outcome == "met" and (way == "contact" or (way == "visit" and contact == "door"))


def times(one: Watched) -> dict[Rung, datetime]:
    """When each rung hears."""
    if one.alarm:
        return {rung: one.due_at + after for rung, after in ALARM.items()}
    whole = timedelta(hours=one.every_hours)
    return {rung: one.due_at + whole * share for rung, share in MISSED.items()}


def climb(one: Watched, held: Mapping[Rung, Sequence[UUID]], now: datetime) -> Climb:
    """Who hears now. A rung without people is not waited for: the next one above hears in its place."""
    at = times(one)
    due = [rung for place, rung in enumerate(RUNGS) if place >= one.told and at[rung] <= now]
    told, to, empty = one.told, dict[UUID, Rung](), list[Rung]()
    if due:
        told = RUNGS.index(due[-1]) + 1
        while told < len(RUNGS) and not any(held.get(rung) for rung in due):
            due.append(RUNGS[told])
            told += 1
        empty = [rung for rung in due if not held.get(rung)]
        for rung in due:
            for account in held.get(rung, ()):
                to.setdefault(account, rung)
        if not to:
            return Climb(to={}, empty=tuple(empty), told=one.told, next_at=now + LOOK_AGAIN)
    later = [at[rung] for rung in RUNGS[told:]]
    return Climb(to=to, empty=tuple(empty), told=told, next_at=min(later, default=None))
