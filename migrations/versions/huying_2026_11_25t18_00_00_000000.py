"""The counts of open cases come from the index alone, so the desk does not read 9,000 rows to say nine numbers."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-25T18:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "counts from the index"

COUNTED = "state, private, held, owner_post, handler_account"
LEVELS = {"district": "district", "street": "street", "community": "community", "grid": "grid", "unit": "handler_unit"}
STATEMENTS = "".join(
    f"DROP INDEX cases_open_{name};"
    f"CREATE INDEX cases_open_{name} ON cases ({column}, due_at, number) INCLUDE ({COUNTED}) WHERE open;"
    for name, column in LEVELS.items()
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="huying", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(STATEMENTS)

    manager.add_raw(run)
    return manager
