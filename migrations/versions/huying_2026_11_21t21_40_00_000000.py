"""What Piccolo's tables cannot say: partial indexes, the number sequence, the queue of jobs."""

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-21T21:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes, numbers, jobs"

STATEMENTS = """
CREATE SEQUENCE report_numbers;
INSERT INTO area_epochs (id, epoch) VALUES (1, 0) ON CONFLICT DO NOTHING;

CREATE UNIQUE INDEX holdings_one_holder ON holdings (post) WHERE until IS NULL;
CREATE INDEX holdings_of_account ON holdings (account) WHERE until IS NULL;

CREATE INDEX cases_open_district ON cases (district, due_at, number) WHERE open;
CREATE INDEX cases_open_street ON cases (street, due_at, number) WHERE open;
CREATE INDEX cases_open_community ON cases (community, due_at, number) WHERE open;
CREATE INDEX cases_open_grid ON cases (grid, due_at, number) WHERE open;
CREATE INDEX cases_open_unit ON cases (handler_unit, due_at, number) WHERE open;
CREATE INDEX cases_open_owner ON cases (owner_post, due_at, number) WHERE open;
CREATE INDEX cases_open_due ON cases (due_at) WHERE open;
CREATE INDEX cases_open_provisional ON cases (due_at) WHERE open AND due_provisional;
CREATE INDEX cases_done_district ON cases (district, closed_at DESC, number) WHERE NOT open;
CREATE INDEX cases_done_street ON cases (street, closed_at DESC, number) WHERE NOT open;
CREATE INDEX cases_done_community ON cases (community, closed_at DESC, number) WHERE NOT open;
CREATE INDEX cases_done_grid ON cases (grid, closed_at DESC, number) WHERE NOT open;

CREATE INDEX reports_phone ON reports (phone) WHERE phone <> '';
CREATE INDEX reports_for_phone ON reports (for_phone) WHERE for_phone <> '';
CREATE UNIQUE INDEX report_cases_one_case ON report_cases (report) WHERE until IS NULL;
CREATE UNIQUE INDEX dispatches_one_open ON dispatches ("case") WHERE ended_at IS NULL;
CREATE UNIQUE INDEX questions_one_open ON questions ("case") WHERE answered_at IS NULL;
CREATE UNIQUE INDEX clock_segments_one_open ON clock_segments ("case") WHERE until IS NULL;
CREATE UNIQUE INDEX standings_one_owner ON standings ("case") WHERE kind = 'owner' AND until IS NULL;
CREATE INDEX standings_post ON standings (post, kind) WHERE until IS NULL;
CREATE INDEX standings_unit ON standings (unit, "case");
CREATE INDEX standings_account ON standings (account, "case") WHERE until IS NULL;
CREATE INDEX standings_report ON standings (report) WHERE until IS NULL
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="huying", description=DESCRIPTION)

    async def run() -> None:
        # The migration runs in Piccolo's transaction; the queue's own statements come from the pinned library.
        transaction = engine_finder().current_transaction.get()
        await transaction.connection.execute(STATEMENTS)
        await transaction.connection.execute(QueryBuilderEnvironment().build_install_query())

    manager.add_raw(run)
    return manager
