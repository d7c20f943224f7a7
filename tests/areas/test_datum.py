"""GCJ-02 and WGS-84."""

from hypothesis import given
from hypothesis import strategies as st

from server.kernel import datum

longitudes = st.floats(73, 136)
latitudes = st.floats(1, 55)


def test_a_known_position_is_converted() -> None:
    # Tiananmen, as published converters give it to six places.
    longitude, latitude = datum.to_gcj02(116.404, 39.915)
    assert abs(longitude - 116.410244) < 1e-6
    assert abs(latitude - 39.916404) < 1e-6


@given(longitudes, latitudes)
def test_there_and_back_is_the_same_place_within_a_centimetre(longitude: float, latitude: float) -> None:
    back = datum.to_wgs84(*datum.to_gcj02(longitude, latitude))
    assert abs(back[0] - longitude) < 1e-7
    assert abs(back[1] - latitude) < 1e-7


@given(longitudes, latitudes)
def test_back_and_there_is_the_same_place_too(longitude: float, latitude: float) -> None:
    there = datum.to_gcj02(*datum.to_wgs84(longitude, latitude))
    assert abs(there[0] - longitude) < 1e-7
    assert abs(there[1] - latitude) < 1e-7


@given(longitudes, latitudes)
def test_the_shift_is_some_hundred_metres_and_never_none(longitude: float, latitude: float) -> None:
    there = datum.to_gcj02(longitude, latitude)
    assert 1e-5 < abs(there[0] - longitude) + abs(there[1] - latitude) < 0.03


def test_abroad_nothing_is_shifted() -> None:
    for place in ((2.35, 48.86), (-70.0, -33.4), (139.7, 35.7)):
        assert datum.to_gcj02(*place) == place == datum.to_wgs84(*place)
