"""What people chose about messages: reading it for many, changing one's own."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotFound
from server.notices.choosing import Choices, Quiet
from server.notices.kinds import How, choosable


async def of(accounts: Sequence[UUID]) -> dict[UUID, Choices]:
    """What people chose; those who chose nothing are not named."""
    rows = await database.fetch("SELECT * FROM notice_choices WHERE account = ANY ($1::uuid[])", list(set(accounts)))
    return {
        row["account"]: Choices(
            quiet=Quiet(row["quiet_begins"], row["quiet_ends"]),
            daily_at=row["daily_at"],
            kinds=msgspec.json.decode(row["kinds"], type=dict[str, How]),
        )
        for row in rows
    }


async def own(by: Actor) -> Choices:
    """What the actor chose, or how it is unless chosen otherwise."""
    if by.account_id is None:
        raise NotFound()
    return (await of([by.account_id])).get(by.account_id, Choices())


async def choose(by: Actor, quiet: Quiet, daily_at: int, kinds: Mapping[str, How]) -> None:
    """Keep the actor's choices, from the next notice on. Kinds that are owed, and those as usual, are not kept."""
    if by.account_id is None:
        raise NotFound()
    hours = {"quiet_begins": quiet.begins, "quiet_ends": quiet.ends, "daily_at": daily_at}
    if wrong := {name: "请选 0 点到 23 点。" for name, hour in hours.items() if not 0 <= hour <= 23}:
        raise Invalid(wrong)
    offered = choosable(by.is_staff)
    chosen = {name: how for name, how in kinds.items() if name in offered and not offered[name].owed}
    async with database.transaction():
        before = await own(by)
        # Signed in without password a person is a resident only: what they chose about their work stays.
        kept = {name: how for name, how in before.kinds.items() if name not in offered}
        kept |= {name: how for name, how in chosen.items() if how != offered[name].usual}
        kept = dict(sorted(kept.items()))
        if before == Choices(quiet=quiet, daily_at=daily_at, kinds=kept):
            return
        await database.execute(
            """INSERT INTO notice_choices (account, quiet_begins, quiet_ends, daily_at, kinds, changed_at)
               VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (account) DO UPDATE SET quiet_begins = $2, quiet_ends = $3, daily_at = $4, kinds = $5,
                   changed_at = $6""",
            by.account_id,
            quiet.begins,
            quiet.ends,
            daily_at,
            database.to_jsonb(kept),
            clock.now(),
        )
        await events.record(f"account:{by.account_id}", "account.notices_chosen", {**hours, "kinds": kept}, by)
