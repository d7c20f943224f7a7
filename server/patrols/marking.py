"""Why the desk should look at a record, and whether it meets its task. Pure rules (the marks in words: marks)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from server.kernel.clock import BEIJING
from server.patrols.known import Known, KnownTask
from server.patrols.place import PlaceRow
from server.patrols.visit import GONE, Told


def marks(
    told: Told,
    task: KnownTask | None,
    place: PlaceRow | None,
    versions: Iterable[int],
    known: Known,
    root: UUID,
) -> Iterator[str]:
    """The marks of a record that answers these versions of checklists; one may come twice."""
    seen = [known.lists[version] for version in versions]
    if not all(one.newest for one in seen):
        yield "old_list"
    if place is not None and place.merged_into is not None:
        yield "merged"
    elif place is not None and not place.live:
        yield "retired"
    if place is not None and told.task is None and not known.now.covers(place.grid, place.community):
        yield from _elsewhere(told, place, known)
    if told.phone is not None and told.phone.odd:
        yield "odd_clock"
    if told.outcome == "refused":
        yield "refused"
    if told.outcome in GONE:
        yield "gone"
    if told.task is not None:
        yield from _task_marks(told, task, {one.checklist for one in seen}, known, root)


def _elsewhere(told: Told, place: PlaceRow, known: Known) -> Iterator[str]:
    if place.community not in known.desk and known.orders.get(told.order or told.id) not in known.now.posts:
        yield "moved_on"


def _task_marks(told: Told, task: KnownTask | None, answered: set[int], known: Known, root: UUID) -> Iterator[str]:
    if task is None or task.state == "withdrawn":
        yield "withdrawn"
        return
    place = known.places.get(task.place)
    own = task.post is None and not task.at_desk and place and known.now.covers(place.grid, place.community)
    if task.post not in known.now.posts and not own:
        known_once = place and known.ever.covers(place.grid, place.community)
        now_there = place and known.now.covers(place.grid, place.community)
        yield "moved_on" if known_once and not now_there and task.post is None else "given"
    if not settles(task, root, known):
        yield "doubled"
    if told.outcome == "done" and not set(task.checklists) <= answered:
        yield "unfinished"
    if _day(told, known) > task.window_to:
        yield "past_window"


def settles(task: KnownTask | None, root: UUID, known: Known) -> bool:
    """Whether the record meets its task: it is open, or was met by an earlier version of the same record."""
    if task is None or task.state == "withdrawn":
        return False
    met = known.visits.get(task.visit) if task.visit else None
    return task.state == "open" or task.visit == root or (met is not None and met.root == root)


def _day(told: Told, known: Known) -> Any:
    """The day the phone says, if it can be right; else today."""
    if told.phone is None or told.phone.odd:
        return known.today
    return min(datetime.fromisoformat(told.phone.at).astimezone(BEIJING).date(), known.today)
