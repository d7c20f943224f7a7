"""找书记 without a network: the same form, rendered for nobody (see web/pages/pwa/shells.py)."""

from typing import Any

from server.photos import extent
from web import assets
from web.fragments import Mends
from web.pages.pwa import modules
from web.pages.resident.telling import Typed


def blank() -> dict[str, Any]:
    """What the template of the form needs where nothing is known; the phone fills in the rest."""
    return {
        "typed": Typed(),
        "photos": (),
        "refused": (),
        "streets": (),
        "errors": Mends(),
        "refusal": "",
        "most_bytes": extent.BYTES,
        "ahead": modules.needed(assets.assets(), "phone/begin.js", "phone/report.js"),
    }
