"""Photos in a folder: each written beside its place, forced to the disk, and then moved there in one step."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import uuid4

from server.photos.stores import Entry, NotKept, StoreSilent, checked

_UNFINISHED = ".part"
_PAGE = 500


class Folder:
    """A store in a folder of this machine (or one that it mounts); made if absent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        await asyncio.to_thread(self._put, self._path(key), content)

    async def get(self, key: str) -> bytes:
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except FileNotFoundError:
            raise NotKept(key) from None
        except OSError as error:
            raise StoreSilent(str(error)) from error

    async def delete(self, key: str) -> None:
        try:
            await asyncio.to_thread(self._path(key).unlink, missing_ok=True)
        except OSError as error:
            raise StoreSilent(str(error)) from error

    async def entries(self) -> AsyncIterator[Entry]:
        walk = self._walk()
        while page := await asyncio.to_thread(_take, walk):
            for entry in page:
                yield entry

    async def keys(self) -> AsyncIterator[str]:
        async for entry in self.entries():
            yield entry.key

    async def ready(self) -> None:
        probe = self._folder / f"ready-{uuid4().hex}{_UNFINISHED}"
        await asyncio.to_thread(self._put, probe, b"")
        await asyncio.to_thread(probe.unlink, missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / checked(key)

    def _put(self, path: Path, content: bytes) -> None:
        beside = path.with_name(f"{path.name}.{uuid4().hex}{_UNFINISHED}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
            _sync(path.parent)
        except OSError as error:
            with suppress(OSError):
                beside.unlink()
            raise StoreSilent(str(error)) from error

    def _walk(self) -> Iterator[Entry]:
        for place, _, names in os.walk(self._folder):
            for name in names:
                path = Path(place, name)
                if name.endswith(_UNFINISHED):
                    continue
                try:
                    about = path.stat()
                except FileNotFoundError:
                    continue
                key = path.relative_to(self._folder).as_posix()
                yield Entry(key, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC))


def _take(walk: Iterator[Entry]) -> list[Entry]:
    return list(islice(walk, _PAGE))


def _sync(folder: Path) -> None:
    """A move is only on the disk when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
