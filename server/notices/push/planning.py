"""What is pushed to whom, and how long the text message waits for the device to say that it showed it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from server.kernel import clock, database
from server.kernel.ids import new_id
from server.notices.kinds import Urgency
from server.notices.push.devices import LIVE

PATIENCE: Mapping[Urgency, timedelta] = {
    "now": timedelta(minutes=5),
    "soon": timedelta(minutes=30),
    "calm": timedelta(hours=2),
}
"""So long a text message waits for a device to have shown the push; by urgency."""
MOST_AT_ONCE = 3
"""Pushes to one person out of one batch; more become one that says how many."""
STALE = timedelta(days=30)
"""A device that has shown nothing for so long, though it was sent something, holds up no message."""


async def devices_of(accounts: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The devices of these accounts that are told now."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    if not accounts:
        return found
    now = clock.now()
    for row in await database.fetch(
        f"""SELECT d.account, d.id FROM push_devices d {LIVE}
            WHERE d.account = ANY($2::uuid[]) AND d.works
              AND (d.last_sent_at IS NULL OR COALESCE(d.last_shown_at, d.since) > $3) ORDER BY d.since""",
        now,
        list(accounts),
        now - STALE,
    ):
        found[row["account"]].append(row["id"])
    return found


async def plan(notices: Sequence[tuple[UUID, UUID, str, Urgency, str, str, str, datetime]]) -> None:
    """Plan pushes for notices (id, account, kind, urgency, title, words, href, not before) in the open transaction;
    twice is once. What goes to a device that was told meanwhile to stop is dropped when it is sent."""
    devices = await devices_of([one[1] for one in notices])
    many = Counter(one[1] for one in notices)
    rows, gathered = [], set[UUID]()
    for notice, account, kind, urgency, title, words, href, at in notices:
        if many[account] > MOST_AT_ONCE:
            if account in gathered:
                continue
            gathered.add(account)
            title, words, href = f"您有 {many[account]} 条消息", "点开看。", "/inbox"
        rows += [
            (new_id(), notice, account, device, kind, urgency, title, words, href, at) for device in devices[account]
        ]
    if not rows:
        return
    columns = list(zip(*rows, strict=True))
    await database.execute(
        """INSERT INTO push_sends (id, notice, account, device, kind, urgency, title, words, href, first_at, next_at,
               created_at)
           SELECT *, $11 FROM (SELECT id, notice, account, device, kind, urgency, title, words, href, at, at AS next
               FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[],
                           $8::text[], $9::text[], $10::timestamptz[])
                   AS n(id, notice, account, device, kind, urgency, title, words, href, at)) AS one
           ON CONFLICT (notice, device) DO NOTHING""",
        *[list(column) for column in columns],
        clock.now(),
    )


async def reached(notice: UUID) -> bool:
    """Whether a device has shown a notice, or its person has read it: then no text message follows."""
    found = await database.fetch_value(
        """SELECT EXISTS (SELECT FROM push_sends WHERE notice = $1 AND shown_at IS NOT NULL)
               OR EXISTS (SELECT FROM notices WHERE id = $1 AND read_at IS NOT NULL
                          AND EXISTS (SELECT FROM push_sends WHERE notice = $1))""",
        notice,
    )
    return bool(found)


async def shown(send: UUID) -> None:
    """The device showed it: whatever comes after push stays away. Again changes nothing; an unknown id neither."""
    await database.execute(
        """WITH one AS (UPDATE push_sends SET shown_at = COALESCE(shown_at, $2) WHERE id = $1 RETURNING device)
           UPDATE push_devices d SET last_shown_at = $2, works = TRUE FROM one WHERE d.id = one.device""",
        send,
        clock.now(),
    )
