"""Where to go after signing in: a path of ours, and nothing that leads elsewhere."""

import re
from urllib.parse import quote, urlsplit

_PATH = re.compile(r"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]|[^\x00-\xa0\\\"<>^`{|}\s])*")
LONGEST = 500


def safe(path: str | None, otherwise: str = "/") -> str:
    """`path` if it is one within this site and no page of signing in or out, else `otherwise`.

    Browsers read a backslash as a slash and skip tabs and line ends: `/\\evil`, `//evil`, `/<tab>/evil` lead away.
    """
    if not path or len(path) > LONGEST or not _PATH.fullmatch(path) or path.startswith("//"):
        return otherwise
    try:
        parts = urlsplit(path)
    except ValueError:
        return otherwise
    if parts.scheme or parts.netloc or parts.path.split("/")[1] in ("signin", "assets"):
        return otherwise
    return quote(path, safe="/%?=&-._~!$'()*+,;:@")


def query(path: str) -> str:
    """As `?next=…`; nothing for the home page."""
    return f"?next={quote(path, safe='/')}" if path != "/" else ""
