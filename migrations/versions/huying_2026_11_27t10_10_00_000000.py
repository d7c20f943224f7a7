from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import UUID
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-27T10:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = ""


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="huying", description=DESCRIPTION
    )

    manager.drop_column(
        table_class_name="PushDevice",
        tablename="push_devices",
        column_name="works",
        db_column_name="works",
        schema=None,
    )

    manager.add_column(
        table_class_name="PushSend",
        tablename="push_sends",
        column_name="sent_with",
        db_column_name="sent_with",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": True,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    return manager
