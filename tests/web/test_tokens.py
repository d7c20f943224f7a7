"""Colours that can be read: every pair used for text, computed from the values in tokens.css, in both themes."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parent.parent.parent / "static" / "css" / "tokens.css").read_text("utf-8")
PLACES = {"light": ":root {", "dark by device": ':root:not([data-theme="light"]) {', "dark by choice": '"dark"] {'}

TEXT = [
    *((ink, ground) for ink in ("ink", "grey") for ground in ("paper", "card", "sunk")),
    *((meaning, f"{meaning}-ground") for meaning in ("accent", "waiting", "hand", "done")),
    *((meaning, ground) for meaning in ("accent", "waiting", "hand", "done") for ground in ("paper", "card")),
    *(("ink", f"{meaning}-ground") for meaning in ("accent", "waiting", "done")),
    ("on-accent", "accent-fill"),
    ("paper", "ink"),
]
SHAPES = [("edge", "paper"), ("edge", "card"), ("accent-fill", "paper"), ("hand", "sunk")]


def tokens(theme: str) -> dict[str, str]:
    block = TOKENS.split(PLACES[theme], 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", PLACES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(theme: str, ink: str, ground: str) -> None:
    values = tokens(theme)
    assert contrast(values[ink], values[ground]) >= 4.5


@pytest.mark.parametrize("theme", PLACES)
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_borders_and_meanings_can_be_seen(theme: str, shape: str, ground: str) -> None:
    values = tokens(theme)
    assert contrast(values[shape], values[ground]) >= 3


def test_the_dark_theme_is_the_same_by_device_and_by_choice() -> None:
    assert tokens("dark by device") == tokens("dark by choice")
    assert set(tokens("light")) == set(tokens("dark by device"))
