"""What Piccolo's tables cannot say of alarms: the one index that the tick looks at, and the one of the lists."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-27T01:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of alarms"

STATEMENTS = """
CREATE INDEX alarms_next ON alarms (next_at) WHERE ended_at IS NULL AND next_at IS NOT NULL;
CREATE INDEX alarms_standing ON alarms ("case") WHERE ended_at IS NULL
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="huying", description=DESCRIPTION)

    async def run() -> None:
        transaction = engine_finder().current_transaction.get()
        await transaction.connection.execute(STATEMENTS)

    manager.add_raw(run)
    return manager
