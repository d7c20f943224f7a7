"""What Piccolo's tables cannot say of places: partial indexes, and words by which they are found."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-25T17:55:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes and words of places"

# Lists run by kind and id, so one index for each level serves them with and without a kind.
# `place_words` holds every two neighbouring characters (the last one alone, for `:*`), the areas as /7 and the kind as
# /-3, so one index finds words within an area; Chinese has no spaces, and the embedded PostgreSQL carries no pg_trgm.
STATEMENTS = """
CREATE INDEX places_live_grid ON places (grid, kind, id) WHERE until IS NULL;
CREATE INDEX places_live_community ON places (community, kind, id) WHERE until IS NULL;
CREATE INDEX places_live_street ON places (street, kind, id) WHERE until IS NULL;
CREATE INDEX places_live_district ON places (district, kind, id) WHERE until IS NULL;
CREATE INDEX places_ended ON places (district, kind, id) WHERE until IS NOT NULL;
CREATE INDEX places_merged_into ON places (merged_into) WHERE merged_into IS NOT NULL;
CREATE UNIQUE INDEX places_external_code ON places (external_code, kind) WHERE external_code <> '';

CREATE FUNCTION place_text(name text, address text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(replace(normalize(name || E'\\n' || address, NFKC), ' ', '') COLLATE "C") $$;
CREATE FUNCTION place_words(words text, VARIADIC ids int[]) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_to_tsvector(array_agg(DISTINCT word)) FROM (
        SELECT substr(words, place, 2) AS word FROM generate_series(1, length(words)) AS place
        UNION ALL SELECT '/' || id FROM unnest(ids) AS id WHERE id IS NOT NULL) AS each $$;
CREATE INDEX places_words ON places
    USING gin (place_words(place_text(name, address_text), -kind, district, street, community, grid))
    WHERE until IS NULL
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="huying", description=DESCRIPTION)

    async def run() -> None:
        transaction = engine_finder().current_transaction.get()
        await transaction.connection.execute(STATEMENTS)

    manager.add_raw(run)
    return manager
