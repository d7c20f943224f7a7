"""What Piccolo's tables cannot say of addresses; its own file, as a migration's raw parts run before its tables."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-25T18:27:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of addresses"

# By what the matcher looks addresses up; and what has no code is known by its text within its community.
STATEMENTS = """
CREATE INDEX addresses_of_road ON addresses (road, number, building, room) WHERE until IS NULL AND road <> '';
CREATE INDEX addresses_of_compound ON addresses (compound, building, room) WHERE until IS NULL AND compound <> '';
CREATE INDEX addresses_whole ON addresses (whole) WHERE until IS NULL;
CREATE UNIQUE INDEX addresses_one_text ON addresses (community, whole) WHERE until IS NULL AND code IS NULL;
CREATE INDEX address_aliases_of_road ON address_aliases (road, number) WHERE until IS NULL AND road <> '';
CREATE INDEX address_aliases_of_compound ON address_aliases (compound, building)
    WHERE until IS NULL AND compound <> '';
CREATE UNIQUE INDEX address_aliases_one_text ON address_aliases (whole, address) WHERE until IS NULL
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="huying", description=DESCRIPTION)

    async def run() -> None:
        transaction = engine_finder().current_transaction.get()
        await transaction.connection.execute(STATEMENTS)

    manager.add_raw(run)
    return manager
