"""Draws the icons from a few lines of geometry: `python static/icons/draw.py` writes sprite.svg, mark.svg and the PNGs.

Line icons (lines.json) live on a field of 24, two units thick, round ends. The mark of 呼应 is a call and its answer: a
point and the wave that leaves it, and the same turned round to meet it.
"""

import json
import math
from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).parent
VERMILION, PAPER = "#b23420", "#ffffff"

LINES: dict[str, str] = json.loads((HERE / "lines.json").read_text())
"""The path of every line icon, by name."""

# The mark on a field of 100: (centre, radius of the point, radius of the wave, direction it opens to).
HALVES = ((30.0, 30.0, 45.0), (70.0, 70.0, 225.0))
POINT, WAVE, SPAN, THICK = 9.5, 20.5, 120.0, 7.5


def sprite() -> str:
    """All icons as symbols of one file."""
    common = 'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9"'
    ends = 'stroke-linecap="round" stroke-linejoin="round"'
    symbols = [f'<symbol id="{name}" {common} {ends}><path d="{path}"/></symbol>' for name, path in LINES.items()]
    filled = symbols[list(LINES).index("star")].replace('fill="none" ', "")
    symbols[list(LINES).index("star")] = filled
    symbols.append(f'<symbol id="mark" viewBox="0 0 100 100">{_mark(1.0, 24)}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def mark() -> str:
    """The mark alone, for the browser's tab."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{_mark(1.0, 24)}</svg>\n'


def png(size: int, *, maskable: bool) -> Image.Image:
    """The mark as pixels; maskable fills the square and keeps within the middle four fifths."""
    scale, factor = size * 4 / 100, 0.8 if maskable else 1.0
    image = Image.new("RGBA", (size * 4, size * 4), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, size * 4 - 1, size * 4 - 1), 0 if maskable else 24 * scale, fill=VERMILION)
    for x, y, towards in HALVES:
        cx, cy = _shrunk(x, factor) * scale, _shrunk(y, factor) * scale
        point, wave, thick = (value * factor * scale for value in (POINT, WAVE, THICK))
        pen.ellipse((cx - point, cy - point, cx + point, cy + point), fill=PAPER)
        for step in range(401):
            turn = math.radians(towards - SPAN / 2 + SPAN * step / 400)
            ex, ey = cx + wave * math.cos(turn), cy + wave * math.sin(turn)
            pen.ellipse((ex - thick / 2, ey - thick / 2, ex + thick / 2, ey + thick / 2), fill=PAPER)
    return image.resize((size, size), Image.Resampling.LANCZOS).quantize(64, Image.Quantize.FASTOCTREE)


def _mark(factor: float, corner: int) -> str:
    parts = [f'<rect width="100" height="100" rx="{corner}" fill="{VERMILION}"/>']
    for x, y, towards in HALVES:
        cx, cy, wave = _shrunk(x, factor), _shrunk(y, factor), WAVE * factor
        (ax, ay), (bx, by) = (
            (cx + wave * math.cos(math.radians(end)), cy + wave * math.sin(math.radians(end)))
            for end in (towards - SPAN / 2, towards + SPAN / 2)
        )
        parts.append(f'<circle cx="{cx:g}" cy="{cy:g}" r="{POINT * factor:g}" fill="{PAPER}"/>')
        arc = f"M{ax:.2f} {ay:.2f}A{wave:g} {wave:g} 0 0 1 {bx:.2f} {by:.2f}"
        stroke = f'stroke="{PAPER}" stroke-width="{THICK * factor:g}" stroke-linecap="round"'
        parts.append(f'<path d="{arc}" fill="none" {stroke}/>')
    return "".join(parts)


def _shrunk(value: float, factor: float) -> float:
    return 50 + (value - 50) * factor


if __name__ == "__main__":
    (HERE / "sprite.svg").write_text(sprite())
    (HERE / "mark.svg").write_text(mark())
    for side in (192, 512):
        png(side, maskable=False).save(HERE / f"icon-{side}.png", optimize=True)
    png(512, maskable=True).save(HERE / "icon-maskable-512.png", optimize=True)
