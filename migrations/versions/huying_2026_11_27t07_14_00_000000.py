"""What Piccolo's tables cannot say of care: one agreement a household, what is due next, whose secret it is."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-27T07:14:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of the care register"

STATEMENTS = """
CREATE UNIQUE INDEX care_agreements_once ON care_agreements (household) WHERE ended_at IS NULL;
CREATE INDEX care_agreements_until ON care_agreements (until) WHERE ended_at IS NULL;
CREATE INDEX care_watches_next ON care_watches (next_at) WHERE until IS NULL AND next_at IS NOT NULL;
CREATE INDEX care_watches_open ON care_watches (household) WHERE until IS NULL;
CREATE UNIQUE INDEX care_watches_key ON care_watches (key_digest) WHERE key_digest IS NOT NULL
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="huying", description=DESCRIPTION)

    async def run() -> None:
        transaction = engine_finder().current_transaction.get()
        await transaction.connection.execute(STATEMENTS)

    manager.add_raw(run)
    return manager
