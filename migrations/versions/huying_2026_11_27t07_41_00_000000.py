"""What Piccolo's tables cannot say of the door: what is reminded of next, what its numbers count."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-27T07:41:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of the door"

STATEMENTS = """
CREATE INDEX door_turns_next ON door_turns (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX door_turns_last ON door_turns (thread, asked_at DESC);
CREATE INDEX door_turns_asked ON door_turns (asked_at);
CREATE INDEX door_threads_by_community ON door_threads (community, last_at DESC);
CREATE INDEX door_threads_by_street ON door_threads (street);
CREATE INDEX door_threads_by_district ON door_threads (district)
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="huying", description=DESCRIPTION)

    async def run() -> None:
        transaction = engine_finder().current_transaction.get()
        await transaction.connection.execute(STATEMENTS)

    manager.add_raw(run)
    return manager
