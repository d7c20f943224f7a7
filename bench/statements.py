"""The statements that a request issues, recorded from the program itself, and a bare program that issues the same.

So the comparison can never fall behind the code: what is compared with is what was recorded a moment ago.
"""

import os
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from litestar import Litestar, post
from litestar.datastructures import State

from server.kernel import database
from server.kernel.ids import new_id

Statement = tuple[str, str, tuple[Any, ...]]
"""Method of the connection, SQL, values."""

recorded: list[Statement] = []


class Recording(asyncpg.Connection):  # type: ignore[misc]
    """A connection that keeps what it is asked."""

    async def execute(self, query: str, *args: Any, **more: Any) -> Any:
        recorded.append(("execute", query, args))
        return await super().execute(query, *args, **more)

    async def executemany(self, query: str, args: Any, **more: Any) -> Any:
        rows = [tuple(row) for row in args]
        recorded.append(("executemany", query, (rows,)))
        return await super().executemany(query, rows, **more)

    async def copy_records_to_table(self, table_name: str, **more: Any) -> Any:
        rows = [tuple(row) for row in more.pop("records")]
        recorded.append(("copy_records_to_table", table_name, (tuple(more["columns"]), rows)))
        return await super().copy_records_to_table(table_name, records=rows, **more)

    async def fetch(self, query: str, *args: Any, **more: Any) -> Any:
        recorded.append(("fetch", query, args))
        return await super().fetch(query, *args, **more)

    async def fetchrow(self, query: str, *args: Any, **more: Any) -> Any:
        recorded.append(("fetchrow", query, args))
        return await super().fetchrow(query, *args, **more)

    async def fetchval(self, query: str, *args: Any, **more: Any) -> Any:
        recorded.append(("fetchval", query, args))
        return await super().fetchval(query, *args, **more)


@asynccontextmanager
async def recording() -> AsyncIterator[None]:
    """Open Piccolo's pool so that every statement is recorded."""
    await database.engine().start_connection_pool(
        min_size=1, max_size=1, connection_class=Recording, reset=database.as_it_is
    )
    try:
        yield
    finally:
        await database.engine().close_connection_pool()


async def statements_of(request: Callable[[], Awaitable[None]]) -> list[Statement]:
    """What one call issues (the second one, when caches are warm)."""
    await request()
    recorded.clear()
    await request()
    return list(recorded)


class Again:
    """The recorded statements with fresh ids, numbers and digests for every request."""

    def __init__(self, statements: list[Statement], since: UUID) -> None:
        self._statements = statements
        values = [value for _, _, args in statements for value in _flat(args)]
        self._ids = {value for value in values if isinstance(value, UUID) and value.int >= since.int}
        self._numbers = {value for value in values if isinstance(value, str) and value.isdigit() and len(value) == 11}

    def fresh(self) -> list[Statement]:
        """One request's statements."""
        ids = {value: new_id() for value in self._ids}
        texts = {str(value): str(new) for value, new in ids.items()}
        numbers = {value: str(new_id()) for value in self._numbers}

        def anew(value: Any) -> Any:
            if isinstance(value, UUID):
                return ids.get(UUID(int=value.int), value)
            if isinstance(value, bytes) and len(value) == 32:
                return os.urandom(32)
            if isinstance(value, str):
                return self._text(value, texts, numbers)
            if isinstance(value, list | tuple):
                return type(value)(anew(one) for one in value)
            return value

        return [
            (method, sql, args if sql.lstrip().startswith("SELECT") else tuple(anew(value) for value in args))
            for method, sql, args in self._statements
        ]

    def _text(self, value: str, texts: dict[str, str], numbers: dict[str, str]) -> str:
        if value in numbers and not value.startswith("1"):
            return numbers[value]
        prefix, colon, rest = value.rpartition(":")
        return f"{prefix}{colon}{texts[rest]}" if rest in texts else value


def _flat(values: Any) -> list[Any]:
    if isinstance(values, list | tuple):
        return [one for value in values for one in _flat(value)]
    return [UUID(int=values.int)] if isinstance(values, UUID) else [values]


def bare_app() -> Litestar:
    """A Litestar handler that issues the statements of BENCH_STATEMENTS with asyncpg, and nothing else."""
    again: Again = pickle.loads(Path(os.environ["BENCH_STATEMENTS"]).read_bytes())

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=8) as pool:
            app.state.pool = pool
            yield

    @post("/report", status_code=303)
    async def report(body: bytes, state: State) -> None:
        async with state.pool.acquire() as connection:
            for method, sql, args in again.fresh():
                if method == "copy_records_to_table":
                    await connection.copy_records_to_table(sql, columns=args[0], records=args[1])
                else:
                    await getattr(connection, method)(sql, *args)

    return Litestar([report], lifespan=[lifespan], openapi_config=None)
