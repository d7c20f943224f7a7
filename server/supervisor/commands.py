"""What an operator does by `make`: migrate, backup, restore, jobs."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from server.kernel import clock, database, jobs
from server.kernel.settings import from_environment, settings
from server.supervisor.environment import DATABASE, SECRET_FILE, complete, embedded
from server.supervisor.leftovers import Ledger


def migrate(var: Path) -> None:
    """Bring the database to this version."""
    with database_at_hand(var):
        from server.supervisor.migrate import migrate

        ran = asyncio.run(migrate(os.environ["DATABASE_URL"]))
        print(f"Migrations: {len(ran)} run" if ran else "Migrations: nothing to do", flush=True)


def back_up(var: Path, to: Path | None) -> None:
    """Write a backup and say what it holds."""
    from server.supervisor import backup

    with database_at_hand(var):
        from server.photos.store import store

        folder = to or Path("backups") / clock.now().astimezone(clock.BEIJING).strftime("%Y-%m-%d-%H%M%S")
        chosen = settings()
        manifest = asyncio.run(backup.backup(chosen.database_url, store(), chosen.secret_key, folder))
        if (var / SECRET_FILE).exists():
            shutil.copy2(var / SECRET_FILE, folder / backup.SECRET)
        print(f"{folder}: {_counted(manifest.rows, len(manifest.photos))}")


def bring_back(var: Path, source: Path) -> None:
    """Restore a backup and say what came back."""
    from server.supervisor import backup

    if not os.environ.get("SECRET_KEY") and not (var / SECRET_FILE).exists() and (source / backup.SECRET).exists():
        var.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / backup.SECRET, var / SECRET_FILE)
    with database_at_hand(var):
        from server.photos.store import store

        manifest = asyncio.run(backup.restore(settings().database_url, store(), source))
        print(f"Restored and compared: {_counted(manifest.rows, len(manifest.photos))}")
        if manifest.key_fingerprint != backup.fingerprint(settings().secret_key):
            print("SECRET_KEY is not the one of the backup: second factors have to be set up again.")


def tell_jobs(var: Path, again: Sequence[int]) -> None:
    """List jobs that failed for good, having those named tried again."""
    with database_at_hand(var):
        asyncio.run(_tell_jobs(again))


@contextlib.contextmanager
def database_at_hand(var: Path) -> Iterator[None]:
    """Complete this process's environment; start the embedded database for the time where it does not run already."""
    ours = embedded(var, os.environ)
    os.environ.update(complete(var, os.environ))
    from_environment(os.environ)
    if ours is None or ours.answers():
        yield
        return
    ledger = Ledger(var)
    ledger.take()
    try:
        ours.start()
        ours.create(DATABASE)
        yield
    finally:
        ours.stop()
        ledger.release()


async def _tell_jobs(again: Sequence[int]) -> None:
    async with database.pool(min_size=1, max_size=2):
        if again:
            await jobs.retry(again)
        for job in await jobs.failed():
            moment = job.at.astimezone(clock.BEIJING)
            print(f"{job.id}\t{moment:%Y-%m-%d %H:%M}\t{job.name}\t{job.attempts} attempts\t{job.error}")


def _counted(rows: dict[str, int], photos: int) -> str:
    return f"{sum(rows.values())} rows in {len(rows)} tables, {photos} photos"
