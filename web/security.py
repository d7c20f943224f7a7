"""What keeps a page ours: no change ordered from somebody else's page, and headers that say what a page may do."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from server.kernel.errors import HuyingError

PHOTO_BYTES = 64_000_000
"""Largest body of a route that takes photos; set it there as `request_max_body_size`."""
IMPORT_BYTES = 130_000_000
"""The same of a route that takes an administrator's files: the address register of a district."""
FORM_BYTES = 1_000_000
"""Largest body everywhere else."""

_SAFE = ("GET", "HEAD", "OPTIONS")


class CrossSite(HuyingError):
    """A change was ordered from another site's page (HTTP 403)."""

    def __init__(self) -> None:
        super().__init__("这个操作不是从呼应的页面发出的,没有执行。请回到呼应里再做一次。")


class Guard(ASGIMiddleware):
    """Refuses changes that another site's page ordered; `opt={"machine": True}` exempts routes with keys of their own.

    Browsers say where a request comes from: Sec-Fetch-Site (all since 2023), before that Origin, before that Referer.
    What names none of the three is no browser that would send our cookies along from elsewhere: they are SameSite=Lax.
    """

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "machine"

    def __init__(self, public_url: str) -> None:
        self.public_url = public_url

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        unsafe = scope["type"] == ScopeType.HTTP and scope["method"] not in _SAFE
        if unsafe and not same_site(Headers.from_scope(scope), self.public_url):
            raise CrossSite
        await next_app(scope, receive, send)


def same_site(headers: Mapping[str, str], public_url: str) -> bool:
    """Whether a request that changes something comes from a page of ours (or from no page at all)."""
    site = headers.get("sec-fetch-site")
    if site in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    if site == "same-site":
        return origin is not None and _host(origin) == _host(public_url)
    if site is not None:
        return False
    source = origin or headers.get("referer")
    if source is None:
        return True
    return _host(source) in {headers.get("host", "").lower(), _host(public_url)} - {""}


class Policy(msgspec.Struct, frozen=True):
    """The headers of every answer, made once."""

    always: tuple[tuple[bytes, bytes], ...]


def policy(tile_url: str, public_url: str) -> Policy:
    """The headers for an installation: whose tiles it shows, and whether it is reached by TLS."""
    tiles = tile_host(tile_url)
    rules = [
        "default-src 'self'",
        f"img-src 'self' blob: data: {tiles}".strip(),
        "style-src 'self'",
        "script-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ]
    headers = {
        "content-security-policy": "; ".join(rules),
        "x-content-type-options": "nosniff",
        "permissions-policy": "geolocation=(self), camera=(self)",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    if public_url.startswith("https://"):
        headers["strict-transport-security"] = "max-age=31536000"
    return Policy(tuple((name.encode(), value.encode()) for name, value in headers.items()))


def tile_host(tile_url: str) -> str:
    """The origin of the tiles for the CSP: `https://t{s}.tianditu.gov.cn/…` gives `https://*.tianditu.gov.cn`."""
    parts = urlsplit(tile_url)
    if not parts.netloc:
        return ""
    labels = parts.netloc.split(".")
    if "{" in labels[0]:
        labels[0] = "*"
    return f"{parts.scheme}://{'.'.join(labels)}"


def _host(url: str) -> str:
    """Host and port as a Host header has them: without the port that the scheme implies."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return ""
    if ":" in host:
        host = f"[{host}]"
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return host if port is None or port == usual else f"{host}:{port}"
