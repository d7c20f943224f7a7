"""Every piece in all its states, to look at; only where the settings say it is a demo."""

from litestar import Router, get
from litestar.response import Template

from server.kernel.errors import NotFound
from server.kernel.settings import settings
from web.fragments import AnyRequest, page
from web.pages.gallery.samples import samples


@get("/gallery", include_in_schema=False)
async def gallery(request: AnyRequest) -> Template:
    """The pieces in a resident's column."""
    if not settings().demo:
        raise NotFound
    return page(request, "gallery/gallery.html", **samples())


@get("/gallery/desk", include_in_schema=False)
async def desk(request: AnyRequest) -> Template:
    """The three columns of the desk."""
    if not settings().demo:
        raise NotFound
    return page(request, "gallery/desk.html", **samples())


router = Router("/", route_handlers=[gallery, desk])
