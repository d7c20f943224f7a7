"""Letter size and theme, chosen on this device without signing in."""

from typing import Literal

import msgspec
from litestar import Router, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from web import onward
from web.fragments import AnyRequest, form


class Look(msgspec.Struct, frozen=True):
    """What the form of pieces/look.html sends."""

    theme: Literal["", "light", "dark"] = ""
    elder: bool = False
    next: str = "/"


@post("/look", status_code=303, include_in_schema=False)
async def choose(request: AnyRequest) -> Redirect:
    """Remember the look in a cookie (nothing personal, read by scripts too) and go back."""
    told = await form(request, Look)
    words = ".".join(word for word in (told.theme, "elder" if told.elder else "") if word)
    cookie = Cookie("huying_look", words, max_age=400 * 86400, samesite="lax")
    return Redirect(onward.safe(told.next), status_code=303, cookies=[cookie])


router = Router("/", route_handlers=[choose])
