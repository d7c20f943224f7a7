"""What a file is, by its first bytes; its name and declared type are never asked."""

from enum import StrEnum

from server.photos import refusals


class Kind(StrEnum):
    """The kinds of photos taken."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    GIF = "gif"
    HEIC = "heic"


_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_OTHERS = (
    (b"%PDF", "PDF 文件"),
    (b"PK\x03\x04", "压缩包或文档"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\xd0\xcf\x11\xe0", "文档"),
    (b"MZ", "程序"),
    (b"\x7fELF", "程序"),
    (b"BM", "BMP 图片"),
    (b"II*\x00", "TIFF 或相机原始文件"),
    (b"MM\x00*", "TIFF 或相机原始文件"),
    (b"\x1aE\xdf\xa3", "视频"),
    (b"ID3", "录音"),
    (b"#!AMR", "录音"),
)


def kind_of(data: bytes) -> Kind:
    """The kind of photo these bytes begin; `PhotoRefused` says what they are instead."""
    if not data:
        raise refusals.empty()
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if data.startswith((b"GIF87a", b"GIF89a")):
        return Kind.GIF
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data[4:8] == b"ftyp":
        return _kind_of_boxes(data)
    raise _refusal(data)


def _kind_of_boxes(data: bytes) -> Kind:
    """HEIC, AVIF and most videos share a container; the brands tell them apart."""
    length = min(int.from_bytes(data[:4], "big"), 256)
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, length, 4))]
    if b"avif" in brands or b"avis" in brands:
        raise refusals.other_kind("AVIF 图片")
    if brands[0] in _HEIF_BRANDS:
        return Kind.HEIC
    raise refusals.other_kind("视频")


def _refusal(data: bytes) -> refusals.PhotoRefused:
    for start, what in _OTHERS:
        if data.startswith(start):
            return refusals.other_kind(what)
    text = data[:1024].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if b"<svg" in text:
        return refusals.other_kind("SVG 图形")
    if text.startswith(b"<"):
        return refusals.other_kind("网页")
    return refusals.not_a_photo()
