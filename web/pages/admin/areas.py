"""Areas: the tree, one area with its map and what is in it, and its changes."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from server.areas import administration, polygons, tree
from server.areas.scope import administers_all
from server.areas.tree import LEVEL_WORDS, LEVELS
from server.cases import touched
from server.kernel.errors import NotFound
from server.people import directory
from web.fragments import AnyRequest, actor_of
from web.pages.admin import history
from web.pages.admin.acting import (
    Asked,
    Filled,
    Form,
    Line,
    Number,
    Page,
    asked_for,
    change,
    number,
    number_asked,
    shown,
)


class Create(Form, frozen=True):
    code: Line = ""
    name: Line = ""
    level: Line = ""
    parent: Number | None = None


class Name(Form, frozen=True):
    name: Line = ""


class Answers(Form, frozen=True):
    answers: Line = ""


class Move(Form, frozen=True):
    parent: Number


@get("/areas")
async def index(request: AnyRequest) -> Template:
    """The tree down to the communities, or what a search found."""
    by, q = actor_of(request), asked_for(request, "q")
    trees = [] if q else [await administration.branches(top) for top in await administration.tops(by)]
    found = await administration.search(q, by) if q else []
    return shown(
        request,
        "admin/areas.html",
        Filled(),
        q=q,
        trees=trees,
        found=found,
        level_words=LEVEL_WORDS,
        all_areas=administers_all(by),
    )


@get("/areas/new")
async def new(request: AnyRequest) -> Template:
    """Where an area is added below another; without one, a district."""
    return await _new(request, Filled(), number_asked(request, "parent"))


@post("/areas")
async def create(request: AnyRequest) -> Page:
    """Add an area."""
    by = actor_of(request)

    async def do(sent: Create) -> str:
        if sent.parent is not None:
            await administration.one(sent.parent, by)
        made = await tree.create(code=sent.code, name=sent.name, level=sent.level, parent_id=sent.parent, by=by)
        assert made.area is not None
        return f"/admin/areas/{made.area.id}"

    async def show(filled: Filled) -> Template:
        return await _new(request, filled, number(filled.typed.get("parent")))

    return await change(request, "area.create", Create, show=show, do=do)


@get("/areas/{area_id:int}")
async def one(request: AnyRequest, area_id: FromPath[int]) -> Template:
    """One area."""
    return await _show(request, Filled(), area_id)


@get("/areas/{area_id:int}/shapes")
async def shapes(request: AnyRequest, area_id: FromPath[int]) -> Response[dict[str, Any]]:
    """The polygons of the area's children as GeoJSON, or its own where they have none; for the map."""
    area = await administration.one(area_id, actor_of(request))
    found = await polygons.shapes(area_id, _below(area.level)) if area.level != "grid" else []
    found = found or await polygons.shapes(area_id, area.level)
    features = [
        {"type": "Feature", "properties": {"name": shape.name, "code": shape.code}, "geometry": shape.polygon}
        for shape in found
    ]
    return Response({"type": "FeatureCollection", "features": features}, media_type="application/geo+json")


@post("/areas/{area_id:int}/name")
async def rename(request: AnyRequest, area_id: FromPath[int]) -> Page:
    """Another name."""
    by = actor_of(request)
    area = await administration.one(area_id, by)

    async def ask(sent: Name) -> Asked:
        said = await tree.rename(area_id, sent.name, by=by, dry_run=True)
        return Asked(
            title=f"{area.name} 改名",
            back=_path(area_id),
            yes="改名",
            lines=(f"{area.name} → {sent.name}", f"编码 {area.code} 不变。", _areas_said(len(said.touches))),
            cases=await touched.open_cases_of_area(area_id),
            cases_words="照常办理,地点随新名称显示",
            danger=False,
        )

    async def do(sent: Name) -> str:
        await tree.rename(area_id, sent.name, by=by)
        return _path(area_id)

    return await change(request, "area.rename", Name, show=_again(request, area_id), do=do, ask=ask)


@post("/areas/{area_id:int}/answers")
async def set_answers(request: AnyRequest, area_id: FromPath[int]) -> Page:
    """When the secretary answers."""
    by = actor_of(request)
    await administration.one(area_id, by)

    async def do(sent: Answers) -> str:
        await tree.set_answers(area_id, sent.answers, by=by)
        return _path(area_id)

    return await change(request, "area.answers", Answers, show=_again(request, area_id), do=do)


