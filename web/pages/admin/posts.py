"""Posts: the list, one of them, and its changes. Work belongs to the post, so a hand-over keeps it."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from server.areas import administration
from server.areas.tree import LEVEL_WORDS
from server.cases import touched
from server.kernel.actor import ROLE_WORDS, Role
from server.kernel.errors import Invalid
from server.people import accounts, directory, phones, places, posts
from server.people.directory import PAGE
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
    rehearse,
    shown,
)
from web.words import mask_name, mask_phone

PLACES = ("area", "unit", "organisation")


class Create(Form, frozen=True):
    role: Role
    title: Line = ""
    area: Number | None = None
    unit: Number | None = None
    organisation: Number | None = None
    second_factor: bool = False


class Holder(Form, frozen=True):
    phone: Line = ""
    name: Line = ""
    seen: UUID | None = None
    """Who held it on the administrator's screen."""


class Title(Form, frozen=True):
    title: Line = ""


class SecondFactor(Form, frozen=True):
    demanded: bool = False


@get("/posts")
async def index(request: AnyRequest) -> Template:
    """Posts in scope: by role, vacant ones, under an area, by search."""
    by, q = actor_of(request), asked_for(request, "q")
    role = next((one for one in Role if one == asked_for(request, "role")), None)
    area_id, start = number_asked(request, "area"), number_asked(request, "from") or 0
    area = await administration.one(area_id, by) if area_id is not None else None
    vacant = asked_for(request, "vacant") == "1"
    found = await directory.posts(
        by,
        area_path=area.path if area else "",
        role=role,
        vacant=vacant,
        search=q,
        start=start,
    )
    asked = {"q": q, "role": role or "", "area": area_id or "", "vacant": "1" if vacant else ""}
    return shown(
        request,
        "admin/posts.html",
        Filled(),
        found=found,
        asked=asked,
        area=area,
        start=start,
        most=PAGE,
        role_words=ROLE_WORDS,
    )


@get("/posts/new")
async def new(request: AnyRequest) -> Template:
    """Where a post is added: in an area, a unit or an organisation; without a place a system administrator's."""
    return await _new(request, Filled(), {name: number_asked(request, name) for name in PLACES})


@post("/posts")
async def create(request: AnyRequest) -> Page:
    """Add a post."""
    by = actor_of(request)

    async def do(sent: Create) -> str:
        made = await posts.create(
            sent.role,
            sent.title,
            area_id=sent.area,
            unit_id=sent.unit,
            organisation_id=sent.organisation,
            second_factor=sent.second_factor,
            by=by,
        )
        return _path(made)

    async def show(filled: Filled) -> Template:
        return await _new(request, filled, {name: number(filled.typed.get(name)) for name in PLACES})

    return await change(request, "post.create", Create, show=show, do=do)


@get("/posts/{post_id:int}")
async def one(request: AnyRequest, post_id: FromPath[int]) -> Template:
    """One post."""
    return await _show(request, Filled(), post_id)


@post("/posts/{post_id:int}/holder")
async def hand_over(request: AnyRequest, post_id: FromPath[int]) -> Page:
    """Give it, with all its work, to whoever has this phone; their account is opened where there is none."""
    by = actor_of(request)
    known = await directory.post(post_id, by)

    async def give(sent: Holder, dry_run: bool) -> Any:
        if not sent.name.strip():
            raise Invalid({"name": "请填写姓名。"})
        account = await accounts.open_for_staff(sent.phone, sent.name, by)
        return await posts.hand_over(post_id, account, by, seen=sent.seen, dry_run=dry_run)

    async def ask(sent: Holder) -> Asked:
        phone = phones.demand(sent.phone)
        there = await accounts.find(phone)
        await rehearse(lambda: give(sent, True))
        lines = [
            f"由 {known.name or '未填姓名'} 交给 {sent.name}({mask_phone(phone)})。"
            if known.account_id
            else f"由 {sent.name}({mask_phone(phone)})担任。"
        ]
        if there is None:
            lines.append("这个号码还没有账号,会同时开好。请本人用手机号收验证码登录,再设密码。")
        elif there.name != " ".join(sent.name.split()):
            # Masked: a phone that is typed in must not tell whose it is.
            lines.append(f"请核对:这个号码的账号叫 {mask_name(there.name) or '(未填)'},和填写的姓名不同。")
        elif not there.has_password:
            lines.append("这个账号还没有设密码。请本人用手机号收验证码登录,再设密码。")
        return Asked(
            title=f"{'交接' if known.account_id else '安排'} {known.title}",
            back=_path(post_id),
            yes="交接" if known.account_id else "安排",
            lines=tuple(lines),
            cases=await touched.open_cases_of_post(post_id),
            cases_words="留在这个岗位,由新任接着办,期限不变",
            danger=False,
        )

    async def do(sent: Holder) -> str:
        await give(sent, False)
        return _path(post_id)

    return await change(request, "post.hand_over", Holder, show=_again(request, post_id), do=do, ask=ask)


