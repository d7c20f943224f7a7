"""Whether this process could serve now: the database answers, and its tables are those of this version."""

from pathlib import Path

from server.kernel import database

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"


async def database_answers() -> str:
    """ "ok", or what is wrong."""
    try:
        await database.fetch_value("SELECT 1")
    except Exception as error:
        return type(error).__name__
    return "ok"


async def migrations_applied() -> str:
    """ "ok", or how many migrations of this version the database has not seen."""
    try:
        known = await database.fetch_value("SELECT count(*) FROM migration WHERE app_name = 'huying'")
    except Exception as error:
        return type(error).__name__
    waiting = sum(1 for _ in MIGRATIONS.glob("huying_*.py")) - int(known)
    return "ok" if waiting <= 0 else f"{waiting} waiting"
