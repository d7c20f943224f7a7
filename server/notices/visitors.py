"""Who stands how to what happened with a household; as server.notices.receivers has it of cases."""

from collections.abc import Sequence
from typing import Any

from server.households.care.rule import Rung
from server.kernel import database
from server.kernel.events import Event
from server.notices.receivers import HELD, Finder
from server.notices.relations import Relation
from server.notices.wording import subject_of


async def _keepers(events: Sequence[Event]) -> list[Any]:
    return await database.fetch(
        f"""SELECT DISTINCT g.event, a.id AS account FROM unnest($1::uuid[], $2::uuid[]) AS g(event, household)
            JOIN households t ON t.id = g.household
            JOIN posts p ON p.area = t.community AND p.role IN ('community_staff', 'secretary') {HELD}""",
        [event.id for event in events],
        [subject_of(event) for event in events],
    )


async def _linked(events: Sequence[Event]) -> list[Any]:
    return await database.fetch(
        f"""SELECT DISTINCT g.event, a.id AS account
            FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS g(event, household, account)
            JOIN household_links l ON l.household = g.household AND l.account = g.account AND l.until IS NULL
            JOIN posts p ON p.role = 'party_member' {HELD} WHERE a.id = g.account""",
        [event.id for event in events],
        [subject_of(event) for event in events],
        [event.data.get("to") or event.data.get("member") for event in events],
    )


def _missed(first: bool) -> Finder:
    """Whom a missed contact names: members, or who is above them."""
    stands = (
        """JOIN household_links l ON l.household = t.id AND l.account = g.account AND l.until IS NULL
           JOIN posts p ON p.role = 'party_member'"""
        if first
        else """JOIN posts p ON (p.role = 'grid_worker' AND p.area = t.grid)
                    OR (p.role = 'secretary' AND p.area IN (t.community, t.street, t.district))"""
    )

    async def finder(events: Sequence[Event]) -> list[Any]:
        named = [
            (event, account)
            for event in events
            for account, rung in event.data.get("to", {}).items()
            if (rung == Rung.MEMBER) is first
        ]
        return await database.fetch(
            f"""SELECT DISTINCT g.event, a.id AS account
                FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS g(event, household, account)
                JOIN households t ON t.id = g.household {stands} {HELD} WHERE a.id = g.account""",
            [event.id for event, _ in named],
            [subject_of(event) for event, _ in named],
            [account for _, account in named],
        )

    return finder


FINDERS: dict[Relation, Finder] = {
    Relation.KEEPERS: _keepers,
    Relation.LINKED: _linked,
    Relation.LOOKS_IN: _missed(True),
    Relation.SENT_TO_LOOK: _missed(False),
}
