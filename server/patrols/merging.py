"""One visit, not three: what several plans want at one place within one window becomes one task. Pure rules."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from heapq import heapify, heapreplace

import msgspec


class Due(msgspec.Struct, frozen=True):
    """What one plan wants of a place in one period: a visit on a working day from `begin` to `end`."""

    plan: int
    period: date
    begin: date
    end: date


class Visit(msgspec.Struct, frozen=True):
    """One visit that meets everything in `due`; its window is what theirs have in common."""

    begin: date
    end: date
    due: tuple[Due, ...]

    @property
    def saved(self) -> int:
        """The visits that this one makes needless."""
        return len(self.due) - 1


def merge(due: Iterable[Due]) -> list[Visit]:
    """The fewest visits that meet everything.

    Always the window that ends first takes along every other that has begun by then; no other grouping needs fewer.
    """
    left = sorted(due, key=lambda one: (one.end, one.begin, one.plan, one.period))
    found = []
    while left:
        last = left[0].end
        taken = tuple(one for one in left if one.begin <= last)
        left = [one for one in left if one.begin > last]
        found.append(Visit(max(one.begin for one in taken), last, taken))
    return found


class Open(msgspec.Struct, frozen=True):
    """A task that is there already and can take more along, if it finds a day for all."""

    begin: date
    end: date
    day: date

    def joined(self, one: Due) -> "Open | None":
        """The task with `one` taken along, on its own day where that is possible; None where no day fits both."""
        begin, end = max(self.begin, one.begin), min(self.end, one.end)
        return Open(begin, end, min(max(self.day, begin), end)) if begin <= end else None


def spread(many: int, days: Sequence[date], load: Mapping[date, int]) -> list[date]:
    """`many` days out of `days`, in order, so that with what they carry already no day has more than it must."""
    counts = dict.fromkeys(days, 0)
    heap = [(load.get(day, 0), day) for day in days]
    heapify(heap)
    for _ in range(many):
        carried, day = heap[0]
        counts[day] += 1
        heapreplace(heap, (carried + 1, day))
    return [day for day in days for _ in range(counts[day])]


def along(latitude: float | None, longitude: float | None) -> int:
    """Where a position (degrees) comes on a way that keeps neighbours together (a Z-order curve); unknown ones last."""
    if latitude is None or longitude is None:
        return 1 << 62
    return _spaced(int((latitude + 90) * 5_000)) << 1 | _spaced(int((longitude + 180) * 5_000))


def _spaced(number: int) -> int:
    """The bits of a number up to 2^21 with a gap before each."""
    number = (number | number << 16) & 0x0000FFFF0000FFFF
    number = (number | number << 8) & 0x00FF00FF00FF00FF
    number = (number | number << 4) & 0x0F0F0F0F0F0F0F0F
    number = (number | number << 2) & 0x3333333333333333
    return (number | number << 1) & 0x5555555555555555
