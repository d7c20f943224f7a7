"""Drawn pictures of what goes wrong in a street, and of the same place put right. Flat shapes, no two quite alike."""

from collections.abc import Callable
from random import Random
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFilter

Draw: TypeAlias = ImageDraw.ImageDraw
Colour: TypeAlias = tuple[int, int, int]

WIDTH, HEIGHT = 1200, 900
GROUND = 560
"""Where the ground begins, pixels from the top."""


def scene(name: str, mended: bool, chance: Random) -> Image.Image:
    """A picture of the scene `name` (a key of SCENES), before or after somebody mended it."""
    night = name == "lamp"
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(picture)
    _backdrop(draw, chance, night)
    SCENES[name](draw, mended, chance)
    return picture.filter(ImageFilter.GaussianBlur(1.2))


def _backdrop(draw: Draw, chance: Random, night: bool) -> None:
    top, low = ((14, 20, 44), (46, 54, 84)) if night else ((150, 190, 224), (226, 234, 236))
    for y in range(0, GROUND, 4):
        draw.rectangle((0, y, WIDTH, y + 4), fill=_mix(top, low, y / GROUND))
    x = -chance.randrange(120)
    while x < WIDTH:
        width, height = chance.randrange(140, 260), chance.randrange(180, 460)
        _house(draw, (x, GROUND - height, x + width, GROUND), chance, night)
        x += width + chance.randrange(0, 40)
    draw.rectangle((0, GROUND, WIDTH, HEIGHT), fill=(58, 60, 66) if night else (142, 142, 138))
    draw.rectangle((0, GROUND, WIDTH, GROUND + 44), fill=(88, 88, 92) if night else (188, 184, 174))
    for stripe in range(-60, WIDTH, 240):
        draw.polygon(_skew(stripe, 810, 130, 18), fill=(126, 126, 120) if night else (226, 224, 214))


def _house(draw: Draw, box: tuple[int, int, int, int], chance: Random, night: bool) -> None:
    left, top, right, bottom = box
    wall = chance.choice(((206, 190, 168), (190, 198, 196), (214, 202, 190), (178, 170, 160), (204, 178, 160)))
    draw.rectangle(box, fill=_mix(wall, (24, 28, 44), 0.72) if night else wall)
    for y in range(top + 24, bottom - 60, 62):
        for x in range(left + 18, right - 40, 52):
            lit = chance.random() < 0.35
            glass = ((240, 206, 120) if lit else (34, 40, 60)) if night else (120, 146, 164)
            draw.rectangle((x, y, x + 30, y + 36), fill=glass)


def _bin(draw: Draw, mended: bool, chance: Random) -> None:
    for x in (400, 600):
        draw.rounded_rectangle((x, 430, x + 160, 690), 14, fill=(46, 110, 84) if x < 500 else (92, 98, 104))
        draw.ellipse((x + 18, 676, x + 50, 708), fill=(30, 30, 30))
        draw.ellipse((x + 110, 676, x + 142, 708), fill=(30, 30, 30))
        draw.polygon([(x - 8, 430), (x + 168, 430), (x + 150, 396), (x + 10, 396)], fill=(38, 92, 70))
    if mended:
        return
    for _ in range(46):
        _bag(draw, chance.randrange(300, 880), chance.randrange(620, 780), chance)
    for _ in range(16):
        _bag(draw, chance.randrange(400, 740), chance.randrange(370, 430), chance)


