"""`GET /live`: server-sent events for who is signed in, which name what changed and never say what is in it."""

import asyncio

import msgspec
from litestar import Router, asgi
from litestar.connection import ASGIConnection
from litestar.types import Receive, Scope, Send

from server.kernel.actor import Actor
from web.live.hub import Full, Hub, Stream

AGAIN_MS = 3000
"""After so long a browser whose stream broke tries again."""
FULL_SECONDS = 60
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # nginx and its like hold answers back to send them in larger pieces.
    (b"x-accel-buffering", b"no"),
]
_LONGEST_AGE = 3600.0


@asgi("/live", copy_scope=False)
async def listen(scope: Scope, receive: Receive, send: Send) -> None:
    """A stream; 204 to who is not signed in (EventSource then gives up), 503 where there are too many."""
    actor: Actor = scope["actor"]  # type: ignore[typeddict-item]
    if scope.get("method") != "GET":
        await _short(405, [(b"allow", b"GET")], send)
        return
    if actor.session_id is None:
        await _short(204, [], send)
        return
    hub: Hub = scope["litestar_app"].state.hub
    try:
        with hub.stream(actor, _age(scope)) as one:
            await _say(one, receive, send)
    except Full:
        await _short(503, [(b"retry-after", str(FULL_SECONDS).encode())], send)


async def _say(one: Stream, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await _send(send, f"retry: {AGAIN_MS}\n\n")
    gone = asyncio.ensure_future(_gone(receive))
    gone.add_done_callback(one.wake)
    loop = asyncio.get_running_loop()
    try:
        while not (one.over or gone.done()):
            if one.names:
                await _send(send, f"data: {msgspec.json.encode(one.take()).decode()}\n\n")
            elif one.beat:
                await _send(send, ":\n\n")
            else:
                one.waiting = loop.create_future()
                await one.waiting
                continue
            one.beat = False
        if not gone.done():
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()


async def _gone(receive: Receive) -> None:
    """Until the browser has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _short(status: int, headers: list[tuple[bytes, bytes]], send: Send) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _age(scope: Scope) -> float | None:
    """Seconds since the page was made, as it says itself."""
    text = ASGIConnection(scope).query_params.get("age", "")
    try:
        age = float(text)
    except ValueError:
        return None
    return age if 0 <= age <= _LONGEST_AGE else None


router = Router("/", route_handlers=[listen], include_in_schema=False)
