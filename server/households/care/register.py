"""The register itself: what holds for a household, how it stands, and that somebody read it."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from server.households import household as households
from server.households.care import rule
from server.households.household import Known, Stands
from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.errors import NotFound

WHY_ENDED = {
    "asked": "住户不要了",
    "renewed": "重新约定",
    "over": "到期",
    "closed": "不再联系这户",
    "no_need": "不需要了",
}


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """A way of looking in as pages show it."""

    id: UUID
    household: UUID
    name: str
    purpose: str
    way: str
    every_hours: int
    account: UUID | None
    member: str
    has_key: bool
    last_at: datetime | None
    due_at: datetime
    alarm: bool
    told: int

    @property
    def missed(self) -> bool:
        return self.alarm or self.due_at <= clock.now()

    @property
    def reached(self) -> str:
        """Who has heard, in words; empty where nobody has."""
        return "、".join(rule.RUNG_WORDS[rung] for rung in rule.RUNGS[: self.told])


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a household, or held."""

    id: UUID
    agreed_by: str
    witness: str
    taken_by: str
    agreed_at: datetime
    until: date
    ended_at: datetime | None
    why_ended: str
    watches: tuple[Watch, ...]


async def of(household_id: UUID) -> tuple[Agreement, ...]:
    """The agreements of a household that the caller has loaded, the present one first."""
    rows = await database.fetch(
        """SELECT g.id, g.agreed_by, g.witness, COALESCE(a.name, '') AS taken_by, g.agreed_at, g.until, g.ended_at,
                  g.why_ended
           FROM care_agreements g LEFT JOIN accounts a ON a.id = g.taken_by
           WHERE g.household = $1 ORDER BY g.ended_at IS NOT NULL, g.agreed_at DESC LIMIT 20""",
        household_id,
    )
    found = await watches_of([household_id])
    return tuple(
        msgspec.convert({**dict(row), "watches": () if row["ended_at"] else found.get(household_id, ())}, Agreement)
        for row in rows
    )


async def watches_of(household_ids: Sequence[UUID]) -> dict[UUID, tuple[Watch, ...]]:
    """The ways of looking in that hold now for these households; one statement."""
    rows = await database.fetch(
        """SELECT w.id, w.household, k.name, k.purpose, k.way, k.every_hours, w.account, COALESCE(a.name, '') AS member,
                  w.key_digest IS NOT NULL AS has_key, w.last_at, w.due_at, w.alarm, w.told
           FROM care_watches w JOIN care_kinds k ON k.id = w.kind LEFT JOIN accounts a ON a.id = w.account
           WHERE w.household = ANY($1::uuid[]) AND w.until IS NULL ORDER BY w.household, k.id, w.id""",
        list(household_ids),
    )
    found: dict[UUID, list[Watch]] = {}
    for row in rows:
        found.setdefault(row["household"], []).append(msgspec.convert(dict(row), Watch))
    return {household: tuple(watches) for household, watches in found.items()}


def must_see(known: Known) -> None:
    """Raise `NotFound` where the register is not for who stands so to the household."""
    if not known.stands & {Stands.LINKED, Stands.KEEPER, Stands.WORKER}:
        raise NotFound(households.MISSING)


async def read(household_id: UUID, by: Actor) -> tuple[Agreement, ...]:
    """The register as a page shows it; that it was read is an event, and the household sees by whom."""
    async with database.transaction():
        known = await households.load(household_id, by, lock=True)
        must_see(known)
        found = await of(household_id)
        if found:
            await households.tell(known.household, by, "household.care_read", {})
        return found


async def watch_of(known: Known, watch_id: UUID) -> Watch:
    """One that holds now; NotFound for one of another household, or that has ended."""
    watches = (await watches_of([known.household.id])).get(known.household.id, ())
    found = next((one for one in watches if one.id == watch_id), None)
    if found is None:
        raise NotFound("这项关爱已经结束了。")
    return found


async def end_all(household_id: UUID, why: str) -> bool:
    """End what holds for a household in the open transaction; whether anything did."""
    ended = await database.fetch(
        """UPDATE care_agreements SET ended_at = $2, why_ended = $3 WHERE household = $1 AND ended_at IS NULL
           RETURNING id""",
        household_id,
        clock.now(),
        WHY_ENDED[why],
    )
    await database.execute(
        """UPDATE care_watches SET until = $2, next_at = NULL, key_digest = NULL
           WHERE household = $1 AND until IS NULL""",
        household_id,
        clock.now(),
    )
    return bool(ended)
