"""Open tasks by grid, with handing over and withdrawing; and how far the rounds have come."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.response import Template
from msgspec import Meta

from server.areas import tree
from server.patrols import coverage, open_tasks, reach, schedule, tasks
from web.fragments import AnyRequest, actor_of
from web.pages.admin.acting import Filled, Form, Line, Number, number
from web.pages.patrols.acting import BASE, Page, address, change, cursor, shown

PATH = f"{BASE}/tasks"


class Chosen(Form, frozen=True, kw_only=True):
    tasks: Annotated[tuple[UUID, ...], Meta(max_length=500)] = ()
    to_post: Number | None = None
    reason: Annotated[str, Meta(max_length=2_000)] = ""
    show: Line = ""
    grid: Number | None = None
    after: Line = ""

    @property
    def back(self) -> str:
        """The same page of the list."""
        return address(PATH, show=self.show, grid=self.grid, after=self.after)


@get("/tasks")
async def index(request: AnyRequest) -> Template:
    """What waits, earliest first."""
    return await _list(request, Filled())


@post("/tasks/hand-over")
async def hand_over(request: AnyRequest) -> Page:
    """Give the ticked ones to a worker, or back to the grid's."""

    async def do(sent: Chosen) -> str:
        await tasks.hand_over(sent.tasks, sent.to_post, actor_of(request))
        return sent.back

    return await change(request, "task.hand_over", Chosen, show=lambda filled: _list(request, filled), do=do)


@post("/tasks/withdrawal")
async def withdraw(request: AnyRequest) -> Page:
    """Nobody has to do the ticked ones."""

    async def do(sent: Chosen) -> str:
        await tasks.withdraw(sent.tasks, actor_of(request), reason=sent.reason)
        return sent.back

    return await change(request, "task.withdraw", Chosen, show=lambda filled: _list(request, filled), do=do)


@get("/coverage")
async def covered(request: AnyRequest) -> Template:
    """By community and kind; by grid for the community's own desk, and to a worker their own grids alone."""
    by = actor_of(request)
    month = _month(request.query_params.get("month", ""))
    until = schedule.add_months(month, 1) - date.resolution
    lines = await coverage.by_community(month, until, by)
    own = [post.area_id for post in reach.desks(by) if post.area_level == "community" and post.area_id]
    own += await reach.walked_communities(by)
    grids = [line for area in dict.fromkeys(own) for line in await coverage.by_grid(area, month, until, by)]
    counted = lines or grids
    return shown(
        request,
        "patrols/coverage.html",
        Filled(),
        month=month,
        before=schedule.add_months(month, -1),
        after=schedule.add_months(month, 1),
        lines=lines,
        grids=grids,
        saved=sum(line.saved for line in counted),
        wanted=sum(line.wanted for line in counted),
        seen=sum(line.seen for line in counted),
        back=BASE if reach.desks(by) else "/round",
    )


def _month(asked: str) -> date:
    try:
        found = date.fromisoformat(f"{asked[:7]}-01")
        return found if 2020 <= found.year <= 2100 else reach.today().replace(day=1)
    except ValueError:
        return reach.today().replace(day=1)


async def _list(request: AnyRequest, filled: Filled) -> Template:
    by = actor_of(request)
    kept = filled.typed if filled.doing else request.query_params
    show, grid, after = str(kept.get("show", "")), number(kept.get("grid", "")), cursor(request, filled)
    grids = [
        (row.id, row.name)
        for post in reach.desks(by)
        if post.area_level == "community" and post.area_id
        for row in await tree.children(post.area_id)
    ]
    return shown(
        request,
        "patrols/tasks.html",
        filled,
        found=await open_tasks.open_tasks(
            by, grid=grid, nobody=show == "nobody", overdue=show == "overdue", after=after
        ),
        after=after,
        workers=await open_tasks.workers(by),
        counts=await open_tasks.counts(by),
        show=show if show in ("nobody", "overdue") else "",
        grid=grid,
        grids=list(dict(grids).items()),
    )


handlers = [index, hand_over, withdraw]
