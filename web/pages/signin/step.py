"""What the browser holds between the steps of signing in: sealed, for ten minutes, and sent to these pages alone."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from server.people import sealing
from web import session
from web.fragments import AnyRequest

COOKIE, PATH, SECONDS = "huying_signin", "/signin", 10 * 60


class Step(msgspec.Struct, frozen=True, kw_only=True):
    onward: str
    phone: str = ""
    asked: UUID | None = None
    """The code that was asked for here."""
    shown: str = ""
    """The code itself; in the demo only."""
    pending: str = ""
    """What the staff's second step goes on from."""


def keep(response: Response[Any], step: Step) -> None:
    sealed = sealing.seal("sign-in step", msgspec.json.encode(step))
    response.set_cookie(session.cookie(COOKIE, sealed, seconds=SECONDS, path=PATH))


def kept(request: AnyRequest) -> Step | None:
    plain = sealing.unseal("sign-in step", request.cookies.get(COOKIE, ""), seconds=SECONDS)
    return msgspec.json.decode(plain, type=Step) if plain else None


def drop(response: Response[Any]) -> None:
    session.forget(response, COOKIE, PATH)
