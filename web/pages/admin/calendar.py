"""The working calendar: which years are known, and entering one."""

from datetime import date
from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from server.areas.scope import administers_a_district
from server.cases import clocks, recounting, touched
from server.kernel import clock
from server.kernel.calendar import Year
from server.kernel.clock import BEIJING
from server.kernel.errors import Invalid, NotFound
from web.fragments import AnyRequest, actor_of
from web.pages.admin import history, written
from web.pages.admin.acting import Asked, Filled, Form, Page, change, shown

BEFORE, AFTER = 1, 3
"""Years shown around this one."""


class Enter(Form, frozen=True):
    days_off: str = ""
    days_worked: str = ""


class Known(msgspec.Struct, frozen=True):
    """A year and what is known of it: entered, published, or neither."""

    year: int
    state: str
    days_off: int = 0
    days_worked: int = 0


@get("/calendar")
async def index(request: AnyRequest) -> Template:
    """The years around this one."""
    days = await clocks.calendar()
    this = clock.now().astimezone(BEIJING).year
    years = sorted({*range(this - BEFORE, this + AFTER + 1), *days.entered})
    return shown(
        request,
        "admin/calendar.html",
        Filled(),
        years=[_known(year, days.entered.get(year), days.knows(year)) for year in years],
        provisional=await touched.provisional_deadlines(),
        mine=await administers_a_district(actor_of(request)),
    )


@get("/calendar/{year:int}")
async def one(request: AnyRequest, year: FromPath[int]) -> Template:
    """Where a year is entered."""
    return await _show(request, Filled(), year)


@post("/calendar/{year:int}")
async def enter(request: AnyRequest, year: FromPath[int]) -> Page:
    """Enter a year; the open deadlines that rest on it are counted again."""
    by = actor_of(request)

    async def run(sent: Enter, dry_run: bool) -> recounting.Entered:
        read: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        for name in ("days_off", "days_worked"):
            try:
                read[name] = written.days(getattr(sent, name), name)
            except Invalid as error:
                wrong |= error.fields
        if not wrong and (both := read["days_off"] & read["days_worked"]):
            wrong["days_worked"] = f"{min(both)} 两边都写了。"
        if wrong:
            raise Invalid(wrong)
        return await recounting.enter_year(year, read["days_off"], read["days_worked"], by, dry_run=dry_run)

    async def ask(sent: Enter) -> Asked:
        said = await run(sent, True)
        days = await clocks.calendar()
        lines = [
            f"工作日放假 {len(written.days(sent.days_off, 'days_off'))} 天,"
            f"周末上班 {len(written.days(sent.days_worked, 'days_worked'))} 天。"
        ]
        if year in days.entered:
            lines.append("会代替以前录入的。")
        elif days.knows(year):
            lines.append("会代替系统自带的国务院放假安排。")
        return Asked(
            title=f"录入 {year} 年日历",
            back=f"/admin/calendar/{year}",
            yes="录入",
            lines=tuple(lines),
            cases=said.open_cases,
            cases_words="的期限会重算;有变动的,记在各自的办理记录里",
            danger=False,
        )

    async def do(sent: Enter) -> str:
        await run(sent, False)
        return "/admin/calendar"

    async def show(filled: Filled) -> Template:
        return await _show(request, filled, year)

    return await change(request, "calendar.enter", Enter, show=show, do=do, ask=ask)


def _known(year: int, entered: Year | None, known: bool) -> Known:
    if entered is not None:
        return Known(year, "entered", len(entered.days_off), len(entered.days_worked))
    return Known(year, "published" if known else "unknown")


async def _show(request: AnyRequest, filled: Filled, year: int) -> Template:
    if not 2000 <= year <= 2100:
        raise NotFound()
    days = await clocks.calendar()
    entered = days.entered.get(year)
    return shown(
        request,
        "admin/calendar_year.html",
        filled,
        known=_known(year, entered, days.knows(year)),
        days_off=_lines(entered.days_off) if entered else "",
        days_worked=_lines(entered.days_worked) if entered else "",
        mine=await administers_a_district(actor_of(request)),
        history=await history.of(f"calendar:{year}"),
    )


def _lines(days: frozenset[date]) -> str:
    return "\n".join(day.isoformat() for day in sorted(days))


handlers = [index, one, enter]
