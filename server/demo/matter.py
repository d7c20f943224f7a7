"""One matter of the demo: what, where, who, and the verbs as its people call them."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from server import cases
from server.cases.change import Changed
from server.cases.telling import Telling
from server.cases.way import State
from server.demo import answers, names, pictures, scenes, tellings
from server.demo.district import District
from server.demo.ground import Spot
from server.demo.people import phone
from server.demo.plots import PRIVATE, TALK, Plot
from server.kernel import clock
from server.kernel.actor import Actor, Role
from server.kernel.calendar import WorkCalendar
from server.kernel.clock import BEIJING

_CALENDAR = WorkCalendar()
_NEED_BEFORE = ("道路破损", "违法建设")


class Matter:
    """A case in the making. Everything by chance comes from its own `chance`, in the order of its steps."""

    def __init__(self, district: District, plot: Plot, chance: Random) -> None:
        self.district = district
        self.plot = plot
        self.chance = chance
        self.category = _category(plot, chance)
        self.grid = self._grid()
        self.community = next(spot for spot in district.ground.spots if spot.code == self.grid.parent_code)
        self.street = self.community.parent_code
        self.at = district.ground.somewhere(self.grid, chance)
        self.words = {
            "road": chance.choice(names.ROADS),
            "estate": chance.choice(names.ESTATES),
            "block": str(chance.randrange(1, 19)),
            "n": names.number(chance.randrange(3, 6)),
            "when": chance.choice(("今天早上", "昨天晚上", "凌晨", "中午", "下班时间")),
        }
        self.private = plot.kind == "private"
        self.reporter = self._reporter()
        self.handler: Actor | None = None
        self.unit: int | None = None
        self.case_id: UUID | None = None
        self.seen = 1
        self.state = State.REPORTED
        self.returned_once = False
        self.checked_once = False
        """Turns that are taken once, also where the case is done again."""

    # What time it will be.

    def working(self, least: float, most: float) -> datetime:
        """After so many working hours, at the plot's pace."""
        hours = self.chance.uniform(least, most) * self.plot.pace
        return _CALENDAR.after_working_time(clock.now(), timedelta(hours=hours))

    def waking(self, least: float, most: float) -> datetime:
        """After so many hours, when people are awake."""
        moment = clock.now() + timedelta(hours=self.chance.uniform(least, most) * self.plot.pace)
        local = moment.astimezone(BEIJING)
        return moment if 7 <= local.hour < 23 else moment + timedelta(hours=9)

    # What the reporter does.

    async def report(self) -> None:
        by, told = self.reporter, self._telling()
        if self.plot.by_phone:
            by = self.desk()
        shown = self._shows() and not self.plot.junk and not self.plot.by_phone
        photos = await self._photos(False, by, self.chance.choice((1, 1, 2))) if shown else ()
        told = msgspec.structs.replace(told, photos=photos, position_source="photo" if photos else "phone")
        done = await cases.report(told, by, held=answers.HELD if self.plot.held else "")
        self.case_id = done.case_id
        if by is self.reporter and by.account_id is None:
            self.reporter = msgspec.structs.replace(by, links=(done.report_id,))

    async def add(self) -> None:
        photos = await self._photos(False, self.reporter, 1) if self._shows() and self.chance.random() < 0.6 else ()
        self._done(await cases.add(self._id, self.reporter, text=self._say(tellings.ADDED), photos=photos))

    async def withdraw(self) -> None:
        said = self._say(tellings.WITHDRAWN)
        self._done(await cases.withdraw(self._id, self.reporter, seen=self.seen, reason=said))

    async def rate(self) -> None:
        stars, said = self.chance.choice((5, 5, 5, 4, 4, 3)), self._say(tellings.HIGH)
        self._done(await cases.rate(self._id, self.reporter, seen=self.seen, stars=stars, text=said))

    async def rate_low(self) -> None:
        reason, said = self.chance.choice(tellings.LOW)
        stars = self.chance.choice((1, 2, 2))
        self._done(await cases.rate(self._id, self.reporter, seen=self.seen, stars=stars, reason=reason, text=said))

    async def reopen(self) -> None:
        said = self._say(tellings.REOPENED)
        self._done(await cases.reopen(self._id, self.reporter, seen=self.seen, reason=said))

    # What the desk does.

    def desk(self) -> Actor:
        """Who sits at the desk: the secretary for what is private."""
        if self.private:
            return self.district.secretary(self.community.code)
        return self.chance.choice(self.district.desk(self.community.code))

    async def ask(self) -> str:
        """Ask the reporter; the answer they will give comes back."""
        asked, answer = self.chance.choice(answers.QUESTIONS.get(self.category, answers.ANY_QUESTION))
        self._done(await cases.ask(self._id, self.desk(), seen=self.seen, text=self._fill(asked)))
        return self._fill(answer)

    async def reply(self, text: str) -> None:
        self._done(await cases.reply(self._id, self.reporter, text=text))

    async def accept(self) -> None:
        level = self.chance.choice(answers.ACCEPTED_LEVELS)
        category = self.district.categories[self.category]
        self._done(await cases.accept(self._id, self.desk(), seen=self.seen, category_id=category, level=level))

    async def reject(self) -> None:
        said = "内容不像是真实的诉求,先不受理;如有需要请写清楚是什么事、在哪里。" if self.plot.junk else ""
        said = said or self.chance.choice(answers.REJECTED)
        self._done(await cases.reject(self._id, self.desk(), seen=self.seen, reason=said))

    async def answer(self) -> None:
        said = self._say(answers.DESK_ANSWERS.get(self.category, answers.ANY_DESK_ANSWER))
        self._done(await cases.answer(self._id, self.desk(), seen=self.seen, text=said))

    async def note(self) -> None:
        await cases.note(self._id, self.desk(), text=self.chance.choice(answers.NOTES))

    async def dispatch(self, wrongly: bool = False) -> None:
        right = self.district.unit_for(self.category, self.street)
        self.unit = right
        if wrongly:
            self.unit = self.chance.choice(sorted(set(self.district.units.values()) - {right}))
        note = self.chance.choice(("", "", "请先看现场。", "上报人白天方便接电话。"))
        self._done(await cases.dispatch(self._id, self.desk(), seen=self.seen, unit_id=self.unit, note=note))

    async def check(self, passed: bool) -> None:
        said = self.chance.choice(answers.PASSED if passed else answers.NOT_PASSED)
        by = self.desk()
        if not self.private and self.chance.random() < 0.4:
            by = self.district.cast.of_area(Role.GRID_WORKER, self.district.ids[self.grid.code])
        self._done(await cases.check(self._id, by, seen=self.seen, passed=passed, note=said))

    async def close(self) -> None:
        by = self.district.secretary(self.community.code) if self.private else self._officer()
        slow = self.plot.pace > 2
        said = self.chance.choice(answers.LOW_CLOSING if slow else answers.CLOSING)
        stars = 2 if slow else self.chance.choice((5, 5, 4, 4, 3))
        self._done(await cases.close(self._id, by, seen=self.seen, stars=stars, reason=said))

    # What the unit does.

    async def take_on(self) -> None:
        assert self.unit is not None
        self.handler = self.chance.choice(self.district.cast.by_unit[self.unit][1:])
        said = self.chance.choice(answers.PROMISES)
        self._done(await cases.take_on(self._id, self.handler, seen=self.seen, promise=said))

    async def return_it(self) -> None:
        assert self.unit is not None
        lead = self.district.cast.by_unit[self.unit][0]
        said = self.chance.choice(answers.RETURNED)
        self._done(await cases.return_case(self._id, lead, seen=self.seen, reason=said))

    async def finish(self) -> None:
        assert self.handler is not None
        before: tuple[UUID, ...] = ()
        if self._shows() and (self.category in _NEED_BEFORE or self.chance.random() < 0.3):
            before = await self._photos(False, self.handler, 1)
        after = await self._photos(True, self.handler, 1) if self._shows() else ()
        said = self._say(answers.DONE[self.category])
        if self.checked_once:
            said = "已按核查意见重新处理。" + said
        self._done(await cases.finish(self._id, self.handler, seen=self.seen, text=said, before=before, after=after))

    @property
    def _id(self) -> UUID:
        assert self.case_id is not None
        return self.case_id

    def _done(self, changed: Changed) -> None:
        self.seen, self.state = changed.version, changed.state

    def _grid(self) -> Spot:
        """Any; of what must be there half is in the first community, so that its people have something to show."""
        grids = self.district.spots("grid")
        first = [grid for grid in grids if grid.parent_code == grids[0].parent_code]
        return self.chance.choice(first if self.plot.days_ago is not None and self.chance.random() < 0.5 else grids)

    def _reporter(self) -> Actor:
        if self.plot.stranger:
            return self.chance.choice(self.district.cast.strangers)
        residents = self.district.cast.residents
        return self.chance.choice(residents[:4] if self.plot.days_ago is not None else residents)

    def _telling(self) -> Telling:
        chance = self.chance
        further: dict[str, Any] = {}
        words = chance.choice(answers.JUNK if self.plot.junk else tellings.TELLINGS[self.category])
        text = self._fill(words)
        if self.plot.by_phone:
            text = answers.ON_THE_PHONE + text
            further = {"channel": "desk", "name": self.reporter.name, "phone": phone(0, chance.randrange(800, 900))}
        elif self.plot.stranger and chance.random() < 0.6:
            further = {"phone": phone(0, chance.randrange(900, 1000))}
        if self.plot.for_other:
            further |= {"for_name": "婆婆", "for_phone": phone(0, chance.randrange(700, 800)), "for_agreed": True}
        return Telling(text=text, private=self.private, place=self._place(words), **_where(self.at, chance), **further)

    def _place(self, told: str) -> str:
        """Where it is in words: the estate or the road that was named."""
        if "{estate}" in told or "{road}" not in told:
            return f"{self.words['estate']}{self.words['block']}栋"
        return f"{self.words['road']}{self.chance.randrange(1, 260)}号附近"

    def _officer(self) -> Actor:
        street = self.district.cast.by_area[Role.CENTRE_OFFICER, self.district.ids[self.street]]
        return self.chance.choice([*street, *self.district.officers()])

    def _shows(self) -> bool:
        return self.category in scenes.FOR_CATEGORY

    async def _photos(self, mended: bool, by: Actor, how_many: int) -> tuple[UUID, ...]:
        name = scenes.FOR_CATEGORY[self.category]
        return tuple([await pictures.send(name, mended, self.at, by, self.chance) for _ in range(how_many)])

    def _say(self, choices: tuple[str, ...]) -> str:
        return self._fill(self.chance.choice(choices))

    def _fill(self, text: str) -> str:
        return text.format_map(self.words)


def _category(plot: Plot, chance: Random) -> str:
    if plot.category:
        return plot.category
    if plot.kind == "talk":
        return chance.choice(TALK)
    if plot.kind == "private":
        return chance.choice(PRIVATE)
    mended = [name for name in tellings.TELLINGS if name not in PRIVATE + TALK[:2]]
    shown = [name for name in mended if name in scenes.FOR_CATEGORY]
    return chance.choice(mended + shown)


def _where(at: tuple[float, float], chance: Random) -> dict[str, Any]:
    return {"longitude": at[0], "latitude": at[1], "accuracy": float(chance.choice((5, 8, 12, 20)))}
