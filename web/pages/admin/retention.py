"""What is over and will be erased tonight, and what the last nights erased."""

from litestar import get
from litestar.response import Template

from server.areas.scope import administers_all
from server.cases import retaining as cases
from server.devices import retaining as devices
from server.households import retaining as households
from server.kernel import personal, retention
from server.kernel.errors import NotFound
from server.patrols import retaining as patrols
from server.people import retaining as people
from web.fragments import AnyRequest, actor_of
from web.pages.admin.acting import Filled, shown

ROOMS = (people, cases, patrols, households, devices)
"""Importing them enlists what they erase; a test holds that no room is missing."""


@get("/retention")
async def index(request: AnyRequest) -> Template:
    """A dry run, and the report."""
    if not administers_all(actor_of(request)):
        raise NotFound()
    due: dict[str, int] = {}
    for one in await retention.dry_run():
        due[one.kind.code] = due.get(one.kind.code, 0) + one.count
    kinds = {one.kind.code: one.kind for one in personal.erasers}
    runs = await retention.report()
    return shown(
        request,
        "admin/retention.html",
        Filled(),
        due=[(kind, due[code]) for code, kind in kinds.items()],
        runs=[(kinds[run.kind].what if run.kind in kinds else "", run) for run in runs],
    )


handlers = [index]
