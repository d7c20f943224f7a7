"""Tags of households: what each is called, the purpose it serves, how long it lasts."""

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from server.areas.scope import administers_a_district
from server.households import tags
from server.kernel.errors import NotFound
from web.fragments import AnyRequest, actor_of
from web.pages.admin.acting import Filled, Form, Line, Page, change, shown

BASE = "/admin/household-tags"


class Create(Form, frozen=True):
    code: Line = ""
    name: Line = ""
    purpose: Line = ""
    days: int = 0


class Change(Form, frozen=True):
    name: Line = ""
    purpose: Line = ""
    days: int = 0
    active: bool = False


@get("/household-tags")
async def index(request: AnyRequest) -> Template:
    """All kinds, in use or not."""
    return await _index(request, Filled())


@post("/household-tags")
async def create(request: AnyRequest) -> Page:
    """Add a kind."""

    async def do(sent: Create) -> str:
        await tags.save_kind(sent.code, sent.name, sent.purpose, sent.days, by=actor_of(request), new=True)
        return BASE

    return await change(request, "household_tag.create", Create, show=lambda filled: _index(request, filled), do=do)


@post("/household-tags/{tag_id:int}")
async def changed(request: AnyRequest, tag_id: FromPath[int]) -> Page:
    """What it is called, why it is kept, how long, whether it is in use."""
    kind = next((one for one in await tags.kinds(active=False) if one.id == tag_id), None)
    if kind is None:
        raise NotFound()
    code = kind.code

    async def do(sent: Change) -> str:
        by = actor_of(request)
        await tags.save_kind(code, sent.name, sent.purpose, sent.days, by=by, active=sent.active)
        return BASE

    return await change(request, "household_tag.change", Change, show=lambda filled: _index(request, filled), do=do)


async def _index(request: AnyRequest, filled: Filled) -> Template:
    return shown(
        request,
        "admin/household_tags.html",
        filled,
        every=await tags.kinds(active=False),
        mine=await administers_a_district(actor_of(request)),
    )


handlers = [index, create, changed]
