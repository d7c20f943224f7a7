"""What kind of device and browser a session is on, in words for the person's own list."""

_SYSTEMS = (
    (("iphone",), "苹果手机"),
    (("ipad",), "苹果平板"),
    (("harmonyos",), "鸿蒙手机"),
    (("openharmony",), "鸿蒙手机"),
    (("android", "mobile"), "安卓手机"),
    (("android",), "安卓平板"),
    (("windows",), "Windows 电脑"),
    (("mac os x",), "苹果电脑"),
    (("linux",), "Linux 电脑"),
)
_BROWSERS = (
    (("wxwork",), "企业微信"),
    (("micromessenger",), "微信"),
    (("dingtalk",), "钉钉"),
    (("alipayclient",), "支付宝"),
    (("huaweibrowser",), "华为浏览器"),
    (("miuibrowser",), "小米浏览器"),
    (("vivobrowser",), "vivo 浏览器"),
    (("heytapbrowser",), "OPPO 浏览器"),
    (("samsungbrowser",), "三星浏览器"),
    (("mqqbrowser",), "QQ 浏览器"),
    (("ucbrowser",), "UC 浏览器"),
    (("arkweb",), "华为浏览器"),
    (("edg",), "Edge"),
    (("firefox",), "Firefox"),
    (("fxios",), "Firefox"),
    (("chrome",), "Chrome"),
    (("crios",), "Chrome"),
    (("safari",), "Safari"),
)


def in_words(user_agent: str) -> str:
    """安卓手机 · Chrome; what is not known is called 未知设备 and 浏览器."""
    plain = user_agent[:400].lower()
    return f"{_first(_SYSTEMS, plain) or '未知设备'} · {_first(_BROWSERS, plain) or '浏览器'}"


def _first(known: tuple[tuple[tuple[str, ...], str], ...], plain: str) -> str | None:
    return next((word for marks, word in known if all(mark in plain for mark in marks)), None)
