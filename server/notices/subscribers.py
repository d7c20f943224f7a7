"""Robots of groups and other systems that get the notices of an area or a unit; its administrators keep them."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import SplitResult, parse_qs, urlsplit

import asyncpg
import msgspec

from server.kernel import clock, database, events, jobs
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.kernel.ids import new_id
from server.notices.kinds import KINDS
from server.notices.outlets import chosen
from server.notices.outlets.chosen import Target
from server.notices.outlets.planning import JOB, Due
from server.people import authority

LONGEST_NAME = 40
LONGEST_URL = 500
SHORTEST_KEY, LONGEST_KEY = 16, 200
CHOOSABLE = {name: kind for name, kind in KINDS.items() if not kind.residents}
"""What a group may be told of: work. What residents are told of their own matters is nobody else's."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator says of a subscriber. No kinds: all of them."""

    name: str
    below: bool = False
    kinds: frozenset[str] = frozenset()
    quiet: bool = False


class Subscriber(msgspec.Struct, frozen=True, kw_only=True):
    """A subscriber as its administrators see it; its secrets are shown to nobody."""

    id: int
    outlet: str
    name: str
    area_id: int | None
    unit_id: int | None
    place: str
    """The area or the unit, in words."""
    path: str
    below: bool
    kinds: frozenset[str]
    quiet: bool
    host: str
    since: datetime
    until: datetime | None
    failed: int
    """Messages that failed for good and wait for somebody."""


async def add(
    outlet: str,
    wanted: Wanted,
    *,
    area_id: int | None = None,
    unit_id: int | None = None,
    url: str = "",
    key: str = "",
    by: Actor,
) -> int:
    """A new subscriber of an area or a unit; answers its id. Whatever has to be mended is named at once."""
    wrong = _wrong(wanted)
    if outlet not in chosen.SUBSCRIBERS:
        wrong["outlet"] = "请选择群机器人或系统回调。"
    if (area_id is None) == (unit_id is None):
        wrong["place"] = "请选一个区域或一个单位。"
    target, more = read_target(outlet, url, key)
    if wrong | more:
        raise Invalid(wrong | more)
    async with database.transaction():
        await _demand_place(area_id, unit_id, by)
        subscriber_id: int = await database.fetch_value(
            """INSERT INTO subscribers (outlet, name, area, unit, below, kinds, quiet, host, sealed, since)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id""",
            outlet,
            wanted.name.strip(),
            area_id,
            unit_id,
            wanted.below and area_id is not None,
            database.to_jsonb(sorted(wanted.kinds)),
            wanted.quiet,
            _host(outlet, target),
            chosen.seal(target),
            clock.now(),
        )
        data = {"name": wanted.name.strip(), "outlet": outlet, "host": _host(outlet, target)}
        await events.record(_stream(subscriber_id), "subscriber.added", data, by)
    return subscriber_id


async def change(subscriber_id: int, wanted: Wanted, by: Actor) -> None:
    """Another name, other kinds, other hours."""
    if wrong := _wrong(wanted):
        raise Invalid(wrong)
    async with database.transaction():
        row = await _administered(subscriber_id, by)
        values = (wanted.name.strip(), wanted.below and row["area"] is not None, sorted(wanted.kinds), wanted.quiet)
        if values == (row["name"], row["below"], sorted(msgspec.json.decode(row["kinds"])), row["quiet"]):
            return
        await database.execute(
            "UPDATE subscribers SET name = $2, below = $3, kinds = $4, quiet = $5 WHERE id = $1",
            subscriber_id,
            *values[:2],
            database.to_jsonb(values[2]),
            values[3],
        )
        data = dict(zip(("name", "below", "kinds", "quiet"), values, strict=True))
        await events.record(_stream(subscriber_id), "subscriber.changed", data, by)


async def readdress(subscriber_id: int, url: str, key: str, by: Actor) -> None:
    """Another address or key, e.g. because the old one leaked. What still waits goes there, too."""
    async with database.transaction():
        row = await _administered(subscriber_id, by)
        target, wrong = read_target(row["outlet"], url, key)
        if wrong:
            raise Invalid(wrong)
        if target == chosen.opened(row["sealed"]):
            return
        host = _host(row["outlet"], target)
        await database.execute(
            "UPDATE subscribers SET host = $2, sealed = $3 WHERE id = $1", subscriber_id, host, chosen.seal(target)
        )
        await events.record(_stream(subscriber_id), "subscriber.readdressed", {"host": host}, by)


async def end(subscriber_id: int, by: Actor) -> None:
    """It gets nothing more, not even what waits; its secrets are forgotten. Twice is once."""
    async with database.transaction():
        row = await _administered(subscriber_id, by, ended_too=True)
        if row["until"] is None:
            await database.execute(
                "UPDATE subscribers SET until = $2, sealed = '' WHERE id = $1", subscriber_id, clock.now()
            )
            await events.record(_stream(subscriber_id), "subscriber.ended", {"name": row["name"]}, by)


