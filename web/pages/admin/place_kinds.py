"""Kinds of places: the list, one kind with its questions, and a new version of these."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from server.areas.scope import administers_a_district
from server.forms import questions
from server.kernel.errors import NotAllowed
from server.patrols import kinds
from web.fragments import AnyRequest, actor_of
from web.pages.admin import history, written
from web.pages.admin.acting import Asked, Filled, Form, Line, Number, Page, change, shown

BASE = "/admin/place-kinds"


class Create(Form, frozen=True):
    code: Line = ""
    name: Line = ""
    needs_operator: bool = False


class Change(Form, frozen=True):
    name: Line = ""
    needs_operator: bool = False
    active: bool = False


class Publish(Form, frozen=True, kw_only=True):
    questions: str = ""
    """A form as JSON."""
    seen: Number
    """The version that the form was opened with."""


@get("/place-kinds")
async def index(request: AnyRequest) -> Template:
    """All kinds, in use or not."""
    return await _index(request, Filled())


@post("/place-kinds")
async def create(request: AnyRequest) -> Page:
    """Add a kind."""
    by = actor_of(request)

    async def do(sent: Create) -> str:
        made = await kinds.create_kind(sent.code, sent.name, needs_operator=sent.needs_operator, by=by)
        return f"{BASE}/{made.id}"

    return await change(request, "place_kind.create", Create, show=lambda filled: _index(request, filled), do=do)


@get("/place-kinds/{kind_id:int}")
async def one(request: AnyRequest, kind_id: FromPath[int]) -> Template:
    """One kind with what it asks."""
    return await _show(request, Filled(), kind_id)


@post("/place-kinds/{kind_id:int}")
async def changed(request: AnyRequest, kind_id: FromPath[int]) -> Page:
    """Its name, whether somebody runs it, whether it is in use."""
    by = actor_of(request)

    async def do(sent: Change) -> str:
        await kinds.change_kind(kind_id, by=by, name=sent.name, needs_operator=sent.needs_operator, active=sent.active)
        return f"{BASE}/{kind_id}"

    return await change(request, "place_kind.change", Change, show=_again(request, kind_id), do=do)


@get("/place-kinds/{kind_id:int}/versions")
async def new_version(request: AnyRequest, kind_id: FromPath[int]) -> Template:
    """Where the next version of the questions is written, beginning with the one in force."""
    return await _new_version(request, Filled(), kind_id)


@post("/place-kinds/{kind_id:int}/versions")
async def publish(request: AnyRequest, kind_id: FromPath[int]) -> Page:
    """Publish new questions; places keep the answers to theirs."""
    by = actor_of(request)

    async def run(sent: Publish, dry_run: bool) -> kinds.Publication:
        form = written.form(sent.questions)
        return await kinds.publish_kind(kind_id, by=by, questions=form, seen=sent.seen, dry_run=dry_run)

    async def ask(sent: Publish) -> Asked:
        said = await run(sent, True)
        if not said.changes:
            raise NotAllowed("内容与现行版本一致,不需要发布。")
        return Asked(
            title=f"发布 {said.kind.name} 第 {said.kind.version + 1} 版问题",
            back=f"{BASE}/{kind_id}",
            yes="发布",
            lines=(*said.changes, "已登记的对象保留原来的回答,下次更改时按新版问。"),
            danger=False,
            form=questions.read_form(written.form(sent.questions)),
        )

    async def do(sent: Publish) -> str:
        await run(sent, False)
        return f"{BASE}/{kind_id}"

    async def show(filled: Filled) -> Template:
        return await _new_version(request, filled, kind_id)

    return await change(request, "place_kind.publish", Publish, show=show, do=do, ask=ask)


handlers = [index, create, one, changed, new_version, publish]


def _again(request: AnyRequest, kind_id: int) -> Any:
    async def show(filled: Filled) -> Template:
        return await _show(request, filled, kind_id)

    return show


async def _index(request: AnyRequest, filled: Filled) -> Template:
    return shown(
        request,
        "admin/place_kinds.html",
        filled,
        every=await kinds.kinds(active=False),
        mine=await administers_a_district(actor_of(request)),
    )


async def _show(request: AnyRequest, filled: Filled, kind_id: int) -> Template:
    kind = await kinds.kind(kind_id)
    return shown(
        request,
        "admin/place_kind.html",
        filled,
        kind=kind,
        form=questions.read_form(kind.questions),
        mine=await administers_a_district(actor_of(request)),
        history=await history.of(kinds.stream_of(kind_id)),
    )


async def _new_version(request: AnyRequest, filled: Filled, kind_id: int) -> Template:
    kind = await kinds.kind(kind_id)
    if not await administers_a_district(actor_of(request)):
        raise NotAllowed("对象的种类由区一级的管理员设置。")
    return shown(
        request,
        "admin/place_kind_version.html",
        filled,
        kind=kind,
        written=written.text(kind.questions),
        kinds=questions.KINDS,
    )
