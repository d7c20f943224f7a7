"""Somebody was met, or looked after a missed contact: the next one is due anew."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.households import household as households
from server.households.care import register, rule
from server.households.care.register import Watch
from server.households.household import Stands
from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed
from server.kernel.ids import new_id


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