async def try_out(subscriber_id: int, by: Actor) -> None:
    """Have the worker send it a message that says that it arrives."""
    async with database.transaction():
        row = await _administered(subscriber_id, by)
        now = clock.now()
        await database.execute(
            """INSERT INTO deliveries
                   (id, outlet, subscriber, kind, urgency, title, words, first_at, next_at, created_at)
               VALUES ($1, $2, $3, 'test', 'calm', '这是一条试发的消息', $4, $5, $5, $5)""",
            new_id(),
            row["outlet"],
            subscriber_id,
            f"「{row['name']}」已经接通,以后的消息会发到这里。",
            now,
        )
        await events.record(_stream(subscriber_id), "subscriber.tried", {}, by)
        await jobs.enqueue(JOB, Due(row["outlet"], subscriber_id))


async def listed(by: Actor) -> list[Subscriber]:
    """Those in scope, the ended ones last."""
    return await _seen("true", [], by)


async def one(subscriber_id: int, by: Actor) -> Subscriber:
    """One of them; `NotFound` where it is not the actor's to administer."""
    found = await _seen("s.id = $2", [subscriber_id], by)
    if not found:
        raise NotFound("没有这个群机器人或系统回调。")
    return found[0]


def read_target(outlet: str, url: str, key: str) -> tuple[Target, dict[str, str]]:
    """Where a message goes, from what somebody typed; and what has to be mended. Pure."""
    url, key = url.strip(), key.strip()
    if outlet == "wecom":
        # People copy the whole address that WeCom shows them; its key is all that is needed.
        found = parse_qs(_split(url).query).get("key", [""])[0] or (url if url.isascii() and url.isprintable() else "")
        ok = 10 <= len(found) <= LONGEST_KEY and not set(found) & set("/?&= ")
        return Target(found), {} if ok else {"url": "请粘贴群机器人的 Webhook 地址,里面有 key=。"}
    parts, wrong = _split(url), {}
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > LONGEST_URL or not url.isprintable():
        wrong["url"] = "请填以 https:// 开头的完整网址。"
    elif parts.username or parts.password:
        wrong["url"] = "网址里不要带用户名和密码。"
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY or not key.isprintable():
        wrong["key"] = f"密钥要 {SHORTEST_KEY} 到 {LONGEST_KEY} 个字。"
    return Target(key, url), wrong


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return urlsplit("")
    return parts


def _wrong(wanted: Wanted) -> dict[str, str]:
    name, wrong = wanted.name.strip(), {}
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        wrong["name"] = f"请填写名称,最多 {LONGEST_NAME} 个字。"
    if not wanted.kinds <= set(CHOOSABLE):
        wrong["kinds"] = "请从列出的消息里选。"
    return wrong


def _host(outlet: str, target: Target) -> str:
    return "企业微信" if outlet == "wecom" else _split(target.url).hostname or ""


def _stream(subscriber_id: int) -> str:
    return f"subscriber:{subscriber_id}"


async def _demand_place(area_id: int | None, unit_id: int | None, by: Actor) -> None:
    if unit_id is not None:
        area_id = await database.fetch_value("SELECT area FROM units WHERE id = $1 AND until IS NULL", unit_id)
    if area_id is None:
        raise NotFound()
    await authority.demand_area(area_id, by)


_FROM = """subscribers s LEFT JOIN units u ON u.id = s.unit JOIN areas a ON a.id = COALESCE(s.area, u.area)"""


async def _administered(subscriber_id: int, by: Actor, *, ended_too: bool = False) -> asyncpg.Record:
    scope = await authority.scope_of(by)
    row = await database.fetch_one(f"SELECT s.*, a.path FROM {_FROM} WHERE s.id = $1 FOR UPDATE OF s", subscriber_id)
    if row is None or not scope.reaches([row["path"]]):
        raise NotFound()
    if row["until"] is not None and not ended_too:
        raise NotAllowed("这里已经停用,不再发消息。")
    return row


async def _seen(condition: str, values: Sequence[object], by: Actor) -> list[Subscriber]:
    scope = await authority.scope_of(by)
    rows = await database.fetch(
        f"""SELECT s.id, s.outlet, s.name, s.area AS area_id, s.unit AS unit_id, COALESCE(u.name, a.name) AS place,
                   a.path, s.below, s.kinds, s.quiet, s.host, s.since, s.until,
                   (SELECT count(*) FROM deliveries d
                     WHERE d.subscriber = s.id AND d.state = 'failed' AND d.sent_with IS NULL) AS failed
              FROM {_FROM} WHERE EXISTS (SELECT FROM unnest($1::text[]) AS own WHERE starts_with(a.path, own))
               AND {condition} ORDER BY s.until IS NOT NULL, s.id""",
        list(scope.paths),
        *values,
    )
    return [msgspec.convert({**dict(row), "kinds": msgspec.json.decode(row["kinds"])}, Subscriber) for row in rows]
