"""The rows of one case after another, as COPY takes them. Pure: the same values give the same cases."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from random import Random
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from server.cases.deadlines import Budget
from server.cases.telling import subject
from server.demo import answers, names, tellings
from server.kernel.calendar import WorkCalendar
from server.kernel.clock import BEIJING
from server.kernel.events import Event, Head, compose

Rows = dict[str, list[tuple[Any, ...]]]
"""Table -> records."""


def _columns(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COLUMNS: dict[str, tuple[str, ...]] = {
    "cases": _columns(
        "id number state open version history_sequence history_link subject place private held district street"
        " community grid category_version level owner_post desk_post handler_unit handler_account reported_at due_at"
        " due_provisional closed_at changed_at"
    ),
    "reports": ("id", "number", "channel", "text", "place", "account", "private", "reported_at"),
    "report_cases": ("report", "case", "since"),
    "standings": ("case", "kind", "post", "unit", "account", "report", "since", "until"),
    "clock_segments": ("case", "running", "reason", "allowance", "since", "until"),
    "dispatches": ("id", "case", "unit", "by", "at", "taken_on_by", "taken_on_at", "ended_at", "outcome"),
    "answers": ("id", "case", "text", "by", "at"),
    "closures": ("id", "case", "kind", "by", "at"),
    "events": Event.__struct_fields__,
}
YEARS = 3
"""How far back the ended cases reach."""
OPEN_STATES = ("reported", "accepted", "dispatched", "in_hand", "finished", "checked")
_ORDER = {state: place for place, state in enumerate(OPEN_STATES)}
FIRST_NUMBER = 30_000
"""Of a day, so that numbers given by the sequence do not meet these."""
_CALENDAR = WorkCalendar()
_Thing = TypeVar("_Thing")


class Where:
    """What of the district the rows refer to."""

    def __init__(
        self,
        grids: Sequence[Mapping[str, Any]],
        posts: Sequence[Mapping[str, Any]],
        units: Sequence[Mapping[str, Any]],
        versions: Sequence[Mapping[str, Any]],
        residents: Sequence[UUID],
        numbers: Mapping[str, int],
    ) -> None:
        self.grids, self.units, self.versions, self.residents = grids, units, versions, residents
        self.numbers = defaultdict(lambda: FIRST_NUMBER, numbers)
        """Day -> the number after the last one given by a filling."""
        self.desks: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        self.leads: dict[int, Mapping[str, Any]] = {}
        self.handlers: dict[int, Mapping[str, Any]] = {}
        for post in posts:
            if post["role"] == "community_staff":
                self.desks[post["area"]].append(post)
            elif post["role"] == "unit_lead":
                self.leads[post["unit"]] = post
            elif post["role"] == "unit_handler":
                self.handlers[post["unit"]] = post
        self.units = [unit for unit in units if unit["id"] in self.leads and unit["id"] in self.handlers]


def rows_of(where: Where, cases: int, open_cases: int, seed: int, now: datetime) -> Iterator[Rows]:
    """The rows of every case, oldest first: ended ones over the years, then the open ones over the last ten days."""
    chance = Random(f"bulk {seed}")
    texts = [_text(chance) for _ in range(2000)]
    ended, begin = cases - open_cases, now - timedelta(days=365 * YEARS)
    until = now - timedelta(days=10)
    for place in range(cases):
        if place < ended:
            moment = begin + (until - timedelta(days=10) - begin) * (place / max(1, ended))
        else:
            moment = until + (now - until) * ((place - ended) / max(1, open_cases))
        yield _Case(where, chance, moment, now).rows(chance.choice(texts), place >= ended)


class _Case:
    """One case while its rows are made: who it is with, its history so far."""

    def __init__(self, where: Where, chance: Random, moment: datetime, now: datetime) -> None:
        self.where, self.chance, self.moment, self.now = where, chance, moment, now
        self.time_part = int(moment.timestamp() * 1000) << 80 | 7 << 76
        self.id, self.report = self._new_id(), self._new_id()
        self.stream = f"case:{self.id}"
        self.number = self._number()
        self.grid = self._pick(where.grids)
        self.desk = self._pick(where.desks[self.grid["community"]])
        self.head = Head()
        self.events: list[tuple[Any, ...]] = []

    def rows(self, told: tuple[str, str], still_open: bool) -> Rows:
        text, place = told
        account = self._pick(self.where.residents) if self.where.residents else None
        state = self._pick(OPEN_STATES) if still_open else "closed"
        self._tell("case.reported", None, number=self.number, area=self.grid["name"], said=text, channel="web")
        version = None
        if (still_open and state != "reported") or self.chance.random() < 0.25:
            version = self._pick(self.where.versions) if self.where.versions else None
            named = {"category": version["name"]} if version else {}
            self._tell("case.accepted", self.desk, area=self.grid["name"], level="一般", **named)
        days = version["days"] if version else 5
        rows = self._open(state) if still_open else self._ended()
        owner, unit = rows.pop("owner")[0]
        self._common(rows, text, place, account, days, owner, still_open)
        self._case(rows, state, still_open, text, place, version, days, owner, unit)
        return rows

    def _open(self, state: str) -> Rows:
        """What an open case has beyond what all have; `owner` names its owner's post and its unit."""
        if _ORDER[state] < _ORDER["dispatched"]:
            return {"owner": [(self.desk, None)]}
        unit = self._pick(self.where.units)
        lead, handler = self.where.leads[unit["id"]], self.where.handlers[unit["id"]]
        at = self._later(2)
        self._tell("case.dispatched", self.desk, unit=unit["name"], note="")
        taken = _ORDER[state] >= _ORDER["in_hand"]
        finished = _ORDER[state] >= _ORDER["finished"]
        rows: Rows = {"owner": [(self.desk if finished else lead, unit["id"])]}
        if taken:
            self._tell("case.taken_on", handler, unit=unit["name"], said="")
        if finished:
            rows["answers"] = [self._answer(handler, self._later(8))]
            self._tell("case.finished", handler, unit=unit["name"], said=rows["answers"][0][2])
        if state == "checked":
            self._tell("case.checked", self.desk, passed=True, said="")
        by, when = (handler["account"], self._later(4)) if taken else (None, None)
        end = (self._later(8), "finished") if finished else (None, None)
        rows["dispatches"] = [(self._new_id(), self.id, unit["id"], self.desk["account"], at, by, when, *end)]
        rows["standings"] = [(self.id, "handler", None, unit["id"], None, None, at, None)]
        return rows

    def _ended(self) -> Rows:
        at = self._later(self.chance.randrange(4, 150))
        answer = self._answer(self.desk, at)
        self._tell("case.answered", self.desk, area=self.grid["name"], said=answer[2], at=at)
        closure = (self._new_id(), self.id, "answered", self.desk["account"], at)
        return {"owner": [(self.desk, None)], "answers": [answer], "closures": [closure]}

    def _common(
        self, rows: Rows, text: str, place: str, account: UUID | None, days: int, owner: Any, still_open: bool
    ) -> None:
        ended = None if still_open else rows["closures"][0][4]
        report = (self.report, self.number, "web", text, place, account, False, self.moment)
        rows["reports"] = [report]
        rows["report_cases"] = [(self.report, self.id, self.moment)]
        rows.setdefault("standings", []).extend(
            (
                (self.id, "reporter", None, None, account, self.report, self.moment, None),
                (self.id, "owner", owner["id"], None, None, None, self.moment, None),
            )
        )
        rows["clock_segments"] = [(self.id, True, "", _allowance(days), self.moment, ended)]
        rows["events"] = self.events

    def _case(
        self, rows: Rows, state: str, still_open: bool, text: str, place: str, version: Any, days: int, owner: Any,
        unit: int | None,
    ) -> None:  # fmt: skip
        due = _due(self.moment.astimezone(BEIJING).date().isoformat(), days)
        handler = self.where.handlers[unit]["account"] if unit and _ORDER.get(state, 0) >= _ORDER["in_hand"] else None
        ended = None if still_open else rows["closures"][0][4]
        rows["cases"] = [
            (
                *(
                    self.id,
                    self.number,
                    state,
                    still_open,
                    self.head.sequence,
                    self.head.sequence,
                    self.head.link,
                    subject(text),
                ),
                *(place, False, False, *(self.grid[level] for level in ("district", "street", "community", "grid"))),
                *(version["id"] if version else None, "normal", owner["id"], self.desk["id"], unit, handler),
                *(self.moment, due, not _CALENDAR.knows(due.year), ended, ended or self.events[-1][4]),
            )
        ]

    def _answer(self, by: Mapping[str, Any], at: datetime) -> tuple[Any, ...]:
        return self._new_id(), self.id, self._pick(answers.ANY_DESK_ANSWER), by["account"], at

    def _tell(self, kind: str, by: Mapping[str, Any] | None, at: datetime | None = None, **data: Any) -> None:
        moment = at or self._later(self.head.sequence * 2)
        event = compose(
            self.head,
            stream=self.stream,
            kind=kind,
            data=data,
            name=by["name"] if by else "",
            account_id=by["account"] if by else None,
            post_id=by["id"] if by else None,
            internal=False,
            at=moment,
            salt=self.chance.randbytes(16),
            id=self._new_id(),
        )
        self.head = Head(event.sequence, event.link)
        self.events.append(_record(event))

    def _later(self, hours: float) -> datetime:
        return min(self.now, self.moment + timedelta(hours=hours))

    def _number(self) -> str:
        day = f"{self.moment.astimezone(BEIJING):%y%m%d}"
        running = self.where.numbers[day]
        self.where.numbers[day] = running + 1
        return f"{day}{running:05}"

    def _new_id(self) -> UUID:
        """A UUIDv7 (RFC 9562) of the moment at which the case was told."""
        by_chance = self.chance.getrandbits(74)
        return UUID(int=self.time_part | (by_chance >> 62) << 64 | 2 << 62 | by_chance & 0x3FFF_FFFF_FFFF_FFFF)

    def _pick(self, among: Sequence[_Thing]) -> _Thing:
        """As Random.choice, at half its cost."""
        return among[int(self.chance.random() * len(among))]


_record = attrgetter(*Event.__struct_fields__)


def _text(chance: Random) -> tuple[str, str]:
    """What is told, and where."""
    estate, road = chance.choice(names.ESTATES), chance.choice(names.ROADS)
    block = chance.randrange(1, 19)
    said = chance.choice([one for several in tellings.TELLINGS.values() for one in several])
    words = {"road": road, "estate": estate, "block": block, "n": names.number(chance.randrange(2, 6)), "when": "昨天"}
    return said.format_map(words), chance.choice((f"{estate}{block}栋", f"{road}{chance.randrange(1, 260)}号附近"))


@cache
def _allowance(days: int) -> str:
    return msgspec.json.encode(Budget("working_days", days)).decode()


@cache
def _due(day: str, days: int) -> datetime:
    return _CALENDAR.end_of_period(datetime.fromisoformat(day).replace(hour=12, tzinfo=BEIJING), days)
