"""Categories: the tree of each standard, one category with its versions, and its changes."""

from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from server.areas import administration
from server.areas.scope import administers_a_district
from server.areas.tree import LEVEL_WORDS as AREA_WORDS
from server.cases import touched
from server.forms import categories, publishing, questions
from server.forms.categories import DEFAULT_ALLOWANCES, LEVEL_WORDS, LEVELS, UNIT_WORDS, Allowance, Listed
from server.kernel.errors import Invalid, NotAllowed
from server.people import directory
from web.fragments import AnyRequest, actor_of
from web.pages.admin import history, written
from web.pages.admin.acting import Asked, Filled, Form, Line, Number, Page, asked_for, change, shown


class Publish(Form, frozen=True, kw_only=True):
    """A new version: an amount and a unit for each level, the demands, the questions as JSON."""

    normal_amount: int | None = None
    normal_unit: Line = ""
    urgent_amount: int | None = None
    urgent_unit: Line = ""
    emergency_amount: int | None = None
    emergency_unit: Line = ""
    photo_before: bool = False
    photo_after: bool = False
    needs_check: bool = False
    private: bool = False
    questions: str = ""
    seen: Number
    """The version that the form was opened with."""

    @property
    def allowances(self) -> dict[str, Allowance]:
        """As they were sent; raises `Invalid` naming the amounts that are missing."""
        amounts = {level: getattr(self, f"{level}_amount") for level in LEVELS}
        if missing := {f"{level}_amount": "请填数字。" for level, amount in amounts.items() if amount is None}:
            raise Invalid(missing)
        return {level: Allowance(amount, getattr(self, f"{level}_unit")) for level, amount in amounts.items()}


class DefaultUnit(Form, frozen=True):
    area: Number
    unit: Number | None = None


class Create(Form, frozen=True):
    standard: Line = ""
    code: Line = ""
    name: Line = ""
    parent: Number | None = None


@get("/categories")
async def index(request: AnyRequest) -> Template:
    """The tree of a standard, folded; or what a search found in it."""
    return await _index(request, Filled())


@post("/categories")
async def create(request: AnyRequest) -> Page:
    """Add a category to a standard."""
    by = actor_of(request)

    async def do(sent: Create) -> str:
        made = await publishing.create(sent.standard, sent.code, sent.name, sent.parent, by=by)
        return _path(made.category_id)

    return await change(request, "category.create", Create, show=lambda filled: _index(request, filled), do=do)


@get("/categories/{category_id:int}")
async def one(request: AnyRequest, category_id: FromPath[int]) -> Template:
    """One category with its versions."""
    return await _show(request, Filled(), category_id)


@get("/categories/{category_id:int}/versions")
async def new_version(request: AnyRequest, category_id: FromPath[int]) -> Template:
    """Where a new version is written, beginning with the one in force."""
    return await _new_version(request, Filled(), category_id)


@post("/categories/{category_id:int}/versions")
async def publish(request: AnyRequest, category_id: FromPath[int]) -> Page:
    """Publish a new version; open cases keep theirs."""
    by = actor_of(request)

    async def run(sent: Publish, dry_run: bool) -> publishing.Publication:
        try:
            return await publishing.publish(
                category_id,
                by=by,
                allowances=sent.allowances,
                photo_before=sent.photo_before,
                photo_after=sent.photo_after,
                needs_check=sent.needs_check,
                private=sent.private,
                questions=written.form(sent.questions),
                seen=sent.seen,
                dry_run=dry_run,
            )
        except Invalid as error:
            named = {field.replace("allowances.", ""): words for field, words in error.fields.items()}
            raise Invalid(
                {f"{name}_amount" if name in LEVELS else name: said for name, said in named.items()}
            ) from None

    async def ask(sent: Publish) -> Asked:
        said = await run(sent, True)
        if not said.changes:
            raise NotAllowed("内容与现行版本一致,不需要发布。")
        kept = await touched.open_cases_of_category(category_id)
        return Asked(
            title=f"发布 {said.version.name} 第 {said.version.version + 1} 版",
            back=_path(category_id),
            yes="发布",
            lines=said.changes,
            cases=sum(kept.values()),
            cases_words="保留受理时的版本,期限和要求都不变",
            danger=False,
            form=questions.read_form(written.form(sent.questions)),
        )

    async def do(sent: Publish) -> str:
        await run(sent, False)
        return _path(category_id)

    async def show(filled: Filled) -> Template:
        return await _new_version(request, filled, category_id)

    return await change(request, "category.publish", Publish, show=show, do=do, ask=ask)


