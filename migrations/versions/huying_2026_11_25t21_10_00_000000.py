"""The desk's list of open tasks runs by day: of a whole district it is read page by page, not sorted whole."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-25T21:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "open tasks by day"

STATEMENTS = """
CREATE INDEX patrol_tasks_open_day ON patrol_tasks (day, (COALESCE(grid, 0)), id) WHERE state = 'open'
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="huying", description=DESCRIPTION)

    async def run() -> None:
        transaction = engine_finder().current_transaction.get()
        await transaction.connection.execute(STATEMENTS)

    manager.add_raw(run)
    return manager
