"""The list of places through a lens, and the sheet of their labels."""

import asyncio
import io
from typing import Any

import msgspec
import segno
from litestar import get
from litestar.response import Redirect, Template
from markupsafe import Markup

from server.kernel.errors import Invalid, NotFound
from server.kernel.settings import settings
from server.patrols import codes, kinds, lists
from server.patrols import place as places
from server.patrols.lists import Page
from server.patrols.place import KEEPERS
from web.fragments import AnyRequest, actor_of, go, page
from web.pages.places import choosing, offers
from web.pages.places.choosing import Choice
from web.pages.places.words import SAID

BASE = "/desk/places"
LABELS = 24
"""Labels on a sheet of A4: three by eight, as sheets of stickers have it."""
SHEETS = 4
_MASK = 2
"""Of the code's eight patterns; trying them all takes four times as long, and cameras read any."""


@get("/")
async def index(request: AnyRequest) -> Template | Redirect:
    """The list with its filters; a code that was typed leads to its place at once."""
    by, choice = actor_of(request), choosing.read(request.query_params)
    look = lists.lens(by, choice.post)
    if choice.words and (found := await _named(request, choice.words)):
        return go(request, f"{BASE}/{found}")
    said, shown = "", Page(rows=(), further="")
    try:
        shown = await lists.page(look, choice.filter)
    except Invalid as error:
        said = error.words
    return page(
        request,
        "places/list.html",
        base=BASE,
        choice=choice,
        lens=look,
        lenses=lists.lenses(by),
        found=shown,
        refused=said,
        said=SAID.get(request.query_params.get("said", ""), ""),
        kinds=await kinds.kinds(active=False),
        communities=await offers.communities(look),
        grids=await offers.grids(look, choice.community),
        unvisited=choosing.UNVISITED,
        chips=chips,
        keeps=by.has(*KEEPERS),
    )


@get("/labels")
async def labels(request: AnyRequest) -> Template:
    """Labels to print and stick: of the places of a list, or of one (`code`)."""
    by, choice = actor_of(request), choosing.read(request.query_params)
    if code := str(request.query_params.get("code", "")):
        one = await places.load(code, by)
        shown = [
            {"code": one.code, "name": one.name, "kind": (await kinds.kind(one.kind)).name, "qr": picture(one.code)}
        ]
        return page(request, "places/labels.html", base=BASE, choice=choice, sheets=[shown], count=1, further="")
    found = await lists.page(lists.lens(by, choice.post), _unvisited(choice).filter, size=LABELS * SHEETS)
    rows = await asyncio.to_thread(
        lambda: [{"code": row.code, "name": row.name, "kind": row.kind, "qr": picture(row.code)} for row in found.rows]
    )
    sheets = [rows[begin : begin + LABELS] for begin in range(0, len(rows), LABELS)]
    return page(
        request, "places/labels.html", base=BASE, choice=choice, sheets=sheets, count=len(rows), further=found.further
    )


def address(code: str) -> str:
    """What a label's code says."""
    return f"{settings().public_url.rstrip('/')}/p/{code}"


def picture(code: str) -> Markup:
    """A label's code as an inline SVG; a quarter of it may be dirty or torn."""
    out = io.BytesIO()
    segno.make_qr(address(code), error="q", mask=_MASK).save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        border=2,
        light="#fff",
        svgclass="label-code",
        lineclass=None,
    )
    return Markup(out.getvalue().decode())


def chips(choice: Choice, every: list[kinds.Kind]) -> list[dict[str, Any]]:
    """Kinds, and those in use or not, as groups of links for the filter bar."""

    def chip(word: str, on: bool, **changed: Any) -> dict[str, Any]:
        return {"word": word, "on": on, "href": f"{BASE}{choice.query(**changed)}"}

    own = [chip("全部", choice.kind is None, kind=None)]
    own += [
        chip(kind.name, choice.kind == kind.id, kind=None if choice.kind == kind.id else kind.id)
        for kind in every
        if kind.active or choice.kind == kind.id
    ]
    return [{"word": "种类", "options": own}]


def _unvisited(choice: Choice) -> Choice:
    return msgspec.structs.replace(choice, unvisited=None)


async def _named(request: AnyRequest, words: str) -> str | None:
    """The code of the place that a search names by its label or by its code in the list it came from."""
    by = actor_of(request)
    try:
        return (await places.load(words, by)).code if codes.read(words) else await _external(request, words)
    except NotFound:
        return None


async def _external(request: AnyRequest, words: str) -> str | None:
    found = await lists.of_external(words, actor_of(request))
    return found.code if found else None
