"""Manifest, service worker, shells and the help for installing. All of it is the same for everybody."""

import msgspec
from jinja2 import Environment
from litestar import MediaType, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from web.fragments import AnyRequest, page
from web.pages.pwa import worker
from web.pages.pwa.manifest import manifest as the_manifest
from web.pages.pwa.platforms import platform
from web.pages.pwa.shells import SHELLS, Shell, rendered

_FRESH = {"Cache-Control": "no-cache"}


@get("/manifest.webmanifest", opt={"plain": True})
async def manifest() -> Response[bytes]:
    """The web app manifest."""
    content = msgspec.json.encode(the_manifest())
    return Response(content, media_type="application/manifest+json", headers=_FRESH)


@get("/service-worker.js", opt={"plain": True})
async def service_worker(request: AnyRequest) -> Response[str]:
    """The service worker; the browser asks for it anew each time."""
    return Response(worker.script(_engine(request)), media_type="text/javascript", headers=_FRESH)


@get("/install")
async def install(request: AnyRequest) -> Template:
    """How to put Huying on the home screen, beginning with the browser that asks."""
    mine = platform(request.headers.get("user-agent", ""))
    return page(request, "pwa/install.html", mine=mine, headers={"Vary": "User-Agent"})


def _showing(shell: Shell) -> HTTPRouteHandler:
    # A page that lies whole on the phone is its shell under every path of its family.
    family = [f"{start}{{rest:path}}" for start in shell.under] if shell.path in shell.pages else []

    @get([shell.path, *family], opt={"plain": True}, name=shell.path)
    async def show(request: AnyRequest) -> Response[str]:
        return Response(rendered(_engine(request), shell), media_type=MediaType.HTML, headers=_FRESH)

    return show


def _engine(request: AnyRequest) -> Environment:
    engine = request.app.template_engine
    if engine is None:
        raise RuntimeError("the application has no templates")
    found = engine.engine
    assert isinstance(found, Environment)
    return found


router = Router(
    "/",
    route_handlers=[manifest, service_worker, install, *map(_showing, SHELLS)],
    include_in_schema=False,
)
