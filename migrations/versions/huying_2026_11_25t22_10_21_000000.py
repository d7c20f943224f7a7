"""What Piccolo's tables cannot say of deliveries: partial indexes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-25T22:10:21:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of deliveries"

STATEMENTS = """
CREATE INDEX deliveries_waiting ON deliveries (outlet, (COALESCE(subscriber, 0)), next_at)
    WHERE state = 'waiting' AND sent_with IS NULL;
CREATE INDEX deliveries_failed ON deliveries (done_at DESC) WHERE state = 'failed';
CREATE INDEX deliveries_done ON deliveries (done_at) WHERE state IN ('sent', 'dropped');
CREATE INDEX deliveries_sent_with ON deliveries (sent_with) WHERE sent_with IS NOT NULL;
CREATE UNIQUE INDEX deliveries_once_for_person ON deliveries (notice, outlet) WHERE subscriber IS NULL;
CREATE UNIQUE INDEX deliveries_once_for_subscriber ON deliveries (subscriber, event, kind) WHERE event IS NOT NULL
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="huying", description=DESCRIPTION)

    async def run() -> None:
        transaction = engine_finder().current_transaction.get()
        await transaction.connection.execute(STATEMENTS)

    manager.add_raw(run)
    return manager
