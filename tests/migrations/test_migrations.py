"""Every database that any version of Huying has made comes to this one, with all that is in it."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from piccolo.apps.migrations.commands.new import AutoMigrationManager
from piccolo.conf.apps import AppConfig

from server.kernel import database
from server.kernel.ready import MIGRATIONS, migrations_applied
from server.supervisor.migrate import migrate
from server.supervisor.postgres import Postgres
from tests.conftest import MINE, swapped_pool
from tests.migrations.filling import ROWS, content, fill, tables

STEPS = sorted(
    line.split('"')[1]
    for path in MIGRATIONS.glob("huying_*.py")
    for line in path.read_text().splitlines()
    if line.startswith("ID = ")
)

Empty = Callable[[], AbstractAsyncContextManager[str]]


@pytest.fixture
def empty(server: Postgres, database_of_this_process: str) -> Empty:
    """A database without a single table, with the pool on it."""

    @asynccontextmanager
    async def made() -> AsyncIterator[str]:
        name = f"{MINE}_{os.urandom(4).hex()}"
        server.create(name)
        try:
            async with swapped_pool(server.url(name), max_size=2):
                yield server.url(name)
        finally:
            server.run("psql", "-qX", "-c", f'DROP DATABASE "{name}" WITH (FORCE)')

    return made


async def test_from_an_empty_database_all_run_and_the_second_time_none(empty: Empty) -> None:
    async with empty() as url:
        assert await migrations_applied() != "ok"
        assert await migrate(url) == STEPS
        assert await migrations_applied() == "ok"
        assert await migrate(url) == []


@pytest.mark.parametrize("step", STEPS[:-1])
async def test_what_an_earlier_version_holds_is_all_there_after_migrating(empty: Empty, step: str) -> None:
    async with empty() as url:
        assert (await migrate(url, up_to=step))[-1] == step
        async with database.connection() as one:
            await fill(one)
            before = await content(one)
        assert all(before.values()), "a table stayed empty"
        assert len(before["areas"]) == ROWS

        assert await migrate(url) == STEPS[STEPS.index(step) + 1 :]

        async with database.connection() as one:
            after = await content(one)
        for table, rows in before.items():
            if table not in after:
                continue
            kept = [
                {name: row[name] for name in old if name in row} for old, row in zip(rows, after[table], strict=False)
            ]
            common = [{name: old[name] for name in kept[0]} for old in rows]
            assert kept == common, table


async def test_a_migration_that_fails_in_its_middle_leaves_nothing(
    empty: Empty, monkeypatch: pytest.MonkeyPatch
) -> None:
    from piccolo.apps.migrations.tables import Migration

    async with empty() as url:
        await migrate(url, up_to=STEPS[0])
        async with database.connection() as one:
            there = await tables(one)
            assert "areas" in there

        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("killed")

        monkeypatch.setattr(Migration, "insert", broken)
        with pytest.raises(RuntimeError, match="killed"):
            await migrate(url)
        monkeypatch.undo()
        assert not await database.fetch_value("SELECT to_regclass('report_numbers')")
        assert await migrate(url) == STEPS[1:]


async def test_the_tables_of_the_code_are_those_of_the_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICCOLO_CONF", "piccolo_conf")
    statements = await AutoMigrationManager().get_alter_statements(_tables_of_the_code())
    wanted = [line for group in statements for line in group.statements]
    assert wanted == [], "make a migration: piccolo migrations new huying --auto"


async def test_the_migrated_database_has_the_columns_of_the_code(db: None) -> None:
    for table in _tables_of_the_code().table_classes:
        rows = await database.fetch(
            """SELECT column_name, is_nullable = 'YES' FROM information_schema.columns
                WHERE table_schema = 'public' AND table_name = $1""",
            table._meta.tablename,
        )
        code = {(column._meta.db_column_name, bool(column._meta.null)) for column in table._meta.columns}
        assert {tuple(row) for row in rows} == code, table._meta.tablename


def _tables_of_the_code() -> AppConfig:
    from migrations.piccolo_app import APP_CONFIG

    return APP_CONFIG
