"""Photos on any S3 server. The client is synchronous, so its calls run in threads of their own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from server.photos.stores import Entry, NotKept, StoreSilent, checked

_THREADS = 8
_PAGE = 500
_ABSENT = ("NoSuchKey", "NoSuchBucket", "ResourceNotFound")
_MINE_ALREADY = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")

Answer = TypeVar("Answer")


class S3:
    """A store in a bucket; the bucket is made at the first need if it is absent."""

    def __init__(self, endpoint: str, *, access_key: str, secret_key: str, bucket: str, region: str) -> None:
        address = urlsplit(endpoint)
        self._bucket = bucket
        self._region = region
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="s3")
        self._client = Minio(
            address.netloc,
            access_key=access_key,
            secret_key=secret_key,
            secure=address.scheme == "https",
            region=region,
            http_client=_connections(),
        )

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        await self._call(self._put, checked(key), content, content_type)

    async def get(self, key: str) -> bytes:
        return await self._call(self._get, checked(key))

    async def delete(self, key: str) -> None:
        await self._call(self._delete, checked(key))

    async def entries(self) -> AsyncIterator[Entry]:
        walk = await self._call(self._walk)
        while page := await self._call(_take, walk):
            for entry in page:
                yield entry

    async def keys(self) -> AsyncIterator[str]:
        async for entry in self.entries():
            yield entry.key

    async def ready(self) -> None:
        await self._call(self._make_bucket)

    async def _call(self, work: Callable[..., Answer], *values: object) -> Answer:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *values)
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise StoreSilent(str(error)) from error

    def _put(self, key: str, content: bytes, content_type: str) -> None:
        try:
            self._client.put_object(self._bucket, key, BytesIO(content), len(content), content_type)
        except S3Error as error:
            if error.code != "NoSuchBucket":
                raise
            self._make_bucket()
            self._client.put_object(self._bucket, key, BytesIO(content), len(content), content_type)

    def _get(self, key: str) -> bytes:
        try:
            answer = self._client.get_object(self._bucket, key)
        except S3Error as error:
            if error.code in _ABSENT:
                raise NotKept(key) from None
            raise
        try:
            return bytes(answer.read())
        finally:
            answer.close()
            answer.release_conn()

    def _delete(self, key: str) -> None:
        try:
            self._client.remove_object(self._bucket, key)
        except S3Error as error:
            if error.code not in _ABSENT:
                raise

    def _walk(self) -> Iterator[Any]:
        return iter(self._client.list_objects(self._bucket, recursive=True))

    def _make_bucket(self) -> None:
        if self._client.bucket_exists(self._bucket):
            return
        try:
            self._client.make_bucket(self._bucket, location=self._region)
        except S3Error as error:
            # Another process was quicker.
            if error.code not in _MINE_ALREADY:
                raise


def _connections() -> urllib3.PoolManager:
    """Short patience: the client's own is five minutes, five times over, with somebody waiting at a counter."""
    return urllib3.PoolManager(
        maxsize=_THREADS,
        timeout=urllib3.Timeout(connect=3, read=15),
        retries=urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
    )


def _take(walk: Iterator[Any]) -> list[Entry]:
    try:
        page = list(islice(walk, _PAGE))
    except S3Error as error:
        if error.code in _ABSENT:
            return []
        raise
    return [Entry(str(one.object_name), int(one.size), one.last_modified) for one in page]
