"""The tabs at the bottom of the phone (the top of a PC): at most four by role, and 我."""

import msgspec

from server.kernel.actor import Actor, Role


class Tab(msgspec.Struct, frozen=True):
    """One of the main pages: where, which icon, which word."""

    path: str
    icon: str
    word: str
    counts: bool = False
    """Whether the number of unread notices stands on it."""


HOME = Tab("/", "home", "首页")
ROUND = Tab("/round", "shield", "巡查")
DESK = Tab("/desk", "inbox", "工单")
PLACES = Tab("/desk/places", "pin", "对象")
PATROLS = Tab("/desk/patrols", "calendar", "巡查")
HOUSEHOLDS = Tab("/households", "people", "联系户")
UNIT = Tab("/unit", "tools", "处置")
ADMIN = Tab("/admin", "settings", "管理")
INBOX = Tab("/inbox", "bell", "消息", counts=True)
ME = Tab("/me", "person", "我")
MOST = 4


def tabs_of(actor: Actor) -> tuple[Tab, ...]:
    """What this actor comes for, first things first; for whoever is signed in 消息 among them."""
    inbox = (INBOX,) if actor.signed_in else ()
    if not actor.is_staff:
        return (HOME, Tab("/report", "call", "找书记"), Tab("/mine", "list", "我的事"), *inbox, ME)
    tabs = [ROUND] if actor.has(Role.GRID_WORKER) else []
    if actor.has(Role.COMMUNITY_STAFF, Role.SECRETARY, Role.CENTRE_OFFICER, Role.GRID_WORKER):
        tabs += [DESK, PLACES]
    if actor.has(Role.COMMUNITY_STAFF, Role.SECRETARY, Role.CENTRE_OFFICER) and not actor.has(
        Role.UNIT_HANDLER, Role.UNIT_LEAD
    ):
        tabs.append(PATROLS)
    if actor.has(Role.UNIT_HANDLER, Role.UNIT_LEAD):
        tabs.append(UNIT)
    if actor.has(Role.PARTY_MEMBER):
        tabs.append(HOUSEHOLDS)
    if actor.has(Role.AREA_ADMIN, Role.SYSTEM_ADMIN):
        tabs.append(ADMIN)
    # These are reached from the desk and from 我, too.
    for spare in (PLACES, ADMIN, PATROLS, HOUSEHOLDS):
        if len(tabs) + len(inbox) > MOST and spare in tabs:
            tabs.remove(spare)
    return (*(tabs or [HOME]), *inbox, ME)


def current(tabs: tuple[Tab, ...], path: str) -> str:
    """The path of the tab that a page belongs to; empty where it belongs to none."""
    within = [tab.path for tab in tabs if path == tab.path or path.startswith(tab.path.rstrip("/") + "/")]
    within = [tab for tab in within if tab != "/" or path == "/"]
    return max(within, key=len, default="")
