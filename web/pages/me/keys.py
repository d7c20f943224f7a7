"""Password and second factor of one's own account."""

from typing import Annotated, Any

import msgspec
from litestar import Router, get, post
from litestar.response import Redirect, Template
from msgspec import Meta

from server.kernel.errors import Invalid, TooMany
from server.people import accounts, second_factor, staff_sign_in
from web import session
from web.fragments import AnyRequest, actor_of, form, go, page

Refusal = Invalid | TooMany


class PasswordForm(msgspec.Struct, frozen=True):
    old: Annotated[str, Meta(max_length=1000, extra={"raw": True})] = ""
    password: Annotated[str, Meta(max_length=1000, extra={"raw": True})] = ""
    again: Annotated[str, Meta(max_length=1000, extra={"raw": True})] = ""


class CodeForm(msgspec.Struct, frozen=True):
    code: Annotated[str, Meta(max_length=60)] = ""
    sealed: Annotated[str, Meta(max_length=1000)] = ""


@get("/password")
async def ask_password(request: AnyRequest) -> Template:
    return await _password_page(request)


@post("/password")
async def take_password(request: AnyRequest) -> Template | Redirect:
    """Set the password; the browser gets the session's new token, all other devices are signed out."""
    sent = await form(request, PasswordForm)
    try:
        if sent.password != sent.again:
            raise Invalid({"again": "两次填的不一样,请再填一次。"})
        token = await staff_sign_in.choose_password(sent.password, actor_of(request), old=sent.old)
    except (Invalid, TooMany) as error:
        return await _password_page(request, error)
    response = go(request, "/me?done=password")
    session.begin(response, token)
    return response


@get("/second-factor")
async def show_second(request: AnyRequest) -> Template:
    """Set up, give or give up the second factor, whichever is next."""
    return await _second_page(request)


@post("/second-factor")
async def enrol(request: AnyRequest) -> Template | Redirect:
    """Set it up: the first code proves that the app has the secret."""
    sent = await form(request, CodeForm)
    try:
        token = await second_factor.enrol(sent.sealed, sent.code, actor_of(request))
    except (Invalid, TooMany) as error:
        return await _second_page(request, error, sent.sealed)
    return _lifted(request, token)


@post("/second-factor/proof")
async def lift(request: AnyRequest) -> Template | Redirect:
    """Give it in a session that began without it."""
    sent = await form(request, CodeForm)
    try:
        token = await second_factor.lift(sent.code, actor_of(request))
    except (Invalid, TooMany) as error:
        return await _second_page(request, error)
    return _lifted(request, token)


@post("/second-factor/end")
async def give_up(request: AnyRequest) -> Template | Redirect:
    """Take it away, e.g. before changing the phone."""
    sent = await form(request, CodeForm)
    try:
        await second_factor.give_up(sent.code, actor_of(request))
    except (Invalid, TooMany) as error:
        return await _second_page(request, error)
    return go(request, "/me/second-factor")


router = Router(
    "/me",
    route_handlers=[ask_password, take_password, show_second, enrol, lift, give_up],
    guards=[session.signed_in],
    include_in_schema=False,
)


def _lifted(request: AnyRequest, token: str) -> Redirect:
    response = go(request, "/me/second-factor")
    session.begin(response, token)
    return response


async def _password_page(request: AnyRequest, refusal: Refusal | None = None) -> Template:
    by = actor_of(request)
    assert by.account_id is not None
    account = await accounts.one(by.account_id)
    return _shown(request, "me/password.html", refusal, account=account)


async def _second_page(request: AnyRequest, refusal: Refusal | None = None, sealed: str = "") -> Template:
    by = actor_of(request)
    state = await second_factor.state(by)
    offer = None
    if not state.enrolled and state.with_password:
        offer = (await second_factor.offer_again(sealed, by) if sealed else None) or await second_factor.offer(by)
    return _shown(request, "me/second_factor.html", refusal, state=state, offer=offer)


def _shown(request: AnyRequest, template: str, refusal: Refusal | None, **values: Any) -> Template:
    fields = refusal.fields if isinstance(refusal, Invalid) else {}
    status = 200 if refusal is None else 422 if isinstance(refusal, Invalid) else 429
    slow = refusal.words if isinstance(refusal, TooMany) else ""
    return page(request, template, status=status, fields=fields, slow=slow, **values)
