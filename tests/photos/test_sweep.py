"""What nobody holds goes after two days; what somebody holds, or may yet hold, stays."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from server.kernel import clock, database, errors
from server.kernel.actor import Actor
from server.kernel.jobs import schedules
from server.photos import sweep as sweeping
from server.photos.folder import Folder
from server.photos.read import read
from server.photos.receive import receive
from server.photos.sweep import Swept, held_by, sweep
from tests.photos import pictures

LATER = datetime.now(UTC) + timedelta(days=3)


@pytest.fixture(autouse=True)
def holders(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Only what the test tells holds photos."""
    told: list[str] = []
    monkeypatch.setattr(sweeping, "_holders", told)
    yield told


async def come() -> UUID:
    return (await receive(pictures.jpeg(), by=Actor())).id


async def keys_of(store: Folder) -> set[str]:
    return {entry.key async for entry in store.entries()}


async def test_what_nobody_holds_goes_and_what_somebody_holds_stays(db: None, folder: Folder) -> None:
    held, alone = await come(), await come()
    await database.execute("CREATE TEMP TABLE held_ones (photo uuid)")
    await database.execute("INSERT INTO held_ones VALUES ($1), (NULL)", held)
    held_by("SELECT photo FROM held_ones")
    held_by("SELECT NULL::uuid")
    with clock.at(LATER):
        assert await sweep() == Swept(photos=1, entries=2)
        assert await sweep() == Swept(photos=0, entries=0)
    assert await read(held, "thumb")
    with pytest.raises(errors.NotFound):
        await read(alone, "thumb")


async def test_what_came_within_two_days_stays(db: None, folder: Folder) -> None:
    photo = await come()
    held_by("SELECT NULL::uuid")
    with clock.at(datetime.now(UTC) + timedelta(days=1, hours=23)):
        assert await sweep() == Swept(photos=0, entries=0)
    assert await read(photo, "display")


async def test_nothing_goes_where_nobody_has_told_what_it_holds(db: None, folder: Folder) -> None:
    photo = await come()
    with clock.at(LATER):
        assert await sweep() == Swept(photos=0, entries=0)
    assert await read(photo, "display")


async def test_bytes_without_a_row_go_when_they_are_old(db: None, folder: Folder, photo_folder: Path) -> None:
    held_by("SELECT NULL::uuid")
    for age, name in ((3, "aa"), (1, "bb")):
        key = f"00/{name * 16}-0123456789abcdef-thumb.jpg"
        await folder.put(key, b"left behind", "image/jpeg")
        then = time.time() - age * 86_400
        os.utime(photo_folder / key, (then, then))
    await folder.put("somebody-elses.txt", b"not ours", "text/plain")
    os.utime(photo_folder / "somebody-elses.txt", (0, 0))
    assert await sweep() == Swept(photos=0, entries=1)
    assert await keys_of(folder) == {f"00/{'bb' * 16}-0123456789abcdef-thumb.jpg", "somebody-elses.txt"}


async def test_a_photo_that_a_record_takes_hold_of_meanwhile_stays(
    db: None, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = await come()
    await database.execute("CREATE TEMP TABLE taken (photo uuid)")
    held_by("SELECT photo FROM taken")
    forget = sweeping._forget

    async def after_somebody_took_it(ids: list[UUID]) -> int:
        await database.execute("INSERT INTO taken VALUES ($1)", photo)
        return await forget(ids)

    monkeypatch.setattr(sweeping, "_forget", after_somebody_took_it)
    with clock.at(LATER):
        assert await sweep() == Swept(photos=0, entries=0)
    assert await read(photo, "thumb")


def test_the_sweep_runs_by_night() -> None:
    assert schedules["photos.sweep"][0] == "20 19 * * *"
