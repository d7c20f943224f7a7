"""From cookies to the actor of a request, and the guards of handlers.

`huying` holds the session's token, `huying_device` names the device to limits and nobody else, `huying_links` what
secret links were swapped for. A request without cookies asks the database nothing, a signed-in one asks it once.
"""

import ipaddress
import re
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from server.cases import links
from server.kernel import ids
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotFound, SignInNeeded
from server.kernel.settings import settings
from server.people import posts, sessions

SESSION, DEVICE, LINKS = "huying", "huying_device", "huying_links"
PHONE = "huying-phone"
"""Header of the phone's own requests: the token of the device cookie, as the working set told it."""
FOREVER = 400 * 24 * 3600
"""Browsers keep a cookie no longer; when a session ends, its row decides."""

AnyConnection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[AnyConnection, BaseRouteHandler], Awaitable[None]]

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class StaffSignInNeeded(SignInNeeded):
    """Nobody is signed in with the password, on a page of the staff."""

    sign_in = "/signin/staff"


class Session(ASGIMiddleware):
    """Puts the `Actor` into `scope["actor"]` and gives every browser its device cookie.

    Routes with `opt={"plain": True}` (assets, health) are left alone.
    """

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "plain"

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        connection = AnyConnection(scope)
        cookies, known = connection.cookies, device_of(connection)
        device = known or ids.new_secret()
        scope["actor"] = await actor_of(cookies, device, address_of(scope))  # type: ignore[typeddict-unknown-key]
        kept = known is not None and known == cookies.get(DEVICE)
        await next_app(scope, receive, send if kept else _with_cookie(send, cookie(DEVICE, device)))


async def actor_of(cookies: dict[str, str], device: str, address: str | None) -> Actor:
    """Who these cookies speak for; an Actor without account where nobody is signed in."""
    digest = ids.digest(device).hex()
    link, token = _token(cookies.get(LINKS)), _token(cookies.get(SESSION))
    reports = await links.reports_of(link) if link else ()
    actor = await sessions.actor_of(token, device=digest, address=address, links=reports) if token else None
    return actor or Actor(device=digest, address=address, links=reports)


def link_token(cookies: dict[str, str]) -> str | None:
    """The device's link cookie, if it is one of ours."""
    return _token(cookies.get(LINKS))


def device_of(connection: AnyConnection) -> str | None:
    """By what the device is known: what its phone kept beside its unsent work, else its cookie; None at first.

    Browsers write cookies to disk late; one that dies in the first half minute would come back as somebody else.
    """
    return _token(connection.headers.get(PHONE)) or _token(connection.cookies.get(DEVICE))


def address_of(scope: Scope) -> str | None:
    """The client's address, as limits count it: of IPv6 the network (/64), for one household has as many as it likes.

    Behind a proxy it is uvicorn that believes X-Forwarded-For, from `trusted_proxies` alone; here nobody reads it.
    """
    client = scope.get("client")
    try:
        address = ipaddress.ip_address(client[0]) if client else None
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address) if address else None


def cookie(name: str, value: str, *, seconds: int = FOREVER, path: str = "/", scripts: bool = False) -> Cookie:
    """A cookie that other sites' forms do not send, and that `scripts` cannot read unless they may."""
    secure = settings().public_url.startswith("https://")
    return Cookie(
        key=name, value=value, max_age=seconds, path=path, httponly=not scripts, secure=secure, samesite="lax"
    )


def begin(response: Response[Any], token: str) -> None:
    """Have the browser hold a session that was just opened."""
    response.set_cookie(cookie(SESSION, token))


def forget(response: Response[Any], name: str = SESSION, path: str = "/") -> None:
    """Have the browser drop a cookie."""
    response.set_cookie(cookie(name, "", seconds=0, path=path))


async def signed_in(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Guard: somebody is signed in."""
    if not connection.scope["actor"].signed_in:  # type: ignore[typeddict-item]
        raise SignInNeeded()


async def staff_only(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Guard: somebody who holds a post, and signed in as staff do. For residents the page does not exist."""
    actor: Actor = connection.scope["actor"]  # type: ignore[typeddict-item]
    if actor.is_staff:
        return
    if not actor.signed_in or await posts.held_by(actor.account_id):  # type: ignore[arg-type]
        raise StaffSignInNeeded("请用手机号和密码登录。")
    raise NotFound()


def roles(*wanted: Role) -> Guard:
    """Guard: somebody who holds a post with one of these roles; the page does not exist for others."""

    async def guard(connection: AnyConnection, handler: BaseRouteHandler) -> None:
        await staff_only(connection, handler)
        if not connection.scope["actor"].has(*wanted):  # type: ignore[typeddict-item]
            raise NotFound()

    return guard


def _token(value: str | None) -> str | None:
    return value if value is not None and _TOKEN.fullmatch(value) else None


def _with_cookie(send: Send, added: Cookie) -> Send:
    header = (b"set-cookie", added.to_header(header="").encode())

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], header]
        await send(message)

    return sending
