"""Whatever comes: a clean photo or a refusal, never anything else. Bytes are changed by chance."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.photos.clean import Cleaned, clean
from server.photos.refusals import PhotoRefused
from tests.photos import pictures

pytestmark = pytest.mark.filterwarnings("ignore")

_SMALL = pictures.quarters(96, 64)
_EXIF = pictures.exif(
    6, pictures.position((22.0, 39.0, 30.0), "N", (114.0, 1.0, 30.0), "E"), {36867: "2026:11:21 09:30:00"}
)
WHOLE = {
    "jpeg": pictures.written(_SMALL, "JPEG", exif=_EXIF),
    "progressive": pictures.written(_SMALL, "JPEG", exif=_EXIF, progressive=True),
    "png": pictures.written(_SMALL, "PNG", exif=_EXIF),
    "webp": pictures.written(_SMALL, "WEBP", exif=_EXIF),
    "moving webp": pictures.moving(3, "WEBP"),
    "gif": pictures.moving(3),
    "heic": pictures.heic(_SMALL, exif=_EXIF),
}

places = st.floats(0, 1, exclude_max=True)
changes = st.lists(
    st.one_of(
        st.tuples(st.just("set"), places, st.integers(0, 255)),
        st.tuples(st.just("set near the start"), places, st.integers(0, 255)),
        st.tuples(st.just("cut"), places, st.integers(1, 40)),
        st.tuples(st.just("put in"), places, st.binary(min_size=1, max_size=40)),
        st.tuples(st.just("double"), places, st.integers(1, 200)),
        st.tuples(st.just("end"), places, st.none()),
    ),
    min_size=1,
    max_size=6,
)


def changed(data: bytes, change: tuple[str, float, Any]) -> bytes:
    how, place, what = change
    at = int(place * len(data))
    if how == "set":
        return data[:at] + bytes([what]) + data[at + 1 :]
    if how == "set near the start":
        at = int(place * min(len(data), 300))
        return data[:at] + bytes([what]) + data[at + 1 :]
    if how == "cut":
        return data[:at] + data[at + what :]
    if how == "put in":
        return data[:at] + what + data[at:]
    if how == "double":
        return data[: at + what] + data[at:]
    return data[:at]


@pytest.mark.parametrize("kind", WHOLE)
@settings(max_examples=120, deadline=5_000, suppress_health_check=[HealthCheck.too_slow])
@given(changes=changes)
def test_changed_bytes_are_cleaned_or_refused(kind: str, changes: list[tuple[str, float, Any]]) -> None:
    data = WHOLE[kind]
    for change in changes:
        data = changed(data, change)
    try:
        cleaned = clean(data)
    except PhotoRefused as refused:
        assert refused.code and refused.reason
    else:
        assert isinstance(cleaned, Cleaned)
        assert max(cleaned.width, cleaned.height) <= 1600
        assert cleaned.display.startswith(b"\xff\xd8") and cleaned.thumb.startswith(b"\xff\xd8")


@settings(max_examples=200, deadline=5_000)
@given(start=st.sampled_from([data[:12] for data in WHOLE.values()] + [b""]), rest=st.binary(max_size=2_000))
def test_chance_behind_a_true_beginning_is_cleaned_or_refused(start: bytes, rest: bytes) -> None:
    try:
        assert isinstance(clean(start + rest), Cleaned)
    except PhotoRefused as refused:
        assert refused.code
