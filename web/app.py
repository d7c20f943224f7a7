"""The web application: everything that answers HTTP, put together once per process."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import lru_cache
from graphlib import TopologicalSorter
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template.config import TemplateConfig
from litestar.types import Middleware

from server.kernel import database, logs
from server.kernel.ids import new_id
from server.kernel.settings import Settings
from server.kernel.settings import settings as read_settings
from web import assets, errors, fragments, health, security, session, unread, words
from web.envelope import Envelope
from web.live import hub, stream
from web.pages import photos, push, signals, sync
from web.pages.admin import pages as admin
from web.pages.alarms import pages as alarms
from web.pages.desk import exports
from web.pages.desk import pages as desk
from web.pages.door import pages as door
from web.pages.gallery import pages as gallery
from web.pages.households import pages as households
from web.pages.inbox import pages as inbox
from web.pages.me import keys
from web.pages.me import notices as choices
from web.pages.me import pages as me
from web.pages.own import pages as own
from web.pages.patrols import operator
from web.pages.patrols import pages as patrols
from web.pages.places import pages as places
from web.pages.places import public as labels
from web.pages.posters import pages as posters
from web.pages.privacy import pages as privacy
from web.pages.pwa import pages as pwa
from web.pages.resident import pages as resident
from web.pages.signin import pages as signin
from web.pages.unit import pages as unit

TEMPLATES = Path(__file__).parent / "templates"

_SAME_FOR_THE_SAME = ("icon", "chip")
"""Pieces of which a list has hundreds and that their words alone decide: what was rendered once is kept."""

ROUTERS: list[Router] = [
    assets.router,
    health.router,
    gallery.router,
    signin.router,
    me.router,
    keys.router,
    choices.router,
    inbox.router,
    alarms.router,
    stream.router,
    photos.router,
    sync.router,
    signals.router,
    push.router,
    push.public_router,
    pwa.router,
    posters.router,
    places.router,
    labels.router,
    resident.router,
    desk.router,
    households.router,
    own.router,
    privacy.router,
    door.router,
    door.public_router,
    door.desk_router,
    patrols.coverage_router,
    patrols.router,
    operator.router,
    exports.router,
    unit.router,
    admin.router,
]
"""Every area of the site; add yours here."""


def create_app() -> Litestar:
    """The application for uvicorn (`uvicorn --factory web.app:create_app`), with its own database pool."""
    settings = read_settings()
    assets.assets()
    app = Litestar(
        ROUTERS,
        lifespan=[_pool, hub.running],
        state=State({"hub": hub.Hub()}),
        middleware=_middleware(settings),
        dependencies={"actor": Provide(fragments.actor_of, sync_to_thread=False)},
        exception_handlers=errors.handlers,
        template_config=TemplateConfig(engine=JinjaTemplateEngine.from_environment(templates())),
        # Assets are kept compressed; a running gzip would cost every page more than level 5 saves.
        compression_config=CompressionConfig(backend="gzip", gzip_compress_level=5, exclude="^/(assets/|live)"),
        request_max_body_size=security.FORM_BYTES,
        openapi_config=OpenAPIConfig(
            title="呼应 Huying",
            version="1",
            path="/api/schema",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        logging_config=None,
        debug=False,
    )
    app.asgi_handler = Envelope(app.asgi_handler, security.policy(settings.tile_url, settings.public_url))
    return app


def templates() -> Environment:
    """Jinja with everything escaped, an undefined name being an error, and the words of web/words.py as filters."""
    engine = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    for name in ("near", "exact", "due", "due_state", "mask_phone", "mask_name"):
        engine.filters[name] = getattr(words, name)
    engine.filters["attributes"] = fragments.attributes
    engine.globals |= {"asset": assets.assets().url, "new_id": new_id, "settings": read_settings()}
    engine.globals |= {"STATES": words.STATES}
    _pieces(engine)
    return engine


def _pieces(engine: Environment) -> None:
    """Every macro of every piece is at hand in every template, without an import line."""
    for name in _in_order(engine):
        macros = {
            word: lru_cache(4096)(macro) if word in _SAME_FOR_THE_SAME else macro
            for word, macro in vars(engine.get_template(f"pieces/{name}").module).items()
            if not word.startswith("_")
        }
        engine.globals |= macros
        if name == "icon.html":
            # Also as `sign`, for pieces that have an `icon` of their own among their parameters.
            engine.globals["sign"] = macros["icon"]


def _in_order(engine: Environment) -> Iterable[str]:
    """The pieces, each after those whose macros it uses: a macro finds only what was there when it was made."""
    parsed = {
        piece.name: engine.parse(piece.read_text(encoding="utf-8")) for piece in (TEMPLATES / "pieces").glob("*.html")
    }
    made_in = {macro.name: name for name, tree in parsed.items() for macro in tree.find_all(nodes.Macro)}
    made_in["sign"] = made_in["icon"]
    uses = {
        name: {made_in[one.name] for one in tree.find_all(nodes.Name) if one.name in made_in} - {name}
        for name, tree in sorted(parsed.items())
    }
    return TopologicalSorter(uses).static_order()


def _middleware(settings: Settings) -> list[Middleware]:
    return [security.Guard(settings.public_url), session.Session(), unread.Unread()]


@asynccontextmanager
async def _pool(app: Litestar) -> AsyncIterator[None]:
    logs.configure(read_settings())
    async with database.pool():
        yield
