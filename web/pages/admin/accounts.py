"""Accounts of the staff: found, opened, named, their sign-in reset, closed. Residents are in no list."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from server.cases import touched
from server.kernel.errors import NotFound
from server.people import accounts, directory, posts
from server.people.directory import PAGE
from web.fragments import AnyRequest, actor_of
from web.pages.admin import history
from web.pages.admin.acting import Asked, Filled, Form, Line, Page, asked_for, change, number_asked, shown


class Open(Form, frozen=True):
    phone: Line = ""
    name: Line = ""


class Name(Form, frozen=True):
    name: Line = ""


@get("/accounts")
async def index(request: AnyRequest) -> Template:
    """Who holds posts in scope."""
    by, q = actor_of(request), asked_for(request, "q")
    start = number_asked(request, "from") or 0
    found, more = await directory.accounts(by, search=q, start=start)
    return shown(request, "admin/accounts.html", Filled(), q=q, found=found, more=more, start=start, most=PAGE)


@get("/accounts/new")
async def new(request: AnyRequest) -> Template:
    """Where an account is opened; who administers one area opens it by filling a post."""
    return await _new(request, Filled())


@post("/accounts")
async def open_account(request: AnyRequest) -> Page:
    """Open (or find) somebody's account."""
    by = actor_of(request)
    await _new(request, Filled())

    async def do(sent: Open) -> str:
        return _path(await accounts.open_for_staff(sent.phone, sent.name, by))

    return await change(request, "account.open", Open, show=lambda filled: _new(request, filled), do=do)


@get("/accounts/{account_id:uuid}")
async def one(request: AnyRequest, account_id: FromPath[UUID]) -> Template:
    """One account."""
    return await _show(request, Filled(), account_id)


@post("/accounts/{account_id:uuid}/name")
async def rename(request: AnyRequest, account_id: FromPath[UUID]) -> Page:
    """Another name."""
    by = actor_of(request)
    await directory.account(account_id, by)

    async def do(sent: Name) -> str:
        await accounts.rename(account_id, sent.name, by)
        return _path(account_id)

    return await change(request, "account.rename", Name, show=_again(request, account_id), do=do)


@post("/accounts/{account_id:uuid}/reset")
async def reset(request: AnyRequest, account_id: FromPath[UUID]) -> Page:
    """Password and second factor are gone, sessions end."""
    by = actor_of(request)
    known = await directory.account(account_id, by)

    async def ask(sent: Form) -> Asked:
        await posts.demand_administered(account_id, by)
        return Asked(
            title=f"重设 {known.name or '这个账号'} 的登录",
            back=_path(account_id),
            yes="重设",
            lines=(
                "密码和动态口令都作废,所有设备马上退出。",
                "请本人用手机号收验证码登录,再设新密码。您不会知道新密码。",
            ),
        )

    async def do(sent: Form) -> str:
        await accounts.reset_sign_in(account_id, by)
        return _path(account_id)

    return await change(request, "account.reset", Form, show=_again(request, account_id), do=do, ask=ask)


@post("/accounts/{account_id:uuid}/closing")
async def close(request: AnyRequest, account_id: FromPath[UUID]) -> Page:
    """End the account; its posts fall vacant."""
    by = actor_of(request)

    async def ask(sent: Form) -> Asked:
        known = await directory.account(account_id, by)
        return Asked(
            title=f"注销 {known.name or '这个账号'}",
            back=_path(account_id),
            yes="注销",
            lines=("担任的岗位会空出来,所有设备马上退出。注销不能撤销。",),
            touched=await accounts.close(account_id, by, dry_run=True),
            cases=await touched.open_cases_of_account(account_id),
            cases_words="会马上转给在岗的同事,没有人时转给上一级,期限不变",
        )

    async def do(sent: Form) -> str:
        # Asked only here: once closed the account is nobody's to see, and sending twice must answer the same.
        await directory.account(account_id, by)
        await accounts.close(account_id, by)
        return "/admin/accounts"

    return await change(request, "account.close", Form, show=_again(request, account_id), do=do, ask=ask)


def _again(request: AnyRequest, account_id: UUID) -> Any:
    async def show(filled: Filled) -> Template:
        return await _show(request, filled, account_id)

    return show


async def _show(request: AnyRequest, filled: Filled, account_id: UUID) -> Template:
    by = actor_of(request)
    return shown(
        request,
        "admin/account.html",
        filled,
        account=await directory.account(account_id, by),
        held=[await directory.post(held.id, by) for held in await posts.held_by(account_id)],
        history=await history.of(f"account:{account_id}"),
    )


async def _new(request: AnyRequest, filled: Filled) -> Template:
    if not await directory.everywhere(actor_of(request)):
        raise NotFound()
    return shown(request, "admin/account_new.html", filled)


def _path(account_id: UUID) -> str:
    return f"/admin/accounts/{account_id}"


handlers = [index, new, open_account, one, rename, reset, close]
