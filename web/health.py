"""For whoever watches the installation: alive, and ready to serve."""

from pathlib import Path
from typing import Any

from litestar import Response, Router, get

from server.kernel import database

_VERSIONS = Path(__file__).resolve().parent.parent / "migrations" / "versions"


@get("/healthz", include_in_schema=False)
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/readyz", include_in_schema=False)
async def readyz() -> Response[dict[str, str]]:
    """Database and migrations are as this version needs them; 503 names what is not."""
    state = {"database": "ok", "migrations": "ok"}
    try:
        state["migrations"] = await _migrations()
    except Exception as error:
        state = {"database": type(error).__name__, "migrations": "unknown"}
    ready = all(word == "ok" for word in state.values())
    return Response(state, status_code=200 if ready else 503)


router = Router("/", route_handlers=[healthz, readyz], opt={"plain": True})


async def _migrations() -> str:
    known: Any = await database.fetch_value("SELECT count(*) FROM migration WHERE app_name = 'huying'")
    waiting = sum(1 for _ in _VERSIONS.glob("huying_*.py")) - int(known)
    return "ok" if waiting <= 0 else f"{waiting} waiting"
