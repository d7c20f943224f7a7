"""One case: what it is, what may be done with it now, and the form of the step that was chosen."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar.response import Template

from server.cases import case as cases
from server.cases import view
from server.cases.warning import ALARM_WORDS
from server.cases.way import OPEN, Relation, State
from server.households import helping
from server.kernel.actor import Actor
from server.kernel.errors import HuyingError, Invalid, NotFound, Stale
from server.notices.alarms import lists as alarms
from web.fragments import AnyRequest, actor_of, page
from web.pages.desk import offers, site, steps
from web.pages.desk.site import Site
from web.pages.photos import path as photo_path

_KEPT = ("text", "reason", "note", "promise")
"""Fields whose words are shown again even where the step has gone."""


async def show(
    request: AnyRequest,
    where: Site,
    number: str,
    *,
    doing: str = "",
    typed: Mapping[str, Any] | None = None,
    refusal: HuyingError | None = None,
    revealed: UUID | None = None,
    photos: Mapping[str, tuple[UUID, ...]] | None = None,
) -> Template:
    """The page of a case; after a refusal with what was typed, so that nothing is lost. NotFound where invisible."""
    by = actor_of(request)
    shown = await view.view(number, by)
    if shown.relations <= {Relation.REPORTER}:
        raise NotFound("没有找到这件事,或者您没有权限查看。")
    chosen = steps.may(shown, doing, where.steps)
    main, others = steps.offered(shown, where.steps)
    typed = typed or {}
    values = {
        **await site.listing(request, where, by),
        "view": shown,
        "alarms": await alarms.of_case(shown.case.id),
        "alarm_words": ALARM_WORDS,
        "helpers": await helping.of_case(shown.case.id),
        "main": main,
        "others": others,
        "doing": chosen,
        "offer": await offers.of(chosen.verb, shown, by, typed or request.query_params) if chosen else None,
        "typed": typed,
        "kept": [] if chosen else [str(typed[name]) for name in _KEPT if typed.get(name)],
        "photos_kept": photos or {},
        "open": shown.case.state in OPEN,
        "calls": shown.case.open and Relation.UNIT in shown.relations,
        "revealed": revealed,
        "photo_path": photo_path,
    }
    if request.query_params.get("said") == "accept" and shown.case.state is State.DISPATCHED:
        values["said"] = steps.BOTH
    return page(request, where.template, **_said(refusal), **_without(values, refusal))


async def visible(number: str, by: Actor) -> bool:
    """Whether the case is still one of the actor's after what they did."""
    try:
        known = await cases.load(number, by)
    except NotFound:
        return False
    return not known.relations <= {Relation.REPORTER}


def _said(refusal: HuyingError | None) -> dict[str, Any]:
    """Status, and what the notice and the fields say of a refusal."""
    none: dict[str, str] = defaultdict(str)
    if refusal is None:
        return {"status": 200, "refusal": "", "meanwhile": (), "errors": none}
    headers = {"HX-Push-Url": "false"}
    if isinstance(refusal, Invalid):
        return {"status": 422, "headers": headers, "refusal": "", "meanwhile": (), "errors": none | refusal.fields}
    meanwhile = refusal.meanwhile if isinstance(refusal, Stale) else ()
    return {"status": 409, "headers": headers, "refusal": refusal.words, "meanwhile": meanwhile, "errors": none}


def _without(values: dict[str, Any], refusal: HuyingError | None) -> dict[str, Any]:
    return values if refusal is None else values | {"said": ""}
