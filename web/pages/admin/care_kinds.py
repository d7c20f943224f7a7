"""Ways of looking in that households may agree to: what each is called, what counts, how often."""

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from server.areas.scope import administers_a_district
from server.households.care import kinds, rule
from server.kernel.errors import NotFound
from web.fragments import AnyRequest, actor_of
from web.pages.admin.acting import Filled, Form, Line, Page, change, shown

BASE = "/admin/care-kinds"


class Create(Form, frozen=True):
    code: Line = ""
    name: Line = ""
    purpose: Line = ""
    way: Line = ""
    hours: int = 0


class Change(Form, frozen=True):
    name: Line = ""
    purpose: Line = ""
    hours: int = 0
    active: bool = False


@get("/care-kinds")
async def index(request: AnyRequest) -> Template:
    """All kinds, in use or not."""
    return await _index(request, Filled())


@post("/care-kinds")
async def create(request: AnyRequest) -> Page:
    """Add a kind."""

    async def do(sent: Create) -> str:
        by = actor_of(request)
        await kinds.save(sent.code, sent.name, sent.purpose, sent.way, sent.hours, by=by, new=True)
        return BASE

    return await change(request, "care_kind.create", Create, show=lambda filled: _index(request, filled), do=do)


@post("/care-kinds/{care_kind:int}")
async def changed(request: AnyRequest, care_kind: FromPath[int]) -> Page:
    """What it is called, what it is for, how often, whether it is offered."""
    kind = next((one for one in await kinds.every(active=False) if one.id == care_kind), None)
    if kind is None:
        raise NotFound()
    code, way = kind.code, kind.way

    async def do(sent: Change) -> str:
        by = actor_of(request)
        await kinds.save(code, sent.name, sent.purpose, way, sent.hours, by=by, active=sent.active)
        return BASE

    return await change(request, "care_kind.change", Change, show=lambda filled: _index(request, filled), do=do)


async def _index(request: AnyRequest, filled: Filled) -> Template:
    return shown(
        request,
        "admin/care_kinds.html",
        filled,
        every=await kinds.every(active=False),
        ways=rule.WAYS,
        mine=await administers_a_district(actor_of(request)),
    )


handlers = [index, create, changed]
