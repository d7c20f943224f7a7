"""What goes out beside the inbox: deliveries are planned in the transaction that makes the notices, and sent later."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from uuid import UUID

import msgspec

from server.kernel import clock, database, jobs
from server.kernel.ids import new_id
from server.notices import choices, choosing
from server.notices.choosing import Choices
from server.notices.kinds import Urgency, kind_of
from server.notices.outlets import chosen
from server.notices.outlets.push import planning as pushing

JOB = "notices.deliver"


class Due(msgspec.Struct, frozen=True):
    """In this lane (an outlet, or one subscriber of it) something is due."""

    outlet: str
    subscriber: int | None = None


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that was just made. Its words hold nothing personal; `event` is what it tells of."""

    id: UUID
    account: UUID | None
    kind: str
    urgency: Urgency
    title: str
    line: str
    href: str
    at: datetime
    event: UUID | None = None


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `deliveries` to be."""

    id: UUID
    outlet: str
    notice: UUID
    event: UUID | None
    account: UUID | None
    subscriber: int | None
    kind: str
    urgency: Urgency
    title: str
    words: str
    href: str
    together: bool
    first_at: datetime


class Standing(msgspec.Struct, frozen=True):
    """A post of somebody who got a notice: its own area, the unit, and the path of where it lies."""

    area: int | None
    unit: int | None
    path: str


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """A robot or system that gets the notices of some posts."""

    id: int
    outlet: str
    area: int | None
    unit: int | None
    path: str
    below: bool
    kinds: frozenset[str]
    quiet: bool

    def hears(self, kind: str, posts: Sequence[Standing]) -> bool:
        """Whether a notice of this kind to somebody with these posts is said here, too."""
        return (not self.kinds or kind in self.kinds) and any(self._covers(post) for post in posts)

    def _covers(self, post: Standing) -> bool:
        if self.unit is not None:
            return post.unit == self.unit
        return post.area == self.area or (self.below and post.path.startswith(self.path))


async def plan(notices: Sequence[Made]) -> None:
    """Plan what goes out for notices that were just inserted, in the open transaction; twice is once."""
    planned = [*await _to_persons(notices), *await _to_subscribers(notices)]
    if not planned:
        return
    await _insert(planned)
    now = clock.now()
    await jobs.enqueue(JOB, *{Due(one.outlet, one.subscriber) for one in planned if one.first_at <= now})


async def _to_persons(notices: Sequence[Made]) -> list[Planned]:
    """The ladder: push where a device asked for it, a text message where that does not reach in its time."""
    chosen_by = await choices.of([one.account for one in notices if one.account is not None])
    devices = await pushing.devices_of([one.account for one in notices if one.account is not None])
    planned, pushed, now = [], [], clock.now()
    for one in notices:
        if one.account is None:
            continue
        own = chosen_by.get(one.account, Choices())
        way = choosing.way(one.kind, kind_of(one.kind), one.urgency, own, max(one.at, now))
        if way is None:
            continue
        at = way.at
        if devices.get(one.account) and not way.together:
            pushed.append(_pushed(one, one.account, at))
            at += pushing.PATIENCE[one.urgency]
        planned.append(_planned(one, at, chosen.PERSONS, account=one.account, together=way.together))
    await pushing.plan(pushed, devices)
    return _no_flood(planned) if chosen.persons_are_reached() else []


def _pushed(one: Made, account: UUID, at: datetime) -> pushing.Pushed:
    return pushing.Pushed(
        notice=one.id,
        account=account,
        kind=one.kind,
        urgency=one.urgency,
        title=one.title,
        words=one.line,
        href=one.href,
        at=at,
    )


def _no_flood(planned: Sequence[Planned]) -> list[Planned]:
    """Where many come at once (the worker was down), a person gets them in one message, the worst first."""
    many = Counter(one.account for one in planned)
    return [
        msgspec.structs.replace(one, together=True) if many[one.account] > pushing.MOST_AT_ONCE else one
        for one in planned
    ]


async def _to_subscribers(notices: Sequence[Made]) -> list[Planned]:
    # Staff who report something of their own are residents then: no group hears of it.
    working = [one for one in notices if one.account is not None and not kind_of(one.kind).residents]
    subscribers = await _listening() if working else []
    if not subscribers:
        return []
    posts = await _posts([one.account for one in working if one.account is not None])
    planned = {
        (subscriber.id, one.event or one.id, one.kind): _to_subscriber(one, subscriber)
        for one, subscriber in _heard(working, subscribers, posts)
    }
    return list(planned.values())


def _heard(
    notices: Sequence[Made], subscribers: Sequence[Listening], posts: dict[UUID, list[Standing]]
) -> Iterator[tuple[Made, Listening]]:
    for one in notices:
        for subscriber in subscribers:
            if one.account is not None and subscriber.hears(one.kind, posts.get(one.account, ())):
                yield one, subscriber


def _to_subscriber(one: Made, subscriber: Listening) -> Planned:
    held = subscriber.quiet and not (kind_of(one.kind).owed and one.urgency == "now")
    now = max(one.at, clock.now())
    at = choosing.after_quiet(now, choosing.NIGHT) if held else now
    return _planned(one, at, subscriber.outlet, subscriber=subscriber.id)


def _planned(
    one: Made,
    at: datetime,
    outlet: str,
    *,
    account: UUID | None = None,
    subscriber: int | None = None,
    together: bool = False,
) -> Planned:
    return Planned(
        id=new_id(),
        outlet=outlet,
        notice=one.id,
        event=one.event or one.id,
        account=account,
        subscriber=subscriber,
        kind=one.kind,
        urgency=one.urgency,
        title=one.title,
        words=one.line,
        href=one.href,
        together=together,
        first_at=at,
    )


async def _listening() -> list[Listening]:
    rows = await database.fetch(
        """SELECT s.id, s.outlet, s.area, s.unit, COALESCE(a.path, '') AS path, s.below, s.kinds, s.quiet
             FROM subscribers s LEFT JOIN areas a ON a.id = s.area WHERE s.until IS NULL ORDER BY s.id"""
    )
    kinds = [msgspec.json.decode(row["kinds"], type=frozenset[str]) for row in rows]
    return [Listening(**{**dict(row), "kinds": own}) for row, own in zip(rows, kinds, strict=True)]


async def _posts(accounts: Sequence[UUID]) -> dict[UUID, list[Standing]]:
    rows = await database.fetch(
        """SELECT h.account, CASE WHEN p.unit IS NULL THEN p.area END AS area, p.unit, COALESCE(a.path, '') AS path
             FROM holdings h JOIN posts p ON p.id = h.post AND p.until IS NULL
             LEFT JOIN units u ON u.id = p.unit
             LEFT JOIN areas a ON a.id = COALESCE(p.area, u.area)
            WHERE h.until IS NULL AND h.account = ANY ($1::uuid[])""",
        list(set(accounts)),
    )
    found: dict[UUID, list[Standing]] = {}
    for row in rows:
        found.setdefault(row["account"], []).append(Standing(row["area"], row["unit"], row["path"]))
    return found


_NAMES = Planned.__struct_fields__
_values = attrgetter(*_NAMES)
_TYPES = ("uuid", "text", *["uuid"] * 3, "int", *["text"] * 5, "bool", "timestamptz")


async def _insert(planned: Sequence[Planned]) -> None:
    columns = zip(*map(_values, planned), strict=True)
    arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(_TYPES, 1))
    await database.execute(
        f"""INSERT INTO deliveries ({", ".join(_NAMES)}, next_at, created_at)
            SELECT *, first_at, ${len(_TYPES) + 1} FROM unnest({arrays}) AS new ({", ".join(_NAMES)})
            ON CONFLICT DO NOTHING""",
        *[list(column) for column in columns],
        clock.now(),
    )
