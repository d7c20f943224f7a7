"""Every route against everybody of the cast: who comes in, who is asked to sign in, who finds nothing.

The routes come from the application itself. One that `WHO` does not name fails the first test: name it there.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import StrEnum
from functools import cache
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from server import cases, patrols
from server.addresses import register
from server.areas import tree
from server.cases import Telling
from server.devices import exports
from server.forms import checklist_publishing
from server.households import keeping, tags
from server.households import people as household_people
from server.households.care import agreements
from server.households.care import kinds as care_kinds
from server.households.care import register as register_of_care
from server.households.care.agreements import Agreed
from server.households.door import talking
from server.households.facts import Person
from server.kernel import database, kept_files
from server.kernel.actor import Actor, Role
from server.kernel.ids import digest, new_id, new_secret
from server.notices import subscribers
from server.patrols import absences, orders, reach
from server.patrols import making as patrol_making
from server.patrols.destinations import Wanted
from server.patrols.visit import FindingTold, ListTold, Told
from server.people import organisations, posts, sessions
from server.photos import receive
from tests import cast as making
from tests.cast import Cast, middle
from tests.devices import exporting
from tests.households import making as homes
from tests.patrols import making as places
from tests.patrols import rounds
from tests.photos import pictures
from tests.web.deskwork import category
from tests.web.signed_in import another, as_
from web.app import create_app


class For(StrEnum):
    """Whom a route is for. Others find nothing, and who is signed out is asked to sign in where only accounts come."""

    EVERYBODY = "everybody"
    NOBODY = "nobody here: the demo's own"
    ACCOUNTS = "whoever is signed in"
    SELF = "the resident, about something of their own"
    REPORTER = "the case's reporter"
    VIEWERS = "whoever may see the case that the photo hangs on"
    DESKS = "whoever has a desk or a grid"
    DESK = "the desks of the case's areas"
    PLACES = "whoever looks after places"
    KEEPERS = "whoever looks after the places of a community or more"
    PLACE = "whoever looks after this place"
    HOUSEHOLDS = "whoever sees a list of households"
    HOUSEHOLD = "whoever may know of this household"
    COMMUNITIES = "whoever keeps the households of a community"
    COMMUNITY = "whoever keeps this household"
    SECRETARIES = "whoever is a secretary"
    SECRETARY = "the secretary of the thread's community alone"
    CARERS = "who is linked to the household, keeps it, or walks its grid"
    MEMBERS = "party members"
    VISITORS = "who is linked to the household, or keeps it"
    OPENERS = "whoever has a desk, not only a grid"
    OPENER = "who opened the file"
    ROUNDS = "whoever has a desk"
    ROUND = "the desks of the place's areas"
    POSTERS = "whoever speaks for a community"
    POSTER = "whoever speaks for the case's community"
    STAFF = "whoever has a desk or is in a unit"
    UNITS = "whoever is in a unit"
    UNIT = "the unit that has the case"
    ADMINS = "whoever administers something"
    ADMIN = "whoever administers the thing"
    DISTRICT = "whoever administers a district or everything"
    SYSTEM = "whoever administers everything"


WHO: dict[str, For] = {
    "GET /": For.EVERYBODY,
    "GET /report": For.EVERYBODY,
    "POST /report": For.EVERYBODY,
    "POST /place": For.EVERYBODY,
    "POST /places/at": For.EVERYBODY,
    "GET /places/grids": For.EVERYBODY,
    "POST /photos": For.EVERYBODY,
    "GET /photos/{photo_id}/{size}": For.VIEWERS,
    "POST /sync": For.EVERYBODY,
    "PUT /sync/photos/{photo_id}": For.EVERYBODY,
    "GET /r/{secret}": For.EVERYBODY,
    "GET /mine": For.EVERYBODY,
    "POST /mine/claims": For.ACCOUNTS,
    "GET /mine/{number}": For.REPORTER,
    "GET /mine/{number}/receipt": For.REPORTER,
    "POST /mine/{number}/additions": For.REPORTER,
    "POST /mine/{number}/rating": For.REPORTER,
    "POST /mine/{number}/reopening": For.REPORTER,
    "POST /mine/{number}/reply": For.REPORTER,
    "POST /mine/{number}/withdrawal": For.REPORTER,
    "GET /signin": For.EVERYBODY,
    "POST /signin": For.EVERYBODY,
    "GET /signin/code": For.EVERYBODY,
    "POST /signin/code": For.EVERYBODY,
    "GET /signin/second": For.EVERYBODY,
    "POST /signin/second": For.EVERYBODY,
    "GET /signin/staff": For.EVERYBODY,
    "POST /signin/staff": For.EVERYBODY,
    "GET /signin/claim": For.ACCOUNTS,
    "POST /signin/claim": For.ACCOUNTS,
    "GET /inbox": For.ACCOUNTS,
    "POST /inbox/readings": For.ACCOUNTS,
    "POST /inbox/opened": For.ACCOUNTS,
    "GET /me": For.EVERYBODY,
    "POST /me/look": For.EVERYBODY,
    "POST /me/signout": For.EVERYBODY,
    "POST /me/helping": For.MEMBERS,
    "GET /me/closing": For.ACCOUNTS,
    "POST /me/closing": For.ACCOUNTS,
    "GET /me/devices": For.ACCOUNTS,
    "POST /me/devices/others/revocation": For.ACCOUNTS,
    "POST /me/devices/{session_id}/revocation": For.SELF,
    "GET /me/name": For.ACCOUNTS,
    "GET /me/notices": For.ACCOUNTS,
    "POST /me/notices": For.ACCOUNTS,
    "POST /me/name": For.ACCOUNTS,
    "GET /me/password": For.ACCOUNTS,
    "POST /me/password": For.ACCOUNTS,
    "GET /me/second-factor": For.ACCOUNTS,
    "POST /me/second-factor": For.ACCOUNTS,
    "POST /me/second-factor/end": For.ACCOUNTS,
    "POST /me/second-factor/proof": For.ACCOUNTS,
    "GET /desk": For.DESKS,
    "GET /desk/cases/{number}": For.DESK,
    "GET /desk/cases/{number}/ground": For.DESK,
    "POST /desk/cases/{number}/acceptance": For.DESK,
    "POST /desk/cases/{number}/answer": For.DESK,
    "POST /desk/cases/{number}/assignment": For.DESK,
    "POST /desk/cases/{number}/check": For.DESK,
    "POST /desk/cases/{number}/closure": For.DESK,
    "POST /desk/cases/{number}/category": For.DESK,
    "POST /desk/cases/{number}/dispatch": For.DESK,
    "POST /desk/cases/{number}/notes": For.DESK,
    "POST /desk/cases/{number}/place": For.DESK,
    "POST /desk/cases/{number}/question": For.DESK,
    "POST /desk/cases/{number}/recall": For.DESK,
    "POST /desk/cases/{number}/rejection": For.DESK,
    "GET /alarms": For.STAFF,
    "GET /inbox/unread": For.ACCOUNTS,
    "POST /desk/cases/{number}/reopening": For.DESK,
    "POST /desk/cases/{number}/response": For.DESK,
    "POST /desk/cases/{number}/reveals": For.DESK,
    "GET /desk/patrols": For.ROUNDS,
    "GET /desk/patrols/plans": For.ROUNDS,
    "GET /desk/patrols/plans/new": For.ROUNDS,
    "POST /desk/patrols/plans": For.ROUNDS,
    "GET /desk/patrols/plans/{plan_id}": For.ROUND,
    "POST /desk/patrols/plans/{plan_id}": For.ROUND,
    "POST /desk/patrols/plans/{plan_id}/end": For.ROUND,
    "GET /desk/patrols/tasks": For.ROUNDS,
    "POST /desk/patrols/tasks/hand-over": For.ROUNDS,
    "POST /desk/patrols/tasks/withdrawal": For.ROUNDS,
    "GET /desk/patrols/coverage": For.DESKS,
    "GET /desk/patrols/absences": For.ROUNDS,
    "POST /desk/patrols/absences": For.ROUNDS,
    "POST /desk/patrols/absences/{absence_id}/end": For.ROUND,
    "GET /desk/patrols/orders": For.ROUNDS,
    "POST /desk/patrols/orders": For.ROUNDS,
    "POST /desk/patrols/orders/{order}/withdrawal": For.ROUND,
    "GET /desk/patrols/rectifications": For.ROUNDS,
    "GET /desk/patrols/rectifications/{rectification}": For.ROUND,
    "GET /desk/patrols/rectifications/{rectification}/sheet": For.ROUND,
    "POST /desk/patrols/rectifications/{rectification}/link": For.ROUND,
    "POST /desk/patrols/rectifications/{rectification}/due": For.ROUND,
    "POST /desk/patrols/rectifications/{rectification}/withdrawal": For.ROUND,
    "GET /desk/patrols/late": For.ROUNDS,
    "POST /desk/patrols/late/{visit}": For.ROUND,
    "GET /desk/patrols/visits/{visit}": For.ROUND,
    "GET /z/{secret}": For.EVERYBODY,
    "GET /sheet": For.EVERYBODY,
    "GET /households": For.EVERYBODY,
    "GET /households/{rest}": For.EVERYBODY,
    "POST /signals": For.EVERYBODY,
    "GET /push/key": For.ACCOUNTS,
    "POST /push/devices": For.ACCOUNTS,
    "POST /push/devices/{device}/removal": For.SELF,
    "POST /push/shown": For.EVERYBODY,
    "GET /privacy": For.EVERYBODY,
    "GET /admin/retention": For.SYSTEM,
    "GET /admin/care-kinds": For.ADMINS,
    "POST /admin/care-kinds": For.DISTRICT,
    "POST /admin/care-kinds/{care_kind}": For.DISTRICT,
    "GET /admin/household-tags": For.ADMINS,
    "POST /admin/household-tags": For.DISTRICT,
    "POST /admin/household-tags/{tag_id}": For.DISTRICT,
    "GET /door": For.ACCOUNTS,
    "POST /door": For.ACCOUNTS,
    "POST /door/{thread}/erasure": For.SELF,
    "GET /door/numbers": For.EVERYBODY,
    "GET /desk/door": For.SECRETARIES,
    "GET /desk/door/{thread}": For.SECRETARY,
    "POST /desk/door/{thread}/promises": For.SECRETARY,
    "POST /desk/door/{thread}/answers": For.SECRETARY,
    "POST /desk/door/{thread}/notes": For.SECRETARY,
    "POST /desk/door/{thread}/reveals": For.SECRETARY,
    "POST /desk/door/{thread}/cases": For.SECRETARY,
    "GET /household": For.ACCOUNTS,
    "GET /household/{household_of}/copy": For.SELF,
    "POST /household/{household_of}/wishes": For.SELF,
    "POST /household/{household_of}/care/leaving": For.SELF,
    "POST /household/{household_of}/leaving": For.SELF,
    "POST /household/{household_of}/erasing": For.SELF,
    "POST /desk/households/{household}/wishes/{wish}": For.HOUSEHOLD,
    "GET /desk/households": For.HOUSEHOLDS,
    "POST /desk/households": For.COMMUNITIES,
    "GET /desk/households/new": For.COMMUNITIES,
    "GET /desk/households/map": For.HOUSEHOLDS,
    "GET /desk/households/map/shapes": For.HOUSEHOLDS,
    "GET /desk/households/members": For.COMMUNITIES,
    "GET /desk/households/import": For.COMMUNITIES,
    "POST /desk/households/import": For.COMMUNITIES,
    "GET /desk/households/{household}": For.HOUSEHOLD,
    "GET /desk/households/{household}/place": For.COMMUNITY,
    "POST /desk/households/{household}/place": For.COMMUNITY,
    "POST /desk/households/{household}/moves": For.COMMUNITY,
    "POST /desk/households/{household}/closing": For.HOUSEHOLD,
    "POST /desk/households/{household}/reopening": For.HOUSEHOLD,
    "POST /desk/households/{household}/merge": For.HOUSEHOLD,
    "POST /desk/households/{household}/unmerge": For.HOUSEHOLD,
    "POST /desk/households/{household}/people": For.HOUSEHOLD,
    "POST /desk/households/{household}/people/{person}": For.HOUSEHOLD,
    "POST /desk/households/{household}/people/{person}/contact": For.HOUSEHOLD,
    "POST /desk/households/{household}/people/{person}/removal": For.HOUSEHOLD,
    "POST /desk/households/{household}/reveals": For.HOUSEHOLD,
    "POST /desk/households/{household}/tags": For.HOUSEHOLD,
    "POST /desk/households/{household}/tags/removal": For.HOUSEHOLD,
    "POST /desk/households/{household}/links": For.HOUSEHOLD,
    "POST /desk/households/{household}/links/ending": For.HOUSEHOLD,
    "POST /desk/households/{household}/visits": For.VISITORS,
    "GET /desk/households/{household}/care": For.CARERS,
    "POST /desk/households/{household}/care": For.CARERS,
    "POST /desk/households/{household}/care/ending": For.CARERS,
    "POST /desk/households/{household}/care/{watch}/looks": For.CARERS,
    "POST /desk/households/{household}/care/{watch}/key": For.CARERS,
    "GET /desk/places": For.PLACES,
    "POST /desk/places": For.PLACES,
    "GET /desk/places/new": For.PLACES,
    "GET /desk/places/scan": For.PLACES,
    "GET /desk/places/labels": For.PLACES,
    "GET /desk/places/import": For.KEEPERS,
    "POST /desk/places/import": For.KEEPERS,
    "GET /desk/places/{code}": For.PLACE,
    "POST /desk/places/{code}": For.PLACE,
    "GET /desk/places/{code}/edit": For.PLACE,
    "POST /desk/places/{code}/retirement": For.PLACE,
    "POST /desk/places/{code}/retirement/end": For.PLACE,
    "POST /desk/places/{code}/merger": For.PLACE,
    "POST /desk/places/{code}/merger/end": For.PLACE,
    "POST /desk/places/{code}/reveals": For.PLACE,
    "GET /p": For.EVERYBODY,
    "GET /p/{code}": For.EVERYBODY,
    "GET /desk/exports": For.OPENERS,
    "POST /desk/exports": For.OPENERS,
    "GET /desk/exports/{file_id}": For.OPENER,
    "POST /desk/exports/{file_id}/intake": For.OPENER,
    "GET /desk/posters": For.POSTERS,
    "GET /desk/posters/sheet": For.POSTER,
    "GET /desk/posters/code/{kind}": For.POSTER,
    "GET /admin/posters": For.POSTERS,
    "GET /admin/posters/sheet": For.POSTER,
    "GET /admin/posters/code/{kind}": For.POSTER,
    "GET /unit": For.UNITS,
    "GET /unit/cases/{number}": For.UNIT,
    "GET /unit/cases/{number}/ground": For.UNIT,
    "POST /unit/cases/{number}/assignment": For.UNIT,
    "POST /unit/cases/{number}/notes": For.UNIT,
    "POST /unit/cases/{number}/result": For.UNIT,
    "POST /unit/cases/{number}/return": For.UNIT,
    "POST /unit/cases/{number}/reveals": For.UNIT,
    "POST /unit/cases/{number}/taking": For.UNIT,
    "GET /admin": For.ADMINS,
    "GET /admin/accounts": For.ADMINS,
    "POST /admin/accounts": For.SYSTEM,
    "GET /admin/accounts/new": For.SYSTEM,
    "GET /admin/accounts/{account_id}": For.ADMIN,
    "POST /admin/accounts/{account_id}/closing": For.ADMIN,
    "POST /admin/accounts/{account_id}/name": For.ADMIN,
    "POST /admin/accounts/{account_id}/reset": For.ADMIN,
    "GET /admin/addresses": For.ADMINS,
    "POST /admin/addresses": For.ADMIN,
    "GET /admin/addresses/new": For.ADMINS,
    "GET /admin/addresses/{address_id}": For.ADMIN,
    "POST /admin/addresses/{address_id}/aliases": For.ADMIN,
    "POST /admin/addresses/{address_id}/aliases/{alias_id}/end": For.ADMIN,
    "POST /admin/addresses/{address_id}/retirement": For.ADMIN,
    "POST /admin/addresses/{address_id}/text": For.ADMIN,
    "GET /admin/areas": For.ADMINS,
    "POST /admin/areas": For.ADMIN,
    "GET /admin/areas/new": For.SYSTEM,
    "GET /admin/areas/{area_id}": For.ADMIN,
    "POST /admin/areas/{area_id}/answers": For.ADMIN,
    "POST /admin/areas/{area_id}/name": For.ADMIN,
    "POST /admin/areas/{area_id}/parent": For.ADMIN,
    "POST /admin/areas/{area_id}/retirement": For.ADMIN,
    "GET /admin/areas/{area_id}/shapes": For.ADMIN,
    "GET /admin/checklists": For.ADMINS,
    "POST /admin/checklists": For.DISTRICT,
    "GET /admin/checklists/{checklist_id}": For.ADMINS,
    "POST /admin/checklists/{checklist_id}/editor": For.DISTRICT,
    "POST /admin/checklists/{checklist_id}/name": For.DISTRICT,
    "POST /admin/checklists/{checklist_id}/retirement": For.DISTRICT,
    "GET /admin/checklists/{checklist_id}/versions": For.DISTRICT,
    "POST /admin/checklists/{checklist_id}/versions": For.DISTRICT,
    "GET /admin/checklists/{checklist_id}/versions/{version_number}": For.ADMINS,
    "GET /phone/inbox": For.EVERYBODY,
    "GET /phone/label": For.EVERYBODY,
    "GET /phone/report": For.EVERYBODY,
    "GET /phone/unit": For.EVERYBODY,
    "GET /admin/calendar": For.ADMINS,
    "GET /admin/calendar/{year}": For.ADMINS,
    "POST /admin/calendar/{year}": For.DISTRICT,
    "GET /admin/categories": For.ADMINS,
    "POST /admin/categories": For.DISTRICT,
    "GET /admin/categories/{category_id}": For.ADMINS,
    "POST /admin/categories/{category_id}/default-unit": For.ADMIN,
    "POST /admin/categories/{category_id}/retirement": For.DISTRICT,
    "GET /admin/categories/{category_id}/versions": For.DISTRICT,
    "POST /admin/categories/{category_id}/versions": For.DISTRICT,
    "GET /admin/deliveries": For.ADMINS,
    "POST /admin/deliveries/replays": For.ADMINS,
    "POST /admin/deliveries/set-aside": For.ADMINS,
    "GET /admin/imports/{name}": For.ADMINS,
    "POST /admin/imports/{name}": For.ADMINS,
    "GET /admin/organisations": For.ADMINS,
    "POST /admin/organisations": For.ADMIN,
    "GET /admin/organisations/new": For.ADMINS,
    "GET /admin/organisations/{organisation_id}": For.ADMIN,
    "POST /admin/organisations/{organisation_id}/end": For.ADMIN,
    "POST /admin/organisations/{organisation_id}/name": For.ADMIN,
    "GET /admin/place-kinds": For.ADMINS,
    "POST /admin/place-kinds": For.DISTRICT,
    "GET /admin/place-kinds/{kind_id}": For.ADMINS,
    "POST /admin/place-kinds/{kind_id}": For.DISTRICT,
    "GET /admin/place-kinds/{kind_id}/versions": For.DISTRICT,
    "POST /admin/place-kinds/{kind_id}/versions": For.DISTRICT,
    "GET /admin/posts": For.ADMINS,
    "POST /admin/posts": For.ADMIN,
    "GET /admin/posts/new": For.ADMINS,
    "GET /admin/posts/{post_id}": For.ADMIN,
    "POST /admin/posts/{post_id}/end": For.ADMIN,
    "POST /admin/posts/{post_id}/holder": For.ADMIN,
    "POST /admin/posts/{post_id}/second-factor": For.ADMIN,
    "POST /admin/posts/{post_id}/title": For.ADMIN,
    "POST /admin/posts/{post_id}/vacancy": For.ADMIN,
    "GET /admin/system": For.SYSTEM,
    "POST /admin/system/retries": For.SYSTEM,
    "GET /admin/subscribers": For.ADMINS,
    "POST /admin/subscribers": For.ADMIN,
    "GET /admin/subscribers/new": For.ADMINS,
    "GET /admin/subscribers/{subscriber_id}": For.ADMIN,
    "POST /admin/subscribers/{subscriber_id}/address": For.ADMIN,
    "POST /admin/subscribers/{subscriber_id}/end": For.ADMIN,
    "POST /admin/subscribers/{subscriber_id}/settings": For.ADMIN,
    "POST /admin/subscribers/{subscriber_id}/trial": For.ADMIN,
    "GET /admin/units": For.ADMINS,
    "POST /admin/units": For.ADMIN,
    "GET /admin/units/new": For.ADMINS,
    "GET /admin/units/{unit_id}": For.ADMIN,
    "POST /admin/units/{unit_id}/end": For.ADMIN,
    "POST /admin/units/{unit_id}/name": For.ADMIN,
    "GET /gallery": For.NOBODY,
    "GET /gallery/desk": For.NOBODY,
    "GET /install": For.EVERYBODY,
    "GET /offline": For.EVERYBODY,
    "GET /unsent": For.EVERYBODY,
    "GET /round": For.EVERYBODY,
    "GET /round/{rest}": For.EVERYBODY,
    "GET /manifest.webmanifest": For.EVERYBODY,
    "GET /service-worker.js": For.EVERYBODY,
    "GET /assets/{version}/{path}": For.EVERYBODY,
    "GET /healthz": For.EVERYBODY,
    "GET /readyz": For.EVERYBODY,
    "GET /api/schema": For.EVERYBODY,
    "GET /api/schema/openapi.json": For.EVERYBODY,
    "GET /api/schema/{path}": For.NOBODY,
}

_DESKS = {
    "grid_worker",
    "next_grid_worker",
    "staff",
    "second_staff",
    "next_staff",
    "secretary",
    "next_secretary",
    "street_secretary",
    "centre",
}
_OF_CASE = {"grid_worker", "staff", "second_staff", "secretary", "street_secretary", "centre"}
_OF_PRIVATE = {"secretary", "street_secretary"}
_UNITS, _OF_UNIT = {"handler", "lead", "next_handler"}, {"handler", "lead"}
_ADMINS = {"area_admin", "next_area_admin", "system_admin"}
_OWN_ADMINS = _ADMINS - {"next_area_admin"}

_KEEPERS = {"staff", "second_staff", "secretary"}
_POSTERS = {"staff", "second_staff", "secretary", "street_secretary"} | _OWN_ADMINS

COMERS: dict[For, set[str] | None] = {
    For.EVERYBODY: None,
    For.NOBODY: set(),
    For.ACCOUNTS: None,
    For.SELF: {"resident"},
    For.REPORTER: {"resident"},
    For.VIEWERS: {"resident"} | _OF_CASE | _OF_UNIT,
    For.DESKS: _DESKS,
    For.DESK: _OF_CASE,
    For.PLACES: _DESKS | {"area_admin", "next_area_admin"},
    For.KEEPERS: _DESKS - {"grid_worker", "next_grid_worker"} | {"area_admin", "next_area_admin"},
    For.PLACE: _OF_CASE | {"area_admin"},
    For.HOUSEHOLDS: _DESKS,
    For.HOUSEHOLD: _OF_CASE | {"party_member"},
    For.COMMUNITIES: _KEEPERS | {"next_staff", "next_secretary"},
    For.COMMUNITY: _KEEPERS,
    For.SECRETARIES: {"secretary", "next_secretary", "street_secretary"},
    For.SECRETARY: {"secretary"},
    For.CARERS: _KEEPERS | {"party_member", "grid_worker"},
    For.MEMBERS: {"party_member"},
    For.VISITORS: _KEEPERS | {"party_member"},
    For.OPENERS: _DESKS - {"grid_worker", "next_grid_worker"},
    For.OPENER: {"staff"},
    For.ROUNDS: _DESKS - {"grid_worker", "next_grid_worker"},
    For.ROUND: _OF_CASE - {"grid_worker"},
    For.POSTERS: _POSTERS | {"next_staff", "next_secretary", "next_area_admin"},
    For.POSTER: _POSTERS,
    For.STAFF: (_DESKS - {"grid_worker", "next_grid_worker"}) | _UNITS,
    For.UNITS: _UNITS,
    For.UNIT: _OF_UNIT,
    For.ADMINS: _ADMINS,
    For.ADMIN: _OWN_ADMINS,
    For.DISTRICT: _OWN_ADMINS,
    For.SYSTEM: {"system_admin"},
}
"""Who comes in; None: everybody (with an account, where it is for accounts)."""
PRIVATE = {
    For.VIEWERS: {"resident"} | _OF_PRIVATE | _OF_UNIT,
    For.DESK: _OF_PRIVATE,
}
"""The same for a private case."""
PEOPLE = (
    "stranger",
    "resident",
    "neighbour",
    "party_member",
    *sorted(_DESKS),
    *sorted(_UNITS),
    *sorted(_ADMINS),
)
OPEN_TO_STRANGERS = {For.EVERYBODY, For.NOBODY, For.VIEWERS}
"""Where nobody is asked to sign in."""
WORDS_ONLY = {
    "POST /admin/categories/{category_id}/default-unit",
    "POST /admin/calendar/{year}",
    "POST /admin/checklists",
    "POST /admin/checklists/{checklist_id}/editor",
    "POST /admin/checklists/{checklist_id}/name",
    "POST /admin/checklists/{checklist_id}/retirement",
    "GET /admin/checklists/{checklist_id}/versions",
    "POST /admin/checklists/{checklist_id}/versions",
    "POST /admin/addresses",
    "POST /admin/care-kinds",
    "POST /admin/care-kinds/{care_kind}",
    "POST /admin/household-tags",
    "POST /admin/household-tags/{tag_id}",
    "POST /admin/place-kinds",
    "POST /admin/place-kinds/{kind_id}",
    "GET /admin/place-kinds/{kind_id}/versions",
    "POST /admin/place-kinds/{kind_id}/versions",
    "POST /admin/categories",
    "POST /admin/categories/{category_id}/retirement",
    "GET /admin/categories/{category_id}/versions",
    "POST /admin/categories/{category_id}/versions",
}
"""Seen by every administrator and changed by few: a refusal in words (409) is as good as not found."""


class World(msgspec.Struct, frozen=True):
    """A case on its way with everything around it, and what the routes' parameters name."""

    people: dict[str, Actor]
    names: dict[str, str]
    form: dict[str, str]
    above: str
    """The area above the one that `names` holds."""
    community: str
    """Its code."""


