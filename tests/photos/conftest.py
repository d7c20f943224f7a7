"""Stores for the photos of the tests: an empty folder each, and a bucket each where there is an S3 server."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from server.photos import store as chosen
from server.photos.folder import Folder
from server.photos.s3 import S3
from server.photos.stores import Store


@pytest.fixture
def folder(photo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """The room's store is an empty folder."""
    return _use(Folder(photo_folder), monkeypatch)


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def any_store(request: pytest.FixtureRequest, photo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The room's store is empty and of either kind."""
    if request.param == "folder":
        return _use(Folder(photo_folder), monkeypatch)
    return _use(bucket(request), monkeypatch)


def bucket(request: pytest.FixtureRequest) -> S3:
    """An empty bucket on the S3 server of this run; skips with a sentence where there is none."""
    try:
        server: Any = request.getfixturevalue("s3_server")
    except pytest.FixtureLookupError:
        if os.environ.get("REQUIRE_S3"):
            raise
        pytest.skip("No S3 server: the fixture s3_server does not exist.")
    return S3(
        server.endpoint,
        access_key=server.access_key,
        secret_key=server.secret_key,
        bucket=f"photos-{uuid4().hex}",
        region="us-east-1",
    )


def _use(store: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    for room in ("receive", "read", "sweep"):
        monkeypatch.setattr(f"server.photos.{room}.store", lambda: store)
    return store


@pytest.fixture(autouse=True)
def _no_store_left() -> Iterator[None]:
    yield
    chosen.store.cache_clear()
