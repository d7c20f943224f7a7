"""What the label of a place opens: for who looks after it the place, for anybody else what it is, and 找书记."""

from urllib.parse import urlencode

from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Redirect, Template

from server.areas import tree
from server.patrols import codes, kinds
from server.patrols import place as places
from web.fragments import AnyRequest, actor_of, go, page
from web.pages.places.lists import BASE


@get("/p")
async def typed(request: AnyRequest) -> Template | Redirect:
    """Where a code is typed; one that can be read leads on."""
    text = str(request.query_params.get("code", ""))[:40]
    code = codes.read(text)
    if code:
        return go(request, f"/p/{code}")
    return page(request, "places/typed.html", status=422 if text else 200, text=text, unknown=bool(text))


@get("/p/{code:str}")
async def label(request: AnyRequest, code: FromPath[str]) -> Template | Redirect:
    """The place for who may see it; its kind and community for anybody else, and nothing more."""
    found = await places.find(code)
    if found is not None and found.merged_into is not None:
        found = await places.find(await places.standing(found.id))
    if found is None:
        return page(request, "places/typed.html", status=404, text=code[:40], unknown=True)
    if places.sees(actor_of(request), found.areas):
        return go(request, f"{BASE}/{found.code}")
    kind, line = await kinds.kind(found.kind), await tree.line(found.grid or found.community or found.district)
    lowest = found.grid or found.community
    area = await tree.get(lowest) if lowest else None
    words = f"{kind.name}(标签 {codes.spaced(found.code)})"
    report = {"c": area.code if area else "", "p": words}
    return page(
        request,
        "places/label.html",
        kind=kind.name,
        line=line,
        spaced=codes.spaced(found.code),
        live=found.live,
        report=f"/report?{urlencode({name: value for name, value in report.items() if value})}",
    )


router = Router("/", route_handlers=[typed, label], include_in_schema=False)