def routes(app: Litestar) -> dict[str, HTTPRoute]:
    """Method and path of everything that the application answers."""
    return {
        f"{method} {route.path_format}": route
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method != "OPTIONS"
    }


def test_of_every_route_it_is_said_whom_it_is_for() -> None:
    known = set(routes(create_app()))
    assert known - set(WHO) == set(), "say in WHO whom these are for"


def test_everybody_of_the_cast_is_asked() -> None:
    actors = {name for name in Cast.__struct_fields__ if Cast.__annotations__[name] is Actor}
    assert actors <= set(PEOPLE)


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
@pytest.mark.parametrize("who", PEOPLE)
async def test_only_those_come_in_whom_a_route_is_for(web: httpx.AsyncClient, who: str, private: bool) -> None:
    world = await made(private)
    actor = world.people[who]
    client = await as_(web, actor)
    wrong = []
    for route, audience in _still_there().items():
        if private and "number" not in route and "photo_id" not in route:
            continue
        for form in ({}, world.form) if route.startswith("POST") else (None,):
            async with undone():
                answer = await ask(client, route, world, form)
            expected = _expected(route, audience, who, private, bool(form))
            if not _fits(answer, expected, route):
                said = f"{answer.status_code} {answer.headers.get('location', '')}"
                wrong.append(f"{route} ({'empty' if not form else 'full'}): {said}, not {expected}")
    assert wrong == []


