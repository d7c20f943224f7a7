"""Which help for installing comes first: told from the browser's name. A wrong guess costs a tap: all help is there."""

from typing import Literal

Platform = Literal["wechat", "ios", "maker", "android", "desktop"]

_INSIDE = ("micromessenger", "wxwork")
_APPLE = ("iphone", "ipad", "ipod")
_MAKERS = (
    "huaweibrowser",
    "arkweb",
    "harmonyos",
    "openharmony",
    "miuibrowser",
    "heytapbrowser",
    "vivobrowser",
    "ucbrowser",
    "mqqbrowser",
    "quark/",
    "baiduboxapp",
)


def platform(user_agent: str) -> Platform:
    """Of a User-Agent header, however long or strange; who names nothing known has a computer."""
    name = user_agent[:1000].lower()
    if any(word in name for word in _INSIDE):
        return "wechat"
    if any(word in name for word in _APPLE):
        return "ios"
    if any(word in name for word in _MAKERS):
        return "maker"
    return "android" if "android" in name else "desktop"
