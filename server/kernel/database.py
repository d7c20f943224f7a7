"""The one database. Piccolo holds tables and migrations; statements that are sets or joins are written as SQL.

Both run on the same connection: inside `transaction()` everything, Piccolo's queries and `fetch` alike, belongs to it.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, TypeAlias, cast

import asyncpg
import msgspec
from piccolo.engine.finder import engine_finder
from piccolo.engine.postgres import PostgresEngine

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

AWAY = (
    *(ConnectionError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.TooManyConnectionsError),
    *(asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, asyncpg.CannotConnectNowError),
)
"""What it raises where it went away or has not come back: nothing of what was tried is kept, and the same may be tried
again."""


def engine() -> PostgresEngine:
    """Piccolo's engine, as `piccolo_conf.py` makes it from the settings."""
    return cast(PostgresEngine, engine_finder())


@asynccontextmanager
async def pool(min_size: int = 2, max_size: int = 8) -> AsyncIterator[None]:
    """Keep a pool of connections open within this block; every process opens one for its life."""
    with _reaching():
        await engine().start_connection_pool(min_size=min_size, max_size=max_size, reset=as_it_is)
    try:
        yield
    finally:
        await engine().close_connection_pool()


async def as_it_is(_: object) -> None:
    """Give a connection back without asyncpg's reset statement, which costs every query a second round trip.

    An open transaction is rolled back by asyncpg all the same, and nothing here sets anything for a session.
    """


@asynccontextmanager
async def transaction() -> AsyncIterator[Connection]:
    """All or nothing. Within another transaction it is a savepoint: what fails inside undoes only itself."""
    open_one = engine().current_transaction.get()
    if open_one is not None:
        async with open_one.connection.transaction():
            yield open_one.connection
        return
    try:
        async with AsyncExitStack() as stack:
            with _reaching():
                begun = await stack.enter_async_context(engine().transaction())
            yield begun.connection
    finally:
        # Where the connection broke, Piccolo leaves its dead transaction open for this task.
        engine().current_transaction.set(None)


@asynccontextmanager
async def connection() -> AsyncIterator[Connection]:
    """The connection of the open transaction, or one of the pool."""
    open_one = engine().current_transaction.get()
    if open_one is not None:
        yield open_one.connection
        return
    live = engine().pool
    if live is None:
        raise RuntimeError("no pool is open; begin with `async with database.pool()`")
    async with AsyncExitStack() as stack:
        with _reaching():
            one = await stack.enter_async_context(live.acquire())
        yield cast(Connection, one)


@contextmanager
def _reaching() -> Iterator[None]:
    """A socket that is not there, a name that is not known, a silence: the same here, other things elsewhere."""
    try:
        yield
    except ConnectionError:
        raise
    except OSError as error:
        raise ConnectionError(f"{type(error).__name__}: {error}") from error


async def fetch(statement: str, *values: object) -> list[asyncpg.Record]:
    """All rows of a statement with $1, $2 … for the values."""
    async with connection() as one:
        return list(await one.fetch(statement, *values))


async def fetch_one(statement: str, *values: object) -> asyncpg.Record | None:
    """The first row, or None."""
    async with connection() as one:
        return await one.fetchrow(statement, *values)


async def fetch_value(statement: str, *values: object) -> Any:
    """The first column of the first row, or None."""
    async with connection() as one:
        return await one.fetchval(statement, *values)


async def execute(statement: str, *values: object) -> str:
    """Run a statement; its tag ("UPDATE 3") comes back."""
    async with connection() as one:
        return str(await one.execute(statement, *values))


async def execute_many(statement: str, rows: Sequence[Sequence[object]]) -> None:
    """Run a statement once for each row of values, in one round trip."""
    async with connection() as one:
        await one.executemany(statement, rows)


def to_jsonb(value: object) -> str:
    """A value (Structs too) as text for a JSONB parameter."""
    return msgspec.json.encode(value).decode()
