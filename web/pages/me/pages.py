"""What a person sees and changes about themselves. The look needs no account: it belongs to the device."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from msgspec import Meta

from server.households import helping, own
from server.kernel.actor import ROLE_WORDS, Role
from server.kernel.errors import Invalid
from server.people import accounts, posts, second_factor, sessions
from web import onward, session
from web.fragments import AnyRequest, actor_of, form, go, page

LOOK = "huying_look"

DONE = {
    "name": "名字已经改好。",
    "password": "密码已经设好,别的设备都已退出。",
    "device": "那台设备已经退出。",
    "helping": "已经保存。",
    "device_off": "那台设备不再提醒。",
    "notices": "已经保存,从下一条消息起。",
}


class NameForm(msgspec.Struct, frozen=True):
    name: Annotated[str, Meta(max_length=200)] = ""


class LookForm(msgspec.Struct, frozen=True):
    theme: Literal["auto", "light", "dark"] = "auto"
    elder: bool = False
    next: str = ""


class HelpingForm(msgspec.Struct, frozen=True):
    named: bool = False


class CloseForm(msgspec.Struct, frozen=True):
    sure: bool = False


@get("/")
async def me(request: AnyRequest, done: FromQuery[str] = "") -> Template:
    """The person's page; signed out it offers to sign in, and the look."""
    by = actor_of(request)
    if by.account_id is None:
        return page(request, "me/signed_out.html")
    return page(
        request,
        "me/me.html",
        account=await accounts.one(by.account_id),
        held=await posts.held_by(by.account_id),
        counting={post.id for post in by.posts},
        role_words=ROLE_WORDS,
        second=await second_factor.state(by),
        household=await own.is_contact(by),
        named=await helping.agrees(by) if by.has(Role.PARTY_MEMBER) else None,
        done=DONE.get(done, ""),
    )


@post("/look")
async def choose_look(request: AnyRequest) -> Redirect:
    """Light, dark or as the device is; elder mode. Kept in a cookie of this device that scripts may change too."""
    chosen = await form(request, LookForm)
    words = [word for word, on in ((chosen.theme, chosen.theme != "auto"), ("elder", chosen.elder)) if on]
    response = go(request, onward.safe(chosen.next, "/me"))
    response.set_cookie(session.cookie(LOOK, "%20".join(words), scripts=True))
    return response


@get("/name", guards=[session.signed_in])
async def ask_name(request: AnyRequest) -> Template:
    """How the person wants to be called."""
    return page(request, "me/name.html", typed=actor_of(request).name, fields={})


@post("/name", guards=[session.signed_in])
async def take_name(request: AnyRequest) -> Template | Redirect:
    """Keep the name."""
    sent, by = await form(request, NameForm), actor_of(request)
    assert by.account_id is not None
    try:
        await accounts.rename(by.account_id, sent.name, by)
    except Invalid as error:
        return page(request, "me/name.html", status=422, typed=sent.name, fields=error.fields)
    return go(request, "/me?done=name")


@post("/helping", guards=[session.roles(Role.PARTY_MEMBER)])
async def choose_helping(request: AnyRequest) -> Redirect:
    """Agree to be named as who helped with a case, or take that back."""
    sent = await form(request, HelpingForm)
    await helping.choose(actor_of(request), named=sent.named)
    return go(request, "/me?done=helping")


@get("/devices", guards=[session.signed_in])
async def devices(request: AnyRequest, done: FromQuery[str] = "") -> Template:
    """Where the person is signed in."""
    return page(request, "me/devices.html", rows=await sessions.list_of(actor_of(request)), done=DONE.get(done, ""))


@post("/devices/{session_id:uuid}/revocation", guards=[session.signed_in])
async def revoke(request: AnyRequest, session_id: FromPath[UUID]) -> Redirect:
    """Sign one device out, at once."""
    await sessions.revoke(session_id, actor_of(request))
    return go(request, "/me/devices?done=device")


@post("/devices/others/revocation", guards=[session.signed_in])
async def revoke_others(request: AnyRequest) -> Redirect:
    """Sign all other devices out."""
    await sessions.revoke_others(actor_of(request))
    return go(request, "/me/devices?done=device")


@post("/signout")
async def sign_out(request: AnyRequest) -> Redirect:
    """End this session. Signed out already is fine."""
    by = actor_of(request)
    if by.session_id is not None:
        await sessions.revoke(by.session_id, by)
    response = go(request, "/")
    session.forget(response)
    return response


@get("/closing", guards=[session.signed_in])
async def ask_closing(request: AnyRequest) -> Template:
    """What closing the account would touch."""
    by = actor_of(request)
    assert by.account_id is not None
    return page(request, "me/closing.html", touched=await accounts.close(by.account_id, by, dry_run=True), unsure=False)


@post("/closing", guards=[session.signed_in])
async def close(request: AnyRequest) -> Template | Redirect:
    """Close the account, where the box says so."""
    by, sent = actor_of(request), await form(request, CloseForm)
    assert by.account_id is not None
    if not sent.sure:
        touched = await accounts.close(by.account_id, by, dry_run=True)
        return page(request, "me/closing.html", status=422, touched=touched, unsure=True)
    await accounts.close(by.account_id, by)
    response = go(request, "/")
    session.forget(response)
    return response


router = Router(
    "/me",
    route_handlers=[
        me,
        choose_look,
        ask_name,
        take_name,
        choose_helping,
        devices,
        revoke,
        revoke_others,
        sign_out,
        ask_closing,
        close,
    ],
    include_in_schema=False,
)
