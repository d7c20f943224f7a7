"""What the words of a notice are made of: facts about the case or the round, nothing that somebody wrote."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.cases.warning import ALARM_WORDS, RUNG_WORDS, Alarm, Rung, empty_in_words
from server.kernel import database
from server.kernel.clock import BEIJING
from server.kernel.events import Event


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the thing an event is about, as it is when it is told."""

    number: str = ""
    private: bool = False
    needs_check: bool = True
    category: str = ""
    area: str = ""
    unit: str = ""
    due_at: datetime | None = None


async def facts(events: Sequence[Event]) -> dict[str, Facts]:
    """Facts by stream; two statements, however many there are."""
    found: dict[str, Facts] = {}
    if cases := _ids(events, "case"):
        found |= {f"case:{row['id']}": _facts(row) for row in await database.fetch(_CASES, cases)}
    if doors := _ids(events, "door"):
        rows = await database.fetch(
            """SELECT t.id, a.name AS area FROM door_threads t JOIN areas a ON a.id = t.community
               WHERE t.id = ANY($1::uuid[])""",
            doors,
        )
        found |= {f"door:{row['id']}": Facts(area=row["area"]) for row in rows}
    if rectifications := _ids(events, "rectification"):
        rows = await database.fetch(
            "SELECT id, number FROM patrol_rectifications WHERE id = ANY($1::uuid[])", rectifications
        )
        found |= {f"rectification:{row['id']}": Facts(number=row["number"]) for row in rows}
    return found


def words(event: Event, about: Facts, number: str = "") -> dict[str, str]:
    """What the rules' words may name. `number`: the receiver's own, where it is not the case's.

    Of a private case nothing but number and deadline comes through, whatever the rule names.
    """
    data, private = event.data, about.private
    shown = number or about.number
    due = f"期限 {moment(about.due_at)}" if about.due_at else "期限暂停"
    return {
        "number": shown,
        "about": " · ".join(filter(None, ["" if private else about.category, shown, due])),
        "area": "受理台" if private else about.area,
        "unit": "处置单位" if private else str(data.get("unit") or about.unit or "处置单位"),
        "promise": f"最迟 {moment(about.due_at)} 答复您" if about.due_at else "有了结果就告诉您",
        "count": str(data.get("tasks", data.get("count", 0))),
        "climbed": "" if private else climbed(data),
        "worst": gathered(data),
    }


def climbed(data: Mapping[str, Any]) -> str:
    """How far an alarm has climbed and past whom: " · 单位负责人空缺,已报到街道"."""
    if "rung" not in data:
        return ""
    told = "" if data["rung"] == Rung.PERSON else f"已报到{RUNG_WORDS[Rung(data['rung'])]}"
    said = ",".join(filter(None, [empty_in_words(data), told]))
    return f" · {said}" if said else ""


def gathered(data: Mapping[str, Any]) -> str:
    """What a digest gathers: 已超期 3 件,快到期 2 件。最急:2026…、2026…."""
    each = ",".join(f"{ALARM_WORDS[Alarm(alarm)]} {times} 件" for alarm, times in data.get("each", {}).items())
    return f"{each}。最急:{'、'.join(data['worst'])}。" if each else ""


def moment(at: datetime) -> str:
    """A time that is still right when it is read next week: 11月28日 18:00."""
    here = at.astimezone(BEIJING)
    return f"{here.month}月{here.day}日 {here.hour}:{here.minute:02}"


def subject_of(event: Event) -> UUID | None:
    """The id that the event's stream names; None where it is no id of that kind."""
    try:
        return UUID(event.stream.partition(":")[2])
    except ValueError:
        return None


def _ids(events: Sequence[Event], kind: str) -> list[UUID]:
    found = {subject_of(event) for event in events if event.stream.startswith(f"{kind}:")}
    return [one for one in found if one is not None]


def _facts(row: Any) -> Facts:
    return Facts(**{name: row[name] for name in Facts.__struct_fields__})


_CASES = """SELECT c.id, c.number, c.private, COALESCE(v.needs_check, TRUE) AS needs_check,
                   COALESCE(k.name, '') AS category, a.name AS area, COALESCE(u.name, '') AS unit, c.due_at
            FROM cases c JOIN areas a ON a.id = COALESCE(c.community, c.street, c.district)
            LEFT JOIN category_versions v ON v.id = c.category_version LEFT JOIN categories k ON k.id = v.category
            LEFT JOIN units u ON u.id = c.handler_unit
            WHERE c.id = ANY($1::uuid[])"""