ODD_PARAMETERS = ("0", "2147483648", "9" * 5000, "-1", "%00", "a%00b", "%F0%9F%92%A9", "%FF%FE", "x" * 3000)


@pytest.mark.parametrize("who", ["stranger", "resident", "staff", "handler", "system_admin"])
async def test_odd_parameters_are_never_our_fault(web: httpx.AsyncClient, who: str) -> None:
    world = await made(False)
    client = await as_(web, world.people[who])
    wrong = []
    for route in meant_for(who):
        # The shell of the round is the same for every path: what is in it lies on the phone.
        if "{" not in route or "/assets/" in route or route in ("GET /round/{rest}", "GET /households/{rest}"):
            continue
        for odd in ODD_PARAMETERS:
            path = re.sub(r"\{\w+\}", odd, route.partition(" ")[2])
            async with undone():
                answer = await client.request(route.split()[0], path, data=world.form if "POST" in route else None)
            if answer.status_code >= 500 or answer.status_code == 200:
                wrong.append(f"{route} with {odd[:20]}: {answer.status_code}")
    assert wrong == []


ODD_QUERIES = (
    "post=99999999999999999999&area=99999999999999999999&from=99999999999&parent=-1&unit=2147483648&organisation=x",
    "post=%00&state=%00&q=%00&after=%00_%00&do=%00&find=%00&said=%00&category=%00&community=%00&next=%00&standard=%00",
    "do=accept&find=%00&category=99999999999",
    "after=2026-01-01T00%3A00%3A00_1",
    "after=2026-01-01_1&done=1",
    "after=0001-01-01T00%3A00%3A00%2B14%3A00_1",
    "after=9999-12-31T23%3A59%3A59-14%3A00_1&done=1",
    "after=_%00",
    "after=%E5%BE%88",
    "q=%ED%A0%80&do=%FF%FE&next=%FF&find=%FF",
    "q=a&q=b&do=a&do=b&next=/a&next=/b&community=1&community=2&done=x&done=y&said=a&said=b",
    "q=" + "很" * 2000 + "&next=/" + "a" * 5000,
    "do=dispatch&do=%3Cscript%3E&said=%3Cscript%3E&role=%3Cscript%3E&vacant=2&claimed=%3Cscript%3E&place=",
)


