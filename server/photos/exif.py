"""What a photo says of itself: where and when it was taken, and which way is up. Nonsense counts as nothing said."""

import math
import re
import warnings
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
from PIL import ExifTags, Image

from server.kernel.clock import BEIJING

# Phones write odd EXIF; that is no news for the log.
warnings.filterwarnings("ignore", module=r"PIL\.")

_GPS = ExifTags.GPS
_MOMENT = re.compile(r"(\d{4})\D(\d\d)\D(\d\d)\D(\d\d)\D(\d\d)\D(\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_TIMES = (
    (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal),
    (ExifTags.Base.DateTimeDigitized, ExifTags.Base.OffsetTimeDigitized),
    (ExifTags.Base.DateTime, ExifTags.Base.OffsetTime),
)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What was read from EXIF before it was thrown away. Degrees WGS-84, accuracy in metres, orientation 1 to 8."""

    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    accuracy: float | None = None
    orientation: int = 1


def read(image: Image.Image) -> Said:
    """Read the EXIF of an opened image. Damaged EXIF gives what could be read and costs nothing else."""
    tags = _part(image, None)
    gps = _part(image, ExifTags.IFD.GPSInfo)
    position = _position(gps)
    return Said(
        taken_at=_taken_at({**tags, **_part(image, ExifTags.IFD.Exif)}),
        latitude=position[0] if position else None,
        longitude=position[1] if position else None,
        accuracy=_accuracy(gps.get(_GPS.GPSHPositioningError)) if position else None,
        orientation=_orientation(tags.get(ExifTags.Base.Orientation)),
    )


def _part(image: Image.Image, ifd: int | None) -> dict[int, Any]:
    """One directory of the EXIF, tag by tag: a tag that cannot be read does not take the others with it."""
    # Damaged EXIF makes Pillow raise a dozen kinds of errors; each means "nothing said".
    try:
        exif = image.getexif()
        found: Mapping[int, Any] = exif if ifd is None else exif.get_ifd(ifd)
        names = list(found)
    except Exception:
        return {}
    values = {}
    for name in names:
        try:
            values[name] = found[name]
        except Exception:
            continue
    return values


def _orientation(value: object) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _position(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    if _text(gps.get(_GPS.GPSStatus)).upper() == "V":
        return None
    latitude = _degrees(gps.get(_GPS.GPSLatitude), _text(gps.get(_GPS.GPSLatitudeRef)), "N", "S", 90)
    longitude = _degrees(gps.get(_GPS.GPSLongitude), _text(gps.get(_GPS.GPSLongitudeRef)), "E", "W", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    return latitude, longitude


def _degrees(value: Any, side: str, plus: str, minus: str, most: int) -> float | None:
    """Degrees from one, two or three numbers (degrees, minutes, seconds) and the letter of the hemisphere."""
    parts = [_number(part) for part in (value if isinstance(value, tuple) else (value,))]
    if not 1 <= len(parts) <= 3 or side[:1].upper() not in (plus, minus):
        return None
    if any(part is None or part < 0 for part in parts) or any((part or 0) > 60 for part in parts[1:]):
        return None
    degrees = sum((part or 0) / 60.0**power for power, part in enumerate(parts))
    if degrees > most:
        return None
    return round(-degrees if side[:1].upper() == minus else degrees, 7)


def _accuracy(value: Any) -> float | None:
    metres = _number(value)
    return metres if metres is not None and 0 < metres <= 100_000 else None


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _taken_at(tags: Mapping[int, Any]) -> datetime | None:
    """The earliest-meant moment the photo names; Beijing time where it names no offset."""
    for time, offset in _TIMES:
        moment = _moment(_text(tags.get(time)), _text(tags.get(offset)))
        if moment is not None:
            return moment
    return None


def _moment(time: str, offset: str) -> datetime | None:
    found = _MOMENT.match(time)
    if not found:
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in found.groups())
        naive = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    return naive.replace(tzinfo=_zone(offset)) if naive.year >= 1990 else None


def _zone(offset: str) -> Any:
    found = _OFFSET.match(offset)
    if not found or int(found[2]) > 14 or int(found[3]) > 59:
        return BEIJING
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(ahead if found[1] == "+" else -ahead)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "ignore")
    return value.strip(" \x00") if isinstance(value, str) else ""
