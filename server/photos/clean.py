"""Bytes in, two clean pictures out: a pure function. What the photo said of itself comes out as values."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from io import BytesIO

import msgspec
import pi_heif
from PIL import GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from server.photos import colours, exif, extent, refusals
from server.photos.kinds import Kind, kind_of

DISPLAY = 1600
"""Longest side of the display size, pixels."""
THUMB = 320
"""Longest side of the thumbnail, pixels."""
QUALITY = 80

_HEAVY_PIXELS = 16_000_000
_heavy = threading.Lock()
"""Held while a picture is decoded whole that is larger than a phone's usual twelve megapixels."""


class Cleaned(msgspec.Struct, frozen=True, kw_only=True):
    """Two JPEGs without any metadata; `width` and `height` are the display's."""

    kind: Kind
    display: bytes
    thumb: bytes
    width: int
    height: int
    said: exif.Said


def clean(data: bytes) -> Cleaned:
    """Check, decode, shrink, turn and strip a photo; `PhotoRefused` where it is not one or cannot be seen whole."""
    extent.check_bytes(len(data))
    kind = kind_of(data)
    # Decoders meet hostile bytes here and raise nearly every kind of error there is.
    try:
        return _clean(kind, data)
    except refusals.PhotoRefused:
        raise
    except Exception as error:
        raise (refusals.truncated() if "truncated" in str(error) else refusals.damaged()) from error


def _clean(kind: Kind, data: bytes) -> Cleaned:
    image = _open(kind, data)
    said = exif.read(image)
    display = _shrink(image)
    # Cheapest on the small picture, so the turn comes last.
    turn = None if kind is Kind.HEIC else _TURNS.get(said.orientation)
    thumb = display.resize(_fit(display.size, THUMB), Image.Resampling.BICUBIC, reducing_gap=2.0)
    if turn is not None:
        display, thumb = display.transpose(turn), thumb.transpose(turn)
    return Cleaned(
        kind=kind,
        display=_jpeg(display),
        thumb=_jpeg(thumb),
        width=display.width,
        height=display.height,
        said=said,
    )


def _open(kind: Kind, data: bytes) -> Image.Image:
    """The image with its header read and its extent checked; no pixel is decoded yet."""
    if kind in _BEFORE_OPENING:
        _BEFORE_OPENING[kind](data)
    # The kind's own class, not Image.open: no other decoder is tried, and nothing global (limits, plugins) is asked.
    image = _OPENERS[kind](BytesIO(data))
    extent.check_pixels(kind, *image.size)
    if kind is Kind.JPEG:
        extent.check_scans(data, *image.size)
    if kind in (Kind.PNG, Kind.HEIC):
        extent.check_frames(getattr(image, "n_frames", 1))
    return image


def _shrink(image: Image.Image) -> Image.Image:
    """The display size, still lying as it was stored, in sRGB."""
    size = _fit(image.size, DISPLAY)
    profile = image.info.get("icc_profile")
    whole = image.width * image.height
    # A JPEG decodes at a half, a quarter or an eighth, if the box has the photo's own proportion.
    image.draft(None, size)
    # A progressive one is held whole all the same.
    held = whole if image.info.get("progressive") else image.width * image.height
    with _heavy if held > _HEAVY_PIXELS else nullcontext():
        image.load()
        small = colours.ready_to_shrink(image)
        if small.size != size:
            small = small.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
            # Its memory goes before the next large one begins.
            image.close()
        return colours.to_srgb(small, profile)


def _fit(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """The size with its longest side at most `longest`; never larger than it was."""
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _jpeg(image: Image.Image) -> bytes:
    # Pillow carries a comment over from where the picture came from.
    image.info.clear()
    written = BytesIO()
    image.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


_OPENERS: dict[Kind, Callable[[BytesIO], Image.Image]] = {
    Kind.JPEG: JpegImagePlugin.JpegImageFile,
    Kind.PNG: PngImagePlugin.PngImageFile,
    Kind.GIF: GifImagePlugin.GifImageFile,
    Kind.WEBP: WebPImagePlugin.WebPImageFile,
    Kind.HEIC: pi_heif.HeifImageFile,
}
_BEFORE_OPENING = {Kind.GIF: extent.check_gif, Kind.WEBP: extent.check_webp, Kind.HEIC: extent.check_heic}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
