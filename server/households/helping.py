"""Which members and organisations helped with a case: shown by name where the member agreed, and only there."""

from uuid import UUID

import msgspec

from server.kernel import clock, database, events
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotAllowed


class Helper(msgspec.Struct, frozen=True, kw_only=True):
    """A member who brought a need in, as the case names them."""

    name: str
    organisation: str


async def of_case(case_id: UUID) -> tuple[Helper, ...]:
    """Who helped with a case that the caller has loaded and agreed to be named, first ones first."""
    rows = await database.fetch(
        """SELECT a.name, COALESCE(
               (SELECT o.name FROM household_visits v
                JOIN household_links l ON l.household = v.household AND l.account = s.account
                JOIN organisations o ON o.id = l.organisation
                WHERE v."case" = s."case" AND v.account = s.account ORDER BY l.since DESC LIMIT 1), '') AS organisation
           FROM standings s JOIN accounts a ON a.id = s.account AND a.closed_at IS NULL
           JOIN helper_choices c ON c.account = s.account AND c.named
           WHERE s."case" = $1 AND s.kind = 'linked_member' AND a.name <> '' ORDER BY s.since, s.id""",
        case_id,
    )
    return tuple(msgspec.convert(dict(row), Helper) for row in rows)


async def agrees(by: Actor) -> bool:
    """Whether the actor agreed to be named."""
    found = await database.fetch_value("SELECT named FROM helper_choices WHERE account = $1", by.account_id)
    return bool(found)


async def choose(by: Actor, *, named: bool) -> None:
    """Agree to be named, or take it back; from then on, also for what was."""
    if by.account_id is None or not by.has(Role.PARTY_MEMBER):
        raise NotAllowed("只有联系群众的党员要选这个。")
    async with database.transaction():
        if await agrees(by) == named:
            return
        await database.execute(
            """INSERT INTO helper_choices (account, named, at) VALUES ($1, $2, $3)
               ON CONFLICT (account) DO UPDATE SET named = $2, at = $3""",
            by.account_id,
            named,
            clock.now(),
        )
        await events.record(f"account:{by.account_id}", "account.named_as_helper", {"named": named}, by)