@pytest.mark.parametrize("who", ["resident", "staff", "handler", "area_admin"])
async def test_odd_queries_are_never_our_fault(web: httpx.AsyncClient, who: str) -> None:
    world = await made(False)
    client = await as_(web, world.people[who])
    wrong = []
    for route in meant_for(who):
        if route.startswith("GET") and (who == "resident" or WHO[route] not in (For.EVERYBODY, For.ACCOUNTS)):
            for query in ODD_QUERIES:
                async with undone():
                    answer = await client.get(f"{path_of(route, world)}?{query}")
                if answer.status_code >= 500 or "<script>" in answer.text:
                    wrong.append(f"{route}?{query[:40]}: {answer.status_code}")
    assert wrong == []


ODD_VALUES = {
    "huge": "9" * 60,
    "past int32": "2147483648",
    "past int64": "9223372036854775808",
    "negative": "-1",
    "NUL": "a\x00b",
    "float": "1e400",
    "long": "长" * 1000,
    "markup": '"><script>alert(1)</script>',
    "turned around": "\u202e\x00\u2028\ufeff",
}


@pytest.mark.parametrize("who", ["resident", "secretary", "lead", "system_admin"])
async def test_odd_fields_are_never_our_fault(web: httpx.AsyncClient, who: str) -> None:
    world = await made(False)
    client = await as_(web, world.people[who])
    wrong = []
    for route in meant_for(who):
        if not route.startswith("POST") or (who != "resident" and WHO[route] in (For.EVERYBODY, For.ACCOUNTS)):
            continue
        for name, value in ODD_VALUES.items():
            odd = dict.fromkeys(world.form, value)
            for sent in (odd, odd | {one: world.form[one] for one in ("seen", "sure", "report")}):
                async with undone():
                    answer = await ask(client, route, world, sent)
                if answer.status_code >= 500 or "<script>alert" in answer.text:
                    wrong.append(f"{route}, {name}: {answer.status_code}")
    assert wrong == []


