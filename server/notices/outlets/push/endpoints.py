"""Where a push may go: the push services of browsers, by name. A device names its own, so anything else is refused."""

from urllib.parse import urlsplit

from server.kernel.errors import Invalid
from server.kernel.settings import settings

SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.services.mozilla.com",
    "web.push.apple.com",
    ".push.apple.com",
    ".notify.windows.com",
)
"""Chrome and what is built on it, Firefox, Safari, Edge on Windows. A leading dot: any name below."""
LONGEST = 1000
"""Characters of an endpoint."""


def checked(endpoint: str) -> str:
    """The host of an endpoint that may be pushed to; `Invalid` for any other."""
    wrong = Invalid({"endpoint": "这个浏览器的推送服务不认识,收不了提醒。"})
    if not endpoint or len(endpoint) > LONGEST or not endpoint.isascii() or any(one.isspace() for one in endpoint):
        raise wrong
    try:
        parts = urlsplit(endpoint)
        port, host = parts.port, (parts.hostname or "").lower()
    except ValueError:
        raise wrong from None
    if f"{parts.scheme}://{parts.netloc}" in named():
        return parts.netloc
    if parts.scheme != "https" or port not in (None, 443) or parts.username is not None or parts.password is not None:
        raise wrong
    if not any(host == one.lstrip(".") if one[0] != "." else host.endswith(one) for one in SERVICES):
        raise wrong
    return host


def named() -> tuple[str, ...]:
    """Origins that the installation names besides: a push service of its own."""
    return tuple(one.strip().rstrip("/") for one in settings().push_services.split(",") if one.strip())
