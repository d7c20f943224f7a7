"""Who stands how to what happened at a secretary's door; as server.notices.receivers has it of cases."""

from collections.abc import Sequence
from typing import Any

from server.kernel import database
from server.kernel.events import Event
from server.notices.receivers import Finder
from server.notices.relations import Relation
from server.notices.wording import subject_of
from server.people import secretaries


def _secretaries(height: int) -> Finder:
    """Those at the door (0), or of the next level above it that has any (1), who are not at it."""

    async def finder(events: Sequence[Event]) -> list[Any]:
        ids = [subject_of(event) for event in events]
        rows = await database.fetch("SELECT id, community FROM door_threads WHERE id = ANY($1::uuid[])", ids)
        communities = {row["id"]: row["community"] for row in rows}
        lines = await secretaries.lines(set(communities.values()))
        return [
            {"event": event.id, "account": account}
            for event, thread in zip(events, ids, strict=True)
            if len(line := lines.get(communities.get(thread, 0), ())) > height
            for account in line[height]
            if height == 0 or account not in line[0]
        ]

    return finder


async def _knocked(events: Sequence[Event]) -> list[Any]:
    return await database.fetch(
        """SELECT g.event, a.id AS account FROM unnest($1::uuid[], $2::uuid[]) AS g(event, thread)
           JOIN door_threads t ON t.id = g.thread JOIN accounts a ON a.id = t.account AND a.closed_at IS NULL""",
        [event.id for event in events],
        [subject_of(event) for event in events],
    )


FINDERS: dict[Relation, Finder] = {
    Relation.AT_DOOR: _secretaries(0),
    Relation.ABOVE_DOOR: _secretaries(1),
    Relation.KNOCKED: _knocked,
}
