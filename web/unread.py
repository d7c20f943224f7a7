"""How many unread notices there are, for every page; and what leads to a page is read once that page was opened."""

import re
from typing import Any

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from server.kernel.actor import Actor
from server.notices import inbox

HEADER = b"huying-unread"
"""To htmx, whose answers have no tabs: how many are unread now (static/js/unread.js)."""
AnyConnection = ASGIConnection[Any, Any, Any, Any]
_PLAIN = re.compile(r"(.)/$")


class Unread(ASGIMiddleware):
    """Puts the number into `scope["unread"]` for pages of whoever is signed in; other requests ask nothing."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "plain"

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        actor: Actor = scope["actor"]  # type: ignore[typeddict-item]
        if actor.account_id is None or not _is_page(ASGIConnection(scope)):
            await next_app(scope, receive, send)
            return
        path = _PLAIN.sub(r"\1", scope["path"])
        left, here = await inbox.standing(actor.account_id, path)
        scope["unread"] = left  # type: ignore[typeddict-unknown-key]
        account = actor.account_id

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (HEADER, str(left).encode())]
                # A page that was not shown (sign in first, an error of ours) leaves its notices unread.
                if here and (message["status"] < 300 or message["status"] == 404):
                    await inbox.opened(account, path)
            await send(message)

        await next_app(scope, receive, sending)


def _is_page(connection: AnyConnection) -> bool:
    """Whether a person is looking: a page or a piece of it, not a picture, a phone's own request or a look ahead."""
    headers = connection.headers
    if connection.scope.get("method") != "GET" or "prefetch" in headers.get("sec-purpose", ""):
        return False
    return "text/html" in headers.get("accept", "") or headers.get("hx-request") == "true"
