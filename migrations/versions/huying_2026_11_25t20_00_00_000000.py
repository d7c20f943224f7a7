"""What Piccolo's tables cannot say of rounds: partial indexes, and the numbers of rectifications."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-25T20:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes and numbers of rounds"

STATEMENTS = """
CREATE SEQUENCE rectification_numbers;

CREATE INDEX patrol_tasks_open_place ON patrol_tasks (place) WHERE state = 'open';
CREATE INDEX patrol_tasks_open_grid ON patrol_tasks (grid, day) WHERE state = 'open';
CREATE INDEX patrol_tasks_open_post ON patrol_tasks (post, day) WHERE state = 'open' AND post IS NOT NULL;
CREATE INDEX patrol_tasks_community ON patrol_tasks (community, window_to);
CREATE INDEX patrol_tasks_rectification ON patrol_tasks (rectification) WHERE rectification IS NOT NULL;
CREATE INDEX patrol_task_items_plan ON patrol_task_items (plan, period);

CREATE INDEX patrol_visits_place ON patrol_visits (place, at DESC) WHERE corrected_at IS NULL;
CREATE INDEX patrol_visits_account ON patrol_visits (account, at);
CREATE INDEX patrol_visits_corrects ON patrol_visits (corrects) WHERE corrects IS NOT NULL;
CREATE INDEX patrol_visits_marked ON patrol_visits (community, at) WHERE settled_at IS NULL AND marks <> '[]';

CREATE INDEX patrol_rectifications_open_grid ON patrol_rectifications (grid, due) WHERE state = 'open';
CREATE INDEX patrol_rectifications_community ON patrol_rectifications (community, due);
CREATE INDEX patrol_photos_waiting ON patrol_photos (photo) WHERE hung IS NULL;
CREATE INDEX patrol_orders_open ON patrol_orders (post) WHERE state IN ('sent', 'accepted', 'on_way');
CREATE INDEX patrol_orders_community ON patrol_orders (community, at)
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="huying", description=DESCRIPTION)

    async def run() -> None:
        transaction = engine_finder().current_transaction.get()
        await transaction.connection.execute(STATEMENTS)

    manager.add_raw(run)
    return manager
