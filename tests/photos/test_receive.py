"""A photo comes in once, whole, and known only when it is kept."""

import asyncio
import io
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from server.kernel import clock, database, errors
from server.kernel.actor import Actor
from server.photos import clean as cleaning
from server.photos import decoding, extent
from server.photos.folder import Folder
from server.photos.keys import SIZES
from server.photos.read import read
from server.photos.receive import Received, receive
from server.photos.refusals import PhotoRefused
from server.photos.stores import Store, StoreSilent
from tests.photos import pictures

SENDER = Actor(device="ab" * 32)
PHOTO = pictures.jpeg(
    2000,
    1500,
    exif=pictures.exif(
        6, pictures.position((22.0, 39.0, 30.0), "N", (114.0, 1.0, 30.0), "E", _31=8.0), {36867: "2026:11:21 09:30:00"}
    ),
)


async def photos() -> int:
    return int(await database.fetch_value("SELECT count(*) FROM photos"))


async def keys_of(store: Store) -> set[str]:
    return {entry.key async for entry in store.entries()}


async def refused(source: Any, **more: Any) -> PhotoRefused:
    with pytest.raises(PhotoRefused) as caught:
        await receive(source, by=SENDER, **more)
    return caught.value


async def test_a_photo_is_kept_in_both_sizes_with_what_it_said(db: None, any_store: Store) -> None:
    with clock.at(datetime(2026, 11, 21, 12, tzinfo=UTC)):
        received = await receive(PHOTO, by=SENDER)
    assert received == Received(
        id=received.id,
        width=1200,
        height=1600,
        taken_at=datetime(2026, 11, 21, 1, 30, tzinfo=UTC),
        latitude=pytest.approx(22.6583333),
        longitude=pytest.approx(114.025),
        accuracy=8.0,
        position_source="exif",
    )
    display, thumb = [await read(received.id, size) for size in SIZES]
    assert len(display) > len(thumb) > 0
    row = await database.fetch_one("SELECT * FROM photos WHERE id = $1", received.id)
    assert row is not None
    assert (row["kind"], row["bytes"], row["device"]) == ("jpeg", len(display) + len(thumb), SENDER.device)


async def test_a_photo_that_says_nothing_has_no_source(db: None, folder: Folder) -> None:
    received = await receive(pictures.jpeg(), by=SENDER)
    assert (received.latitude, received.position_source, received.taken_at) == (None, None, None)


async def test_a_time_that_has_not_come_is_not_believed(db: None, folder: Folder) -> None:
    with clock.at(datetime(2026, 11, 19, tzinfo=UTC)):
        assert (await receive(PHOTO, by=SENDER)).taken_at is None


