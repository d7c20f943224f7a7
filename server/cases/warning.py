"""What a case is warned of and up to whom, as its history keeps it. When, server.notices.alarms decides."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from server.cases.case import stream_of
from server.kernel import database, events
from server.kernel.actor import Actor


class Rung(StrEnum):
    """Who is told, from below upwards."""

    PERSON = "person"
    """Who has it: the colleague it was given to, else the unit's handlers; at the desk, who holds the owner's post."""
    SUPERVISOR = "supervisor"
    """The unit's leads; at the desk the secretary is the supervisor."""
    SECRETARY = "secretary"
    STREET = "street"
    DISTRICT = "district"


RUNGS: tuple[Rung, ...] = tuple(Rung)

RUNG_WORDS: dict[Rung, str] = {
    Rung.PERSON: "承办人",
    Rung.SUPERVISOR: "单位负责人",
    Rung.SECRETARY: "社区书记",
    Rung.STREET: "街道",
    Rung.DISTRICT: "区里",
}


class Alarm(StrEnum):
    """The kinds of alarms, the most urgent first: the order of lists and digests."""

    OVERDUE = "overdue"
    FLOATING = "floating"
    RETURNED_TWICE = "returned_twice"
    DUE_SOON = "due_soon"
    LOW_RATING = "low_rating"


ALARM_WORDS: dict[Alarm, str] = {
    Alarm.OVERDUE: "已超期",
    Alarm.FLOATING: "没有人管",
    Alarm.RETURNED_TWICE: "退了两次",
    Alarm.DUE_SOON: "快到期",
    Alarm.LOW_RATING: "评价低没有回应",
}


def in_words(data: Mapping[str, Any]) -> str:
    """What an event `case.warned` tells the staff: 已超期,单位负责人空缺,已报到街道."""
    empty = empty_in_words(data)
    return ",".join(filter(None, [ALARM_WORDS[Alarm(data["alarm"])], empty, f"已告诉{RUNG_WORDS[Rung(data['rung'])]}"]))


def empty_in_words(data: Mapping[str, Any]) -> str:
    """The rungs that it climbed past because nobody was there; empty where none."""
    names = "、".join(RUNG_WORDS[Rung(rung)] for rung in data["empty"])
    return f"{names}空缺" if names else ""


async def warn(told: Sequence[tuple[UUID, Mapping[str, Any]]], by: Actor) -> None:
    """Write one inner event `case.warned` for each of these different cases, in the open transaction.

    The plural verb of server.notices.alarms, set-wise. It raises no version: nobody's form becomes stale by an alarm.
    """
    said = {case: dict(data) for case, data in sorted(told, key=lambda one: one[0])}
    await database.fetch("SELECT FROM cases WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", list(said))
    streams = [(stream_of(case), data) for case, data in said.items()]
    heads = await events.record_many("case.warned", streams, by, internal=True)
    await database.execute(
        """UPDATE cases c SET history_sequence = h.sequence, history_link = h.link
           FROM unnest($1::uuid[], $2::int[], $3::bytea[]) AS h(id, sequence, link) WHERE c.id = h.id""",
        list(said),
        [head.sequence for head in heads],
        [head.link for head in heads],
    )
