"""`/manifest.webmanifest`: what the phone needs to know to put Huying on its home screen."""

import re
from functools import cache
from typing import Any

from web import assets

_TOKEN = re.compile(r"--([a-z-]+):\s*(#[0-9a-f]{6});")
SCREENSHOTS = (
    ("screenshots/home.png", "780x1688", "narrow", "首页:找书记,看自己的事办到哪一步"),
    ("screenshots/report.png", "780x1688", "narrow", "上报:拍张照片,说两句话"),
    ("screenshots/wide.png", "1280x800", "wide", "在电脑上也能用"),
)


@cache
def manifest() -> dict[str, Any]:
    """The manifest of this version; colours are the light ones of the tokens."""
    url, paper = assets.assets().url, colour("paper")
    return {
        "id": "/",
        "name": "呼应",
        "short_name": "呼应",
        "description": "有事找书记:拍张照片,说两句话,有人来办,办到哪一步都看得见。",
        "lang": "zh-CN",
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": paper,
        "background_color": paper,
        "categories": ["government", "utilities"],
        "icons": [
            _icon(url("icons/icon-192.png"), "192x192", "any"),
            _icon(url("icons/icon-512.png"), "512x512", "any"),
            _icon(url("icons/icon-maskable-512.png"), "512x512", "maskable"),
        ],
        "shortcuts": [
            _shortcut("找书记", "/report", url("icons/icon-192.png")),
            _shortcut("我的事", "/mine", url("icons/icon-192.png")),
        ],
        "screenshots": [
            {"src": url(path), "sizes": sizes, "type": "image/png", "form_factor": form, "label": label}
            for path, sizes, form, label in SCREENSHOTS
        ],
    }


@cache
def colour(token: str) -> str:
    """A colour of the light theme, as static/css/tokens.css has it first (the dark ones follow)."""
    text = (assets.STATIC / "css" / "tokens.css").read_text("utf-8")
    return str(dict(reversed(_TOKEN.findall(text)))[token])


def _icon(src: str, sizes: str, purpose: str) -> dict[str, str]:
    return {"src": src, "sizes": sizes, "type": "image/png", "purpose": purpose}


def _shortcut(name: str, url: str, icon: str) -> dict[str, Any]:
    return {"name": name, "url": url, "icons": [{"src": icon, "sizes": "192x192", "type": "image/png"}]}