@cache
def _still_there() -> dict[str, For]:
    known = routes(create_app())
    return {route: audience for route, audience in WHO.items() if route in known}


def meant_for(who: str) -> list[str]:
    """The routes where this member comes in."""
    comers = {audience: everybody is None or who in everybody for audience, everybody in COMERS.items()}
    return [route for route, audience in _still_there().items() if comers[audience]]


async def made(private: bool) -> World:
    """The cast, an administrator of the next community, and a dispatched case with a photo, a unit, an organisation."""
    cast = await making.gather()
    people = {name: getattr(cast, name) for name in PEOPLE if hasattr(cast, name)}
    people["next_area_admin"] = await next_admin(cast)
    sent = await receive.receive(pictures.jpeg(64, 48), by=cast.resident)
    longitude, latitude = middle(0)
    told = Telling(text="路灯不亮", latitude=latitude, longitude=longitude, private=private, photos=(sent.id,))
    number = (await cases.report(told, cast.resident)).number
    await cases.accept(number, cast.secretary, seen=None)
    done = await cases.dispatch(number, cast.secretary, seen=None, unit_id=cast.unit)
    report = await database.fetch_value("SELECT id FROM reports WHERE number = $1", number)
    chosen = await category(cast)
    kind = await places.kind(cast, "出租屋", operator=True)
    place = await places.place(cast, kind)
    checklist = await checklist_publishing.create("fire", "店铺消防", "消防", by=cast.system_admin)
    item = {"id": "exit", "kind": "check", "label": "出口通畅"}
    await checklist_publishing.publish(checklist, [item], by=cast.system_admin)
    address = await register.add(cast.community, register.Given(text="民治路12号"), by=cast.system_admin)
    await register.add_alias(address, "老粮站", by=cast.system_admin)
    alias = await database.fetch_value("SELECT id FROM address_aliases WHERE address = $1", address)
    leaf = await tree.get(cast.grid)
    organisation = await organisations.create("民乐社区党委", "committee", cast.community, by=cast.system_admin)
    account = await sessions.open_session(cast.resident.account_id)  # type: ignore[arg-type]
    own = await database.fetch_value("SELECT id FROM sessions WHERE token_digest = $1", digest(account))
    names = {
        "number": number,
        "photo_id": str(sent.id),
        "size": "thumb",
        "secret": new_secret(),
        "session_id": str(own),
        "account_id": str(cast.staff.account_id),
        "area_id": str(cast.grid),
        "unit_id": str(cast.unit),
        "organisation_id": str(organisation),
        "post_id": str(cast.staff.posts[0].id),
        "category_id": str(chosen),
        "year": "2031",
        "address_id": str(address),
        "alias_id": str(alias),
        "checklist_id": str(checklist),
        "version_number": "1",
        "code": place.code,
        "kind_id": str(kind.id),
        "kind": "svg",
        "name": "divisions",
        **await _round(cast),
        **await _household(cast),
        "subscriber_id": str(await _subscriber(cast)),
        "device": str(await _device(cast, own)),
        "file_id": str(await kept_files.keep(exporting.file(cast.resident, []), exports.PURPOSE, cast.staff)),
    }
    form = _form(cast, report, chosen, leaf.code) | {"seen": str(done.version)}
    return World(people, names, form, str(cast.community), (await tree.get(cast.community)).code)


