"""Go there now: the desk sends a worker, the worker says so, and arrives by recording a visit."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.areas import locate
from server.cases import case as cases
from server.kernel import clock, database, errors, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.kernel.ids import new_id
from server.patrols import place as places
from server.patrols import reach
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
    case: str

    @property
    def state_words(self) -> str:
        return STATE_WORDS[self.state]

    @property
    def going(self) -> bool:
        return self.state in _GOING


async def send(
    post_id: int,
    by: Actor,
    *,
    words: str,
    place: str = "",
    case: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
) -> Sent:
    """Send a worker of the actor's communities to a place (code), a case (number) or a point (WGS-84), with words."""
    async with database.transaction():
        post = await reach.worker_post(post_id, by)
        said = own_words(words, "请写清楚去做什么。", "words")
        place_id, case_id, point, community = await _where(place, case, latitude, longitude, by)
        order = new_id()
        await database.execute(
            """INSERT INTO patrol_orders (id, post, community, words, place, "case", latitude, longitude, state, by, at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'sent', $9, $10)""",
            order,
            post_id,
            community or post["community"],
            said,
            place_id,
            case_id,
            *point,
            by.account_id,
            clock.now(),
        )
        data = {"post": post_id, "to_name": post["name"], "words": said, "place": place_id, "case": case or None}
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


async def orders(by: Actor, limit: int = 200) -> list[OrderRow]:
    """Those of the actor's desk, going ones first, then the latest."""
    rows = await database.fetch(
        """SELECT o.id, o.words, o.state, p.title, COALESCE(a.name, '') AS name, COALESCE(b.name, '') AS by, o.at,
                  o.accepted_at, o.on_way_at, o.arrived_at, o.withdrawn_at, COALESCE(pl.name, '') AS place,
                  COALESCE(pl.code, '') AS place_code, COALESCE(c.number, '') AS "case"
           FROM patrol_orders o JOIN posts p ON p.id = o.post
           LEFT JOIN holdings h ON h.post = p.id AND h.until IS NULL LEFT JOIN accounts a ON a.id = h.account
           LEFT JOIN accounts b ON b.id = o.by LEFT JOIN places pl ON pl.id = o.place
           LEFT JOIN cases c ON c.id = o."case" AND NOT c.private
           WHERE o.community = ANY($1::int[])
           ORDER BY o.state NOT IN ('sent', 'accepted', 'on_way'), o.at DESC LIMIT $2""",
        await reach.communities(by),
        limit,
    )
    return [msgspec.convert(dict(row), OrderRow) for row in rows]


def stream_of(order: UUID) -> str:
    """The name of an order's history."""
    return f"order:{order}"


async def _where(
    place: str, case: str, latitude: float | None, longitude: float | None, by: Actor
) -> tuple[UUID | None, UUID | None, tuple[float | None, float | None], int | None]:
    """Exactly one of the three, and within what the actor sees."""
    if place.strip():
        try:
            found = await places.load(place, by)
        except NotFound:
            raise Invalid({"place": "没有这个编码的对象,请检查。"}) from None
        places.must_live(found)
        return found.id, None, (found.latitude, found.longitude), found.community
    if case.strip():
        try:
            known = await cases.load(case.strip(), by)
        except NotFound:
            raise Invalid({"case": "没有这个编号的事件,请检查。"}) from None
        if known.case.private:
            raise Invalid({"case": "这件事只有书记能看,不能派网格员去。"})
        return None, known.case.id, (known.case.latitude, known.case.longitude), known.case.community
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        raise Invalid({"place": "请写对象编码、事件编号,或者在地图上点一下。"})
    area = await locate.locate(longitude, latitude)
    return None, None, (latitude, longitude), area.community_id if area else None


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
