"""The address register: look up, add, correct, retire, aliases."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from server.addresses import matcher, register
from server.addresses.register import Given
from server.addresses.rows import CONVERTERS
from server.areas import administration, tree
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from web.fragments import AnyRequest, actor_of
from web.pages.admin import history
from web.pages.admin.acting import Asked, Filled, Form, Line, Number, Page, asked_for, change, number_asked, shown


class Written(Form, frozen=True, kw_only=True):
    """An address as its form sends it."""

    text: Line = ""
    grid: Number | None = None
    longitude: Line = ""
    latitude: Line = ""
    datum: Line = "WGS-84"
    source: Line = ""

    @property
    def given(self) -> Given:
        return Given(
            text=self.text,
            grid_id=self.grid,
            longitude=self.longitude,
            latitude=self.latitude,
            datum=self.datum,
            source=self.source,
        )


class Add(Written, frozen=True, kw_only=True):
    code: Line = ""
    community: Number


class Called(Form, frozen=True):
    alias: Line = ""


@get("/addresses")
async def index(request: AnyRequest) -> Template:
    """Look up: what is registered like this, and what the matcher would make of it."""
    by, q = actor_of(request), asked_for(request, "q")
    found = await register.search(q, by) if q else await register.latest(by)
    match = await matcher.match(q) if q and not found else matcher.Match()
    return shown(
        request,
        "admin/addresses.html",
        Filled(),
        q=q,
        found=found,
        near=[one for one in match.candidates if one.address_id and await _mine(one.address_id, by)],
        count=0 if q else await register.count(by),
    )


@get("/addresses/new")
async def new(request: AnyRequest) -> Template:
    """Where an address is added."""
    return await _new(request, Filled())


@post("/addresses")
async def add(request: AnyRequest) -> Page:
    """Add an address."""
    by = actor_of(request)

    async def do(sent: Add) -> str:
        return _path(await register.add(sent.community, sent.given, by=by, code=sent.code))

    return await change(request, "address.add", Add, show=lambda filled: _new(request, filled), do=do)


@get("/addresses/{address_id:int}")
async def one(request: AnyRequest, address_id: FromPath[int]) -> Template:
    """One address."""
    return await _show(request, Filled(), address_id)


@post("/addresses/{address_id:int}/text")
async def correct(request: AnyRequest, address_id: FromPath[int]) -> Page:
    """Say it anew."""
    by = actor_of(request)
    await register.one(address_id, by)

    async def do(sent: Written) -> str:
        await register.correct(address_id, sent.given, by=by)
        return _path(address_id)

    return await change(request, "address.correct", Written, show=_again(request, address_id), do=do)


@post("/addresses/{address_id:int}/retirement")
async def retire(request: AnyRequest, address_id: FromPath[int]) -> Page:
    """Take it out of use."""
    by = actor_of(request)
    address = await register.one(address_id, by)

    async def ask(_: Form) -> Asked:
        return Asked(
            title="停用这个地址",
            back=_path(address_id),
            yes="停用",
            lines=(address.text, "停用后按地址就找不到它,记录还在,不能恢复。"),
        )

    async def do(_: Form) -> str:
        await register.retire(address_id, by=by)
        return _path(address_id)

    return await change(request, "address.retire", Form, show=_again(request, address_id), do=do, ask=ask)


@post("/addresses/{address_id:int}/aliases")
async def add_alias(request: AnyRequest, address_id: FromPath[int]) -> Page:
    """Another name."""
    by = actor_of(request)
    await register.one(address_id, by)

    async def do(sent: Called) -> str:
        await register.add_alias(address_id, sent.alias, by=by)
        return _path(address_id)

    return await change(request, "address.alias", Called, show=_again(request, address_id), do=do)


@post("/addresses/{address_id:int}/aliases/{alias_id:int}/end")
async def end_alias(request: AnyRequest, address_id: FromPath[int], alias_id: FromPath[int]) -> Page:
    """No longer called so."""
    by = actor_of(request)
    await register.one(address_id, by)

    async def do(_: Form) -> str:
        await register.end_alias(address_id, alias_id, by=by)
        return _path(address_id)

    return await change(request, "address.alias_end", Form, show=_again(request, address_id), do=do)


async def _mine(address_id: int, by: Actor) -> bool:
    try:
        await register.one(address_id, by)
    except NotFound:
        return False
    return True


def _again(request: AnyRequest, address_id: int) -> Any:
    async def show(filled: Filled) -> Template:
        return await _show(request, filled, address_id)

    return show


async def _show(request: AnyRequest, filled: Filled, address_id: int) -> Template:
    address = await register.one(address_id, actor_of(request))
    return shown(
        request,
        "admin/address.html",
        filled,
        address=address,
        aliases=await register.aliases(address_id),
        grids=await tree.children(address.community_id),
        datums=tuple(CONVERTERS),
        history=await history.of(f"address:{address_id}"),
    )


async def _new(request: AnyRequest, filled: Filled) -> Template:
    return shown(
        request,
        "admin/address_new.html",
        filled,
        community=number_asked(request, "community"),
        communities=await administration.of_levels(("community",), actor_of(request)),
        datums=tuple(CONVERTERS),
    )


def _path(address_id: int) -> str:
    return f"/admin/addresses/{address_id}"


handlers = [index, new, add, one, correct, retire, add_alias, end_alias]
