"""Which messages come to the phone, and when; what became of the latest."""

from typing import Annotated, Any

import msgspec
from litestar import Router, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template
from msgspec import Meta

from server.kernel.errors import Invalid
from server.notices import choices, logbook
from server.notices.choosing import Quiet
from server.notices.kinds import How, choosable
from server.notices.outlets import chosen
from server.notices.outlets.push import devices
from web import session
from web.fragments import AnyRequest, actor_of, decode, go, page
from web.pages.me.pages import DONE

HOWS = {"at_once": "短信,马上", "daily": "短信,一天一条", "inbox": "不发短信"}
STATES = {"failed": "没有发成", "waiting": "等着发", "sent": "已发出", "dropped": "没有发"}
CHIPS = {"failed": "need", "waiting": "waiting", "sent": "done", "dropped": "plain"}
Hour = Annotated[int, Meta(ge=0, le=23)]


class Hours(msgspec.Struct, frozen=True):
    quiet_begins: Hour
    quiet_ends: Hour
    daily_at: Hour


@get("/notices")
async def ask(request: AnyRequest, done: FromQuery[str] = "") -> Template:
    """What is chosen."""
    return await _page(request, DONE.get(done, ""))


@post("/notices")
async def take(request: AnyRequest) -> Template | Redirect:
    """Keep what was chosen."""
    sent, by = await request.form(), actor_of(request)
    try:
        hours = decode(sent, Hours)
        kinds = _kinds({name: sent.get(f"kind_{name}") for name in choosable(by.is_staff)})
        await choices.choose(by, Quiet(hours.quiet_begins, hours.quiet_ends), hours.daily_at, kinds)
    except Invalid as error:
        return await _page(request, fields=error.fields)
    return go(request, "/me/notices?done=notices")


def _kinds(sent: dict[str, Any]) -> dict[str, How]:
    """How each kind is to come; a kind that the form does not name stays as usual."""
    try:
        return msgspec.convert({name: how for name, how in sent.items() if how}, dict[str, How])
    except msgspec.ValidationError:
        raise Invalid({"kinds": "请从给出的选项里选一个。"}) from None


async def _page(request: AnyRequest, done: str = "", fields: dict[str, str] | None = None) -> Template:
    by = actor_of(request)
    assert by.account_id is not None
    kinds = choosable(by.is_staff)
    return page(
        request,
        "me/notices.html",
        status=422 if fields else 200,
        fields=fields or {},
        done=done,
        own=await choices.own(by),
        free={name: kind for name, kind in kinds.items() if not kind.owed},
        owed=[kind.words for kind in kinds.values() if kind.owed],
        hows=HOWS,
        reached=chosen.persons_are_reached(),
        latest=await logbook.mine(by.account_id),
        states=STATES,
        chips=CHIPS,
        devices=await devices.of(by),
    )


router = Router("/me", route_handlers=[ask, take], guards=[session.signed_in], include_in_schema=False)
