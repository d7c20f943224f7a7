"""Bring the database to the tables of this version."""

import asyncio
import contextlib

import asyncpg
from piccolo.apps.migrations.commands.forwards import run_forwards

LOCK = 7_318_220_001
"""Any number; whoever holds it migrates, the others wait and find nothing left to do."""


async def migrate(database_url: str, seconds: float = 60) -> None:
    """Run every migration that this database has not seen; two at once do it one after the other."""
    holder = await _connect(database_url, seconds)
    try:
        await holder.execute("SELECT pg_advisory_lock($1)", LOCK)
        await run_forwards(app_name="huying")
    finally:
        await holder.close()


async def _connect(database_url: str, seconds: float) -> "asyncpg.Connection[asyncpg.Record]":
    # A database on another machine may come up a little later than we do.
    async with asyncio.timeout(seconds):
        while True:
            with contextlib.suppress(OSError, asyncpg.CannotConnectNowError):
                return await asyncpg.connect(database_url)
            await asyncio.sleep(0.5)
