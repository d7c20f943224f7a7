"""Checklists: which there are, one with its versions, what changed between two of them."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from server.areas.scope import administers_a_district
from server.forms import checklist_publishing as publishing
from server.forms import checklist_versions as checklists
from server.forms import conditions
from server.forms.checklist_changes import KIND_WORDS, changes
from server.forms.checklists import OUTCOME_WORDS, Item
from server.kernel.errors import Invalid, NotFound
from server.patrols import checklist_use
from server.patrols.checklist_use import Use
from server.people import directory
from web.fragments import AnyRequest, actor_of
from web.pages.admin import history
from web.pages.admin.acting import Asked, Filled, Form, Line, Number, Page, change, number_asked, rehearse, shown


class Create(Form, frozen=True):
    code: Line = ""
    name: Line = ""
    department: Line = ""
    unit: Number | None = None


class Rename(Form, frozen=True):
    name: Line = ""
    department: Line = ""
    unit: Number | None = None


@get("/checklists")
async def index(request: AnyRequest) -> Template:
    """All checklists, those in use first."""
    return await _index(request, Filled())


@post("/checklists")
async def create(request: AnyRequest) -> Page:
    """Begin a checklist; its items are written next."""
    by = actor_of(request)

    async def do(sent: Create) -> str:
        await _offered(request, sent.unit)
        made = await publishing.create(sent.code, sent.name, sent.department, sent.unit, by=by)
        return f"{path_of(made)}/versions"

    return await change(request, "checklist.create", Create, show=lambda filled: _index(request, filled), do=do)


@get("/checklists/{checklist_id:int}")
async def one(request: AnyRequest, checklist_id: FromPath[int]) -> Template:
    """One checklist with its versions."""
    return await _show(request, Filled(), checklist_id)


@post("/checklists/{checklist_id:int}/name")
async def rename(request: AnyRequest, checklist_id: FromPath[int]) -> Page:
    """Another name, department or unit; the items stay."""
    by = actor_of(request)

    async def do(sent: Rename) -> str:
        await _offered(request, sent.unit)
        await publishing.rename(checklist_id, sent.name, sent.department, sent.unit, by=by)
        return path_of(checklist_id)

    return await change(request, "checklist.rename", Rename, show=_again(request, checklist_id), do=do)


@post("/checklists/{checklist_id:int}/retirement")
async def retire(request: AnyRequest, checklist_id: FromPath[int]) -> Page:
    """Take it on no more rounds."""
    by = actor_of(request)

    async def ask(sent: Form) -> Asked:
        await publishing.must_administer_checklists(by)
        known = await checklists.listed_one(checklist_id)
        await rehearse(lambda: checklist_use.retire(checklist_id, by))
        return Asked(
            title=f"停用 {known.name}",
            back=path_of(checklist_id),
            yes="停用",
            lines=("新的巡查不再用这份检查表。", "做过的记录、已经发布的各版都还看得到。"),
            also=touched(await checklist_use.use_of(checklist_id), "照这份做完"),
        )

    async def do(sent: Form) -> str:
        await checklist_use.retire(checklist_id, by)
        return path_of(checklist_id)

    return await change(request, "checklist.retire", Form, show=_again(request, checklist_id), do=do, ask=ask)


@get("/checklists/{checklist_id:int}/versions/{version_number:int}")
async def version(request: AnyRequest, checklist_id: FromPath[int], version_number: FromPath[int]) -> Template:
    """One version, and what it changed against the one before or against the one asked for by `against`."""
    every = {one.version: one for one in await checklists.versions(checklist_id)}
    against = number_asked(request, "against") or version_number - 1
    if version_number not in every or (against and against not in every):
        raise NotFound("没有这一版。")
    items, before = every[version_number].read, every[against].read if against else ()
    return shown(
        request,
        "admin/checklist_version.html",
        Filled(),
        row=await checklists.listed_one(checklist_id),
        version=every[version_number],
        against=against,
        numbers=sorted(every, reverse=True),
        changes=changes(before, items) if against else (),
        **words_for(items),
    )


def words_for(items: tuple[Item, ...] | list[Item]) -> dict[str, Any]:
    """What admin/_items.html needs to say the items in words."""
    by_id = {item.id: item for item in items}
    return {
        "items": items,
        "kind_words": KIND_WORDS,
        "outcome_words": OUTCOME_WORDS,
        "conditions": {
            item.id: {
                "shown_if": conditions.in_words(item.shown_if, by_id) if item.shown_if else "",
                "fails_if": conditions.in_words(item.fails_if, by_id, item.id) if item.fails_if else "",
            }
            for item in items
        },
    }


def touched(use: Use, then: str = "手机下次同步后换成新版") -> tuple[tuple[str, str], ...]:
    """Whom a change of a checklist touches, for the page before it; `then` is what becomes of tasks that wait."""
    found = [("巡查计划", use.plan_words), ("管理对象", f"{use.places} 处")] if use.plans else []
    found += [("等着做的任务", f"{use.tasks} 个,{then}")] if use.tasks else []
    return tuple(found) or (("巡查", "没有计划在用,也没有等着做的任务"),)


def path_of(checklist_id: int) -> str:
    """The address of one checklist."""
    return f"/admin/checklists/{checklist_id}"


async def _offered(request: AnyRequest, unit: int | None) -> None:
    if unit is not None and unit not in {one.id for one in await directory.offered_units(actor_of(request))}:
        raise Invalid({"unit": "请从列出的单位里选一个。"})


def _again(request: AnyRequest, checklist_id: int) -> Any:
    async def show(filled: Filled) -> Template:
        return await _show(request, filled, checklist_id)

    return show


async def _index(request: AnyRequest, filled: Filled) -> Template:
    by = actor_of(request)
    return shown(
        request,
        "admin/checklists.html",
        filled,
        listed=await checklists.listed(),
        units=await directory.offered_units(by),
        mine=await administers_a_district(by),
    )


async def _show(request: AnyRequest, filled: Filled, checklist_id: int) -> Template:
    by = actor_of(request)
    versions = await checklists.versions(checklist_id)
    return shown(
        request,
        "admin/checklist.html",
        filled,
        row=await checklists.listed_one(checklist_id),
        versions=versions,
        units=await directory.offered_units(by),
        mine=await administers_a_district(by),
        history=await history.of(f"checklist:{checklist_id}"),
        **words_for(versions[0].read if versions else ()),
    )


handlers = [index, create, one, rename, retire, version]
"""The editor has its own: checklist_editor.py."""
