"""Units: the list, one of them, and its changes."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from server.areas import administration
from server.areas.tree import LEVEL_WORDS
from server.cases import touched
from server.people import directory, units
from web.fragments import AnyRequest, actor_of
from web.pages.admin import history
from web.pages.admin.acting import Asked, Filled, Form, Line, Number, Page, asked_for, change, number_asked, shown


class Create(Form, frozen=True, kw_only=True):
    code: Line = ""
    name: Line = ""
    kind: Line = ""
    phone: Line = ""
    area: Number


class Rename(Form, frozen=True):
    name: Line = ""
    phone: Line = ""


@get("/units")
async def index(request: AnyRequest) -> Template:
    """The units in scope."""
    by, q = actor_of(request), asked_for(request, "q")
    return shown(
        request, "admin/units.html", Filled(), q=q, units=await directory.units(by, search=q), kinds=units.KINDS
    )


@get("/units/new")
async def new(request: AnyRequest) -> Template:
    """Where a unit is added."""
    return await _new(request, Filled())


@post("/units")
async def create(request: AnyRequest) -> Page:
    """Add a unit."""
    by = actor_of(request)

    async def do(sent: Create) -> str:
        made = await units.create(sent.code, sent.name, sent.kind, sent.area, phone=sent.phone, by=by)
        return f"/admin/units/{made}"

    return await change(request, "unit.create", Create, show=lambda filled: _new(request, filled), do=do)


@get("/units/{unit_id:int}")
async def one(request: AnyRequest, unit_id: FromPath[int]) -> Template:
    """One unit."""
    return await _show(request, Filled(), unit_id)


@post("/units/{unit_id:int}/name")
async def rename(request: AnyRequest, unit_id: FromPath[int]) -> Page:
    """Another name or telephone number."""
    by = actor_of(request)
    await directory.unit(unit_id, by)

    async def do(sent: Rename) -> str:
        await units.rename(unit_id, sent.name, by, phone=sent.phone)
        return _path(unit_id)

    return await change(request, "unit.rename", Rename, show=_again(request, unit_id), do=do)


@post("/units/{unit_id:int}/end")
async def end(request: AnyRequest, unit_id: FromPath[int]) -> Page:
    """End it, with its posts."""
    by = actor_of(request)
    unit = await directory.unit(unit_id, by)

    async def ask(sent: Form) -> Asked:
        return Asked(
            title=f"撤销 {unit.name}",
            back=_path(unit_id),
            yes="撤销",
            lines=("单位和它的岗位一起撤销,不能恢复。担任的人账号还在。",),
            touched=await units.end(unit_id, by, dry_run=True),
            cases=await touched.open_cases_of_unit(unit_id),
            cases_words="会马上转给社区书记或上一级在岗的人,期限不变",
        )

    async def do(sent: Form) -> str:
        await units.end(unit_id, by)
        return _path(unit_id)

    return await change(request, "unit.end", Form, show=_again(request, unit_id), do=do, ask=ask)


def _again(request: AnyRequest, unit_id: int) -> Any:
    async def show(filled: Filled) -> Template:
        return await _show(request, filled, unit_id)

    return show


async def _show(request: AnyRequest, filled: Filled, unit_id: int) -> Template:
    by = actor_of(request)
    unit = await directory.unit(unit_id, by)
    return shown(
        request,
        "admin/unit.html",
        filled,
        unit=unit,
        kinds=units.KINDS,
        posts=(await directory.posts(by, unit_id=unit_id, most=200)).rows,
        cases=await touched.open_cases_of_unit(unit_id),
        history=await history.of(f"unit:{unit_id}"),
    )


async def _new(request: AnyRequest, filled: Filled) -> Template:
    return shown(
        request,
        "admin/unit_new.html",
        filled,
        kinds=units.KINDS,
        area=number_asked(request, "area"),
        areas=await administration.of_levels(("district", "street", "community"), actor_of(request)),
        level_words=LEVEL_WORDS,
    )


def _path(unit_id: int) -> str:
    return f"/admin/units/{unit_id}"


handlers = [index, new, create, one, rename, end]