async def _round(cast: Cast) -> dict[str, str]:
    """A plan, an absence, an order, and a record that has to be settled and put right."""
    of = await rounds.ground(cast)
    await rounds.plan(of)
    await patrol_making.make()
    longitude, latitude = middle(0)
    worker = cast.grid_worker.posts[0].id
    order = await orders.send(worker, cast.staff, words="看看", to=Wanted(latitude=latitude, longitude=longitude))
    today = reach.today()
    away = await absences.begin(worker, today, today, cast.staff)
    wrong = FindingTold(id=new_id(), leads_to="rectify", version=of.fire_version, item="exit")
    lists = (ListTold(version=of.fire_version, answers={"exit": "no"}),)
    told = Told(id=new_id(), outcome="done", place=of.places[0], task=new_id(), lists=lists, findings=(wrong,))
    await patrols.record([told], cast.grid_worker)
    return {
        "plan_id": str(await database.fetch_value("SELECT id FROM patrol_plans")),
        "task": str(await database.fetch_value("SELECT id FROM patrol_tasks ORDER BY day, id LIMIT 1")),
        "place": str(of.places[0]),
        "absence_id": str(away.absence_id),
        "order": str(order.order_id),
        "rectification": str(await database.fetch_value("SELECT id FROM patrol_rectifications")),
        "visit": str(told.id),
    }


