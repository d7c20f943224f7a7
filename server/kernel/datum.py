"""GCJ-02, the datum of Chinese public maps, to and from WGS-84, in which Huying keeps every position.

GCJ-02 moves a position by some hundred metres along a fixed, published-by-use formula (Krasovsky 1940 ellipsoid).
There is no closed inverse; it is found by iteration. Outside the rectangle below the two agree.
"""

from math import atan2, cos, pi, radians, sin, sqrt

_AXIS = 6_378_245.0
_ECCENTRICITY = 0.006_693_421_622_965_943
"""First eccentricity, squared."""
_CLOSE = 1e-10
"""Degrees at which the inverse is found; a hundredth of a millimetre."""


def moved(longitude: float, latitude: float) -> bool:
    """Whether GCJ-02 differs from WGS-84 at this position (degrees)."""
    return 72.004 <= longitude <= 137.8347 and 0.8293 <= latitude <= 55.8271


def to_gcj02(longitude: float, latitude: float) -> tuple[float, float]:
    """A WGS-84 position (degrees) as GCJ-02."""
    if not moved(longitude, latitude):
        return longitude, latitude
    east, north = _shift(longitude, latitude)
    return longitude + east, latitude + north


def to_wgs84(longitude: float, latitude: float) -> tuple[float, float]:
    """A GCJ-02 position (degrees) as WGS-84, exact to 1e-7 degrees and better."""
    if not moved(longitude, latitude):
        return longitude, latitude
    found_longitude, found_latitude = longitude, latitude
    for _ in range(30):
        east, north = _shift(found_longitude, found_latitude)
        off_east, off_north = found_longitude + east - longitude, found_latitude + north - latitude
        found_longitude, found_latitude = found_longitude - off_east, found_latitude - off_north
        if abs(off_east) < _CLOSE and abs(off_north) < _CLOSE:
            break
    return found_longitude, found_latitude


def bd09_to_wgs84(longitude: float, latitude: float) -> tuple[float, float]:
    """A BD-09 position (degrees; Baidu's maps) as WGS-84: its own small turn undone, then that of GCJ-02."""
    x, y = longitude - 0.0065, latitude - 0.006
    turn = pi * 3000.0 / 180.0
    far = sqrt(x * x + y * y) - 0.00002 * sin(y * turn)
    angle = atan2(y, x) - 0.000003 * cos(x * turn)
    return to_wgs84(far * cos(angle), far * sin(angle))


def _shift(longitude: float, latitude: float) -> tuple[float, float]:
    x, y = longitude - 105.0, latitude - 35.0
    waves = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    angle = radians(latitude)
    curve = 1.0 - _ECCENTRICITY * sin(angle) ** 2
    north_metres = _AXIS * (1.0 - _ECCENTRICITY) / (curve * sqrt(curve))
    east_metres = _AXIS / sqrt(curve) * cos(angle)
    return east * 180.0 / (east_metres * pi), north * 180.0 / (north_metres * pi)
