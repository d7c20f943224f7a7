"""The operator's side of a sheet: a secret link is swapped for a cookie and leaves the address bar."""

from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Redirect, Template

from server.kernel.errors import NotFound
from server.patrols import sheets
from web import session
from web.fragments import AnyRequest, go, page

COOKIE = "huying_sheet"
_A_MONTH = 30 * 86_400


@get("/z/{secret:str}", opt={"referrer": "no-referrer"})
async def open_link(request: AnyRequest, secret: FromPath[str]) -> Redirect:
    """Go on to the sheet. Logs name the route, never the address, so the secret stays out of them."""
    await sheets.opened(secret)
    response = go(request, "/sheet")
    response.set_cookie(session.cookie(COOKIE, secret, seconds=_A_MONTH, path="/sheet"))
    response.headers["Cache-Control"] = "no-store"
    return response


@get("/sheet", opt={"referrer": "no-referrer"})
async def sheet(request: AnyRequest) -> Template:
    """What has to be put right, by when, and who looks again."""
    secret = request.cookies.get(COOKIE, "")
    if not secret:
        raise NotFound("请用收到的链接打开整改单。")
    return page(request, "patrols/sheet.html", sheet=await sheets.opened(secret), back="")


router = Router("/", route_handlers=[open_link, sheet], include_in_schema=False)
