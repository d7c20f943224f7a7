"""What is being sent, on its way in: counted while it comes, and on disk beyond one megabyte."""

import asyncio
import hashlib
import inspect
from collections.abc import AsyncIterable, AsyncIterator
from tempfile import SpooledTemporaryFile
from typing import Any, Protocol, TypeAlias

from server.photos import extent, refusals

_CHUNK = 256 * 1024
_IN_MEMORY = 1024 * 1024


class Readable(Protocol):
    """A temporary file or an upload: `read` may answer at once or be awaited."""

    def read(self, size: int = -1, /) -> Any: ...


Source: TypeAlias = bytes | bytearray | memoryview | AsyncIterable[bytes] | Readable


class Sent:
    """A file that has come whole: its length in bytes, its SHA-256, and its content once for whoever decodes it."""

    def __init__(self) -> None:
        self.length = 0
        self._hash = hashlib.sha256()
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by close()

    @property
    def digest(self) -> bytes:
        return self._hash.digest()

    def add(self, chunk: bytes) -> None:
        self._hash.update(chunk)
        self._file.write(chunk)
        self.length += len(chunk)

    def content(self) -> bytes:
        self._file.seek(0)
        return self._file.read()

    def close(self) -> None:
        self._file.close()


async def take_in(source: Source) -> Sent:
    """Read `source` to its end, or to the limit of bytes: `PhotoRefused` then, and nothing more is read."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        extent.check_bytes(len(source))
    sent = Sent()
    try:
        async for chunk in _chunks(source):
            if sent.length + len(chunk) > extent.BYTES:
                raise refusals.too_large(sent.length, extent.BYTES, whole=False)
            await asyncio.to_thread(sent.add, chunk)
        extent.check_bytes(sent.length)
    except BaseException:
        sent.close()
        raise
    return sent


async def _chunks(source: Source) -> AsyncIterator[bytes]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        yield bytes(source)
    elif isinstance(source, AsyncIterable):
        async for chunk in source:
            yield chunk
    else:
        while chunk := await _next(source):
            yield chunk


async def _next(source: Readable) -> bytes:
    answer = source.read(_CHUNK)
    if inspect.isawaitable(answer):
        answer = await answer
    return bytes(answer)
