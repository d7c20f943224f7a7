"""`/service-worker.js`: static/service-worker.js with the names of what it keeps."""

import hashlib
from functools import cache
from typing import Any

import msgspec
from jinja2 import Environment

from web import assets
from web.pages.pwa import modules
from web.pages.pwa.shells import SHELLS, rendered

SOURCE = assets.STATIC / "service-worker.js"
PUSH = assets.STATIC / "service-worker-push.js"
"""Its second half: two files to read, one to register."""

_NOT_KEPT = ("lib/", "chunks/", "css/", "desk/", "admin/", "posters/", "screenshots/", "icons/icon-")
"""Libraries and what modules share come by being imported; maps, desk, administration are kept when first used."""
_KEPT_ALL_THE_SAME = ("css/app.css", "icons/icon-192.png")
_LARGE = "lib/leaflet"


@cache
def script(engine: Environment) -> str:
    """The service worker of this version. Any change of its code, of an asset or of a shell changes its bytes."""
    own, source = assets.assets(), "\n".join(one.read_text("utf-8") for one in (SOURCE, PUSH))
    whole = hashlib.sha256(own.version.encode() + source.encode())
    for shell in SHELLS:
        whole.update(rendered(engine, shell).encode())
    given: dict[str, Any] = {
        "version": whole.hexdigest()[:12],
        "prefix": f"/assets/{own.version}/",
        "assets": [own.url(path) for path in kept(own)],
        "shells": [{"path": shell.path, "pages": shell.pages, "under": shell.under} for shell in SHELLS],
    }
    return f"self.given = {msgspec.json.encode(given).decode()};\n{source}"


def kept(own: assets.Assets) -> list[str]:
    """Paths of the assets that are fetched ahead: what residents' and phone pages need, with all that they import."""
    asked_for = own.files.keys() - own.bundle.sources
    found = {path for path in asked_for if path in _KEPT_ALL_THE_SAME or not path.startswith(_NOT_KEPT)}
    fresh = found
    while fresh:
        fresh = {
            target
            for path in fresh
            for target in modules.imports(own, path)
            if not target.startswith((_LARGE, "desk/"))
        } - found
        found |= fresh
    return sorted(found)
