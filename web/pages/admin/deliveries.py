"""What became of messages: those that failed for good first, sending again, setting aside."""

from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.response import Template

from server.kernel.errors import Invalid
from server.notices import logbook
from server.notices.kinds import word_of
from server.notices.logbook import STATES
from server.notices.outlets.chosen import PERSONS, SUBSCRIBERS
from web.fragments import AnyRequest, actor_of
from web.pages.admin.acting import Filled, Form, Page, asked_for, change, number_asked, shown

OUTLETS = {PERSONS: "短信", **SUBSCRIBERS}
CHIPS = {"failed": "need", "waiting": "waiting", "sent": "done", "dropped": "plain"}
"""The meaning of each state."""
PATH = "/admin/deliveries"


class Chosen(Form, frozen=True):
    delivery: tuple[UUID, ...] = ()

    @property
    def ids(self) -> tuple[UUID, ...]:
        if not self.delivery:
            raise Invalid({"delivery": "请至少选一条。"})
        return self.delivery


@get("/deliveries")
async def index(request: AnyRequest) -> Template:
    """The log, of one state or one subscriber where asked."""
    return await _show(request, Filled())


@post("/deliveries/replays")
async def replay(request: AnyRequest) -> Page:
    """Send some again; what went meanwhile is left alone."""
    by = actor_of(request)

    async def do(sent: Chosen) -> str:
        await logbook.replay(sent.ids, by)
        return f"{PATH}?state=failed"

    return await change(request, "delivery.replay", Chosen, show=lambda filled: _show(request, filled), do=do)


@post("/deliveries/set-aside")
async def set_aside(request: AnyRequest) -> Page:
    """Nobody needs these any more."""
    by = actor_of(request)

    async def do(sent: Chosen) -> str:
        await logbook.set_aside(sent.ids, by)
        return f"{PATH}?state=failed"

    return await change(request, "delivery.set_aside", Chosen, show=lambda filled: _show(request, filled), do=do)


async def _show(request: AnyRequest, filled: Filled) -> Template:
    by, state, subscriber = actor_of(request), asked_for(request, "state"), number_asked(request, "subscriber")
    state = state or ("failed" if filled.refusal else "")
    after = request.query_params.get("after", "")
    found = await logbook.entries(by, state=state, subscriber_id=subscriber, after=after)
    return shown(
        request,
        "admin/deliveries.html",
        filled,
        found=found,
        state=state,
        filters=[{"word": "状态", "options": await _options(request, state, subscriber)}],
        first=_address(state, subscriber) if after else "",
        next=_address(state, subscriber, found.further) if found.further else "",
        subscriber=next((row.subscriber for row in found.rows), "") if subscriber else "",
        outlets=OUTLETS,
        states=STATES,
        chips=CHIPS,
        word_of=word_of,
    )


async def _options(request: AnyRequest, state: str, subscriber: int | None) -> list[dict[str, object]]:
    failed = await logbook.failed(actor_of(request)) if subscriber is None else None
    every = [("", "全部"), *STATES.items()]
    return [
        {
            "word": word,
            "href": _address(name, subscriber),
            "on": name == state,
            "count": failed if name == "failed" else None,
        }
        for name, word in every
    ]


def _address(state: str, subscriber: int | None, after: str = "") -> str:
    asked = {"state": state, "subscriber": subscriber, "after": after}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{PATH}?{query}" if query else PATH


handlers = [index, replay, set_aside]
