"""The door's numbers, which are public: how much was asked and answered, how often the promised day was kept."""

from datetime import timedelta

import msgspec

from server.kernel import clock, database
from server.kernel.clock import BEIJING

PERIODS = {30: "近 30 天", 90: "近 90 天", 365: "近一年"}


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """What a community's door has seen. Counts of what was asked, never of people."""

    id: int
    name: str
    street: str
    asked: int
    answered: int
    promised: int
    """Of those whose promised day has come, or that were answered."""
    kept: int
    """Of these, answered on or before the day that was promised first."""
    waiting: int
    late: int
    hours: float | None
    """The median time to an answer, in hours."""

    @property
    def kept_share(self) -> int | None:
        """Per cent; None where nothing was promised yet."""
        return round(100 * self.kept / self.promised) if self.promised else None


async def of(days: int, street: int | None = None) -> tuple[Door, ...]:
    """The doors of all communities in use where something was asked in the period, or of one street's."""
    now = clock.now()
    rows = await database.fetch(_DOORS, now - timedelta(days=days), now, street, now.astimezone(BEIJING).date())
    return tuple(msgspec.convert(dict(row), Door) for row in rows)


async def of_community(community: int, days: int = 365) -> Door | None:
    """One door; None where nothing was asked."""
    return next((one for one in await of(days) if one.id == community), None)


def in_words(hours: float | None) -> str:
    """3 小时, 2 天."""
    if hours is None:
        return ""
    return f"{max(1, round(hours))} 小时" if hours < 48 else f"{round(hours / 24)} 天"


_DOORS = """SELECT c.id, c.name, COALESCE(s.name, '') AS street, count(*) AS asked, count(u.answered_at) AS answered,
       count(*) FILTER (WHERE u.promised_on IS NOT NULL
                        AND (u.answered_at IS NOT NULL OR u.promised_on < $4::date)) AS promised,
       count(*) FILTER (WHERE (u.answered_at AT TIME ZONE 'Asia/Shanghai')::date <= u.promised_on) AS kept,
       count(*) FILTER (WHERE u.answered_at IS NULL) AS waiting,
       count(*) FILTER (WHERE u.answered_at IS NULL
                        AND COALESCE(u.moved_to, u.promised_on) < $4::date) AS late,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM u.answered_at - u.asked_at) / 3600)
           FILTER (WHERE u.answered_at IS NOT NULL) AS hours
FROM door_turns u JOIN areas c ON c.id = u.community LEFT JOIN areas s ON s.id = c.parent
WHERE NOT u.withdrawn AND u.asked_at > $1 AND u.asked_at <= $2 AND ($3::int IS NULL OR c.parent = $3)
GROUP BY c.id, c.name, c.code, s.name ORDER BY c.code"""
