"""消息: what the person was told, newest first; each leads to its page, and is read by opening that."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template
from msgspec import Meta

from server.kernel.errors import Invalid
from server.notices import inbox
from server.notices.inbox import Opened
from web import session
from web.fragments import AnyRequest, actor_of, form, go, page


class AllRead(msgspec.Struct, frozen=True):
    until: UUID


class OpenedHere(msgspec.Struct, frozen=True):
    """What a phone opened while it could not say so."""

    opened: Annotated[tuple[Opened, ...], Meta(max_length=200)]


@get("/")
async def index(request: AnyRequest, after: FromQuery[str] = "", only: FromQuery[str] = "") -> Template:
    """The list, or only what is unread."""
    return page(
        request,
        "inbox/inbox.html",
        found=await inbox.page(_account(request), unread=only == "unread", after=after),
        only="unread" if only == "unread" else "",
        after=after,
    )


@get("/unread")
async def unread(request: AnyRequest) -> dict[str, int]:
    """Only the number (`inbox.MOST` at most), for pages that show nothing else that changed."""
    return {"unread": await inbox.unread(_account(request))}


@post("/readings")
async def read_all(request: AnyRequest) -> Redirect:
    """All that was there when the page was made is read; what came since is not."""
    sent = await form(request, AllRead)
    await inbox.opened_on_phone(_account(request), [Opened("", sent.until)])
    return go(request, "/inbox")


@post("/opened", status_code=204)
async def opened(request: AnyRequest) -> Response[None]:
    """A phone says which pages were opened on it without the server (JSON). Again is harmless."""
    try:
        sent = msgspec.json.decode(await request.body(), type=OpenedHere)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Invalid({"opened": "看不懂打开了哪些页面。"}) from None
    await inbox.opened_on_phone(_account(request), sent.opened)
    return Response(None, status_code=204)


def _account(request: AnyRequest) -> UUID:
    account = actor_of(request).account_id
    assert account is not None
    return account


router = Router(
    "/inbox", route_handlers=[index, unread, read_all, opened], guards=[session.signed_in], include_in_schema=False
)