def _bag(draw: Draw, x: int, y: int, chance: Random) -> None:
    size = chance.randrange(26, 56)
    colour = chance.choice(((32, 34, 38), (222, 220, 214), (180, 60, 50), (70, 120, 170), (208, 178, 90)))
    draw.ellipse((x - size, y - size * 3 // 4, x + size, y + size * 3 // 4), fill=colour)
    draw.polygon([(x - 8, y - size * 3 // 4), (x + 8, y - size * 3 // 4), (x, y - size - 8)], fill=colour)


def _lamp(draw: Draw, mended: bool, chance: Random) -> None:
    for x in (240, 620, 1000):
        lit = mended or (x == 1000 and chance.random() < 0.5)
        if lit:
            draw.polygon([(x + 90, 210), (x - 120, 760), (x + 300, 760)], fill=(120, 108, 76))
            draw.ellipse((x + 40, 160, x + 140, 250), fill=(255, 232, 160))
        draw.rectangle((x - 8, 200, x + 8, 720), fill=(150, 152, 158))
        draw.line((x, 206, x + 90, 190), fill=(150, 152, 158), width=12)
        draw.rounded_rectangle((x + 60, 180, x + 120, 206), 8, fill=(255, 244, 200) if lit else (70, 72, 80))


def _manhole(draw: Draw, mended: bool, chance: Random) -> None:
    x, y = 600 + chance.randrange(-80, 80), 740
    draw.ellipse((x - 190, y - 80, x + 190, y + 80), fill=(112, 110, 106))
    if not mended:
        draw.ellipse((x - 160, y - 64, x + 160, y + 64), fill=(14, 14, 16))
        draw.arc((x - 160, y - 64, x + 160, y + 64), 180, 360, fill=(70, 66, 60), width=14)
        draw.line((x + 20, y + 20, x - 30, y - 260), fill=(96, 70, 44), width=12)
        for side in (-1, 1):
            draw.line((x - 20, y - 200, x - 20 + side * 90, y - 300), fill=(70, 110, 60), width=9)
        return
    draw.ellipse((x - 160, y - 64, x + 160, y + 64), fill=(74, 76, 82))
    for step in range(-120, 121, 40):
        draw.line((x + step, y - 44, x + step, y + 44), fill=(104, 106, 112), width=8)


def _flood(draw: Draw, mended: bool, chance: Random) -> None:
    draw.rectangle((700, 470, 940, 600), fill=(186, 60, 54))
    draw.polygon([(730, 470), (780, 410), (890, 410), (920, 470)], fill=(150, 180, 196))
    for x in (750, 890):
        draw.ellipse((x - 34, 566, x + 34, 634), fill=(24, 24, 26))
    if mended:
        draw.rectangle((180, 690, 320, 730), fill=(60, 62, 66))
        for x in range(190, 320, 22):
            draw.rectangle((x, 694, x + 10, 726), fill=(18, 18, 20))
        return
    draw.rectangle((0, 590, WIDTH, HEIGHT), fill=(120, 112, 92))
    for _ in range(90):
        x, y, length = chance.randrange(WIDTH), chance.randrange(600, HEIGHT), chance.randrange(30, 140)
        draw.line((x, y, x + length, y), fill=(168, 160, 138), width=3)


def _stairway(draw: Draw, mended: bool, chance: Random) -> None:
    draw.rectangle((0, 0, WIDTH, HEIGHT), fill=(222, 218, 206))
    draw.rectangle((0, 0, WIDTH, 60), fill=(196, 190, 176))
    for step in range(9):
        y = 840 - step * 70
        draw.rectangle((640, y, WIDTH, y + 70), fill=(150 + step * 6, 146 + step * 6, 138 + step * 6))
        draw.line((640, y, WIDTH, y), fill=(110, 106, 100), width=4)
    draw.rectangle((90, 180, 330, 760), fill=(124, 84, 58))
    draw.ellipse((296, 470, 316, 490), fill=(220, 190, 90))
    draw.rectangle((0, 760, 640, HEIGHT), fill=(164, 158, 148))
    if mended:
        return
    for _ in range(13):
        width, height = chance.randrange(90, 190), chance.randrange(70, 150)
        x, y = chance.randrange(340, 800), 820 - chance.randrange(0, 330)
        brown = chance.choice(((186, 146, 98), (168, 126, 80), (204, 170, 124)))
        draw.rectangle((x, y - height, x + width, y), fill=brown, outline=(120, 90, 56), width=4)
        draw.line((x, y - height // 2, x + width, y - height // 2), fill=(220, 200, 160), width=10)


def _pothole(draw: Draw, mended: bool, chance: Random) -> None:
    x, y = 560 + chance.randrange(-60, 60), 730
    points = [
        (x + int(260 * px * chance.uniform(0.8, 1.1)), y + int(90 * py * chance.uniform(0.8, 1.1)))
        for px, py in ((-1, 0), (-0.7, -0.7), (0, -1), (0.6, -0.8), (1, -0.1), (0.8, 0.7), (0, 1), (-0.8, 0.7))
    ]
    draw.polygon(points, fill=(48, 48, 50) if mended else (92, 78, 62))
    if not mended:
        draw.polygon([((px + x) // 2, (py + y) // 2 + 8) for px, py in points], fill=(58, 48, 40))
        for _ in range(30):
            _stone(draw, chance.randrange(x - 320, x + 320), chance.randrange(y - 110, y + 120))


def _stone(draw: Draw, x: int, y: int) -> None:
    draw.ellipse((x, y, x + 16, y + 11), fill=(112, 106, 98))


def _tree(draw: Draw, mended: bool, chance: Random) -> None:
    if mended:
        draw.rectangle((240, 640, 300, 700), fill=(110, 78, 50))
        draw.ellipse((240, 626, 300, 656), fill=(206, 170, 120))
        _crown(draw, 900, 330, chance)
        draw.rectangle((884, 420, 916, 620), fill=(104, 74, 48))
        return
    draw.line((180, 660, 900, 740), fill=(104, 74, 48), width=44)
    for step in range(14):
        _crown(draw, 620 + step * 32, 720 + chance.randrange(-70, 60), chance, 70)


def _crown(draw: Draw, x: int, y: int, chance: Random, size: int = 150) -> None:
    for _ in range(12):
        off_x, off_y = chance.randrange(-size, size), chance.randrange(-size // 2, size // 2)
        green = (58 + chance.randrange(40), 108 + chance.randrange(40), 60)
        draw.ellipse((x + off_x - 50, y + off_y - 40, x + off_x + 50, y + off_y + 40), fill=green)


def _scooters(draw: Draw, mended: bool, chance: Random) -> None:
    if mended:
        draw.rectangle((140, 400, 1060, 430), fill=(70, 120, 170))
        for x in (160, 600, 1030):
            draw.rectangle((x, 430, x + 16, 700), fill=(120, 124, 130))
    for place in range(4):
        x = 220 + place * 220
        colour = chance.choice(((196, 60, 50), (60, 100, 160), (40, 40, 46), (220, 180, 60)))
        for wheel in (x, x + 130):
            draw.ellipse((wheel - 40, 640, wheel + 40, 720), outline=(24, 24, 26), width=14)
        draw.polygon([(x, 660), (x + 40, 560), (x + 110, 600), (x + 140, 660)], fill=colour)
        draw.line((x + 130, 660, x + 100, 510), fill=(60, 60, 64), width=10)
        if not mended:
            draw.line((x + 60, 570, x + 20 + chance.randrange(80), 60), fill=(214, 210, 200), width=7)


def _stalls(draw: Draw, mended: bool, chance: Random) -> None:
    if mended:
        draw.line((0, 640, WIDTH, 640), fill=(236, 206, 70), width=12)
        return
    for x in (80, 420, 780):
        top = chance.choice(((196, 60, 50), (60, 130, 96), (64, 104, 168)))
        draw.polygon([(x - 30, 420), (x + 330, 420), (x + 280, 340), (x + 20, 340)], fill=top)
        for pole in (x, x + 290):
            draw.rectangle((pole, 420, pole + 10, 720), fill=(120, 120, 120))
        draw.rectangle((x - 10, 590, x + 310, 720), fill=(150, 110, 70))
        for fruit in range(24):
            left, up = x + (fruit % 8) * 38, 560 - (fruit // 8) * 22
            draw.ellipse(
                (left, up, left + 32, up + 32), fill=chance.choice(((220, 120, 40), (200, 40, 40), (90, 160, 60)))
            )


def _cars(draw: Draw, mended: bool, chance: Random) -> None:
    draw.rectangle((60, 610, 1140, 624), fill=(220, 60, 40))
    for x in () if mended else (60, 430, 800):
        body = chance.choice(((236, 236, 232), (60, 62, 68), (120, 130, 140), (150, 40, 40)))
        draw.rounded_rectangle((x, 570, x + 330, 690), 30, fill=body)
        draw.polygon([(x + 50, 572), (x + 110, 490), (x + 240, 490), (x + 290, 572)], fill=body)
        draw.polygon([(x + 78, 566), (x + 122, 504), (x + 230, 504), (x + 262, 566)], fill=(90, 110, 124))
        for wheel in (x + 70, x + 255):
            draw.ellipse((wheel - 38, 656, wheel + 38, 732), fill=(22, 22, 24))


def _papers(draw: Draw, mended: bool, chance: Random) -> None:
    draw.rectangle((300, 180, 900, 740), fill=(110, 124, 116))
    draw.rectangle((596, 180, 604, 740), fill=(84, 96, 90))
    for _ in range(0 if mended else 34):
        x, y = chance.randrange(310, 800), chance.randrange(190, 660)
        draw.rectangle((x, y, x + 86, y + 64), fill=chance.choice(((240, 236, 226), (244, 214, 90), (236, 150, 140))))
        for line in range(3):
            draw.line((x + 10, y + 16 + line * 16, x + 74, y + 16 + line * 16), fill=(90, 90, 90), width=5)


def _shed(draw: Draw, mended: bool, chance: Random) -> None:
    draw.rectangle((180, 420, 1020, 760), fill=(204, 190, 172))
    for x in range(230, 980, 150):
        draw.rectangle((x, 500, x + 90, 620), fill=(110, 136, 154))
    if mended:
        return
    draw.rectangle((300, 240, 860, 420), fill=(74, 116, 168))
    for x in range(300, 860, 28):
        draw.line((x, 240, x, 420), fill=(58, 92, 138), width=5)
    draw.polygon([(270, 244), (890, 244), (840, 196), (320, 196)], fill=(60, 96, 144))


SCENES: dict[str, Callable[[Draw, bool, Random], None]] = {
    "bin": _bin,
    "lamp": _lamp,
    "manhole": _manhole,
    "flood": _flood,
    "stairway": _stairway,
    "pothole": _pothole,
    "tree": _tree,
    "scooters": _scooters,
    "stalls": _stalls,
    "cars": _cars,
    "papers": _papers,
    "shed": _shed,
}

FOR_CATEGORY = {
    "暴露垃圾": "bin",
    "占道经营": "stalls",
    "乱贴小广告": "papers",
    "路灯不亮": "lamp",
    "井盖缺失": "manhole",
    "道路破损": "pothole",
    "道路积水": "flood",
    "树木倒伏": "tree",
    "电动车违规充电": "scooters",
    "楼道堆物": "stairway",
    "消防通道占用": "cars",
    "停车秩序": "cars",
    "违法建设": "shed",
}
"""Category -> scene; the others come without pictures."""


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    mixed = [round(a + (b - a) * share) for a, b in zip(one, other, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def _skew(x: int, y: int, width: int, height: int) -> list[tuple[int, int]]:
    return [(x, y), (x + width, y), (x + width - 14, y + height), (x - 14, y + height)]
