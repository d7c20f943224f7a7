"""Party organisations: the tree, one of them, and its changes."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from server.areas import administration
from server.areas.tree import LEVEL_WORDS
from server.cases import touched
from server.people import directory, organisations
from server.people.directory import OrganisationSeen
from web.fragments import AnyRequest, actor_of
from web.pages.admin import history
from web.pages.admin.acting import Asked, Filled, Form, Line, Number, Page, change, number_asked, shown


class Create(Form, frozen=True, kw_only=True):
    name: Line = ""
    kind: Line = ""
    area: Number
    parent: Number | None = None


class Name(Form, frozen=True):
    name: Line = ""


@get("/organisations")
async def index(request: AnyRequest) -> Template:
    """The tree of organisations in scope."""
    found = await directory.organisations(actor_of(request))
    return shown(request, "admin/organisations.html", Filled(), lines=_tree(found), kinds=organisations.KINDS)


@get("/organisations/new")
async def new(request: AnyRequest) -> Template:
    """Where an organisation is added."""
    return await _new(request, Filled())


@post("/organisations")
async def create(request: AnyRequest) -> Page:
    """Add an organisation."""
    by = actor_of(request)

    async def do(sent: Create) -> str:
        if sent.parent is not None:
            await directory.organisation(sent.parent, by)
        made = await organisations.create(sent.name, sent.kind, sent.area, parent_id=sent.parent, by=by)
        return _path(made)

    return await change(request, "organisation.create", Create, show=lambda filled: _new(request, filled), do=do)


@get("/organisations/{organisation_id:int}")
async def one(request: AnyRequest, organisation_id: FromPath[int]) -> Template:
    """One organisation."""
    return await _show(request, Filled(), organisation_id)


@post("/organisations/{organisation_id:int}/name")
async def rename(request: AnyRequest, organisation_id: FromPath[int]) -> Page:
    """Another name."""
    by = actor_of(request)
    await directory.organisation(organisation_id, by)

    async def do(sent: Name) -> str:
        await organisations.rename(organisation_id, sent.name, by)
        return _path(organisation_id)

    return await change(request, "organisation.rename", Name, show=_again(request, organisation_id), do=do)


@post("/organisations/{organisation_id:int}/end")
async def end(request: AnyRequest, organisation_id: FromPath[int]) -> Page:
    """End it, with its posts."""
    by = actor_of(request)
    organisation = await directory.organisation(organisation_id, by)

    async def ask(sent: Form) -> Asked:
        return Asked(
            title=f"撤销 {organisation.name}",
            back=_path(organisation_id),
            yes="撤销",
            lines=("党组织和它的岗位一起撤销,不能恢复。担任的人账号还在。",),
            touched=await organisations.end(organisation_id, by, dry_run=True),
            cases=await touched.open_cases_of_organisation(organisation_id),
            cases_words="会马上转给在岗的同事或上一级,期限不变",
        )

    async def do(sent: Form) -> str:
        await organisations.end(organisation_id, by)
        return _path(organisation_id)

    return await change(request, "organisation.end", Form, show=_again(request, organisation_id), do=do, ask=ask)


def _tree(found: list[OrganisationSeen]) -> list[tuple[int, OrganisationSeen]]:
    """Depth and organisation, parents before their children; one whose parent is out of sight stands at the top."""
    below: dict[int | None, list[OrganisationSeen]] = {}
    ids = {row.id for row in found}
    for row in found:
        below.setdefault(row.parent_id if row.parent_id in ids else None, []).append(row)
    lines: list[tuple[int, OrganisationSeen]] = []
    waiting = [(0, row) for row in reversed(below.get(None, []))]
    while waiting:
        depth, row = waiting.pop()
        lines.append((depth, row))
        waiting += [(depth + 1, child) for child in reversed(below.get(row.id, []))]
    return lines


def _again(request: AnyRequest, organisation_id: int) -> Any:
    async def show(filled: Filled) -> Template:
        return await _show(request, filled, organisation_id)

    return show


async def _show(request: AnyRequest, filled: Filled, organisation_id: int) -> Template:
    by = actor_of(request)
    return shown(
        request,
        "admin/organisation.html",
        filled,
        organisation=await directory.organisation(organisation_id, by),
        below=[row for row in await directory.organisations(by) if row.parent_id == organisation_id],
        kinds=organisations.KINDS,
        posts=(await directory.posts(by, organisation_id=organisation_id, most=200)).rows,
        history=await history.of(f"organisation:{organisation_id}"),
    )


async def _new(request: AnyRequest, filled: Filled) -> Template:
    by = actor_of(request)
    return shown(
        request,
        "admin/organisation_new.html",
        filled,
        kinds=organisations.KINDS,
        area=number_asked(request, "area"),
        parent=number_asked(request, "parent"),
        areas=await administration.of_levels(("district", "street", "community"), by),
        tree=_tree(await directory.organisations(by)),
        level_words=LEVEL_WORDS,
    )


def _path(organisation_id: int) -> str:
    return f"/admin/organisations/{organisation_id}"


handlers = [index, new, create, one, rename, end]
