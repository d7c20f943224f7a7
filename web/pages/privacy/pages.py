"""/privacy, for everybody."""

from litestar import Router, get
from litestar.response import Template

from migrations.piccolo_app import APP_CONFIG
from server.kernel.personal import Kept, Kind
from web.fragments import AnyRequest, page

_FIRST = ("reports", "photos", "door", "households", "visits", "care", "accounts", "notices", "sign_ins")
"""What a resident looks for first."""


def declared() -> dict[Kind, list[str]]:
    """Every kind with the tables and columns that keep it, as the tables say."""
    found: dict[Kind, dict[str, None]] = {}
    for table in APP_CONFIG.table_classes:
        kept: tuple[Kept, ...] = getattr(table, "kept", ())
        for one in kept:
            found.setdefault(one.kind, {})[f"{table._meta.tablename}: {', '.join(one.columns)}"] = None
    order = {code: place for place, code in enumerate(_FIRST)}
    kinds = sorted(found, key=lambda kind: order.get(kind.code, len(order)))
    return {kind: list(found[kind]) for kind in kinds}


@get("/")
async def index(request: AnyRequest) -> Template:
    """What is kept, and for how long."""
    return page(request, "privacy/privacy.html", kinds=declared())


router = Router("/privacy", route_handlers=[index], include_in_schema=False)
