"""Drawn scenes as JPEGs from a phone: with the position and the time in their EXIF, through the real reception."""

from datetime import datetime
from functools import cache
from io import BytesIO
from random import Random
from uuid import UUID

from PIL import ExifTags, Image

from server.demo import scenes
from server.kernel import clock
from server.kernel.actor import Actor
from server.kernel.clock import BEIJING
from server.photos.receive import receive

SIZE = (960, 720)
VARIANTS = 3
"""Different pictures of each scene, before and after."""


async def send(name: str, mended: bool, at: tuple[float, float] | None, by: Actor, chance: Random) -> UUID:
    """Send a picture of a scene as `by` would from their phone; `at` is longitude and latitude."""
    content = photograph(name, mended, chance.randrange(VARIANTS), at, clock.now())
    return (await receive(content, by=by)).id


def photograph(name: str, mended: bool, variant: int, at: tuple[float, float] | None, moment: datetime) -> bytes:
    """The picture as a phone writes it."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Huying"
    exif[ExifTags.Base.Model] = "Demo"
    local = moment.astimezone(BEIJING)
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.DateTimeOriginal: f"{local:%Y:%m:%d %H:%M:%S}",
            ExifTags.Base.OffsetTimeOriginal: "+08:00",
        }
    )
    if at is not None:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(_gps(*at))
    file = BytesIO()
    _drawn(name, mended, variant).save(file, "JPEG", quality=82, exif=exif)
    return file.getvalue()


@cache
def _drawn(name: str, mended: bool, variant: int) -> Image.Image:
    return scenes.scene(name, mended, Random(f"{name} {variant}")).resize(SIZE, Image.Resampling.LANCZOS)


def _gps(longitude: float, latitude: float) -> dict[int, object]:
    return {
        ExifTags.GPS.GPSLatitudeRef: "N",
        ExifTags.GPS.GPSLatitude: _sexagesimal(latitude),
        ExifTags.GPS.GPSLongitudeRef: "E",
        ExifTags.GPS.GPSLongitude: _sexagesimal(longitude),
        ExifTags.GPS.GPSHPositioningError: 8.0,
    }


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    whole, rest = divmod(degrees, 1)
    minutes, rest = divmod(rest * 60, 1)
    return whole, minutes, round(rest * 60, 4)
