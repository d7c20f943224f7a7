"""A backup is a folder: the database as PostgreSQL dumps it, every photo, and a manifest that counts both.

manifest.json   what there is: rows of every table, bytes and SHA-256 of every photo and of the dump
database.dump   pg_dump's custom format; the counts are of the very same snapshot
photos/         under their keys
secret          the secret key, where Huying made it itself (var/secret); without it second factors are lost
"""

import hashlib
import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg
import msgspec

from server.kernel import clock
from server.photos.stores import NotKept, Store, checked
from server.supervisor.postgres import program

MANIFEST, DUMP, PHOTOS, SECRET = "manifest.json", "database.dump", "photos", "secret"


class BackupError(Exception):
    """The backup or restore was not done, or does not agree; the text says what."""


class Kept(msgspec.Struct, frozen=True):
    """A file: how long, and its SHA-256 in hex."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds."""

    taken_at: datetime
    key_fingerprint: str
    """First 16 hex digits of a digest of the secret key: tells whether a key fits, and nothing of it."""
    dump: Kept
    rows: dict[str, int]
    photos: dict[str, Kept]


async def backup(database_url: str, store: Store, secret_key: str, to: Path) -> Manifest:
    """Write database and photos to the folder `to`, which must not exist yet; the manifest comes back.

    Huying may go on working: the dump is one moment's, and photos are put before they are recorded, so no record in it
    misses its photo. A photo put or swept after that moment may be in the backup or not.
    """
    if to.exists():  # noqa: ASYNC240 - a command of its own, nobody waits for this loop
        raise BackupError(f"{to} exists already; a backup never writes over another.")
    unfinished = to.with_name(to.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    (unfinished / PHOTOS).mkdir(parents=True, mode=0o700)
    unfinished.chmod(0o700)
    taken_at = clock.now()
    rows = await _dump(database_url, unfinished / DUMP)
    photos = await _copy_photos(store, unfinished / PHOTOS)
    manifest = Manifest(
        taken_at=taken_at,
        key_fingerprint=fingerprint(secret_key),
        dump=_kept(unfinished / DUMP),
        rows=rows,
        photos=photos,
    )
    (unfinished / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=1))
    unfinished.rename(to)
    return manifest


async def restore(database_url: str, store: Store, source: Path) -> Manifest:
    """Bring a backup into an empty database and an empty store, count and compare; the manifest comes back.

    Raises `BackupError` before anything is written where the backup is damaged or something is there already.
    """
    manifest = read(source)
    await _refuse_unless_empty(database_url, store)
    _pg("pg_restore", database_url, "--exit-on-error", "--single-transaction", "--no-owner", str(source / DUMP))
    for key in manifest.photos:
        await store.put(key, (source / PHOTOS / key).read_bytes(), "image/jpeg")
    await _compare(database_url, store, manifest)
    return manifest


def read(source: Path) -> Manifest:
    """The manifest of a backup, every file of it checked."""
    try:
        manifest = msgspec.json.decode((source / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise BackupError(f"{source} is not a whole backup: it has no {MANIFEST}.") from None
    except msgspec.DecodeError as error:
        raise BackupError(f"{source / MANIFEST} cannot be read: {error}.") from None
    for name, kept in {
        DUMP: manifest.dump,
        **{f"{PHOTOS}/{key}": kept for key, kept in manifest.photos.items()},
    }.items():
        path = source / name
        if not path.resolve().is_relative_to(source.resolve()) or not path.is_file():
            raise BackupError(f"{name} is missing in {source}.")
        if _kept(path) != kept:
            raise BackupError(f"{name} in {source} is not as it was written.")
    return manifest


def fingerprint(secret_key: str) -> str:
    """A mark by which a key is known again."""
    return hashlib.sha256(b"huying backup " + secret_key.encode()).hexdigest()[:16]


async def _dump(database_url: str, to: Path) -> dict[str, int]:
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            _pg("pg_dump", database_url, "-Fc", f"--snapshot={snapshot}", "-f", str(to))
            return await _count(connection)
    finally:
        await connection.close()


async def _count(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, int]:
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return {name: await connection.fetchval(f'SELECT count(*) FROM "{name}"') for (name,) in tables}


async def _copy_photos(store: Store, to: Path) -> dict[str, Kept]:
    copied = {}
    async for key in store.keys():
        try:
            content = await store.get(checked(key))
        except NotKept:
            continue
        except ValueError:
            raise BackupError(f"The photo store holds {key!r}, which Huying did not put there; remove it.") from None
        path = to / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        copied[key] = Kept(len(content), hashlib.sha256(content).hexdigest())
    return copied


async def _refuse_unless_empty(database_url: str, store: Store) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        tables = await _count(connection)
    finally:
        await connection.close()
    if tables:
        raise BackupError(f"The database is not empty ({len(tables)} tables); restore into a new one.")
    async for key in store.keys():
        raise BackupError(f"The photo store is not empty ({key}); restore into a new one.")


async def _compare(database_url: str, store: Store, manifest: Manifest) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        rows = await _count(connection)
    finally:
        await connection.close()
    wrong = [
        f"{name}: {manifest.rows.get(name, 0)} rows in the backup, {rows.get(name, 0)} now"
        for name in sorted(manifest.rows.keys() | rows.keys())
        if manifest.rows.get(name) != rows.get(name)
    ]
    for key, kept in manifest.photos.items():
        if hashlib.sha256(await store.get(key)).hexdigest() != kept.sha256:
            wrong.append(f"photo {key} differs")
    if wrong:
        raise BackupError("The restored data does not agree: " + "; ".join(wrong[:10]) + ".")


def _kept(path: Path) -> Kept:
    with path.open("rb") as file:
        return Kept(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _pg(name: str, database_url: str, *arguments: str) -> None:
    # The password goes by the environment: every user of the machine can read command lines.
    address = urlsplit(database_url)
    bare = urlunsplit(address._replace(netloc=address.netloc.replace(f":{address.password}@", "@", 1)))
    environment = {**os.environ, **({"PGPASSWORD": unquote(address.password)} if address.password else {})}
    done = subprocess.run(
        [program(name), "-d", bare, *arguments], capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode:
        raise BackupError(f"{name}: {done.stderr.strip()}")
