"""Pictures for the tests, all generated: harmless ones, odd ones, hostile ones."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, ImageDraw

ORIENTATION = 0x0112
GPS = 0x8825
EXIF = 0x8769


def quarters(width: int = 640, height: int = 480) -> Image.Image:
    """Red, green, blue and white quarters: every turn and mirroring of it is different."""
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, max(0, width // 2 - 1), max(0, height // 2 - 1)), fill=(220, 20, 20))
    draw.rectangle((width // 2, 0, width, height // 2 - 1), fill=(20, 160, 20))
    draw.rectangle((0, height // 2, width // 2 - 1, height), fill=(20, 20, 220))
    return picture


def written(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file of this kind."""
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def jpeg(width: int = 640, height: int = 480, **options: Any) -> bytes:
    return written(quarters(width, height), "JPEG", **options)


def heic(picture: Image.Image | None = None, **options: Any) -> bytes:
    file = BytesIO()
    pillow_heif.from_pillow(picture or quarters()).save(file, quality=80, **options)
    return file.getvalue()


def exif(
    orientation: int | None = None,
    gps: dict[int, Any] | None = None,
    times: dict[int, str] | None = None,
    top: dict[int, Any] | None = None,
) -> bytes:
    """An EXIF block with these tags."""
    made = Image.Exif()
    if orientation is not None:
        made[ORIENTATION] = orientation
    made.update(top or {})
    if gps:
        made.get_ifd(GPS).update(gps)
    if times:
        made.get_ifd(EXIF).update(times)
    return made.tobytes()


def position(latitude: Any, north: Any, longitude: Any, east: Any, **more: Any) -> dict[int, Any]:
    """GPS tags; what is None is left out."""
    tags = {1: north, 2: latitude, 3: east, 4: longitude, **{int(name[1:]): value for name, value in more.items()}}
    return {name: value for name, value in tags.items() if value is not None}


def png_claiming(width: int, height: int, content: bytes = b"") -> bytes:
    """A PNG of a few bytes that says it is so large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(content)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def webp_claiming(width: int, height: int) -> bytes:
    """A small WebP whose canvas says it is so large."""
    made = bytearray(written(quarters(), "WEBP", exif=exif(orientation=1)))
    at = made.index(b"VP8X") + 12
    made[at : at + 6] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(made)


def jpeg_claiming(width: int, height: int) -> bytes:
    """A small JPEG whose frame header says it is so large."""
    made = bytearray(jpeg())
    at = made.index(b"\xff\xc0")
    made[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(made)


def heic_claiming(width: int, height: int) -> bytes:
    """A small HEIC whose extent says it is so large."""
    made = bytearray(heic())
    at = made.index(b"ispe")
    made[at + 8 : at + 16] = struct.pack(">II", width, height)
    return bytes(made)


def moving(frames: int, kind: str = "GIF") -> bytes:
    """An animation; the first frame is red, so it can be told from the others."""
    pictures = [Image.new("RGB", (40, 30), (200 - number % 2 * 150, number * 2, 0)) for number in range(frames)]
    return written(pictures[0], kind, save_all=True, append_images=pictures[1:], duration=50)


def with_everything() -> bytes:
    """A JPEG that tells all: EXIF with position, XMP, IPTC, a colour profile and a comment."""
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x0b\x1c\x02\x05\x00\x06SECRET\x00"
    made = jpeg(
        exif=exif(
            orientation=6,
            gps=position((22.0, 39.0, 30.0), "N", (114.0, 1.0, 30.0), "E"),
            top={0x010F: "SECRET", 0x9C9B: b"SECRET"},
        ),
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        comment=b"SECRET",
        xmp=b'<x:xmpmeta xmlns:x="adobe:ns:meta/">SECRET</x:xmpmeta>',
    )
    return made[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + made[2:] + b"SECRET trailer"


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