@post("/areas/{area_id:int}/parent")
async def move(request: AnyRequest, area_id: FromPath[int]) -> Page:
    """Another parent."""
    by = actor_of(request)
    area = await administration.one(area_id, by)

    async def ask(sent: Move) -> Asked:
        parent = await administration.one(sent.parent, by)
        said = await tree.move(area_id, sent.parent, by=by, dry_run=True)
        return Asked(
            title=f"移动 {area.name}",
            back=_path(area_id),
            yes="移动",
            lines=(f"移到 {parent.name} 之下。", _areas_said(len(said.touches))),
            cases=await touched.open_cases_of_area(area_id),
            cases_words="跟着归到新的上级;负责的岗位和期限不变",
        )

    async def do(sent: Move) -> str:
        await administration.one(sent.parent, by)
        await tree.move(area_id, sent.parent, by=by)
        return _path(area_id)

    return await change(request, "area.move", Move, show=_again(request, area_id), do=do, ask=ask)


@post("/areas/{area_id:int}/retirement")
async def retire(request: AnyRequest, area_id: FromPath[int]) -> Page:
    """Out of use."""
    by = actor_of(request)
    area = await administration.one(area_id, by)

    async def ask(sent: Form) -> Asked:
        said = await tree.retire(area_id, by=by, dry_run=True)
        below, posts = len(said.touches) - 1, await directory.posts_in(area_id, by)
        lines = ["停用后不能再上报到这里,编码不再使用,也不能恢复。"]
        if below:
            lines.append(f"下面还有 {below} 个区域在用,要先移走或停用它们。")
        if posts:
            lines.append(f"这里有 {len(posts)} 个岗位,不会自动撤销,请另行安排。")
        return Asked(
            title=f"停用 {area.name}",
            back=_path(area_id),
            yes="停用",
            lines=tuple(lines),
            cases=await touched.open_cases_of_area(area_id),
            cases_words="照常办完",
        )

    async def do(sent: Form) -> str:
        await tree.retire(area_id, by=by)
        return _path(area_id)

    return await change(request, "area.retire", Form, show=_again(request, area_id), do=do, ask=ask)


def _again(request: AnyRequest, area_id: int) -> Any:
    async def show(filled: Filled) -> Template:
        return await _show(request, filled, area_id)

    return show


async def _show(request: AnyRequest, filled: Filled, area_id: int) -> Template:
    by = actor_of(request)
    area = await administration.one(area_id, by)
    above = [LEVELS[LEVELS.index(area.level) - 1]] if area.level != "district" else []
    return shown(
        request,
        "admin/area.html",
        filled,
        area=area,
        line=await tree.line(area_id),
        children=await tree.children(area_id),
        below=_below(area.level),
        parents=[row for row in await administration.of_levels(above, by) if row.id != area.parent_id],
        posts=await directory.posts_in(area_id, by),
        units=await directory.units(by, area_path=area.path) if area.level != "grid" else [],
        cases=await touched.open_cases_of_area(area_id),
        level_words=LEVEL_WORDS,
        history=await history.of(f"area:{area_id}"),
    )


async def _new(request: AnyRequest, filled: Filled, parent_id: int | None) -> Template:
    by = actor_of(request)
    if parent_id is None and not administers_all(by):
        raise NotFound()
    parent = await administration.one(parent_id, by) if parent_id is not None else None
    if parent is not None and parent.level == "grid":
        raise NotFound()
    level = _below(parent.level) if parent else "district"
    return shown(request, "admin/area_new.html", filled, parent=parent, level=level, level_words=LEVEL_WORDS)


def _below(level: str) -> str:
    return LEVELS[min(LEVELS.index(level) + 1, len(LEVELS) - 1)]


def _path(area_id: int) -> str:
    return f"/admin/areas/{area_id}"


def _areas_said(count: int) -> str:
    return f"连同下级共 {count} 个区域。" if count > 1 else "下面没有别的区域。"


handlers = [index, new, create, one, shapes, rename, set_answers, move, retire]
