"""Bring the database to the tables of this version."""

import asyncio
import contextlib
import io
import time

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.tables import Migration

from server.kernel import database
from server.kernel.ready import MIGRATIONS
from server.supervisor.postgres import PostgresError

APP = "huying"
LOCK = 7_318_220_001
"""Any number; whoever holds it migrates, the others wait and find nothing left to do."""


async def migrate(database_url: str, *, up_to: str | None = None, seconds: float = 8) -> list[str]:
    """Run every migration that this database has not seen (up to one, where named); the ids of those run come back.

    Each runs in one transaction together with the note that it ran, so a kill in its middle leaves it undone. Two
    machines that migrate at once do it one after the other.
    """
    holder = await _connect(database_url, seconds)
    try:
        await holder.execute("SELECT pg_advisory_lock($1)", LOCK)
        return await _forwards(up_to)
    finally:
        await holder.close()


async def _forwards(up_to: str | None) -> list[str]:
    manager = BaseMigrationManager()
    # Piccolo tells of every step on standard output.
    with contextlib.redirect_stdout(io.StringIO()):
        return await _run_unseen(manager, up_to)


async def _run_unseen(manager: BaseMigrationManager, up_to: str | None) -> list[str]:
    await manager.create_migration_table()
    modules = manager.get_migration_modules(str(MIGRATIONS))
    seen = set(await Migration.get_migrations_which_ran(app_name=APP))
    ran = []
    for number in sorted(modules):
        if number not in seen:
            async with database.engine().transaction():
                made = await modules[number].forwards()
                if isinstance(made, MigrationManager):
                    await made.run()
                await Migration.insert(Migration(name=number, app_name=APP))
            ran.append(number)
        if number == up_to:
            break
    return ran


async def _connect(database_url: str, seconds: float) -> "asyncpg.Connection[asyncpg.Record]":
    # A database on another machine may come up a little later than we do.
    deadline = time.monotonic() + seconds
    while True:
        try:
            return await asyncpg.connect(database_url, timeout=seconds)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError) as error:
            if time.monotonic() > deadline:
                raise PostgresError(f"the database of DATABASE_URL does not answer ({error}).") from None
        except (asyncpg.PostgresError, ValueError) as error:
            raise PostgresError(f"the database of DATABASE_URL refuses ({error}).") from None
        await asyncio.sleep(0.5)
