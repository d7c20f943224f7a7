"""What is to be made for the places of one grid: new tasks, and tasks that take more along. Pure rules."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from uuid import UUID

import msgspec

from server.patrols.merging import Due, Open, Visit, along, merge, spread
from server.patrols.schedule import WorkingDays


class Spot(msgspec.Struct, frozen=True):
    """A place as the making sees it."""

    id: UUID
    kind: int
    latitude: float | None
    longitude: float | None


class New(msgspec.Struct, frozen=True):
    """A task to make."""

    place: UUID
    kind: int
    visit: Visit
    day: date


class Joined(msgspec.Struct, frozen=True):
    """A task that is there takes more along."""

    task: UUID
    place: UUID
    now: Open
    due: tuple[Due, ...]


class Wanted(msgspec.Struct, frozen=True):
    """Everything to write for one grid."""

    new: list[New]
    joined: list[Joined]

    @property
    def saved(self) -> int:
        """The visits saved by going once."""
        return sum(one.visit.saved for one in self.new) + sum(len(one.due) for one in self.joined)


Made = AbstractSet[tuple[UUID, int, date]]
"""Place, plan and period of everything that has its task."""


def wanted(
    spots: Sequence[Spot],
    due_of: Callable[[int], tuple[Due, ...]],
    made: Made,
    tasks: Mapping[UUID, Mapping[UUID, Open]],
    days: WorkingDays,
    load: Mapping[date, int],
) -> Wanted:
    """What is still missing. `due_of` a kind of place; `tasks`: place -> its open tasks; `load`: tasks of each day."""
    joined: list[Joined] = []
    visits: dict[tuple[date, date], list[tuple[Spot, Visit]]] = defaultdict(list)
    merged: dict[tuple[Due, ...], list[Visit]] = {}
    for spot in sorted(spots, key=lambda one: along(one.latitude, one.longitude)):
        due = tuple(one for one in due_of(spot.kind) if (spot.id, one.plan, one.period) not in made)
        if due and (there := tasks.get(spot.id)):
            due = _join(spot, due, there, joined)
        if due not in merged:
            merged[due] = merge(due)
        for visit in merged[due]:
            visits[visit.begin, visit.end].append((spot, visit))
    return Wanted(_placed(visits, days, Counter(load)), joined)


def _join(spot: Spot, due: tuple[Due, ...], there: Mapping[UUID, Open], joined: list[Joined]) -> tuple[Due, ...]:
    """Have the open tasks of a place take along what they can; the rest comes back."""
    now, took = dict(there), defaultdict[UUID, list[Due]](list)
    for one in sorted(due, key=lambda one: one.end):
        for task in sorted(now, key=lambda task: now[task].day):
            if (with_it := now[task].joined(one)) is not None:
                now[task] = with_it
                took[task].append(one)
                break
    joined += [Joined(task, spot.id, now[task], tuple(more)) for task, more in took.items()]
    taken = {one for more in took.values() for one in more}
    return tuple(one for one in due if one not in taken)


def _placed(
    visits: Mapping[tuple[date, date], Sequence[tuple[Spot, Visit]]], days: WorkingDays, load: Counter[date]
) -> list[New]:
    """Each visit on its day; short windows choose first, because long ones have more days to go round them."""
    found = []
    for begin, end in sorted(visits, key=lambda window: (window[1] - window[0], window)):
        here = visits[begin, end]
        on = spread(len(here), days.between(begin, end), load)
        load.update(on)
        found += [New(spot.id, spot.kind, visit, day) for (spot, visit), day in zip(here, on, strict=True)]
    return found
