"""Around every answer, whatever made it: a request id, the headers, one line in the log without personal data."""

import secrets
import time

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from server.kernel.actor import Actor
from web.security import Policy

log = structlog.get_logger("web")


class Envelope:
    """Wraps the whole application, so that errors, unknown paths and refusals have it too."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self.app = app
        self.policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = secrets.token_hex(6)
        scope["state"]["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        status = 500

        async def seal(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._complete(scope, request_id, list(message["headers"]))
            await send(message)

        try:
            await self.app(scope, receive, seal)
        finally:
            self._tell(scope, status, time.perf_counter() - began)
            structlog.contextvars.unbind_contextvars("request_id")

    def _complete(self, scope: Scope, request_id: str, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        present = {name.lower(): value for name, value in headers}
        headers += [pair for pair in self.policy.always if pair[0] not in present]
        headers.append((b"x-request-id", request_id.encode()))
        if b"referrer-policy" not in present:
            headers.append((b"referrer-policy", _option(scope, "referrer", "strict-origin-when-cross-origin").encode()))
        if present.get(b"content-type", b"").startswith(b"text/html"):
            headers.append((b"vary", b"HX-Request"))
            if b"cache-control" not in present and not _known(scope):
                headers.append((b"cache-control", b"private, no-cache"))
        if b"cache-control" not in present and _known(scope):
            headers.append((b"cache-control", b"private, no-store"))
        return headers

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        if scope["type"] == ScopeType.HTTP and not _option(scope, "plain", ""):
            log.info(
                "request",
                method=scope["method"],
                route=scope.get("path_template", "-"),
                status=status,
                ms=round(seconds * 1000, 1),
            )


def _known(scope: Scope) -> bool:
    """Whether the page is about somebody: signed in, or holding the link to a report."""
    actor = scope.get("actor")
    return isinstance(actor, Actor) and (actor.signed_in or bool(actor.links))


def _option(scope: Scope, name: str, otherwise: str) -> str:
    handler = scope.get("route_handler")
    return str(handler.opt.get(name, otherwise)) if handler is not None else otherwise
