"""Who is away, and who is sent somewhere now."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Meta

from server.patrols import absences, open_tasks, orders
from server.patrols.destinations import Wanted
from server.patrols.reach import desks
from web.fragments import AnyRequest, actor_of
from web.pages.admin.acting import Filled, Form, Line, Number
from web.pages.patrols.acting import BASE, Asked, Page, change, cursor, shown

ABSENCES, ORDERS = f"{BASE}/absences", f"{BASE}/orders"


class Away(Form, frozen=True, kw_only=True):
    post: Number
    since: date
    until: date
    to_post: Number | None = None


class Send(Form, frozen=True, kw_only=True):
    post: Number
    words: Annotated[str, Meta(max_length=2_000)] = ""
    address: Annotated[str, Meta(max_length=200)] = ""
    unknown: bool = False
    latitude: float | None = None
    longitude: float | None = None
    place: Line = ""
    case: Line = ""

    @property
    def to(self) -> Wanted:
        return msgspec.convert(self, Wanted, from_attributes=True)


@get("/absences")
async def away(request: AnyRequest) -> Template:
    """Who is away, and where that is noted."""
    return await _away(request, Filled())


@post("/absences")
async def begin(request: AnyRequest) -> Page:
    """Note an absence; first how many tasks it moves."""
    by = actor_of(request)

    async def ask(sent: Away) -> Asked:
        moved = await absences.begin(sent.post, sent.since, sent.until, by, to_post=sent.to_post, dry_run=True)
        to = "转给所选的同事" if sent.to_post else "转到社区这里,由社区安排"
        days = f"{sent.since.month} 月 {sent.since.day} 日到 {sent.until.month} 月 {sent.until.day} 日"
        lines = (days, f"这几天现有 {moved.tasks} 个任务{to};以后新生成的也一样。")
        return Asked(title="登记请假", back=ABSENCES, yes="登记", lines=lines)

    async def do(sent: Away) -> str:
        await absences.begin(sent.post, sent.since, sent.until, by, to_post=sent.to_post)
        return ABSENCES

    return await change(request, "absence.begin", Away, show=lambda filled: _away(request, filled), do=do, ask=ask)


@post("/absences/{absence_id:int}/end")
async def end(request: AnyRequest, absence_id: FromPath[int]) -> Page:
    """They are back."""
    await absences.must_be_theirs(absence_id, actor_of(request))

    async def do(sent: Form) -> str:
        await absences.end(absence_id, actor_of(request))
        return ABSENCES

    return await change(request, "absence.end", Form, show=lambda filled: _away(request, filled), do=do)


@get("/orders")
async def sent(request: AnyRequest) -> Template:
    """Who is on the way where, and where somebody is sent."""
    return await _orders(request, Filled())


@post("/orders")
async def send(request: AnyRequest) -> Page:
    """Send somebody there now."""

    async def do(sent: Send) -> str:
        await orders.send(sent.post, actor_of(request), words=sent.words, to=sent.to)
        return ORDERS

    return await change(request, "order.send", Send, show=lambda filled: _orders(request, filled), do=do)


@post("/orders/{order:uuid}/withdrawal")
async def take_back(request: AnyRequest, order: FromPath[UUID]) -> Page:
    """Not needed any more."""
    await orders.must_be_theirs(order, actor_of(request))

    async def do(sent: Form) -> str:
        await orders.withdraw(order, actor_of(request))
        return ORDERS

    return await change(request, "order.withdraw", Form, show=lambda filled: _orders(request, filled), do=do)


async def _away(request: AnyRequest, filled: Filled) -> Template:
    by = actor_of(request)
    return shown(
        request,
        "patrols/absences.html",
        filled,
        absences=await absences.absences(by),
        workers=await open_tasks.workers(by),
    )


async def _orders(request: AnyRequest, filled: Filled) -> Template:
    by = actor_of(request)
    ended = request.query_params.get("ended", "") == "1"
    after = cursor(request)
    own = next((post.area_id for post in desks(by) if post.area_level == "community"), None)
    return shown(
        request,
        "patrols/orders.html",
        filled,
        found=await orders.orders(by, going=not ended, after=after),
        after=after,
        ended=ended,
        workers=await open_tasks.workers(by),
        community=own or "",
        place=request.query_params.get("place", "")[:40],
        case=request.query_params.get("case", "")[:40],
    )


handlers = [away, begin, end, sent, send, take_back]
