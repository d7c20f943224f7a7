"""A folder and an S3 bucket keep the same promises."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from server.photos.folder import Folder
from server.photos.keys import id_in, key
from server.photos.s3 import S3
from server.photos.stores import NotKept, Store, StoreSilent

KEY = "7f/0198-abc-display.jpg"


async def keys_of(store: Store) -> set[str]:
    return {entry.key async for entry in store.entries()}


async def test_what_was_put_comes_back_whole(any_store: Store) -> None:
    content = bytes(range(256)) * 2_000
    await any_store.put(KEY, content, "image/jpeg")
    assert await any_store.get(KEY) == content


async def test_putting_again_replaces(any_store: Store) -> None:
    await any_store.put(KEY, b"first, and longer", "image/jpeg")
    await any_store.put(KEY, b"second", "image/jpeg")
    assert await any_store.get(KEY) == b"second"
    assert await keys_of(any_store) == {KEY}


async def test_no_bytes_are_bytes_too(any_store: Store) -> None:
    await any_store.put(KEY, b"", "image/jpeg")
    assert await any_store.get(KEY) == b""


async def test_the_keys_are_those_of_the_entries(any_store: Store) -> None:
    for each in ("7f/one.jpg", "80/two.jpg"):
        await any_store.put(each, b"x", "image/jpeg")
    keys = any_store.keys()
    assert sorted([key async for key in keys]) == ["7f/one.jpg", "80/two.jpg"]


async def test_an_empty_store_has_nothing_and_deletes_nothing(any_store: Store) -> None:
    assert await keys_of(any_store) == set()
    await any_store.delete(KEY)
    with pytest.raises(NotKept):
        await any_store.get(KEY)


async def test_what_is_deleted_is_gone(any_store: Store) -> None:
    await any_store.put(KEY, b"content", "image/jpeg")
    await any_store.put("7f/other.jpg", b"content", "image/jpeg")
    await any_store.delete(KEY)
    await any_store.delete(KEY)
    assert await keys_of(any_store) == {"7f/other.jpg"}
    with pytest.raises(NotKept):
        await any_store.get(KEY)


async def test_every_entry_tells_its_size_and_time(any_store: Store) -> None:
    await any_store.put(KEY, b"12345", "image/jpeg")
    [entry] = [entry async for entry in any_store.entries()]
    assert (entry.key, entry.bytes) == (KEY, 5)
    assert abs(entry.put_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_more_entries_than_a_page_are_all_listed(any_store: Store) -> None:
    wanted = {f"{number % 7}/{number}.jpg" for number in range(520)}
    for each in wanted:
        await any_store.put(each, b"x", "image/jpeg")
    assert await keys_of(any_store) == wanted


async def test_puts_at_once_leave_one_whole_content(any_store: Store) -> None:
    contents = [bytes([number]) * 50_000 for number in range(12)]
    await asyncio.gather(*(any_store.put(KEY, content, "image/jpeg") for content in contents))
    assert await any_store.get(KEY) in contents
    assert await keys_of(any_store) == {KEY}


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../secret",
        "a/../../secret",
        "a//b",
        "./a",
        "a/",
        "A",
        "a\x00b",
        "a\\b",
        "照片.jpg",
        "..",
        "a" * 300,
    ],
)
async def test_a_key_that_could_lead_elsewhere_is_an_error(any_store: Store, key: str) -> None:
    with pytest.raises(ValueError):
        await any_store.put(key, b"content", "image/jpeg")
    with pytest.raises(ValueError):
        await any_store.get(key)
    with pytest.raises(ValueError):
        await any_store.delete(key)


async def test_a_store_that_can_be_written_is_ready_and_stays_empty(any_store: Store) -> None:
    await any_store.ready()
    await any_store.ready()
    assert await keys_of(any_store) == set()


async def test_a_folder_that_cannot_be_written_is_silent(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"not a folder")
    store = Folder(tmp_path / "file")
    with pytest.raises(StoreSilent):
        await store.ready()
    with pytest.raises(StoreSilent):
        await store.put(KEY, b"content", "image/jpeg")


async def test_what_a_killed_process_left_half_written_is_not_listed(photo_folder: Path) -> None:
    (photo_folder / "7f").mkdir()
    (photo_folder / "7f" / "half.jpg.0.part").write_bytes(b"half")
    assert await keys_of(Folder(photo_folder)) == set()


async def test_a_write_that_fails_leaves_what_was_there(photo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Folder(photo_folder)
    await store.put(KEY, b"before", "image/jpeg")

    def fails(descriptor: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(StoreSilent):
        await store.put(KEY, b"after", "image/jpeg")
    monkeypatch.undo()
    assert await store.get(KEY) == b"before"
    assert len([path for path in photo_folder.rglob("*") if path.is_file()]) == 1


async def test_an_s3_server_that_is_not_there_is_silent_and_soon() -> None:
    store = S3("http://127.0.0.1:9", access_key="none", secret_key="none-at-all", bucket="photos", region="us-east-1")
    begun = asyncio.get_running_loop().time()
    for call in (store.ready(), store.put(KEY, b"content", "image/jpeg"), store.get(KEY), store.delete(KEY)):
        with pytest.raises(StoreSilent):
            await call
    with pytest.raises(StoreSilent):
        await keys_of(store)
    assert asyncio.get_running_loop().time() - begun < 20


def test_a_key_tells_the_photo_and_nothing_else() -> None:
    photo_id = uuid4()
    made = key(photo_id, b"\x12" * 32, "thumb")
    assert id_in(made) == photo_id
    assert made == key(photo_id, b"\x12" * 32, "thumb")
    assert len({made, key(photo_id, b"\x12" * 32, "display"), key(photo_id, b"\x13" * 32, "thumb")}) == 3
    assert id_in("somebody-elses/file.jpg") is None
    assert id_in("file") is None