async def in_chunks(data: bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


class Upload:
    """Like the uploads of the web framework: a file whose `read` is awaited."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    async def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


@pytest.mark.parametrize("source", [bytes, bytearray, memoryview, in_chunks, Upload, io.BytesIO])
async def test_it_comes_as_bytes_stream_upload_or_file(db: None, folder: Folder, source: Any) -> None:
    photo_id = uuid4()
    received = await receive(source(PHOTO), by=SENDER, photo_id=photo_id)
    assert received.id == photo_id
    assert await receive(PHOTO, by=SENDER, photo_id=photo_id) == received


async def test_sent_again_it_is_already_received_and_not_decoded_again(
    db: None, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo_id = uuid4()
    received = await receive(PHOTO, by=SENDER, photo_id=photo_id)
    monkeypatch.setattr(decoding, "clean", None)
    assert await receive(PHOTO, by=SENDER, photo_id=photo_id) == received
    assert await photos() == 1


async def test_the_same_id_with_other_content_is_refused_and_changes_nothing(db: None, folder: Folder) -> None:
    photo_id = uuid4()
    await receive(PHOTO, by=SENDER, photo_id=photo_id)
    before = await read(photo_id, "display"), await keys_of(folder)
    assert (await refused(pictures.jpeg(), photo_id=photo_id)).code == "other_content"
    assert (await read(photo_id, "display"), await keys_of(folder)) == before


async def test_one_id_and_content_many_times_at_once_is_one_photo(fresh_db: str, folder: Folder) -> None:
    photo_id = uuid4()
    answers = await asyncio.gather(*(receive(PHOTO, by=SENDER, photo_id=photo_id) for _ in range(6)))
    assert len(set(answers)) == 1
    assert await photos() == 1
    assert len(await keys_of(folder)) == 2


async def test_one_id_with_two_contents_at_once_keeps_one_whole(fresh_db: str, folder: Folder) -> None:
    photo_id = uuid4()
    sent = [pictures.jpeg(640, 480), pictures.jpeg(320, 500)] * 3
    answers = await asyncio.gather(
        *(receive(data, by=SENDER, photo_id=photo_id) for data in sent), return_exceptions=True
    )
    taken = [answer for answer in answers if isinstance(answer, Received)]
    assert len(set(taken)) == 1
    assert {answer.code for answer in answers if isinstance(answer, PhotoRefused)} == {"other_content"}
    shown = pictures.Image.open(io.BytesIO(await read(photo_id, "display")))
    assert shown.size == (taken[0].width, taken[0].height)


class Failing:
    """A store that keeps the first thing and then falls silent."""

    def __init__(self, store: Folder) -> None:
        self._store = store
        self._puts = 0

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        self._puts += 1
        if self._puts > 1:
            raise StoreSilent("gone")
        await self._store.put(key, content, content_type)


async def test_a_photo_that_is_not_kept_is_not_known(db: None, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = Failing(folder)
    monkeypatch.setattr("server.photos.receive.store", lambda: failing)
    refusal = await refused(PHOTO)
    assert (refusal.code, refusal.passing) == ("store_silent", True)
    assert await photos() == 0


async def test_thirty_megabytes_are_refused_by_every_way_in(db: None, folder: Folder) -> None:
    large = pictures.jpeg() + bytes(30 * 1024 * 1024)
    assert "30 MB" in (await refused(large)).words
    for source in (in_chunks(large, 500_000), Upload(large), io.BytesIO(large)):
        refusal = await refused(source)
        assert refusal.code == "too_large"
        assert "超过 20 MB" in refusal.words
    assert await photos() == 0
    assert await keys_of(folder) == set()


async def test_a_stream_beyond_the_limit_is_not_read_to_its_end(db: None, folder: Folder) -> None:
    read_so_far = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read_so_far
        while True:
            read_so_far += 1_000_000
            yield bytes(1_000_000)

    assert (await refused(endless())).code == "too_large"
    assert read_so_far <= extent.BYTES + 1_000_000


@pytest.mark.parametrize("source", [b"", in_chunks(b""), Upload(b""), io.BytesIO()])
async def test_nothing_is_refused(db: None, folder: Folder, source: Any) -> None:
    assert (await refused(source)).code == "empty"


async def test_a_truncated_upload_leaves_nothing_behind(db: None, folder: Folder) -> None:
    assert (await refused(in_chunks(PHOTO[: len(PHOTO) // 2]))).code == "truncated"
    assert await photos() == 0
    assert await keys_of(folder) == set()


async def test_a_stream_that_breaks_off_leaves_nothing_behind(db: None, folder: Folder) -> None:
    async def breaks() -> AsyncIterator[bytes]:
        yield PHOTO[:1000]
        raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError):
        await receive(breaks(), by=SENDER)
    assert await photos() == 0


async def test_a_photo_that_does_not_exist_is_not_found(db: None, folder: Folder) -> None:
    with pytest.raises(errors.NotFound):
        await read(uuid4(), "thumb")


async def test_a_hundred_at_once_are_decoded_two_at_a_time_while_the_loop_goes_on(
    fresh_db: str, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, most, lock = 0, 0, threading.Lock()

    def counted(data: bytes) -> cleaning.Cleaned:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        try:
            return cleaning.clean(data)
        finally:
            with lock:
                now -= 1

    monkeypatch.setattr(decoding, "clean", counted)
    uploads = asyncio.gather(*(receive(in_chunks(PHOTO), by=SENDER) for _ in range(100)))
    longest = await _longest_pause(uploads)
    assert len(set(await uploads)) == 100
    assert most == decoding.AT_ONCE
    assert longest < timedelta(seconds=1)


async def _longest_pause(until: "asyncio.Future[Any]") -> timedelta:
    """How long the loop let somebody else wait while this was going on."""
    loop, longest = asyncio.get_running_loop(), 0.0
    while not until.done():
        begun = loop.time()
        await asyncio.sleep(0.01)
        longest = max(longest, loop.time() - begun - 0.01)
    return timedelta(seconds=longest)


async def test_a_crowd_is_refused_for_the_moment(db: None, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "WAITING", -decoding.AT_ONCE)
    refusal = await refused(PHOTO)
    assert (refusal.code, refusal.passing) == ("crowded", True)
    monkeypatch.undo()
