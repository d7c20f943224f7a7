"""Robots of groups and other systems that get notices: the list, one of them, and its changes."""

from typing import Any

from litestar import get, post
from litestar.datastructures.multi_dicts import FormMultiDict
from litestar.params import FromPath
from litestar.response import Template

from server.areas import administration
from server.areas.tree import LEVEL_WORDS
from server.kernel.ids import new_secret
from server.notices import subscribers
from server.notices.outlets.chosen import SUBSCRIBERS
from server.notices.subscribers import CHOOSABLE, Wanted
from server.people import directory
from web.fragments import AnyRequest, actor_of
from web.pages.admin import history
from web.pages.admin.acting import Asked, Filled, Form, Line, Page, asked_for, change, number, shown


class Settings(Form, frozen=True, kw_only=True):
    name: Line = ""
    below: bool = False
    kinds: tuple[Line, ...] = ()
    quiet: bool = False

    @property
    def wanted(self) -> Wanted:
        return Wanted(name=self.name, below=self.below, kinds=frozenset(self.kinds), quiet=self.quiet)


class Create(Settings, frozen=True, kw_only=True):
    outlet: Line = ""
    whose: Line = ""
    """area:3 or unit:4"""
    url: str = ""
    key: str = ""


class Address(Form, frozen=True):
    url: str = ""
    key: str = ""


@get("/subscribers")
async def index(request: AnyRequest) -> Template:
    """Those in scope."""
    return shown(
        request,
        "admin/subscribers.html",
        Filled(),
        found=await subscribers.listed(actor_of(request)),
        outlets=SUBSCRIBERS,
    )


@get("/subscribers/new")
async def new(request: AnyRequest) -> Template:
    """Where one is added; the address of the page says which kind."""
    return await _new(request, Filled())


@post("/subscribers")
async def create(request: AnyRequest) -> Page:
    """Add one."""
    by = actor_of(request)

    async def do(sent: Create) -> str:
        kind, _, text = sent.whose.partition(":")
        place = {f"{kind}_id": number(text)} if kind in ("area", "unit") else {}
        made = await subscribers.add(sent.outlet, sent.wanted, url=sent.url, key=sent.key, by=by, **place)
        return _path(made)

    return await change(request, "subscriber.add", Create, show=lambda filled: _new(request, filled), do=do)


@get("/subscribers/{subscriber_id:int}")
async def one(request: AnyRequest, subscriber_id: FromPath[int]) -> Template:
    """One of them."""
    return await _show(request, Filled(), subscriber_id)


@post("/subscribers/{subscriber_id:int}/settings")
async def settle(request: AnyRequest, subscriber_id: FromPath[int]) -> Page:
    """Another name, other kinds, other hours."""
    by = actor_of(request)

    async def do(sent: Settings) -> str:
        await subscribers.change(subscriber_id, sent.wanted, by)
        return _path(subscriber_id)

    return await change(request, "subscriber.change", Settings, show=_again(request, subscriber_id), do=do)


@post("/subscribers/{subscriber_id:int}/address")
async def readdress(request: AnyRequest, subscriber_id: FromPath[int]) -> Page:
    """Another address or key."""
    by = actor_of(request)

    async def do(sent: Address) -> str:
        await subscribers.readdress(subscriber_id, sent.url, sent.key, by)
        return _path(subscriber_id)

    return await change(request, "subscriber.readdress", Address, show=_again(request, subscriber_id), do=do)


@post("/subscribers/{subscriber_id:int}/trial")
async def try_out(request: AnyRequest, subscriber_id: FromPath[int]) -> Page:
    """Send it a message that says that it arrives."""
    by = actor_of(request)

    async def do(sent: Form) -> str:
        await subscribers.try_out(subscriber_id, by)
        return f"/admin/deliveries?subscriber={subscriber_id}"

    return await change(request, "subscriber.try", Form, show=_again(request, subscriber_id), do=do)


@post("/subscribers/{subscriber_id:int}/end")
async def end(request: AnyRequest, subscriber_id: FromPath[int]) -> Page:
    """It gets nothing more."""
    by = actor_of(request)
    found = await subscribers.one(subscriber_id, by)

    async def ask(sent: Form) -> Asked:
        lines = ("以后的消息和还等着发的消息都不再发到这里,不能恢复。每个人自己的消息不受影响。",)
        return Asked(title=f"停用 {found.name}", back=_path(subscriber_id), yes="停用", lines=lines)

    async def do(sent: Form) -> str:
        await subscribers.end(subscriber_id, by)
        return _path(subscriber_id)

    return await change(request, "subscriber.end", Form, show=_again(request, subscriber_id), do=do, ask=ask)


def _again(request: AnyRequest, subscriber_id: int) -> Any:
    async def show(filled: Filled) -> Template:
        return await _show(request, filled, subscriber_id)

    return show


async def _show(request: AnyRequest, filled: Filled, subscriber_id: int) -> Template:
    found = await subscribers.one(subscriber_id, actor_of(request))
    return shown(
        request,
        "admin/subscriber.html",
        filled,
        one=found,
        outlets=SUBSCRIBERS,
        kinds=CHOOSABLE,
        ticked=await _ticked(request, filled, "subscriber.change", found.kinds),
        history=await history.of(f"subscriber:{subscriber_id}"),
    )


async def _new(request: AnyRequest, filled: Filled) -> Template:
    by = actor_of(request)
    asked = str(filled.value("subscriber.add", "outlet", asked_for(request, "outlet")))
    outlet = asked if asked in SUBSCRIBERS else "wecom"
    areas = await administration.of_levels(("district", "street", "community"), by)
    units = await directory.units(by)
    return shown(
        request,
        "admin/subscriber_new.html",
        filled,
        outlet=outlet,
        word=SUBSCRIBERS[outlet],
        places=[(f"area:{area.id}", f"{area.name}({LEVEL_WORDS[area.level]})") for area in areas]
        + [(f"unit:{unit.id}", f"{unit.name}(单位)") for unit in units if unit.until is None],
        kinds=CHOOSABLE,
        ticked=await _ticked(request, filled, "subscriber.add", frozenset()),
        suggested=new_secret(),
    )


async def _ticked(request: AnyRequest, filled: Filled, verb: str, otherwise: frozenset[str]) -> list[str]:
    """The kinds that are ticked: what a form that comes back said, else what is."""
    if not filled.names(verb):
        return sorted(otherwise)
    sent = await request.form()
    return [str(kind) for kind in sent.getall("kinds", [])] if isinstance(sent, FormMultiDict) else []


def _path(subscriber_id: int) -> str:
    return f"/admin/subscribers/{subscriber_id}"


handlers = [index, new, create, one, settle, readdress, try_out, end]