@post("/posts/{post_id:int}/vacancy")
async def vacate(request: AnyRequest, post_id: FromPath[int]) -> Page:
    """Let it stand empty."""
    by = actor_of(request)
    known = await directory.post(post_id, by)

    async def ask(sent: Form) -> Asked:
        return Asked(
            title=f"空出 {known.title}",
            back=_path(post_id),
            yes="空出",
            lines=("岗位还在,暂时没有人。已经有新任的,请用“交接”,工单就不用转走。",),
            touched=await posts.vacate(post_id, by, dry_run=True),
            cases=await touched.open_cases_of_post(post_id),
            cases_words="会马上转给同一区域在岗的同事,没有人时转给上一级,期限不变",
        )

    async def do(sent: Form) -> str:
        await posts.vacate(post_id, by)
        return _path(post_id)

    return await change(request, "post.vacate", Form, show=_again(request, post_id), do=do, ask=ask)


@post("/posts/{post_id:int}/end")
async def end(request: AnyRequest, post_id: FromPath[int]) -> Page:
    """End it for good."""
    by = actor_of(request)
    known = await directory.post(post_id, by)

    async def ask(sent: Form) -> Asked:
        return Asked(
            title=f"撤销 {known.title}",
            back=_path(post_id),
            yes="撤销",
            lines=("岗位撤销后不能恢复。担任的人账号还在。",),
            touched=await posts.end(post_id, by, dry_run=True),
            cases=await touched.open_cases_of_post(post_id),
            cases_words="会马上转给同一区域在岗的同事,没有人时转给上一级,期限不变",
        )

    async def do(sent: Form) -> str:
        await posts.end(post_id, by)
        return _path(post_id)

    return await change(request, "post.end", Form, show=_again(request, post_id), do=do, ask=ask)


@post("/posts/{post_id:int}/title")
async def rename(request: AnyRequest, post_id: FromPath[int]) -> Page:
    """Another title."""
    by = actor_of(request)
    await directory.post(post_id, by)

    async def do(sent: Title) -> str:
        await posts.rename(post_id, sent.title, by)
        return _path(post_id)

    return await change(request, "post.rename", Title, show=_again(request, post_id), do=do)


@post("/posts/{post_id:int}/second-factor")
async def second_factor(request: AnyRequest, post_id: FromPath[int]) -> Page:
    """Whether its holder signs in with a second factor."""
    by = actor_of(request)
    await directory.post(post_id, by)

    async def do(sent: SecondFactor) -> str:
        await posts.demand_second_factor(post_id, sent.demanded, by)
        return _path(post_id)

    return await change(request, "post.second_factor", SecondFactor, show=_again(request, post_id), do=do)


def roles_at(level: str | None, unit: bool, organisation: bool) -> list[tuple[str, str]]:
    """The roles that a post of this place can have, with their words; see `server.people.places`."""
    if unit:
        wanted = [role for role in Role if role in places.OF_UNITS]
    elif level is not None:
        wanted = [role for role, levels in places.LEVELS.items() if level in levels]
    else:
        wanted = [] if organisation else [Role.SYSTEM_ADMIN]
    return [(role.value, ROLE_WORDS[role]) for role in wanted]


def _again(request: AnyRequest, post_id: int) -> Any:
    async def show(filled: Filled) -> Template:
        return await _show(request, filled, post_id)

    return show


async def _show(request: AnyRequest, filled: Filled, post_id: int) -> Template:
    by = actor_of(request)
    return shown(
        request,
        "admin/post.html",
        filled,
        post=await directory.post(post_id, by),
        role_words=ROLE_WORDS,
        cases=await touched.open_cases_of_post(post_id),
        history=await history.of(f"post:{post_id}"),
    )


async def _new(request: AnyRequest, filled: Filled, where: dict[str, int | None]) -> Template:
    by = actor_of(request)
    unit = await directory.unit(where["unit"], by) if where["unit"] else None
    organisation = await directory.organisation(where["organisation"], by) if where["organisation"] else None
    area_id = where["area"] or (organisation.area_id if organisation else None)
    area = await administration.one(area_id, by) if area_id else None
    return shown(
        request,
        "admin/post_new.html",
        filled,
        area=area,
        unit=unit,
        organisation=organisation,
        roles=[
            pair
            for pair in roles_at(area.level if area else None, unit is not None, organisation is not None)
            if organisation is None or pair[0] in (Role.PARTY_MEMBER, Role.SECRETARY)
        ],
        level_words=LEVEL_WORDS,
    )


def _path(post_id: int) -> str:
    return f"/admin/posts/{post_id}"


handlers = [index, new, create, one, hand_over, vacate, end, rename, second_factor]
