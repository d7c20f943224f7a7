"""A page in every look it can have, seen by axe and as narrow as its screen. It is opened once, the look changes."""

from collections.abc import Sequence
from typing import NamedTuple

from playwright.async_api import Page

from tests.browser.conftest import OF_A_LOOK, PC, PHONE, READY, SMALL, Axe

WIDER = "document.documentElement.scrollWidth - window.innerWidth"

SETTLED = """async (elder) => {
  document.documentElement.toggleAttribute("data-elder", elder);
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
}"""
"""What the look changes is drawn."""


class Look(NamedTuple):
    """How a page is looked at."""

    size: tuple[int, int] = PHONE
    dark: bool = False
    elder: bool = False


LOOKS = (Look(), Look(SMALL, elder=True), Look(PC), Look(dark=True), Look(PC, dark=True))
"""The usual phone, the smallest with large letters, a PC; the dark on both."""


async def opened(page: Page, path: str) -> None:
    """A page whose behaviours have all begun."""
    await page.goto(path)
    await page.wait_for_selector(READY, state="attached")


async def clean_in_every_look(page: Page, axe: Axe, path: str, looks: Sequence[Look] = LOOKS) -> None:
    """Open a page, and then see it as it stands (`clean_as_it_stands`)."""
    await opened(page, path)
    await clean_as_it_stands(page, axe, path, looks)


async def clean_as_it_stands(page: Page, axe: Axe, name: str, looks: Sequence[Look] = LOOKS) -> None:
    """What was opened or typed is there in every look; axe finds nothing and nothing scrolls sideways.

    Names, roles and order are the same in another colour or letter: they are seen once for each arrangement.
    """
    arranged = set()
    for look in looks:
        rules = OF_A_LOOK if (look.size == PC) in arranged else ()
        arranged.add(look.size == PC)
        await page.set_viewport_size({"width": look.size[0], "height": look.size[1]})
        await page.emulate_media(color_scheme="dark" if look.dark else "light", reduced_motion="reduce")
        await page.evaluate(SETTLED, look.elder)
        found, wider = await axe(page, rules), await page.evaluate(WIDER)
        assert found == [], f"{name} {look}: {found}"
        assert wider <= 0, f"{name} {look} is {wider} px wider than its screen"
