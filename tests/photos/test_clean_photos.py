"""A photo comes out upright, small, in plain colours, and silent about everything but what it shows."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageCms, ImageOps, ImageStat

from server.photos.clean import Cleaned, clean
from server.photos.kinds import Kind
from tests.photos import pictures


def shown(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data), formats=["JPEG"])
    image.load()
    return image


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of the channels, 0 to 255."""
    assert one.size == other.size
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(640, 480), (4000, 3000), (480, 641)])
def test_every_orientation_comes_out_upright(orientation: int, size: tuple[int, int]) -> None:
    data = pictures.jpeg(*size, exif=pictures.exif(orientation=orientation), quality=95)
    upright = ImageOps.exif_transpose(Image.open(BytesIO(data)))
    upright.thumbnail((1600, 1600))
    cleaned = clean(data)
    assert (cleaned.width, cleaned.height) == upright.size
    assert difference(shown(cleaned.display), upright) < 2
    small = upright.resize(shown(cleaned.thumb).size)
    assert difference(shown(cleaned.thumb), small) < 3


@pytest.mark.parametrize("orientation", [0, 9, 255, 65535])
def test_an_orientation_that_does_not_exist_turns_nothing(orientation: int) -> None:
    cleaned = clean(pictures.jpeg(exif=pictures.exif(orientation=orientation)))
    assert (cleaned.width, cleaned.height) == (640, 480)


def test_a_heic_is_turned_once_not_twice() -> None:
    lying = pictures.quarters()
    upright = lying.transpose(Image.Transpose.ROTATE_270)
    cleaned = clean(pictures.heic(lying, exif=pictures.exif(orientation=6)))
    assert difference(shown(cleaned.display), upright) < 4


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_kind_is_known_by_its_content(kind: str) -> None:
    cleaned = clean(pictures.written(pictures.quarters(), kind))
    assert cleaned.kind == Kind(kind.lower())
    assert difference(shown(cleaned.display), pictures.quarters()) < 4


def test_a_heic_is_read() -> None:
    cleaned = clean(pictures.heic())
    assert cleaned.kind == Kind.HEIC
    assert difference(shown(cleaned.display), pictures.quarters()) < 4


@pytest.mark.parametrize(
    ("size", "display", "thumb"),
    [
        ((4000, 3000), (1600, 1200), (320, 240)),
        ((3000, 4001), (1200, 1600), (240, 320)),
        ((1600, 1200), (1600, 1200), (320, 240)),
        ((1601, 1200), (1600, 1199), (320, 240)),
        ((300, 200), (300, 200), (300, 200)),
        ((1, 1), (1, 1), (1, 1)),
        ((20_000, 3), (1600, 1), (320, 1)),
        ((2, 9_999), (1, 1600), (1, 320)),
    ],
)
def test_the_longest_side_is_bounded_and_nothing_grows(
    size: tuple[int, int], display: tuple[int, int], thumb: tuple[int, int]
) -> None:
    cleaned = clean(pictures.written(Image.new("RGB", size, "red")))
    assert (cleaned.width, cleaned.height) == shown(cleaned.display).size == display
    assert shown(cleaned.thumb).size == thumb


def gradient() -> Image.Image:
    return Image.linear_gradient("L").resize((300, 200))


SIXTEEN = gradient().convert("I").point(lambda value: value * 257).convert("I;16")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (pictures.written(gradient(), "JPEG"), gradient()),
        (pictures.written(gradient(), "PNG"), gradient()),
        (pictures.written(SIXTEEN, "PNG"), gradient()),
        (pictures.written(pictures.quarters().convert("CMYK"), "JPEG"), pictures.quarters()),
        (pictures.written(pictures.quarters().quantize(8), "PNG"), pictures.quarters()),
        (pictures.written(gradient().convert("1"), "PNG"), gradient().convert("1")),
        (pictures.written(pictures.quarters().convert("YCbCr"), "JPEG"), pictures.quarters()),
    ],
    ids=["grey jpeg", "grey png", "16 bits", "cmyk", "palette", "one bit", "ycbcr"],
)
def test_odd_colours_come_out_as_they_looked(data: bytes, expected: Image.Image) -> None:
    result = shown(clean(data).display)
    assert result.mode == "RGB"
    assert difference(result, expected.convert("RGB")) < 5


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    if mode == "P":
        picture = Image.new("P", (400, 300), 0)
        picture.putpalette([0, 0, 0, 200, 0, 0])
        data = pictures.written(picture, "PNG", transparency=0)
    else:
        data = pictures.written(Image.new(mode, (400, 300), 0), "PNG")
    assert min(shown(clean(data).display).getpixel((200, 150))) > 250


