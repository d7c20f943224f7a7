"""From a claimed delivery to what goes out: whose phone it is now, what it says, whether it is still of use."""

from typing import cast

import msgspec

from server.kernel import clock, database
from server.kernel.settings import settings
from server.notices.claiming import Claimed
from server.notices.kinds import Urgency
from server.notices.outlets.interface import Outgoing
from server.notices.outlets.push import planning as pushing
from server.people.messages import opened_text

INBOX = "/inbox"
NAMED = 3
"""Notices that a daily message names; the others are a number."""


class Dropped(msgspec.Struct, frozen=True):
    """It is not sent, and that is right so."""

    why: str


ENDED = Dropped("机器人或回调已停用")


async def compose(one: Claimed) -> Outgoing | Dropped:
    """What goes out for a delivery."""
    if one.useless_after is not None and clock.now() >= one.useless_after:
        return Dropped("过了时候,不再发送")
    if one.ended:
        return ENDED
    if one.sealed is not None:
        return _plain(one, one.sealed)
    if one.account is None:
        return _outgoing(one, "")
    if await pushing.reached(one.id):
        return Dropped("手机上已经显示")
    phone = await database.fetch_value("SELECT phone FROM accounts WHERE id = $1 AND closed_at IS NULL", one.account)
    if phone is None:
        return Dropped("账号已注销")
    return await _all_together(one, phone) if one.together else _outgoing(one, phone)


def _plain(one: Claimed, sealed: str) -> Outgoing | Dropped:
    message = opened_text(sealed)
    if message is None:
        return Dropped("用别的密钥封的,打不开")
    return msgspec.structs.replace(
        _outgoing(one, message.phone), words=message.text, template=message.template, values=message.values
    )


async def _all_together(one: Claimed, phone: str) -> Outgoing:
    rows = await database.fetch(
        """SELECT title FROM deliveries WHERE id = $1 OR sent_with = $1
            ORDER BY array_position(ARRAY['now', 'soon', 'calm'], urgency), created_at, id""",
        one.id,
    )
    if len(rows) < 2:
        return _outgoing(one, phone)
    named = ";".join(row["title"].rstrip("。;") for row in rows[:NAMED])
    link = settings().public_url + INBOX
    return msgspec.structs.replace(
        _outgoing(one, phone),
        title=f"您有 {len(rows)} 条消息",
        words=named if len(rows) <= NAMED else f"{named}等。",
        link=link,
        template="daily",
        values={"count": str(len(rows)), "first": rows[0]["title"], "link": link},
    )


def _outgoing(one: Claimed, phone: str) -> Outgoing:
    return Outgoing(
        id=one.id,
        kind=one.kind,
        at=one.created_at,
        address=phone,
        urgency=cast(Urgency, one.urgency),
        title=one.title,
        words=one.words,
        link=settings().public_url + one.href if one.href else "",
    )
