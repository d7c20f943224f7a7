"""Go there now: the desk sends a worker, the worker says so, and arrives by recording a visit."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.kernel import clock, database, errors, events, pages
from server.kernel.actor import Actor
from server.kernel.errors import NotAllowed, NotFound
from server.kernel.ids import new_id
from server.kernel.pages import Page
from server.patrols import destinations, reach
from server.patrols.destinations import Wanted
from server.patrols.keeping import own_words

STATE_WORDS = {
    "sent": "已派出",
    "accepted": "已接收",
    "on_way": "在路上",
    "arrived": "已到场",
    "withdrawn": "已撤回",
}
_GOING = ("sent", "accepted", "on_way")


class Sent(msgspec.Struct, frozen=True):
    """An order and where it stands."""

    order_id: UUID
    state: str
    head: str = ""


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the desk reads it."""

    id: UUID
    words: str
    state: str
    title: str
    name: str
    by: str
    at: datetime
    accepted_at: datetime | None
    on_way_at: datetime | None
    arrived_at: datetime | None
    withdrawn_at: datetime | None
    place: str
    place_code: str
    place_words: str
    case: str

    @property
    def state_words(self) -> str:
        return STATE_WORDS[self.state]

    @property
    def going(self) -> bool:
        return self.state in _GOING


async def send(post_id: int, by: Actor, *, words: str, to: Wanted) -> Sent:
    """Send a worker of the actor's communities somewhere, with words."""
    async with database.transaction():
        post = await reach.worker_post(post_id, by)
        said = own_words(words, "请写清楚去做什么。", "words")
        there = await destinations.find(to, by)
        order = new_id()
        await database.execute(
            """INSERT INTO patrol_orders (id, post, community, words, place, "case", place_words, latitude, longitude,
                   state, by, at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'sent', $10, $11)""",
            order,
            post_id,
            there.community or post["community"],
            said,
            there.place,
            there.case,
            there.words,
            there.latitude,
            there.longitude,
            by.account_id,
            clock.now(),
        )
        data = {"post": post_id, "to_name": post["name"], "words": said, "place": there.place, "case": there.case}
        head = await events.record(stream_of(order), "order.sent", data, by, post_id=reach.desk_post(by))
        return Sent(order, "sent", head.link.hex())


async def accept(order: UUID, by: Actor) -> Sent:
    """The worker has read it. Later ones and repeats change nothing."""
    return await _step(order, by, "accepted", ("sent",))


async def on_way(order: UUID, by: Actor) -> Sent:
    """The worker goes; that is accepting too."""
    return await _step(order, by, "on_way", ("sent", "accepted"))


async def withdraw(order: UUID, by: Actor, *, reason: str = "") -> Sent:
    """The desk takes it back; twice is once. One that has arrived stays."""
    async with database.transaction():
        row = await _locked(order)
        await reach.must_look_after(row["community"], by, "没有找到这条派遣。")
        if row["state"] == "withdrawn":
            return Sent(order, "withdrawn", await _head(order))
        if row["state"] == "arrived":
            raise NotAllowed("已经到场了,不用撤回。")
        await _write(order, "withdrawn")
        data = {"reason": reason.replace("\x00", "").strip()[:500]}
        head = await events.record(stream_of(order), "order.withdrawn", data, by, post_id=reach.desk_post(by))
        return Sent(order, "withdrawn", head.link.hex())


async def must_be_theirs(order: UUID, by: Actor) -> None:
    """Raise `NotFound` where the order is not of the actor's desk."""
    community = await database.fetch_value("SELECT community FROM patrol_orders WHERE id = $1", order)
    await reach.must_look_after(community, by, "没有找到这条派遣。")


async def orders(by: Actor, *, going: bool = True, after: str = "") -> Page[OrderRow]:
    """Those of the actor's desk that are on the way, or have ended; the latest first."""
    values: list[Any] = [await reach.communities(by), list(_GOING), going]
    onward = pages.beyond(after, {"o.at": datetime, "o.id": UUID}, values, falling=True)
    rows = await database.fetch(
        f"""SELECT o.id, o.words, o.state, p.title, COALESCE(a.name, '') AS name, COALESCE(b.name, '') AS by, o.at,
                  o.accepted_at, o.on_way_at, o.arrived_at, o.withdrawn_at, COALESCE(pl.name, '') AS place,
                  COALESCE(pl.code, '') AS place_code, o.place_words, COALESCE(c.number, '') AS "case"
           FROM patrol_orders o JOIN posts p ON p.id = o.post
           LEFT JOIN holdings h ON h.post = p.id AND h.until IS NULL LEFT JOIN accounts a ON a.id = h.account
           LEFT JOIN accounts b ON b.id = o.by LEFT JOIN places pl ON pl.id = o.place
           LEFT JOIN cases c ON c.id = o."case" AND NOT c.private
           WHERE o.community = ANY($1::int[]) AND (o.state = ANY($2::text[])) = $3 AND {onward}
           ORDER BY o.at DESC, o.id DESC LIMIT {pages.SIZE + 1}""",
        *values,
    )
    return pages.page([msgspec.convert(dict(row), OrderRow) for row in rows], lambda one: (one.at, one.id))


def stream_of(order: UUID) -> str:
    """The name of an order's history."""
    return f"order:{order}"


async def _step(order: UUID, by: Actor, state: str, before: tuple[str, ...]) -> Sent:
    async with database.transaction():
        row = await _locked(order)
        if row["post"] not in [post.id for post in by.posts]:
            raise NotFound("没有找到这条派遣。")
        if row["state"] == "withdrawn":
            raise NotAllowed("这条派遣已经撤回,不用去了。")
        if row["state"] not in before:
            return Sent(order, row["state"], await _head(order))
        await _write(order, state)
        head = await events.record(stream_of(order), f"order.{state}", {}, by, post_id=row["post"])
        return Sent(order, state, head.link.hex())


async def _locked(order: UUID) -> Any:
    row = await database.fetch_one("SELECT * FROM patrol_orders WHERE id = $1 FOR UPDATE", order)
    if row is None:
        raise errors.NotFound("没有找到这条派遣。")
    return row


async def _write(order: UUID, state: str) -> None:
    await database.execute(
        f"UPDATE patrol_orders SET state = $2, {state}_at = $3 WHERE id = $1", order, state, clock.now()
    )


async def _head(order: UUID) -> str:
    link = await database.fetch_value(
        "SELECT link FROM events WHERE stream = $1 ORDER BY sequence DESC LIMIT 1", stream_of(order)
    )
    return link.hex() if link else ""
