"""Rectifications with the operator's sheet, and late and doubled records."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Meta

from server.kernel.settings import settings
from server.patrols import late, one_visit, rectifications, sheets, visit_photos
from web.fragments import AnyRequest, actor_of, page
from web.pages.admin import history
from web.pages.admin.acting import Filled, Form, Line
from web.pages.patrols.acting import BASE, Page, address, change, cursor, shown

PATH, LATE = f"{BASE}/rectifications", f"{BASE}/late"
Words = Annotated[str, Meta(max_length=2_000)]


class Reason(Form, frozen=True, kw_only=True):
    reason: Words = ""
    seen: int | None = None


class Due(Reason, frozen=True, kw_only=True):
    due: date


class Settle(Form, frozen=True, kw_only=True):
    holds: bool
    note: Words = ""
    after: Line = ""


@get("/rectifications")
async def index(request: AnyRequest) -> Template:
    """What has to be put right, by its day."""
    closed = request.query_params.get("closed", "") == "1"
    after = cursor(request)
    found = await sheets.sheets(actor_of(request), closed=closed, after=after)
    return shown(request, "patrols/rectifications.html", Filled(), found=found, after=after, closed=closed)


@get("/rectifications/{rectification:uuid}")
async def one(request: AnyRequest, rectification: FromPath[UUID]) -> Template:
    """One of them."""
    return await _show(request, Filled(), rectification)


@get("/rectifications/{rectification:uuid}/sheet")
async def paper(request: AnyRequest, rectification: FromPath[UUID]) -> Template:
    """The operator's sheet, to print."""
    found = await sheets.sheet(rectification, actor_of(request))
    return page(request, "patrols/sheet.html", sheet=found, back=f"{PATH}/{rectification}")


@post("/rectifications/{rectification:uuid}/link")
async def make_link(request: AnyRequest, rectification: FromPath[UUID]) -> Page:
    """A secret link for the operator; it is shown on the page that follows."""

    async def do(sent: Form) -> str:
        await sheets.link(rectification, actor_of(request))
        return f"{PATH}/{rectification}?link=1"

    return await change(request, "rectification.link", Form, show=_again(request, rectification), do=do)


@post("/rectifications/{rectification:uuid}/due")
async def set_due(request: AnyRequest, rectification: FromPath[UUID]) -> Page:
    """Another day."""

    async def do(sent: Due) -> str:
        await rectifications.set_due(rectification, sent.due, actor_of(request), reason=sent.reason, seen=sent.seen)
        return f"{PATH}/{rectification}"

    return await change(request, "rectification.due", Due, show=_again(request, rectification), do=do)


@post("/rectifications/{rectification:uuid}/withdrawal")
async def withdraw(request: AnyRequest, rectification: FromPath[UUID]) -> Page:
    """Not needed any more."""

    async def do(sent: Reason) -> str:
        await rectifications.withdraw(rectification, actor_of(request), reason=sent.reason, seen=sent.seen)
        return f"{PATH}/{rectification}"

    return await change(request, "rectification.withdraw", Reason, show=_again(request, rectification), do=do)


@get("/late")
async def marked(request: AnyRequest) -> Template:
    """Records that came late or twice."""
    return await _late(request, Filled())


@get("/visits/{visit:uuid}")
async def record(request: AnyRequest, visit: FromPath[UUID]) -> Template:
    """One record whole, with its versions."""
    return shown(request, "patrols/visit.html", Filled(), visit=await one_visit.visit(visit, actor_of(request)))


@post("/late/{visit:uuid}")
async def settle(request: AnyRequest, visit: FromPath[UUID]) -> Page:
    """Say whether one counts."""
    await late.must_be_theirs(visit, actor_of(request))

    async def do(sent: Settle) -> str:
        await late.settle(visit, actor_of(request), holds=sent.holds, note=sent.note)
        return address(LATE, after=sent.after)

    return await change(request, "late.settle", Settle, show=lambda filled: _late(request, filled), do=do)


def _again(request: AnyRequest, rectification: UUID) -> Callable[[Filled], Awaitable[Template]]:
    async def show(filled: Filled) -> Template:
        return await _show(request, filled, rectification)

    return show


async def _show(request: AnyRequest, filled: Filled, rectification: UUID) -> Template:
    by = actor_of(request)
    found = await sheets.sheet(rectification, by)
    asked = request.query_params.get("link", "") == "1" and found.state == "open"
    told = await history.of(rectifications.stream_of(rectification))
    link = f"{settings().public_url}/z/{await sheets.link(rectification, by)}" if asked else ""
    return shown(request, "patrols/rectification.html", filled, one=found, link=link, history=told)


async def _late(request: AnyRequest, filled: Filled) -> Template:
    after = cursor(request, filled)
    found = await late.late(actor_of(request), after)
    missing = await visit_photos.missing([row.id for row in found.rows])
    return shown(request, "patrols/late.html", filled, found=found, after=after, missing=missing)


handlers = [index, one, paper, make_link, set_due, withdraw, marked, record, settle]
