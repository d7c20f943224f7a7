"""How much a file would unfold to, read from its headers before any decoder sees it."""

from server.photos import refusals
from server.photos.kinds import Kind

BYTES = 20 * 1024 * 1024
"""The largest file taken."""
PIXELS = {
    Kind.JPEG: 50_000_000,
    Kind.HEIC: 50_000_000,
    Kind.PNG: 25_000_000,
    Kind.GIF: 25_000_000,
    Kind.WEBP: 16_000_000,
}
"""Cameras make the first two (48 megapixels in today's phones); the others are screenshots and drawings, and the
decoder of WebP holds three pictures at once."""
FRAMES = 60
"""A moving picture of up to so many frames gives its first; a longer one is refused."""
_SCANNED = 1_000_000_000
"""Pixels times scans of a progressive JPEG; a camera's has about ten scans."""


def check_bytes(length: int) -> None:
    """`PhotoRefused` for a file of no bytes or too many."""
    if length == 0:
        raise refusals.empty()
    if length > BYTES:
        raise refusals.too_large(length, BYTES, whole=True)


def check_pixels(kind: Kind, width: int, height: int) -> None:
    """`PhotoRefused` for a picture too large to decode, or without any pixel."""
    if width < 1 or height < 1:
        raise refusals.damaged()
    if width * height > PIXELS[kind]:
        raise refusals.too_many_pixels(width, height)


def check_scans(data: bytes, width: int, height: int) -> None:
    """`PhotoRefused` for a JPEG that makes the decoder go over its pixels again and again."""
    if data.count(b"\xff\xda") * width * height > _SCANNED:
        raise refusals.too_many_scans()


def check_gif(data: bytes) -> None:
    """`PhotoRefused` for a GIF of too many frames, counted by walking its blocks up to the limit."""
    at = 13 + _table(data[10:11])
    frames = 0
    while data[at : at + 1] in (b"!", b","):
        if data[at] == 0x2C:
            frames += 1
            if frames > FRAMES:
                raise refusals.too_many_frames()
            at += 11 + _table(data[at + 9 : at + 10])
        else:
            at += 2
        while at < len(data) and data[at]:
            at += data[at] + 1
        at += 1


def check_webp(data: bytes) -> None:
    """`PhotoRefused` for a WebP cut short, of too many frames or pixels; its decoder takes memory on opening."""
    if int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise refusals.truncated()
    at = 12
    frames = 0
    while at + 8 <= len(data):
        head = data[at + 8 : at + 18]
        name = data[at : at + 4]
        if name == b"VP8X":
            check_pixels(Kind.WEBP, _24(head[4:7]) + 1, _24(head[7:10]) + 1)
        elif name == b"VP8L":
            bits = int.from_bytes(head[1:5], "little")
            check_pixels(Kind.WEBP, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        elif name == b"VP8 ":
            check_pixels(Kind.WEBP, _24(head[6:8]) & 0x3FFF, _24(head[8:10]) & 0x3FFF)
        elif name == b"ANMF":
            frames += 1
            if frames > FRAMES:
                raise refusals.too_many_frames()
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + length + length % 2


def check_heic(data: bytes) -> None:
    """`PhotoRefused` for a HEIC cut short: its decoder would paint what is missing and say nothing."""
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        if length == 0:
            return
        if length < 8:
            raise refusals.damaged()
        at += length
    if at > len(data):
        raise refusals.truncated()


def check_frames(frames: int) -> None:
    """`PhotoRefused` for more frames than the limit (PNG and HEIC say it in their header)."""
    if frames > FRAMES:
        raise refusals.too_many_frames()


def _table(flags: bytes) -> int:
    """Bytes of the colour table that a GIF's flag byte announces."""
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


def _24(three: bytes) -> int:
    return int.from_bytes(three, "little")
