"""/desk/patrols: the rounds as communities, streets and the district's centre look after them."""

from litestar import Router, get
from litestar.response import Template

from server.kernel.actor import Role
from server.patrols import coverage, open_tasks, reach, schedule
from server.patrols.reach import DESK
from web import session
from web.fragments import AnyRequest, actor_of
from web.pages.admin.acting import Filled
from web.pages.admin.pages import numbers_exist
from web.pages.patrols import people, plans, sheets, tasks
from web.pages.patrols.acting import BASE, shown


@get("/")
async def overview(request: AnyRequest) -> Template:
    """What needs somebody, and the ways on."""
    by = actor_of(request)
    month = reach.today().replace(day=1)
    saved = await coverage.saved(month, schedule.add_months(month, 1), by)
    return shown(request, "patrols/overview.html", Filled(), counts=await open_tasks.counts(by), saved=saved)


coverage_router = Router(
    BASE,
    route_handlers=[tasks.covered],
    guards=[session.roles(*DESK, Role.GRID_WORKER), numbers_exist],
    include_in_schema=False,
)
router = Router(
    BASE,
    route_handlers=[overview, *plans.handlers, *tasks.handlers, *people.handlers, *sheets.handlers],
    guards=[session.roles(*DESK), numbers_exist],
    include_in_schema=False,
)
