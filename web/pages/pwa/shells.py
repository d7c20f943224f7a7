"""Shells: pages without anybody in them, kept by the service worker and shown where the network does not answer."""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from jinja2 import Environment

from server.kernel.actor import Actor
from web.pages.phone import report, round
from web.tabs import DESK, HOME, HOUSEHOLDS, INBOX, ME, PLACES, ROUND, UNIT, Tab, current, tabs_of


class Shell(msgspec.Struct, frozen=True):
    """A template that is rendered for nobody in particular, so the same bytes for everybody."""

    path: str
    """Where it is fetched from; never a page that is different for different people."""
    template: str
    pages: tuple[str, ...] = ()
    """Paths of the pages in whose place it is shown. Its own path among them: then it is the page, online too."""
    under: tuple[str, ...] = ()
    """Beginnings of paths ("/unit/cases/") of the pages in whose place it is shown."""
    word: str = ""
    """How the offline page offers its first page, where it does."""
    tabs: tuple[Tab, ...] = ()
    """The tabs below it; none: those of somebody who is not signed in."""
    values: Callable[[], dict[str, Any]] = dict
    """What its template needs besides."""


SHELLS: tuple[Shell, ...] = (
    Shell("/offline", "pwa/offline.html"),
    Shell(
        "/phone/report",
        "phone/report.html",
        pages=("/report",),
        word="找书记:拍张照片,说两句,先存在手机上",
        values=report.blank,
    ),
    Shell("/phone/inbox", "phone/inbox.html", pages=("/inbox",), tabs=(HOME, INBOX, ME), word="消息:上次收到的"),
    Shell("/unsent", "phone/unsent.html", pages=("/unsent",), word="还没发出的:看看,现在发送"),
    Shell(
        "/phone/unit",
        "phone/unit.html",
        pages=("/unit",),
        under=("/unit/cases/",),
        tabs=(UNIT, INBOX, ME),
        word="处置:要接的、在办的单子",
    ),
    Shell(
        "/households",
        "phone/households.html",
        pages=("/households",),
        under=("/households/",),
        tabs=(HOUSEHOLDS, INBOX, ME),
        word="联系户:找谁、上次说了什么,没有网也能记",
    ),
    Shell("/phone/label", "phone/label.html", under=("/p/",)),
    Shell(
        "/round",
        "phone/round.html",
        pages=("/round",),
        under=("/round/",),
        tabs=(ROUND, DESK, PLACES, INBOX, ME),
        word="巡查:今天要去的地方,没有网也能查",
        values=round.ahead,
    ),
)
"""The first stands in for every page that has no shell of its own; add yours below it."""


@cache
def rendered(engine: Environment, shell: Shell) -> str:
    """The shell's HTML: no request goes in, so nothing of one can come out."""
    nobody = Actor()
    tabs = shell.tabs or tabs_of(nobody)
    return engine.get_template(shell.template).render(
        actor=nobody,
        look={"theme": "", "elder": False},
        unread=0,
        tabs=tabs,
        tab=current(tabs, shell.pages[0] if shell.pages else shell.path),
        shells=[one for one in SHELLS if one.word],
        **shell.values(),
    )
