"""What Piccolo's tables cannot say of push: what is due, one live row for each browser of a person."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-27T08:46:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of push"

STATEMENTS = """
CREATE INDEX push_sends_due ON push_sends (next_at) WHERE state = 'waiting';
CREATE UNIQUE INDEX push_devices_once ON push_devices (endpoint_digest) WHERE until IS NULL
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="huying", description=DESCRIPTION)

    async def run() -> None:
        transaction = engine_finder().current_transaction.get()
        await transaction.connection.execute(STATEMENTS)

    manager.add_raw(run)
    return manager
