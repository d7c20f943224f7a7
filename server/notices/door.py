"""Who stands how to what happened at a secretary's door; as server.notices.receivers has it of cases."""

from collections.abc import Sequence
from typing import Any

from server.kernel import database
from server.kernel.events import Event
from server.notices.receivers import HELD, Finder
from server.notices.relations import Relation
from server.notices.wording import subject_of

_RANKED = f"""SELECT g.event, a.id AS account,
                     dense_rank() OVER (PARTITION BY g.event ORDER BY length(r.path) DESC) AS height
              FROM unnest($1::uuid[], $2::uuid[]) AS g(event, thread) JOIN door_threads t ON t.id = g.thread
              JOIN areas r ON r.id IN (t.community, t.street, t.district)
              JOIN posts p ON p.area = r.id AND p.role = 'secretary' {HELD}"""


async def _by_thread(statement: str, events: Sequence[Event]) -> list[Any]:
    return await database.fetch(statement, [event.id for event in events], [subject_of(event) for event in events])


async def _at_door(events: Sequence[Event]) -> list[Any]:
    return await _by_thread(f"SELECT DISTINCT event, account FROM ({_RANKED}) AS near WHERE height = 1", events)


async def _above(events: Sequence[Event]) -> list[Any]:
    return await _by_thread(
        f"""SELECT DISTINCT event, account FROM ({_RANKED}) AS near WHERE height = 2
            EXCEPT SELECT event, account FROM ({_RANKED}) AS near WHERE height = 1""",
        events,
    )


async def _knocked(events: Sequence[Event]) -> list[Any]:
    return await _by_thread(
        """SELECT g.event, a.id AS account FROM unnest($1::uuid[], $2::uuid[]) AS g(event, thread)
           JOIN door_threads t ON t.id = g.thread JOIN accounts a ON a.id = t.account AND a.closed_at IS NULL""",
        events,
    )


FINDERS: dict[Relation, Finder] = {
    Relation.AT_DOOR: _at_door,
    Relation.ABOVE_DOOR: _above,
    Relation.KNOCKED: _knocked,
}
