"""Who stands how to what happened on a round; as server.notices.receivers has it of cases."""

from collections.abc import Sequence
from typing import Any

from server.kernel import database
from server.kernel.events import Event
from server.notices.receivers import HELD, Finder
from server.notices.relations import Relation
from server.notices.wording import subject_of


async def _walkers(events: Sequence[Event]) -> list[Any]:
    """The posts that an event names, and the workers of its grids (of the community, where those walk it whole)."""
    posts = [(event.id, post) for event in events for post in event.data.get("posts", ())]
    grids = [(event, grid) for event in events for grid in event.data.get("grids", ())]
    return await database.fetch(
        f"""SELECT DISTINCT g.event, a.id AS account FROM (
                SELECT event, post, NULL::bigint AS besides FROM unnest($1::uuid[], $2::bigint[]) AS named(event, post)
                UNION ALL
                SELECT named.event, w.id, besides FROM unnest($3::uuid[], $4::int[], $5::bigint[])
                    AS named(event, grid, besides)
                JOIN areas r ON r.id = named.grid
                JOIN posts w ON w.role = 'grid_worker' AND w.area IN (r.id, r.parent)) AS g
            JOIN posts p ON p.id = g.post AND p.id IS DISTINCT FROM g.besides {HELD} WHERE p.role = 'grid_worker'""",
        [event for event, _ in posts],
        [post for _, post in posts],
        [event.id for event, _ in grids],
        [grid for _, grid in grids],
        [event.data.get("besides") for event, _ in grids],
    )


async def _sent(events: Sequence[Event]) -> list[Any]:
    return await _by_order("p.id = o.post", events)


async def _sender(events: Sequence[Event]) -> list[Any]:
    return await _by_order(
        "p.role IN ('community_staff', 'secretary', 'centre_officer') AND p.id IN ("
        "SELECT post FROM holdings WHERE account = o.by AND until IS NULL)",
        events,
    )


async def _by_order(condition: str, events: Sequence[Event]) -> list[Any]:
    return await database.fetch(
        f"""SELECT DISTINCT g.event, a.id AS account FROM unnest($1::uuid[], $2::uuid[]) AS g(event, "order")
            JOIN patrol_orders o ON o.id = g."order" JOIN posts p ON {condition} {HELD}""",
        [event.id for event in events],
        [subject_of(event) for event in events],
    )


def _of_absence(column: str) -> Finder:
    async def finder(events: Sequence[Event]) -> list[Any]:
        return await database.fetch(
            f"""SELECT DISTINCT g.event, a.id AS account FROM unnest($1::uuid[], $2::int[]) AS g(event, absence)
                JOIN patrol_absences x ON x.id = g.absence JOIN posts p ON p.id = x.{column} {HELD}""",
            [event.id for event in events],
            [int(event.stream.partition(":")[2]) for event in events],
        )

    return finder


async def _rectifiers(events: Sequence[Event]) -> list[Any]:
    return await database.fetch(
        f"""SELECT DISTINCT g.event, a.id AS account FROM unnest($1::uuid[], $2::uuid[]) AS g(event, rectification)
            JOIN patrol_rectifications r ON r.id = g.rectification
            JOIN posts p ON p.role = 'grid_worker' AND p.area IN (r.grid, r.community) {HELD}""",
        [event.id for event in events],
        [subject_of(event) for event in events],
    )


FINDERS: dict[Relation, Finder] = {
    Relation.WALKERS: _walkers,
    Relation.SENT: _sent,
    Relation.SENDER: _sender,
    Relation.ABSENT: _of_absence("post"),
    Relation.STAND_IN: _of_absence("to_post"),
    Relation.RECTIFIERS: _rectifiers,
}
