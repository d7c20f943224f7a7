"""The two sites of the staff, desk and unit: same lists and cases, different posts, steps and templates."""

from collections.abc import Callable
from typing import Any

import msgspec

from server.cases import lists
from server.cases.case import DESK_ROLES
from server.cases.lists import Counts, Filter, Lens
from server.cases.way import STATE_WORDS, State
from server.forms.categories import LEVEL_WORDS
from server.kernel.actor import Actor, Role
from web.fragments import AnyRequest
from web.pages.desk import choosing, steps
from web.pages.desk.choosing import Choice
from web.pages.desk.steps import Doing


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Where the pages are, for which posts, and what they let be done."""

    base: str
    title: str
    roles: tuple[Role, ...]
    steps: tuple[Doing, ...]
    template: str
    """Of the list and the case."""
    chips: Callable[[str, Choice, Counts], list[dict[str, Any]]]
    usual: tuple[State, ...] = ()
    """The states that are shown where nothing is chosen."""

    def path(self, number: str) -> str:
        return f"{self.base}/cases/{number}"


DESK = Site(
    base="/desk",
    title="工单",
    roles=(*DESK_ROLES, Role.GRID_WORKER),
    steps=steps.DESK,
    template="desk/desk.html",
    chips=choosing.chips,
)
UNIT = Site(
    base="/unit",
    title="处置",
    roles=(Role.UNIT_HANDLER, Role.UNIT_LEAD),
    steps=steps.UNIT,
    template="unit/unit.html",
    chips=choosing.unit_chips,
    usual=(State.DISPATCHED, State.IN_HAND),
)


async def listing(request: AnyRequest, site: Site, by: Actor) -> dict[str, Any]:
    """What a list's template needs. Two statements: the rows and the counts."""
    choice = choosing.read(request.query_params)
    look = choosing.lens(by, site.roles, choice)
    return {
        **frame(site, choice, by, look),
        "said": said(site, request.query_params.get("said", "")),
        "found": await lists.page(look, _filter(site, choice)),
        "counts": await lists.counts(look),
    }


def frame(site: Site, choice: Choice, by: Actor, look: Lens) -> dict[str, Any]:
    """What every page of a site needs, without asking the database."""
    return {
        "site": site,
        "choice": choice,
        "lens": look,
        "lenses": [post for post in lists.lenses(by) if post.role in site.roles],
        "state_words": STATE_WORDS,
        "level_words": LEVEL_WORDS,
        "meaning": steps.MEANING,
        "said": "",
    }


def _filter(site: Site, choice: Choice) -> Filter:
    if choice.narrowed or choice.done:
        return choice.filter
    return msgspec.structs.replace(choice.filter, states=site.usual)


def said(site: Site, verb: str) -> str:
    """What is said once after something was done."""
    return next((one.done for one in site.steps if one.verb == verb), "")