@post("/categories/{category_id:int}/default-unit")
async def default_unit(request: AnyRequest, category_id: FromPath[int]) -> Page:
    """Which unit is offered first within an area."""
    by = actor_of(request)

    async def do(sent: DefaultUnit) -> str:
        await administration.one(sent.area, by)
        if sent.unit is not None and sent.unit not in {unit.id for unit in await directory.offered_units(by)}:
            raise Invalid({"unit": "请从列出的单位里选一个。"})
        await publishing.set_default_unit(category_id, sent.area, sent.unit, by=by)
        return _path(category_id)

    return await change(request, "category.default_unit", DefaultUnit, show=_again(request, category_id), do=do)


@post("/categories/{category_id:int}/retirement")
async def retire(request: AnyRequest, category_id: FromPath[int]) -> Page:
    """Offer it no more."""
    by = actor_of(request)

    async def ask(sent: Form) -> Asked:
        await publishing.must_administer_categories(by)
        known = await categories.listed_one(category_id)
        return Asked(
            title=f"停用 {known.name}",
            back=_path(category_id),
            yes="停用",
            lines=("受理时不再能选这个类别。",),
            cases=sum((await touched.open_cases_of_category(category_id)).values()),
            cases_words="保留这个类别,照常办完",
        )

    async def do(sent: Form) -> str:
        await publishing.retire(category_id, by=by)
        return _path(category_id)

    return await change(request, "category.retire", Form, show=_again(request, category_id), do=do, ask=ask)


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A category in the tree with what is below it; `leaves` counts those in use."""

    row: Listed
    below: tuple["Group", ...]
    leaves: int


def _groups(rows: list[Listed]) -> tuple[Group, ...]:
    below: dict[int | None, list[Listed]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    return tuple(_group(row, below) for row in below.get(None, []))


def _group(row: Listed, below: dict[int | None, list[Listed]]) -> Group:
    under = tuple(_group(child, below) for child in below.get(row.id, []))
    own = int(row.is_leaf and not row.retired)
    return Group(row=row, below=under, leaves=own + sum(group.leaves for group in under))


def _again(request: AnyRequest, category_id: int) -> Any:
    async def show(filled: Filled) -> Template:
        return await _show(request, filled, category_id)

    return show


async def _index(request: AnyRequest, filled: Filled) -> Template:
    standards = await categories.standards()
    asked, q = asked_for(request, "standard"), asked_for(request, "q")
    standard = asked if asked in standards else next(iter(standards), "")
    rows = await categories.listed(standard) if standard else []
    words = q.lower().split()
    found = [row for row in rows if words and all(word in f"{row.code} {row.path}".lower() for word in words)]
    return shown(
        request,
        "admin/categories.html",
        filled,
        standards=standards,
        standard=standard,
        q=q,
        found=[row for row in found if row.is_leaf][:200],
        groups=_groups(rows) if not q else (),
        parents=[row for row in rows if not row.is_leaf and not row.retired],
        mine=await administers_a_district(actor_of(request)),
    )


async def _show(request: AnyRequest, filled: Filled, category_id: int) -> Template:
    by = actor_of(request)
    row = await categories.listed_one(category_id)
    versions = await categories.versions(category_id)
    return shown(
        request,
        "admin/category.html",
        filled,
        row=row,
        versions=versions,
        questions=questions.read_form(versions[0].questions) if versions else (),
        kept=await touched.open_cases_of_category(category_id),
        default_units=await categories.default_units(category_id),
        areas=await administration.of_levels(("district", "street", "community"), by),
        units=await directory.offered_units(by),
        level_words=LEVEL_WORDS,
        area_words=AREA_WORDS,
        mine=await administers_a_district(by),
        history=await history.of(f"category:{category_id}"),
    )


async def _new_version(request: AnyRequest, filled: Filled, category_id: int) -> Template:
    await publishing.must_administer_categories(actor_of(request))
    current = await categories.current(category_id)
    return shown(
        request,
        "admin/category_version.html",
        filled,
        current=current,
        allowances=DEFAULT_ALLOWANCES | current.allowances,
        written=written.text(current.questions),
        level_words=LEVEL_WORDS,
        unit_words=UNIT_WORDS,
        kinds=questions.KINDS,
        kept=await touched.open_cases_of_category(category_id),
    )


def _path(category_id: int) -> str:
    return f"/admin/categories/{category_id}"


handlers = [index, create, one, new_version, publish, default_unit, retire]
