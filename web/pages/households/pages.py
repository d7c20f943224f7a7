"""/desk/households: the linked households as communities keep them and streets and districts oversee them."""

from litestar import Router

from server.kernel.actor import Role
from web import session
from web.pages.admin.pages import numbers_exist
from web.pages.households import care, doing, importing, lists, lit, one
from web.pages.households.acting import BASE

ROLES = (Role.COMMUNITY_STAFF, Role.SECRETARY, Role.CENTRE_OFFICER, Role.GRID_WORKER, Role.PARTY_MEMBER)

router = Router(
    BASE,
    route_handlers=[
        *lists.handlers,
        *lit.handlers,
        *importing.handlers,
        *one.handlers,
        *doing.handlers,
        *care.handlers,
    ],
    guards=[session.roles(*ROLES), numbers_exist],
    include_in_schema=False,
)
