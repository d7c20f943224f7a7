"""Plans: the list, one of them, and its changes, each with what it would do before it is done."""

from datetime import date
from typing import Annotated

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Meta

from server.areas import tree
from server.kernel import database
from server.kernel.actor import Actor
from server.patrols import kinds, plans
from server.patrols.plans import Effect, PlanRow
from server.patrols.reach import desks, today
from server.patrols.wishes import Wish
from web.fragments import AnyRequest, actor_of
from web.pages.admin.acting import Filled, Form, Line, Number
from web.pages.patrols.acting import BASE, Asked, Page, change, shown

PATH = f"{BASE}/plans"
Count = Annotated[int, Meta(ge=0, le=10_000)]
UNITS = (("months", "个月一次"), ("days", "天一次"))


class PlanForm(Form, frozen=True, kw_only=True):
    name: Line = ""
    department: Line = ""
    checklist: Number
    area: Number
    kinds: tuple[Number, ...] = ()
    every: Count = 1
    unit: Annotated[str, Meta(max_length=10)] = "months"
    window_days: Count = 0
    first: date
    last: date | None = None
    seen: int | None = None

    @property
    def wish(self) -> Wish:
        return Wish(
            name=self.name,
            department=self.department,
            checklist=self.checklist,
            area=self.area,
            kinds=self.kinds,
            every=self.every,
            unit="days" if self.unit == "days" else "months",
            window_days=self.window_days,
            first=self.first,
            last=self.last,
        )


@get("/plans")
async def index(request: AnyRequest) -> Template:
    """The plans of the reader's areas, those from above too."""
    by = actor_of(request)
    return shown(request, "patrols/plans.html", Filled(), plans=await plans.plans(by), often=often)


@get("/plans/new")
async def new(request: AnyRequest) -> Template:
    """Where a plan is begun."""
    return await _form(request, Filled(), None)


@post("/plans")
async def create(request: AnyRequest) -> Page:
    """Begin a plan; first what it would do."""
    by = actor_of(request)

    async def ask(sent: PlanForm) -> Asked:
        effect = await plans.create(sent.wish, by, dry_run=True)
        return Asked(title=f"定下计划“{sent.name}”", back=f"{PATH}/new", yes="定下计划", lines=_effect(effect))

    async def do(sent: PlanForm) -> str:
        await plans.create(sent.wish, by)
        return PATH

    return await change(
        request, "plan.create", PlanForm, show=lambda filled: _form(request, filled, None), do=do, ask=ask
    )


@get("/plans/{plan_id:int}")
async def one(request: AnyRequest, plan_id: FromPath[int]) -> Template:
    """One plan, as a form where the reader may change it."""
    return await _form(request, Filled(), await plans.plan(plan_id, actor_of(request)))


@post("/plans/{plan_id:int}")
async def rewrite(request: AnyRequest, plan_id: FromPath[int]) -> Page:
    """Have it otherwise; first what that would do."""
    by = actor_of(request)
    known = await plans.plan(plan_id, by)

    async def ask(sent: PlanForm) -> Asked:
        effect = await plans.change(plan_id, sent.wish, by, seen=sent.seen, dry_run=True)
        return Asked(title=f"改计划“{known.name}”", back=f"{PATH}/{plan_id}", yes="就这样改", lines=_effect(effect))

    async def do(sent: PlanForm) -> str:
        await plans.change(plan_id, sent.wish, by, seen=sent.seen)
        return PATH

    return await change(
        request, "plan.change", PlanForm, show=lambda filled: _form(request, filled, known), do=do, ask=ask
    )


@post("/plans/{plan_id:int}/end")
async def end(request: AnyRequest, plan_id: FromPath[int]) -> Page:
    """Stop it; first what falls away."""
    by = actor_of(request)
    known = await plans.plan(plan_id, by)

    async def ask(sent: Form) -> Asked:
        effect = await plans.end(plan_id, by, dry_run=True)
        lines = (f"还没做的任务撤销 {effect.released} 个。", "别的部门也要去的,那一趟照去,只是不再查这一份。")
        return Asked(title=f"结束计划“{known.name}”", back=f"{PATH}/{plan_id}", yes="结束", lines=lines, danger=True)

    async def do(sent: Form) -> str:
        await plans.end(plan_id, by)
        return PATH

    return await change(request, "plan.end", Form, show=lambda filled: _form(request, filled, known), do=do, ask=ask)


def often(one: PlanRow) -> str:
    """How often, in words."""
    if one.unit == "months":
        turn = {1: "每月一次", 3: "每季度一次", 6: "每半年一次", 12: "每年一次"}.get(
            one.every, f"每 {one.every} 个月一次"
        )
    else:
        turn = {1: "每天一次", 7: "每周一次"}.get(one.every, f"每 {one.every} 天一次")
    return f"{turn},前 {one.window_days} 个工作日内" if one.window_days else turn


def _effect(effect: Effect) -> tuple[str, ...]:
    lines = [
        f"涉及 {effect.places} 处对象,平均每月 {effect.a_month} 次检查。",
        f"由 {effect.workers} 位网格员去做;别的部门同一时段也要去的,合成一趟。",
    ]
    if effect.no_worker:
        lines.append(f"有 {effect.no_worker} 处现在没有网格员,任务由社区安排。")
    if effect.no_community:
        lines.append(f"有 {effect.no_community} 处还没有划到社区,划好之前没有任务。")
    if effect.released:
        lines.append(f"还没开始的任务撤销 {effect.released} 个,按新的办法重新生成。")
    return tuple(lines)


async def _form(request: AnyRequest, filled: Filled, plan: PlanRow | None) -> Template:
    by = actor_of(request)
    return shown(
        request,
        "patrols/plan.html",
        filled,
        plan=plan,
        verb="plan.change" if plan else "plan.create",
        may=plan is None or (plans.may_change(plan, by) and not plan.ended),
        often=often,
        units=UNITS,
        kinds=await kinds.kinds(),
        areas=await _areas(by),
        checklists=[
            (row["id"], f"{row['name']}({row['department']})")
            for row in await database.fetch(
                """SELECT id, name, department FROM checklists c WHERE until IS NULL AND EXISTS (
                       SELECT FROM checklist_versions v WHERE v.checklist = c.id) ORDER BY department, name"""
            )
        ],
        today=today(),
    )


async def _areas(by: Actor) -> list[tuple[int, str]]:
    """Where the reader may plan: their own areas and what lies below, grids only of a community."""
    found: dict[int, str] = {}
    for own in desks(by):
        if own.area_id is None:
            continue
        for row in await tree.under(own.area_id):
            if not row.retired and (row.level != "grid" or own.area_level == "community"):
                depth = len(row.path.strip("/").split("/")) - 1
                found[row.id] = "  " * depth + row.name
    return list(found.items())


handlers = [index, new, create, one, rewrite, end]