async def _household(cast: Cast) -> dict[str, str]:
    """A household with a member who is linked to it, and somebody to ask for."""
    made = await homes.linked(cast)
    [person] = await household_people.of(made)
    tag = await tags.save_kind("alone", "独居老人", "有人常去看看", 90, by=cast.area_admin)
    care = await care_kinds.save("water", "用水有动静", "一整天没有动静就来看看", "signal", 24, by=cast.area_admin)
    until = reach.today() + timedelta(days=90)
    told = Agreed(kinds=(care,), person=person.id, until=until, witness="女儿郑芳")
    await agreements.agree(made, told, by=cast.staff, seen=None)
    [watch] = (await register_of_care.watches_of([made]))[made]
    home = await keeping.add(homes.at(cast, "502"), Person(name="李小梅", phone="13800000001"), by=cast.staff)
    return {
        "household": str(made),
        "household_of": str(home.household_id),
        "person": str(person.id),
        "tag_id": str(tag),
        "wish": str(new_id()),
        "thread": str(await talking.write(cast.community, "楼下的婆婆摔了", by=cast.resident)),
        "care_kind": str(care),
        "watch": str(watch.id),
    }


async def _device(cast: Cast, session: UUID) -> UUID:
    """A browser in which the resident wants to be told."""
    device = new_id()
    await database.execute(
        """INSERT INTO push_devices (id, account, session, host, endpoint_digest, sealed, since)
           VALUES ($1, $2, $3, 'fcm.googleapis.com', 'x', 'x', now())""",
        device,
        cast.resident.account_id,
        session,
    )
    return device


