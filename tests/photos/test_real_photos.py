"""Photos as devices made them, the damaged one among them."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from server.kernel import database
from server.kernel.actor import Actor
from server.photos.clean import Cleaned, clean
from server.photos.folder import Folder
from server.photos.keys import SIZES
from server.photos.read import read
from server.photos.receive import receive
from tests.photos.test_clean_photos import difference, is_silent

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "photos"
NAMES = {
    "DSCN0010.jpg": (640, 480),
    "DSCN0012.jpg": (640, 480),
    "IMG_5195.HEIC": (1239, 1600),
    "image01088.jpg": (425, 120),
    "jolla.jpg": (1600, 1200),
    "landscape_8.jpg": (600, 450),
    "portrait_6.jpg": (450, 600),
}

pytestmark = [
    pytest.mark.real_input,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="The real photos in ../shared/data/photos are not here."),
]


def cleaned(name: str) -> Cleaned:
    return clean((FOLDER / name).read_bytes())


def test_these_are_all() -> None:
    assert {path.name for path in FOLDER.iterdir() if not path.name.startswith(".")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
async def test_every_one_goes_through_upright_and_silent(db: None, folder: Folder, name: str) -> None:
    received = await receive((FOLDER / name).read_bytes(), by=Actor())
    assert (received.width, received.height) == NAMES[name]
    for size in SIZES:
        shown = Image.open(BytesIO(await read(received.id, size)))
        shown.load()
        assert not shown.getexif() and not ({"exif", "xmp", "icc_profile", "comment"} & set(shown.info))
    assert is_silent(cleaned(name))
    assert await database.fetch_value("SELECT count(*) FROM photos") == 1


def test_positions_and_times_are_read() -> None:
    nikon = cleaned("DSCN0010.jpg").said
    assert (nikon.latitude, nikon.longitude) == (pytest.approx(43.467448), pytest.approx(11.885127))
    assert nikon.taken_at is not None and nikon.taken_at.isoformat() == "2008-10-22T16:28:39+08:00"
    iphone = cleaned("IMG_5195.HEIC").said
    assert (iphone.latitude, iphone.longitude) == (pytest.approx(39.051344), pytest.approx(-94.288772))
    assert iphone.accuracy == pytest.approx(38.8, abs=0.1)
    assert iphone.taken_at is not None and iphone.taken_at.isoformat() == "2021-04-11T15:47:53-05:00"


def test_the_damaged_one_has_lost_its_exif_but_not_its_picture() -> None:
    damaged = cleaned("image01088.jpg")
    assert (damaged.said.latitude, damaged.said.taken_at, damaged.said.orientation) == (None, None, 1)
    with Image.open(FOLDER / "image01088.jpg") as stored:
        assert difference(Image.open(BytesIO(damaged.display)), stored) < 6
