"""The code of a poster: which address it opens, and its picture."""

import io
from urllib.parse import urlencode

import segno

from server.kernel.settings import settings
from web.words import one_line

LONGEST_PLACE = 60
"""Of a place on a poster: more makes the code too fine for an old phone's camera."""
KINDS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


def address(code: str, place: str = "") -> str:
    """What the code says: the report of this area, with the place if there is one."""
    given = {"c": code} | ({"p": place} if place else {})
    return f"{settings().public_url.rstrip('/')}/report?{urlencode(given)}"


def place_of(text: str) -> str:
    """A place as it goes onto a poster: one line, without what cannot be seen, not too long."""
    return one_line(text, LONGEST_PLACE)


def qr(url: str) -> segno.QRCode:
    """The code; a quarter of it may be dirty or torn."""
    return segno.make_qr(url, error="q")


def picture(url: str, kind: str) -> bytes:
    """The code as a PNG, SVG or PDF file, with the quiet edge that cameras need."""
    out = io.BytesIO()
    sizes = {"png": 20, "svg": 10, "pdf": 10}
    qr(url).save(out, kind=kind, scale=sizes[kind], border=4, light="#fff")
    return out.getvalue()