async def _subscriber(cast: Cast) -> int:
    wanted = subscribers.Wanted(name="维护队的群")
    return await subscribers.add("wecom", wanted, unit_id=cast.unit, url="693a91f6-4bc4", by=cast.area_admin)


async def next_admin(cast: Cast) -> Actor:
    account = new_id()
    await database.execute(
        "INSERT INTO accounts (id, phone, name, created_at) VALUES ($1, '13800000063', '邻管', now())", account
    )
    post = await posts.create(Role.AREA_ADMIN, "向阳管理员", area_id=cast.next_community, by=cast.system_admin)
    await posts.fill(post, account, cast.system_admin)
    return Actor(account_id=account, name="邻管")


def _form(cast: Cast, report: UUID, chosen: int, code: str) -> dict[str, str]:
    """A form that has every field of every route, each of them plausible, confirmed already."""
    return {
        "command": str(new_id()),
        "sure": "on",
        "text": "照办",
        "reason": "核对情况",
        "note": "请看",
        "promise": "今天去",
        "quick": "今天去",
        "passed": "yes",
        "stars": "5",
        "again": "on",
        "level": "normal",
        "then": "",
        "category": str(chosen),
        "unit": str(cast.next_unit),
        "post": str(cast.second_staff.posts[0].id),
        "account": str(cast.lead.account_id),
        "report": str(report),
        "area": str(cast.grid),
        "community": str(cast.community),
        "community_id": str(cast.community),
        "latitude": "22.605",
        "longitude": "114.005",
        "name": "新名字",
        "title": "新岗位",
        "code": f"{code}9",
        "kind": "street_team",
        "role": "community_staff",
        "phone": "13900000009",
        "answers": "工作日",
        "days_off": "2031-01-01",
        "days_worked": "",
        "standard": "t",
        "normal_amount": "3",
        "normal_unit": "working_days",
        "demanded": "on",
        "job": "1",
        "old": "old-password-of-mine",
        "password": "short",
        "next": "/mine",
        "choice": "WGS-84",
        "theme": "dark",
        "outlet": "webhook",
        "whose": f"area:{cast.community}",
        "url": "https://hook.example/huying?key=693a91f6-4bc4",
        "key": "a key that both sides know",
        "delivery": str(new_id()),
        "place": "民治路12号",
        "room": "501",
        "way": "door",
        "outcome": "met",
        "topics": "daily",
        "why": "asked",
        "purpose": "有人常去看看",
        "words": "换一位来",
        "days": "30",
        "quiet_begins": "22",
        "quiet_ends": "7",
        "daily_at": "18",
    }


@asynccontextmanager
async def undone() -> AsyncIterator[None]:
    """Whatever is done within is undone."""
    try:
        async with database.transaction():
            yield
            raise _Undone
    except _Undone:
        pass


class _Undone(Exception):
    pass


async def ask(client: httpx.AsyncClient, route: str, world: World, form: dict[str, str] | None) -> httpx.Response:
    """Ask a route with parameters that exist; each time as another browser with the same session."""
    browser = another(client, {"huying": client.cookies["huying"]} if "huying" in client.cookies else {})
    sent = form and {**form, "command": str(new_id())}
    if sent and route in ("POST /admin/areas", "POST /admin/areas/{area_id}/parent"):
        sent |= {"parent": world.above, "level": "grid"}
    if sent and route == "POST /admin/organisations":
        sent |= {"kind": "committee"}
    return await browser.request(route.split()[0], path_of(route, world), data=sent)


def path_of(route: str, world: World) -> str:
    if route == "GET /assets/{version}/{path}":
        return asset()
    path = re.sub(r"\{(\w+)\}", lambda found: world.names.get(found[1], "x"), route.partition(" ")[2])
    return f"{path}?area={world.community}" if WHO[route] is For.POSTER else path


def asset() -> str:
    from web import assets

    return assets.assets().url("css/app.css")


def _expected(route: str, audience: For, who: str, private: bool, full: bool) -> str:
    comers = PRIVATE.get(audience, COMERS[audience]) if private else COMERS[audience]
    if route in ("GET /r/{secret}", "GET /z/{secret}", "GET /sheet"):
        return "not found"  # a secret that was never given
    if who == "stranger" and audience not in OPEN_TO_STRANGERS:
        return "sign in"
    if comers is None or (who in comers and (full or route != "POST /admin/areas")):
        return "in"
    if audience is For.OPENER and who in (COMERS[For.OPENERS] or ()):
        return "anything but done"
    asks_little = route in WORDS_ONLY or ("POST /admin" in route and "{" not in route and not full)
    return "anything but done" if who in _ADMINS and asks_little else "not found"


def _fits(answer: httpx.Response, expected: str, route: str) -> bool:
    status, to = answer.status_code, answer.headers.get("location", "")
    signs_in = status == 303 and bool(re.match(r"/signin(/staff)?\?next=", to))
    match expected:
        case "sign in":
            return signs_in
        case "not found":
            return status == 404
        case "anything but done":
            return status in (404, 409, 422)
    if route == "POST /signals":
        return status == 401
    if "/sync" in route:
        return status in (200, 400)
    if route.startswith("POST"):
        return not signs_in and status in (200, 201, 303, 409, 422, 429)
    return not signs_in and status in (200, 303)
