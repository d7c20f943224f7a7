"""/household: for the contact of a linked household, by the phone that they signed in with."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Meta

from server.devices import receipts
from server.households import own
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound
from web import session
from web.fragments import AnyRequest, actor_of, decode, go, page
from web.pages.admin.acting import Filled, Form, Page, texts

BASE = "/household"
SAID = {
    "asked": "已告诉社区,改好了这里会写明。",
    "care": "已经不再看望,随时可以再约。",
    "left": "已经不再联系。",
    "erased": "已经不再联系,记下的内容都删掉了。",
}


class Wish(Form, frozen=True, kw_only=True):
    words: Annotated[str, Meta(max_length=2_000)] = ""


@get("/")
async def index(request: AnyRequest) -> Template:
    """What is kept of it."""
    return await _index(request, Filled())


@get("/{household_of:uuid}/copy")
async def copy(request: AnyRequest, household_of: FromPath[UUID]) -> Response[bytes]:
    """The same as a file to keep (JSON)."""
    found = next((one for one in await own.of(actor_of(request)) if one.id == household_of), None)
    if found is None:
        raise NotFound()
    return Response(
        msgspec.json.format(msgspec.json.encode(found), indent=2),
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="household.json"'},
    )


@post("/{household_of:uuid}/wishes")
async def ask(request: AnyRequest, household_of: FromPath[UUID]) -> Page:
    """Ask for a change."""
    by = actor_of(request)
    await _theirs(household_of, by)
    typed = await request.form()
    try:
        sent = decode(typed, Wish)
        await _once(request, sent, by, lambda: own.ask(household_of, by, words=sent.words))
    except (Invalid, NotAllowed) as refusal:
        return await _index(request, Filled(doing=str(household_of), typed=texts(typed), refusal=refusal))
    return go(request, f"{BASE}?said=asked")


@post("/{household_of:uuid}/care/leaving")
async def leave_care(request: AnyRequest, household_of: FromPath[UUID]) -> Page:
    """Nobody looks in any more; everything else stays."""
    by = actor_of(request)
    await _theirs(household_of, by)
    sent = decode(await request.form(), Form)
    await _once(request, sent, by, lambda: own.leave_care(household_of, by))
    return go(request, f"{BASE}?said=care")


@post("/{household_of:uuid}/leaving")
async def leave(request: AnyRequest, household_of: FromPath[UUID]) -> Page:
    """Nobody comes by any more."""
    by = actor_of(request)
    await _theirs(household_of, by)
    sent = decode(await request.form(), Form)
    await _once(request, sent, by, lambda: own.leave(household_of, by))
    return go(request, f"{BASE}?said=left")


@post("/{household_of:uuid}/erasing")
async def erase(request: AnyRequest, household_of: FromPath[UUID]) -> Page:
    """Nobody comes by any more, and what was kept is erased."""
    by = actor_of(request)
    await _theirs(household_of, by)
    sent = decode(await request.form(), Form)
    if not sent.sure:
        return await _index(request, Filled(doing=f"erase {household_of}"))
    await _once(request, sent, by, lambda: own.erase(household_of, by))
    return go(request, f"{BASE}?said=erased")


async def _theirs(household: UUID, by: Actor) -> None:
    if household not in [one.id for one in await own.of(by)]:
        raise NotFound()


async def _once(request: AnyRequest, sent: Form, by: Actor, call: Callable[[], Awaitable[None]]) -> None:
    async def do() -> str:
        await call()
        return ""

    await receipts.once(sent.command, "household.own", [request.url.path, sent], by, str, do)


async def _index(request: AnyRequest, filled: Filled) -> Template:
    said = SAID.get(request.query_params.get("said", ""), "")
    households = await own.of(actor_of(request))
    return page(request, "own/household.html", status=filled.status, found=households, filled=filled, said=said)


router = Router(
    BASE,
    route_handlers=[index, copy, ask, leave, leave_care, erase],
    guards=[session.signed_in],
    include_in_schema=False,
)
