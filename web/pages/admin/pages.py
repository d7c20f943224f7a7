"""/admin: what there is to administer, for area administrators (their own areas) and system administrators."""

from litestar import Router, get
from litestar.handlers.base import BaseRouteHandler
from litestar.response import Template

from server.areas import administration
from server.areas.scope import administers_a_district, administers_all
from server.cases import touched
from server.forms import categories, checklist_versions
from server.kernel import jobs
from server.kernel.actor import Role
from server.kernel.errors import NotFound
from server.notices import logbook
from server.people import directory
from web import session
from web.fragments import AnyRequest, actor_of
from web.pages.admin import (
    accounts,
    addresses,
    areas,
    calendar,
    care_kinds,
    checklist_editor,
    checklists,
    deliveries,
    household_tags,
    imports,
    organisations,
    place_kinds,
    posts,
    retention,
    subscribers,
    system,
    units,
)
from web.pages.admin import categories as category_pages
from web.pages.admin.acting import Filled, shown
from web.session import AnyConnection


async def numbers_exist(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Guard: a number in the address that no row can have is not found."""
    if any(isinstance(one, int) and not 0 < one < 2**31 for one in connection.path_params.values()):
        raise NotFound()


@get("/")
async def overview(request: AnyRequest) -> Template:
    """Everything in tiles."""
    by = actor_of(request)
    everything = administers_all(by)
    return shown(
        request,
        "admin/overview.html",
        Filled(),
        areas=await administration.counts(by),
        people=await directory.counts(by),
        tops=await administration.tops(by),
        standards=await categories.standards(),
        leaves=await categories.leaves_in_use(),
        checklists=len(await checklist_versions.listed(in_use=True)),
        provisional=await touched.provisional_deadlines() if await administers_a_district(by) else 0,
        failed=len(await jobs.failed()) if everything else 0,
        undelivered=await logbook.failed(by),
        everything=everything,
    )


router = Router(
    "/admin",
    route_handlers=[
        overview,
        *areas.handlers,
        *addresses.handlers,
        *imports.handlers,
        *units.handlers,
        *organisations.handlers,
        *posts.handlers,
        *accounts.handlers,
        *category_pages.handlers,
        *place_kinds.handlers,
        *care_kinds.handlers,
        *retention.handlers,
        *household_tags.handlers,
        *checklists.handlers,
        *checklist_editor.handlers,
        *calendar.handlers,
        *subscribers.handlers,
        *deliveries.handlers,
        *system.handlers,
    ],
    guards=[session.roles(Role.AREA_ADMIN, Role.SYSTEM_ADMIN), numbers_exist],
    include_in_schema=False,
)
