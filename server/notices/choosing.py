"""Whether and when a notice leaves the inbox: a pure rule over its kind, its urgency and what its receiver chose.

- The inbox has every notice at once; this is about what else comes to the phone.
- What somebody owes (`Kind.owed`) cannot be switched off or put into the daily message.
- In quiet hours nothing comes but what is owed and urgent "now"; the rest comes when they end.
- What is chosen "daily" comes in one message at the hour chosen.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

import msgspec

from server.kernel.clock import BEIJING
from server.notices.kinds import How, Kind, Urgency


class Quiet(msgspec.Struct, frozen=True):
    """Hours of Beijing in which nothing comes, also over midnight; from = to is none."""

    begins: int = 22
    ends: int = 7

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies within."""
        hour = moment.astimezone(BEIJING).hour
        if self.begins <= self.ends:
            return self.begins <= hour < self.ends
        return hour >= self.begins or hour < self.ends


NIGHT = Quiet()
NEVER_QUIET = Quiet(0, 0)


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What a person chose; as it is here where they chose nothing."""

    quiet: Quiet = NIGHT
    daily_at: int = 18
    kinds: Mapping[str, How] = {}


class Way(msgspec.Struct, frozen=True):
    """A message is to go not before `at`; `together` with whatever else of this person waits for then."""

    at: datetime
    together: bool = False


def how(name: str, kind: Kind, choices: Choices) -> How:
    """How a kind comes to a person; what they owe comes as it must, whatever they once chose."""
    return kind.usual if kind.owed else choices.kinds.get(name, kind.usual)


def way(name: str, kind: Kind, urgency: Urgency, choices: Choices, at: datetime) -> Way | None:
    """When a notice of this moment goes out to the person; None where the inbox is enough."""
    chosen = how(name, kind, choices)
    if chosen == "inbox":
        return None
    if chosen == "daily":
        return Way(after_quiet(next_hour(at, choices.daily_at), choices.quiet), together=True)
    if kind.owed and urgency == "now":
        return Way(at)
    # What the night held back comes as one message in the morning, not as ten in a row.
    later = after_quiet(at, choices.quiet)
    return Way(later, together=later != at)


def after_quiet(moment: datetime, quiet: Quiet) -> datetime:
    """The moment itself, or the end of the quiet hours that hold it."""
    return next_hour(moment, quiet.ends) if quiet.holds(moment) else moment


def next_hour(moment: datetime, hour: int) -> datetime:
    """The next time after `moment` at which it is this hour in Beijing, which knows no summer time."""
    here = moment.astimezone(BEIJING)
    that = datetime.combine(here.date(), time(hour), BEIJING)
    return (that if that > here else that + timedelta(days=1)).astimezone(moment.tzinfo)
