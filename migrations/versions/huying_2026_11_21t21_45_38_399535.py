from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Boolean
from piccolo.columns.column_types import Text
from piccolo.columns.indexes import IndexMethod
from piccolo.engine.finder import engine_finder

ID = "2026-11-21T21:45:38:399535"
VERSION = "1.38.0"
DESCRIPTION = "phones of closed accounts are free; sessions know how they began"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="huying", description=DESCRIPTION
    )

    manager.add_column(
        table_class_name="Session",
        tablename="sessions",
        column_name="device_digest",
        db_column_name="device_digest",
        column_class_name="Text",
        column_class=Text,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="Session",
        tablename="sessions",
        column_name="password",
        db_column_name="password",
        column_class_name="Boolean",
        column_class=Boolean,
        params={
            "default": False,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.drop_constraint(
        table_class_name="Account",
        tablename="accounts",
        constraint_name="accounts_phone",
        schema=None,
    )

    async def one_open_account_for_each_phone() -> None:
        transaction = engine_finder().current_transaction.get()
        await transaction.connection.execute(
            "CREATE UNIQUE INDEX accounts_open_phone ON accounts (phone) WHERE closed_at IS NULL"
        )

    manager.add_raw(one_open_account_for_each_phone)
    return manager
