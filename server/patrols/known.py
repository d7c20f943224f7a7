"""What a batch of records is held against: loaded once, set by set, and locked where it will change."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from server.forms.checklists import Item, read_items
from server.kernel import database
from server.kernel.actor import Actor
from server.patrols import reach
from server.patrols.place import PlaceRow, load_any
from server.patrols.reach import Walks
from server.patrols.visit import Told


class KnownTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task with the checklists that it wants."""

    id: UUID
    place: UUID
    post: int | None
    at_desk: bool
    given: tuple[int, ...]
    state: str
    outcome: str | None
    visit: UUID | None
    window_to: date
    day: date
    tries: int
    rectification: UUID | None
    checklists: tuple[int, ...]


class KnownList(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a checklist."""

    id: int
    checklist: int
    name: str
    department: str
    newest: bool
    items: tuple[Item, ...]


class KnownVisit(msgspec.Struct, frozen=True, kw_only=True):
    """A record that is there already."""

    id: UUID
    root: UUID
    version: int
    account: UUID
    corrected: bool


class KnownRectification(msgspec.Struct, frozen=True, kw_only=True):
    """What had to be put right."""

    id: UUID
    number: str
    place: UUID
    checklist: int
    items: tuple[str, ...]
    due: date
    failed: int
    state: str


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """A finding of an earlier version of a record."""

    root: UUID
    item: str
    version: int | None
    words: str
    leads_to: str
    case: UUID | None
    number: str
    rectification: UUID | None
    due: date | None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    account: UUID | None
    today: date
    now: Walks
    ever: Walks
    desk: frozenset[int]
    """Communities that the actor's desk looks after."""
    tasks: dict[UUID, KnownTask]
    places: dict[UUID, PlaceRow]
    lists: dict[int, KnownList]
    visits: dict[UUID, KnownVisit]
    findings: frozenset[UUID]
    """Ids of findings that are taken."""
    corrected_by: dict[UUID, KnownVisit]
    """Records that came before what they correct, by the id of that."""
    rectifications: dict[UUID, KnownRectification]
    earlier: dict[UUID, list[Earlier]]
    """By the root of the record."""
    orders: dict[UUID, int]
    """Orders not arrived yet -> the post they were sent to."""


async def load(told: Sequence[Told], by: Actor) -> Known:
    """One statement a table, however many records; tasks and rectifications stay locked until the transaction ends."""
    tasks = await _tasks([one.task for one in told if one.task])
    wanted = {one.place for one in told if one.place} | {task.place for task in tasks.values()}
    places = await load_any(list(wanted))
    visits, before = await _visits(told)
    roots = [one.root for one in visits.values()]
    corrections = any(one.corrects for one in told)
    earlier = await _earlier(roots) if corrections else {}
    needed = [task.rectification for task in tasks.values() if task.rectification]
    needed += [one.rectification for each in earlier.values() for one in each if one.rectification]
    return Known(
        account=by.account_id,
        today=reach.today(),
        now=reach.walks(by),
        ever=await reach.has_walked(by),
        desk=frozenset(await reach.communities(by)) if by.system or reach.desks(by) else frozenset(),
        tasks=tasks,
        places=places,
        lists=await lists([part.version for one in told for part in one.lists]),
        visits=visits,
        findings=await _findings([each.id for one in told for each in one.findings]),
        corrected_by=before,
        rectifications=await rectifications(needed) if needed else {},
        earlier=earlier,
        orders=await _orders([one.order for one in told if one.order]),
    )


async def lists(versions: Sequence[int]) -> dict[int, KnownList]:
    """Versions of checklists by id."""
    rows = await database.fetch(
        """SELECT v.id, v.checklist, c.name, c.department, v.items::text AS items,
                  NOT EXISTS (SELECT FROM checklist_versions n
                              WHERE n.checklist = v.checklist AND n.version > v.version) AS newest
           FROM checklist_versions v JOIN checklists c ON c.id = v.checklist WHERE v.id = ANY($1::int[])""",
        list(set(versions)),
    )
    return {row["id"]: KnownList(**{**dict(row), "items": _items(row["items"])}) for row in rows}


async def rectifications(ids: Sequence[UUID]) -> dict[UUID, KnownRectification]:
    """These, locked."""
    rows = await database.fetch(
        """SELECT r.id, r.number, r.place, v.checklist, r.items, r.due, r.failed, r.state
           FROM patrol_rectifications r JOIN checklist_versions v ON v.id = r.checklist_version
           WHERE r.id = ANY($1::uuid[]) ORDER BY r.id FOR UPDATE OF r""",
        list(ids),
    )
    return {
        row["id"]: KnownRectification(**{**dict(row), "items": tuple(msgspec.json.decode(row["items"]))})
        for row in rows
    }


_decoded: dict[str, tuple[Item, ...]] = {}


def _items(text: str) -> tuple[Item, ...]:
    if text not in _decoded:
        if len(_decoded) > 500:
            _decoded.clear()
        _decoded[text] = read_items(msgspec.json.decode(text))
    return _decoded[text]


async def _tasks(ids: Sequence[UUID]) -> dict[UUID, KnownTask]:
    if not ids:
        return {}
    rows = await database.fetch(
        """WITH mine AS (SELECT * FROM patrol_tasks WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE)
           SELECT t.id, t.place, t.post, t.at_desk, t.given, t.state, t.outcome, t.visit, t.window_to, t.day,
                  t.tries,
                  t.rectification, ARRAY(
                      SELECT i.checklist FROM patrol_task_items i WHERE i.task = t.id ORDER BY i.id) AS checklists
           FROM mine t""",
        list(ids),
    )
    found = {}
    for row in rows:
        given = msgspec.json.decode(row["given"]) if row["given"] != "[]" else ()
        found[row["id"]] = KnownTask(
            **{**dict(row), "given": tuple(given), "checklists": tuple(dict.fromkeys(row["checklists"]))}
        )
    return found


async def _visits(told: Sequence[Told]) -> tuple[dict[UUID, KnownVisit], dict[UUID, KnownVisit]]:
    """The records of these ids and those that they correct; and records that correct these."""
    rows = await database.fetch(
        """SELECT id, root, version, account, corrected_at IS NOT NULL AS corrected, corrects FROM patrol_visits
           WHERE id = ANY($1::uuid[]) OR corrects = ANY($2::uuid[])""",
        [one.id for one in told] + [one.corrects for one in told if one.corrects],
        [one.id for one in told],
    )
    found, before = {}, {}
    for row in rows:
        values: dict[str, Any] = dict(row)
        corrects = values.pop("corrects")
        found[row["id"]] = one = KnownVisit(**values)
        if corrects is not None:
            before[corrects] = one
    return found, before


async def _findings(ids: Sequence[UUID]) -> frozenset[UUID]:
    if not ids:
        return frozenset()
    rows = await database.fetch("SELECT id FROM patrol_findings WHERE id = ANY($1::uuid[])", list(ids))
    return frozenset(row["id"] for row in rows)


async def _earlier(roots: Sequence[UUID]) -> dict[UUID, list[Earlier]]:
    rows = await database.fetch(
        """SELECT v.root, f.item, f.checklist_version AS version, f.words, f.leads_to, f."case", f.rectification, r.due,
                  COALESCE(c.number, r.number, '') AS number
           FROM patrol_visits v JOIN patrol_findings f ON f.visit = v.id
           LEFT JOIN cases c ON c.id = f."case" LEFT JOIN patrol_rectifications r ON r.id = f.rectification
           WHERE v.root = ANY($1::uuid[]) ORDER BY v.version""",
        list(roots),
    )
    found: dict[UUID, list[Earlier]] = defaultdict(list)
    for row in rows:
        found[row["root"]].append(Earlier(**dict(row)))
    return found


async def _orders(ids: Sequence[UUID]) -> dict[UUID, int]:
    if not ids:
        return {}
    rows = await database.fetch(
        "SELECT id, post FROM patrol_orders WHERE id = ANY($1::uuid[]) AND state <> 'withdrawn' FOR UPDATE", list(ids)
    )
    return {row["id"]: row["post"] for row in rows}
