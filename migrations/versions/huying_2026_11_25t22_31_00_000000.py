"""What Piccolo's tables cannot say of notices: partial indexes; and reports that the old job was to tell of."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-25T22:31:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of notices"

# The job `notices.received` is no more: what waits in the queue is told from its event.
STATEMENTS = """
CREATE INDEX notices_unread ON notices (account, href) WHERE read_at IS NULL AND account IS NOT NULL;
CREATE INDEX notices_inbox ON notices (account, id DESC) WHERE account IS NOT NULL;

INSERT INTO untold (event, at)
SELECT e.id, e.at FROM pgqueuer q
JOIN report_cases rc ON rc.report = (convert_from(q.payload, 'UTF8')::json ->> 'report_id')::uuid
JOIN events e ON e.stream = 'case:' || rc."case" AND e.sequence = 1
WHERE q.entrypoint = 'notices.received'
ON CONFLICT DO NOTHING;

DELETE FROM pgqueuer WHERE entrypoint = 'notices.received'
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="huying", description=DESCRIPTION)

    async def run() -> None:
        transaction = engine_finder().current_transaction.get()
        await transaction.connection.execute(STATEMENTS)

    manager.add_raw(run)
    return manager
