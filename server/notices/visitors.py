"""Who stands how to what happened with a household; as server.notices.receivers has it of cases."""

from collections.abc import Sequence
from typing import Any

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


FINDERS: dict[Relation, Finder] = {Relation.KEEPERS: _keepers, Relation.LINKED: _linked}
