"""The round: one shell for the list, a visit and a record (see web/pages/pwa/shells.py)."""

from typing import Any

from web import assets
from web.pages.pwa import modules


def ahead() -> dict[str, Any]:
    """The modules of the list, which a worker opens first and most often."""
    return {"ahead": modules.needed(assets.assets(), "round/page.js")}
