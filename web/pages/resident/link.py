"""A secret link is swapped for a cookie and leaves the address bar."""

from litestar import get
from litestar.params import FromPath
from litestar.response import Redirect

from server.cases import links
from web import session
from web.fragments import AnyRequest, go


@get("/r/{secret:str}", opt={"referrer": "no-referrer"})
async def open_link(request: AnyRequest, secret: FromPath[str]) -> Redirect:
    """Go on to the report. Logs name the route, never the address, so the secret stays out of them."""
    opened = await links.open_link(secret, session.link_token(request.cookies))
    response = go(request, f"/mine/{opened.number}")
    response.set_cookie(session.cookie(session.LINKS, opened.token))
    response.headers["Cache-Control"] = "no-store"
    return response
