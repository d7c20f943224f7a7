"""Somebody was met, or looked after a missed contact: the next one is due anew."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.households import household as households
from server.households.care import register, rule
from server.households.care.register import Watch
from server.households.household import Stands
from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed
from server.kernel.ids import new_id


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody went to look, as the register shows it."""

    name: str
    found: str
    note: str
    at: datetime

    @property
    def found_words(self) -> str:
        return rule.FOUND[self.found]


async def of(household_id: UUID) -> tuple[Look, ...]:
    """Who looked at a household that the caller has loaded, the latest first."""
    rows = await database.fetch(
        """SELECT COALESCE(a.name, '') AS name, l.found, l.note, l.at FROM care_looks l
           JOIN care_watches w ON w.id = l.watch LEFT JOIN accounts a ON a.id = l.account
           WHERE w.household = $1 ORDER BY l.at DESC, l.id DESC LIMIT 20""",
        household_id,
    )
    return tuple(msgspec.convert(dict(row), Look) for row in rows)


async def look(household_id: UUID, watch_id: UUID, *, by: Actor, found: str, note: str = "") -> None:
    """Somebody has looked after a missed contact or an alarm: the grid worker, a linked member or the community.

    What was looked after already is left as it is, so that repeating is harmless.
    """
    async with database.transaction():
        known = await households.load(household_id, by, lock=True)
        if not known.stands & {Stands.LINKED, Stands.KEEPER, Stands.WORKER}:
            raise NotAllowed("看望由网格员、联系人和社区来做。")
        if found not in rule.FOUND:
            raise Invalid({"found": "请选看到的情况。"})
        said = note.replace("\x00", "").strip()
        if len(said) > 500:
            raise Invalid({"note": f"太长了({len(said)} 字),请缩短到 500 字以内。"})
        watch = await register.watch_of(known, watch_id)
        moment = clock.now()
        if not watch.alarm and watch.due_at > moment:
            return
        await database.execute(
            "INSERT INTO care_looks (id, watch, account, found, note, at) VALUES ($1, $2, $3, $4, $5, $6)",
            new_id(),
            watch.id,
            by.account_id,
            found,
            said,
            moment,
        )
        await satisfied([watch], moment)
        await households.tell(known.household, by, "household.looked", {"watch": str(watch.id), "found": found})


async def satisfied(these: Sequence[Watch], moment: datetime) -> None:
    """Somebody was met, or a sensor spoke: the next contact is due anew."""
    for one in these:
        due = rule.due_after(moment, one.way, one.every_hours)
        await database.execute(
            """UPDATE care_watches SET last_at = $2, due_at = $3, next_at = $3, alarm = FALSE, told = 0
               WHERE id = $1 AND until IS NULL""",
            one.id,
            moment,
            due,
        )


async def visited(household_id: UUID, contact: str, outcome: str, moment: datetime) -> None:
    """A contact with the household was recorded (server.households.visits), in the open transaction."""
    watches = (await register.watches_of([household_id])).get(household_id, ())
    await satisfied([one for one in watches if rule.satisfies(one.way, contact, outcome)], moment)
