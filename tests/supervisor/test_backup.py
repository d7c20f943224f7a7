"""A backup comes back whole, from either store, or says why not."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from server.kernel import database
from server.photos.folder import Folder
from server.photos.s3 import S3
from server.photos.stores import Store
from server.supervisor import backup
from server.supervisor.backup import BackupError
from server.supervisor.postgres import Postgres
from tests.conftest import MINE, ROOT, swapped_pool
from tests.migrations.filling import content, fill
from tests.s3 import S3Server

SECRET = "a-secret-of-forty-characters-0123456789ab"
PHOTOS = {f"{number:02x}/{number}.display.jpg": os.urandom(2000 + number) for number in range(30)}

MakeStore = Callable[[str], Store]


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """Makes empty stores of one kind."""
    if request.param == "folder":
        return lambda name: Folder(tmp_path / name)
    server: S3Server = request.getfixturevalue("s3_server")
    keys = {"access_key": server.access_key, "secret_key": server.secret_key, "region": "us-east-1"}
    return lambda name: S3(server.endpoint, bucket=f"{name}-{uuid4().hex[:12]}", **keys)


@pytest.fixture
async def empty_url(server: Postgres) -> AsyncIterator[str]:
    """A database with nothing in it."""
    name = f"{MINE}_{os.urandom(4).hex()}"
    server.create(name)
    yield server.url(name)
    server.run("psql", "-qX", "-c", f'DROP DATABASE "{name}" WITH (FORCE)')


async def _filled(store: Store) -> dict[str, list[dict[str, Any]]]:
    for key, photo in PHOTOS.items():
        await store.put(key, photo, "image/jpeg")
    async with database.connection() as one:
        await fill(one)
        return await content(one)


async def test_every_row_and_photo_comes_back(
    fresh_db: str, empty_url: str, make_store: MakeStore, tmp_path: Path
) -> None:
    store, other = make_store("before"), make_store("after")
    before = await _filled(store)

    manifest = await backup.backup(fresh_db, store, SECRET, tmp_path / "backup")
    assert manifest.rows["areas"] == 3 and manifest.photos.keys() == PHOTOS.keys()
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0, "a backup is personal data"

    await backup.restore(empty_url, other, tmp_path / "backup")
    async with swapped_pool(empty_url), database.connection() as one:
        assert await content(one) == before
    assert {key: await other.get(key) for key in PHOTOS} == PHOTOS


async def test_a_restored_database_counts_on_where_the_old_one_stopped(
    fresh_db: str, empty_url: str, tmp_path: Path
) -> None:
    await database.fetch_value("SELECT setval('report_numbers', 41)")
    await backup.backup(fresh_db, Folder(tmp_path / "a"), SECRET, tmp_path / "backup")
    await backup.restore(empty_url, Folder(tmp_path / "b"), tmp_path / "backup")
    async with swapped_pool(empty_url):
        assert await database.fetch_value("SELECT nextval('report_numbers')") == 42


async def test_a_database_or_store_with_something_in_it_is_refused(
    fresh_db: str, empty_url: str, tmp_path: Path
) -> None:
    await backup.backup(fresh_db, Folder(tmp_path / "a"), SECRET, tmp_path / "backup")
    with pytest.raises(BackupError, match="database is not empty"):
        await backup.restore(fresh_db, Folder(tmp_path / "b"), tmp_path / "backup")
    full = Folder(tmp_path / "full")
    await full.put("00/one.jpg", b"x", "image/jpeg")
    with pytest.raises(BackupError, match="store is not empty"):
        await backup.restore(empty_url, full, tmp_path / "backup")
    async with swapped_pool(empty_url):
        assert await database.fetch_value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


async def test_a_backup_never_writes_over_another(fresh_db: str, tmp_path: Path) -> None:
    await backup.backup(fresh_db, Folder(tmp_path / "a"), SECRET, tmp_path / "backup")
    with pytest.raises(BackupError, match="exists already"):
        await backup.backup(fresh_db, Folder(tmp_path / "a"), SECRET, tmp_path / "backup")


@pytest.mark.parametrize("damage", ["dump", "photo", "missing photo", "manifest", "no manifest", "outside"])
async def test_a_damaged_backup_is_refused_before_anything_is_written(
    fresh_db: str, empty_url: str, tmp_path: Path, damage: str
) -> None:
    store = Folder(tmp_path / "a")
    await store.put("00/one.jpg", b"a photo", "image/jpeg")
    source = tmp_path / "backup"
    await backup.backup(fresh_db, store, SECRET, source)
    _damage(source, damage)

    other = Folder(tmp_path / "b")
    with pytest.raises(BackupError):
        await backup.restore(empty_url, other, source)
    assert [entry async for entry in other.entries()] == []
    async with swapped_pool(empty_url):
        assert await database.fetch_value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


async def test_a_manifest_that_counts_otherwise_is_found_out(fresh_db: str, empty_url: str, tmp_path: Path) -> None:
    source = tmp_path / "backup"
    await backup.backup(fresh_db, Folder(tmp_path / "a"), SECRET, source)
    manifest = msgspec.json.decode((source / "manifest.json").read_bytes())
    manifest["rows"]["areas"] += 1
    (source / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    with pytest.raises(BackupError, match="areas: 1 rows in the backup, 0 now"):
        await backup.restore(empty_url, Folder(tmp_path / "b"), source)


def test_the_commands_carry_an_installation_to_another_folder(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    _command(first, "migrate")
    _psql(first, "INSERT INTO buckets VALUES ('kept', 1, now())")
    (first / "photos" / "00").mkdir(parents=True)
    (first / "photos" / "00" / "one.jpg").write_bytes(b"a photo")

    said = _command(first, "backup", "--to", str(tmp_path / "backup"))
    assert "1 photos" in said
    _command(second, "restore", str(tmp_path / "backup"))

    assert _psql(second, "SELECT key FROM buckets") == "kept"
    assert (second / "photos" / "00" / "one.jpg").read_bytes() == b"a photo"
    assert (second / "secret").read_text() == (first / "secret").read_text()
    assert not list(second.glob("**/postmaster.pid"))


def _damage(source: Path, kind: str) -> None:
    photo = source / "photos" / "00" / "one.jpg"
    if kind == "dump":
        content = bytearray((source / "database.dump").read_bytes())
        content[len(content) // 2] ^= 1
        (source / "database.dump").write_bytes(content)
    elif kind == "photo":
        photo.write_bytes(b"b photo")
    elif kind == "missing photo":
        photo.unlink()
    elif kind == "manifest":
        (source / "manifest.json").write_bytes(b'{"rows": ')
    elif kind == "outside":
        manifest = msgspec.json.decode((source / "manifest.json").read_bytes())
        manifest["photos"]["../../../etc/hostname"] = manifest["photos"]["00/one.jpg"]
        (source / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    else:
        (source / "manifest.json").unlink()


def _command(var: Path, *arguments: str) -> str:
    kept = ("DATABASE_URL", "SECRET_KEY", "PHOTO_FOLDER", "PICCOLO_CONF")
    done = subprocess.run(
        [sys.executable, "-m", "server.supervisor", "--var", str(var), *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in kept},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _psql(var: Path, statement: str) -> str:
    postgres = Postgres(var / "postgres")
    postgres.start()
    try:
        return postgres.run("psql", "-qtAX", "-c", statement, database="huying").strip()
    finally:
        postgres.stop()
