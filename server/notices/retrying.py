"""When a message that did not go out is tried again, and when that ends. Pure."""

from datetime import datetime, timedelta

FIRST = timedelta(seconds=5)
LONGEST = timedelta(hours=1)
FOR = timedelta(days=1)
"""How long a message is tried, from when it should first have gone."""


def pause(tries: int, chance: float) -> timedelta:
    """The pause after this many tries: doubling up to an hour, and up to a fifth longer by `chance` (0 to 1).

    By chance, so that everything that one outage held up does not come back in the same second.
    """
    doubled = FIRST * 2 ** min(max(tries - 1, 0), 12)
    longer: timedelta = min(doubled, LONGEST) * (1 + 0.2 * chance)
    return longer


def again(first_at: datetime, now: datetime, tries: int, *, asked: timedelta | None, chance: float) -> datetime | None:
    """When to try next; None where a day has been tried. `asked` is the least pause that the other side wants."""
    if now - first_at >= FOR:
        return None
    return now + max(pause(tries, chance), asked or timedelta(0))
