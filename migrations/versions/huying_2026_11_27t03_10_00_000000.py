"""What Piccolo's tables cannot say of households: partial indexes, one contact a household, one open link a pair."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-27T03:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of households"

STATEMENTS = """
CREATE INDEX households_community ON households (community, id) WHERE until IS NULL;
CREATE INDEX households_grid ON households (grid, id) WHERE until IS NULL;
CREATE INDEX households_street ON households (street, id) WHERE until IS NULL;
CREATE INDEX households_district ON households (district, id) WHERE until IS NULL;
CREATE INDEX households_address ON households (address, room) WHERE until IS NULL AND address IS NOT NULL;
CREATE UNIQUE INDEX households_external_code ON households (community, external_code) WHERE external_code <> '';
CREATE INDEX households_merged ON households (merged_into) WHERE merged_into IS NOT NULL;
CREATE UNIQUE INDEX household_people_contact ON household_people (household) WHERE contact AND until IS NULL;
CREATE INDEX household_people_phone ON household_people (phone) WHERE phone <> '' AND until IS NULL;
CREATE UNIQUE INDEX household_tags_once ON household_tags (household, kind) WHERE until IS NULL;
CREATE UNIQUE INDEX household_links_once ON household_links (household, account) WHERE until IS NULL;
CREATE INDEX household_links_account ON household_links (account) WHERE until IS NULL;
CREATE INDEX posts_members ON posts (area) WHERE role = 'party_member' AND until IS NULL;
CREATE INDEX household_links_successor ON household_links (successor) WHERE successor IS NOT NULL;
CREATE INDEX household_visits_past ON household_visits (household, at DESC) WHERE latest;
CREATE INDEX household_visits_account ON household_visits (account, at DESC) WHERE latest
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="huying", description=DESCRIPTION)

    async def run() -> None:
        transaction = engine_finder().current_transaction.get()
        await transaction.connection.execute(STATEMENTS)

    manager.add_raw(run)
    return manager