def test_a_large_transparent_picture_becomes_white_too() -> None:
    data = pictures.written(Image.new("RGBA", (3000, 2000), (255, 0, 0, 0)), "PNG")
    assert min(shown(clean(data).display).getpixel((800, 500))) > 250


def wide_profile() -> bytes:
    """A profile with red and green swapped, made from sRGB's: nobody can overlook whether it was applied."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for name, other in ((b"rXYZ", b"qXYZ"), (b"gXYZ", b"rXYZ"), (b"qXYZ", b"gXYZ")):
        at = made.index(name, 128)
        made[at : at + 4] = other
    return bytes(made).replace("sRGB".encode("utf-16-be"), "Odd!".encode("utf-16-be"))


def test_a_colour_profile_is_applied_and_then_gone() -> None:
    red = Image.new("RGB", (400, 300), (255, 0, 0))
    data = pictures.written(red, "JPEG", icc_profile=wide_profile(), quality=95)
    result = shown(clean(data).display)
    assert "icc_profile" not in result.info
    red_now, green_now, _ = result.getpixel((200, 150))
    assert green_now > 200 and red_now < 60


@pytest.mark.parametrize("profile", [b"nonsense", b"\x00" * 200, wide_profile()[:150], b"\xff" * 5_000_000])
def test_a_broken_colour_profile_costs_nothing_but_itself(profile: bytes) -> None:
    data = pictures.jpeg(icc_profile=profile)
    assert difference(shown(clean(data).display), pictures.quarters()) < 4


MARKS = (b"Exif", b"http://ns.adobe.com", b"xmpmeta", b"Photoshop", b"8BIM", b"ICC_PROFILE", b"acsp", b"GPS", b"SECRET")


def is_silent(cleaned: Cleaned) -> bool:
    """Whether nothing but the picture is in what will be served: no word, and no segment it can do without."""
    return all(
        not any(mark in data for mark in MARKS) and set(_segments(data)) <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}
        for data in (cleaned.display, cleaned.thumb)
    )


def _segments(data: bytes) -> list[int]:
    at, found = 2, []
    while data[at] == 0xFF:
        found.append(data[at + 1])
        if data[at + 1] == 0xDA:
            break
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return found


def test_the_picture_of_this_test_tells_everything_before_it_is_cleaned() -> None:
    data = pictures.with_everything()
    assert all(mark in data for mark in (b"Exif", b"xmpmeta", b"8BIM", b"ICC_PROFILE", b"SECRET"))
    assert {0xE1, 0xE2, 0xED, 0xFE} <= set(_segments(data))


def test_nothing_of_what_a_jpeg_told_is_served() -> None:
    cleaned = clean(pictures.with_everything())
    assert is_silent(cleaned)
    assert cleaned.said.latitude is not None


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_nothing_of_what_other_kinds_told_is_served(kind: str) -> None:
    options = {"comment": b"SECRET"} if kind == "GIF" else {"exif": pictures.exif(top={0x010F: "SECRET"})}
    data = pictures.written(pictures.quarters(), kind, **options)
    assert b"SECRET" in data
    assert is_silent(clean(data))


def test_nothing_of_what_a_heic_told_is_served() -> None:
    data = pictures.heic(exif=pictures.exif(top={0x010F: "SECRET"}), xmp=b"<x>SECRET</x>")
    assert b"SECRET" in data
    assert is_silent(clean(data))
