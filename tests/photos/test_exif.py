"""Where and when a photo was taken, as it says itself; nonsense counts as nothing said and never costs the photo."""

from datetime import UTC, datetime
from typing import Any

import pytest
from PIL.TiffImagePlugin import IFDRational

from server.photos.clean import clean
from server.photos.exif import Said
from tests.photos import pictures

# As in production; the damaged blocks of these tests make Pillow warn.
pytestmark = pytest.mark.filterwarnings("ignore")

DMS = (22.0, 39.0, 30.0)


def said(**tags: Any) -> Said:
    return clean(pictures.jpeg(exif=pictures.exif(**tags))).said


@pytest.mark.parametrize(
    ("north", "east", "latitude", "longitude"),
    [
        ("N", "E", 22.6583333, 114.0252778),
        ("S", "E", -22.6583333, 114.0252778),
        ("N", "W", 22.6583333, -114.0252778),
        ("S", "W", -22.6583333, -114.0252778),
        ("n", "w", 22.6583333, -114.0252778),
    ],
)
def test_each_hemisphere_has_its_sign(north: str, east: str, latitude: float, longitude: float) -> None:
    found = said(gps=pictures.position(DMS, north, (114.0, 1.0, 31.0), east))
    assert (found.latitude, found.longitude) == (pytest.approx(latitude), pytest.approx(longitude))


@pytest.mark.parametrize(
    "latitude",
    [
        (IFDRational(22, 1), IFDRational(39, 1), IFDRational(3000, 100)),
        (22.0, 39.5, 0.0),
        (22.0, 39.5),
        (IFDRational(226583333, 10_000_000), 0.0, 0.0),
        22.6583333,
    ],
)
def test_degrees_come_in_many_forms(latitude: Any) -> None:
    found = said(gps=pictures.position(latitude, "N", (114.0, 0.0, 0.0), "E"))
    assert found.latitude == pytest.approx(22.6583333, abs=1e-6)


@pytest.mark.parametrize(
    "gps",
    [
        pictures.position((91.0, 0.0, 0.0), "N", (114.0, 0.0, 0.0), "E"),
        pictures.position((90.0, 0.0, 1.0), "N", (114.0, 0.0, 0.0), "E"),
        pictures.position(DMS, "N", (181.0, 0.0, 0.0), "E"),
        pictures.position((22.0, 75.0, 0.0), "N", (114.0, 0.0, 0.0), "E"),
        pictures.position((0.0, 0.0, 0.0), "N", (0.0, 0.0, 0.0), "E"),
        pictures.position(DMS, None, (114.0, 0.0, 0.0), "E"),
        pictures.position(DMS, "X", (114.0, 0.0, 0.0), "E"),
        pictures.position(DMS, "N", None, "E"),
        pictures.position(None, "N", (114.0, 0.0, 0.0), "E"),
        pictures.position((IFDRational(0, 0), IFDRational(0, 0), IFDRational(0, 0)), "N", DMS, "E"),
        pictures.position((IFDRational(22, 1), IFDRational(39, 0), IFDRational(0, 1)), "N", DMS, "E"),
        pictures.position(DMS, "N", (114.0, 0.0, 0.0), "E", _9="V"),
    ],
)
def test_a_nonsense_position_is_none(gps: dict[int, Any]) -> None:
    found = said(gps=gps)
    assert (found.latitude, found.longitude, found.accuracy) == (None, None, None)


def test_the_accuracy_is_read_where_it_is_sane() -> None:
    where = (DMS, "N", (114.0, 0.0, 0.0), "E")
    assert said(gps=pictures.position(*where, _31=12.5)).accuracy == 12.5
    assert said(gps=pictures.position(*where, _31=0.0)).accuracy is None
    assert said(gps=pictures.position(*where, _31=IFDRational(1, 0))).accuracy is None


@pytest.mark.parametrize(
    ("times", "moment"),
    [
        ({36867: "2026:11:21 09:30:00"}, datetime(2026, 11, 21, 1, 30, tzinfo=UTC)),
        ({36867: "2026:11:21 09:30:00", 36881: "+09:00"}, datetime(2026, 11, 21, 0, 30, tzinfo=UTC)),
        ({36867: "2026:11:21 09:30:00", 36881: "-05:30"}, datetime(2026, 11, 21, 15, 0, tzinfo=UTC)),
        ({36867: "2026:11:21 09:30:00", 36881: "+99:00"}, datetime(2026, 11, 21, 1, 30, tzinfo=UTC)),
        ({36868: "2026-11-21 09:30:00"}, datetime(2026, 11, 21, 1, 30, tzinfo=UTC)),
        ({36867: "0000:00:00 00:00:00", 36868: "2026:11:21 09:30:00"}, datetime(2026, 11, 21, 1, 30, tzinfo=UTC)),
        ({36867: "0000:00:00 00:00:00"}, None),
        ({36867: "2026:13:41 09:30:00"}, None),
        ({36867: "1970:01:01 00:00:00"}, None),
        ({36867: "                   "}, None),
        ({36867: "今天"}, None),
    ],
)
def test_the_time_taken_is_beijing_unless_it_says_otherwise(times: dict[int, str], moment: datetime | None) -> None:
    assert said(times=times).taken_at == moment


@pytest.mark.parametrize("cut", range(8, 120, 7))
def test_damaged_exif_costs_neither_the_photo_nor_an_error(cut: int) -> None:
    block = pictures.exif(6, pictures.position(DMS, "N", DMS, "E"), {36867: "2026:11:21 09:30:00"})
    cleaned = clean(pictures.jpeg(exif=block[:cut]))
    assert {cleaned.width, cleaned.height} == {640, 480}


def test_an_exif_that_points_to_itself_comes_to_an_end() -> None:
    block = bytearray(pictures.exif(gps=pictures.position(DMS, "N", DMS, "E")))
    at = block.index(b"\x25\x88" if block[6:8] == b"II" else b"\x88\x25")
    block[at + 8 : at + 12] = (8).to_bytes(4, "little" if block[6:8] == b"II" else "big")
    assert clean(pictures.jpeg(exif=bytes(block))).said.latitude is None
