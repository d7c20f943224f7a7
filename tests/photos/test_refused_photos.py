"""What is not a photo, too much of one, or not whole is refused with its reason, before anything is decoded."""

import tracemalloc
import zipfile
from io import BytesIO

import pytest
from PIL import Image

from server.photos import extent
from server.photos.clean import clean
from server.photos.refusals import PhotoRefused
from tests.photos import pictures


def refusal_of(data: bytes) -> PhotoRefused:
    with pytest.raises(PhotoRefused) as caught:
        clean(data)
    return caught.value


def zipped() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "text")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        (b"", "empty", "空的"),
        (b"just some text, renamed to photo.jpg", "not_a_photo", "不是照片"),
        (b"\x00" * 500, "not_a_photo", "不是照片"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "other_kind", "SVG"),
        ('\ufeff  <svg onload="alert(1)"/>'.encode(), "other_kind", "SVG"),
        ("<svg/>".encode("utf-16"), "other_kind", "SVG"),
        (b"<!doctype html><script>1</script>", "other_kind", "网页"),
        (b"%PDF-1.7\n", "other_kind", "PDF"),
        (zipped(), "other_kind", "压缩包"),
        (b"MZ\x90\x00" + b"\x00" * 60, "other_kind", "程序"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "other_kind", "视频"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "other_kind", "视频"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", "other_kind", "AVIF"),
        (pictures.written(pictures.quarters(), "BMP"), "other_kind", "BMP"),
        (pictures.written(pictures.quarters(), "TIFF"), "other_kind", "TIFF"),
    ],
)
def test_what_is_not_a_photo_is_named(data: bytes, code: str, word: str) -> None:
    refused = refusal_of(data)
    assert refused.code == code
    assert word in refused.words
    assert refused.words.endswith(";文字已经保存。")


def test_thirty_megabytes_are_too_large_and_the_words_say_how_large() -> None:
    refused = refusal_of(pictures.jpeg() + bytes(30 * 1024 * 1024))
    assert refused.code == "too_large"
    assert "30 MB" in refused.words


@pytest.mark.parametrize(
    "bomb",
    [
        pictures.png_claiming(30_000, 30_000),
        pictures.png_claiming(100_000, 251),
        pictures.webp_claiming(16_000, 16_000),
        pictures.jpeg_claiming(30_000, 30_000),
        pictures.heic_claiming(20_000, 20_000),
        b"GIF89a" + b"\xff\xff\xff\xff\x00\x00\x00" + b",\x00\x00\x00\x00\xff\xff\xff\xff\x00\x08\x01\x00\x00;",
    ],
    ids=["png", "long png", "webp", "jpeg", "heic", "gif"],
)
def test_a_pixel_bomb_is_refused_before_it_unfolds(bomb: bytes) -> None:
    tracemalloc.start()
    try:
        assert refusal_of(bomb).code == "too_many_pixels"
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_heic_that_hides_its_extent_is_refused() -> None:
    large = Image.new("RGB", (6_000, 4_000), "red")
    lying = bytearray(pictures.heic(large))
    at = lying.index(b"ispe")
    lying[at + 8 : at + 16] = bytes.fromhex("0000004000000040")
    assert refusal_of(bytes(lying)).code == "damaged"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_a_moving_picture_over_the_limit_is_refused_and_one_at_it_gives_its_first_frame(kind: str) -> None:
    assert refusal_of(pictures.moving(extent.FRAMES + 1, kind)).code == "too_many_frames"
    cleaned = clean(pictures.moving(extent.FRAMES, kind))
    red, green, blue = Image.open(BytesIO(cleaned.display)).getpixel((20, 15))
    assert red > 180 and green < 40 and blue < 20


def test_frames_are_counted_without_walking_a_long_gif_to_its_end() -> None:
    frame = b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00"
    long = b"GIF89a\x01\x00\x01\x00\x00\x00\x00" + frame * 1_000_000 + b";"
    assert refusal_of(long).code == "too_many_frames"


def test_a_jpeg_that_is_scanned_over_and_over_is_refused() -> None:
    made = bytearray(pictures.jpeg(4_000, 3_000, progressive=True))
    last = made.rindex(b"\xff\xda")
    scan = bytes(made[last:-2])
    assert refusal_of(bytes(made[:-2]) + scan * 100 + b"\xff\xd9").code == "too_many_scans"
    assert clean(bytes(made)).width == 1600


TRUNCATABLE = {
    "jpeg": pictures.jpeg(),
    "progressive jpeg": pictures.jpeg(progressive=True),
    "png": pictures.written(pictures.quarters(), "PNG"),
    "webp": pictures.written(pictures.quarters(), "WEBP"),
    "gif": pictures.written(pictures.quarters(), "GIF"),
    "heic": pictures.heic(),
}


@pytest.mark.parametrize("kind", TRUNCATABLE)
@pytest.mark.parametrize("part", [0.3, 0.5, 0.9, 0.97])
def test_a_photo_cut_short_is_refused(kind: str, part: float) -> None:
    whole = TRUNCATABLE[kind]
    assert clean(whole).width == 640
    assert refusal_of(whole[: int(len(whole) * part)]).code in ("truncated", "damaged")


def test_half_a_jpeg_says_that_it_did_not_come_whole() -> None:
    whole = pictures.jpeg(2000, 1500)
    refused = refusal_of(whole[: len(whole) // 2])
    assert refused.code == "truncated"
    assert "没有传完整" in refused.words


def test_only_a_name_and_nothing_of_a_photo_is_refused() -> None:
    for start in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x00\x00\x00\x00WEBP"):
        assert refusal_of(start).code in ("truncated", "damaged")
    assert refusal_of(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic").code in ("truncated", "damaged")
