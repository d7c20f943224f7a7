"""预警: what is late or stuck among the cases that the reader looks after; where digests of alarms lead."""

from litestar import Router, get
from litestar.params import FromQuery
from litestar.response import Template

from server.cases.warning import ALARM_WORDS, Alarm
from server.notices.alarms import lists
from web import session
from web.fragments import AnyRequest, actor_of, page


@get("/")
async def index(request: AnyRequest, only: FromQuery[str] = "", after: FromQuery[str] = "") -> Template:
    """The list, or only one kind of it."""
    by = actor_of(request)
    chosen = Alarm(only) if only in list(Alarm) else None
    return page(
        request,
        "alarms/alarms.html",
        found=await lists.page(by, only=chosen, after=after),
        counts=await lists.counts(by),
        only=chosen,
        after=after,
        words=ALARM_WORDS,
    )


router = Router("/alarms", route_handlers=[index], guards=[session.roles(*lists.ROLES)], include_in_schema=False)
