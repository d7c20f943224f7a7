"""For whoever watches the installation: alive, and ready to serve."""

import asyncio

from litestar import Response, Router, get
from litestar.openapi.datastructures import ResponseSpec

from server.kernel import ready
from server.photos.store import store
from server.photos.stores import StoreSilent

PATIENCE = 5


@get("/healthz", tags=["operations"], summary="The process answers")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get(
    "/readyz",
    tags=["operations"],
    summary="Ready to serve",
    responses={503: ResponseSpec(data_container=dict[str, str], description="Says what is not")},
)
async def readyz() -> Response[dict[str, str]]:
    """Database, migrations and store are as this version needs them; 503 names what is not."""
    state = {
        "database": await ready.database_answers(),
        "migrations": await ready.migrations_applied(),
        "store": await _store_answers(),
    }
    fine = all(word == "ok" for word in state.values())
    return Response(state, status_code=200 if fine else 503)


router = Router("/", route_handlers=[healthz, readyz], opt={"plain": True})


async def _store_answers() -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            await store().ready()
    except (StoreSilent, TimeoutError) as error:
        # What the store says may hold addresses and keys; the log has it, the world need not.
        return type(error).__name__
    return "ok"
