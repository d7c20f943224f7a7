"""What the form of a step offers to choose from, loaded only when that form is open."""

from collections.abc import Mapping
from typing import Any

from litestar.datastructures import MultiDict

from server.addresses import matcher
from server.addresses.matcher import Candidate
from server.areas import choices as places
from server.areas import tree
from server.cases import choices
from server.cases.closing import LOW
from server.cases.view import CaseView
from server.forms import categories, demo_categories, fields, questions
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.errors import HuyingError

LIKELY = 0.2
"""Candidates below this confidence are not worth a look."""


async def of(verb: str, shown: CaseView, by: Actor, sent: Mapping[str, Any]) -> dict[str, Any]:
    """For the template of the step's form; `sent` is what was typed, or else the query."""
    match verb:
        case "accept" | "classify":
            return await _accept(shown, sent)
        case "dispatch":
            category = shown.category.category_id if shown.category else None
            return {"units": await choices.units(shown.case, category), "default": category is not None}
        case "relocate":
            near = shown.case.community
            return {
                "likely": await _likely(shown),
                "grids": await tree.children(near) if near else [],
                "streets": await places.choices(),
            }
        case "assign":
            unit = shown.case.handler_unit
            at_desk = await choices.desk_colleagues(shown.case, by)
            return {"desk": at_desk, "unit": await choices.unit_colleagues(shown.case) if unit else []}
        case "close":
            return {"low": LOW}
    return {}


async def _likely(shown: CaseView) -> list[dict[str, Any]]:
    """Where the place in words may be, of what the register knows: each grid once, with the best address in it."""
    case = shown.case
    if not case.place or case.latitude is not None:
        return []
    found = await matcher.match_in_time(case.place, community_id=case.community, above=matcher.above_of(shown.line))
    grids: dict[int, Candidate] = {}
    for one in found.candidates:
        if one.grid_id is not None and one.grid_id != case.grid and one.confidence >= LIKELY:
            grids.setdefault(one.grid_id, one)
    return [{"grid": grid, "name": (await tree.get(grid)).name, "by": one} for grid, one in grids.items()]


async def _accept(shown: CaseView, sent: Mapping[str, Any]) -> dict[str, Any]:
    category = await _category(sent)
    found = str(sent.get("find", ""))[:100]
    leaves = [] if category else await _leaves(found)
    form = questions.read_form(category.questions) if category else ()
    return {
        "questions": form,
        "questions_written": database.to_jsonb(form),
        "answers": fields.typed(form, asked(sent)),
        "category": category,
        "find": found,
        "leaves": leaves,
        "everyday": not found,
        "skipped": str(sent.get("category", "")) == "0" or "command" in sent,
        "levels": await choices.levels(shown.case, category),
        "units": await choices.units(shown.case, category.category_id if category else None),
    }


def asked(sent: Mapping[str, Any]) -> dict[str, list[str]]:
    """What a form holds for a category's questions: fields named q.<question>, each with all that was sent."""
    every = sent.getall if isinstance(sent, MultiDict) else lambda name, _: [sent[name]]
    return {name[2:]: [str(one) for one in every(name, [])] for name in sent if name.startswith("q.")}


async def _leaves(find: str) -> list[categories.Leaf]:
    """What fits the words; without words the everyday ones, where the district has them."""
    if find:
        return await categories.leaves(find, limit=30)
    return await categories.leaves(standard=demo_categories.STANDARD, limit=30) or await categories.leaves(limit=30)


async def _category(sent: Mapping[str, Any]) -> categories.Version | None:
    given = str(sent.get("category", ""))
    if not (given.isascii() and given.isdigit() and len(given) < 10) or given == "0":
        return None
    try:
        return await categories.current(int(given))
    except HuyingError:  # retired meanwhile, or an address made up: choose again
        return None
