"""What is pushed to whom, and how long the text message waits for the device to say that it showed it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from server.kernel import clock, database
from server.kernel.ids import new_id
from server.notices.kinds import Urgency
from server.notices.outlets.push.devices import LIVE

PATIENCE: Mapping[Urgency, timedelta] = {
    "now": timedelta(minutes=5),
    "soon": timedelta(minutes=30),
    "calm": timedelta(hours=2),
}
"""So long a text message waits for a device to have shown the push; by urgency."""
MOST_AT_ONCE = 3
"""Messages to one person out of one batch of notices, pushed or texted; more become one."""
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
            WHERE d.account = ANY($2::uuid[])
              AND (d.last_sent_at IS NULL OR COALESCE(d.last_shown_at, d.since) > $3) ORDER BY d.since""",
        now,
        list(accounts),
        now - STALE,
    ):
        found[row["account"]].append(row["id"])
    return found


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that is to be pushed, not before `at`."""

    notice: UUID
    account: UUID
    kind: str
    urgency: Urgency
    title: str
    words: str
    href: str
    at: datetime


async def plan(pushed: Sequence[Pushed], devices: Mapping[UUID, Sequence[UUID]]) -> None:
    """Plan pushes to the devices of their accounts, in the open transaction; twice is once.

    Of more than `MOST_AT_ONCE` to one person the first goes, saying how many there are, and carries the others. What
    goes to a device that was told meanwhile to stop is dropped when it is sent.
    """
    many = Counter(one.account for one in pushed)
    carriers: dict[UUID, UUID] = {}
    rows = []
    for one in pushed:
        title, words, href = one.title, one.words, one.href
        if many[one.account] > MOST_AT_ONCE:
            title, words, href = f"您有 {many[one.account]} 条消息", "点开看。", "/inbox"
        for device in devices.get(one.account, ()):
            made = new_id()
            carrier = carriers.setdefault(device, made) if many[one.account] > MOST_AT_ONCE else made
            behind = carrier if carrier != made else None
            rows.append(
                (made, one.notice, one.account, device, one.kind, one.urgency, title, words, href, one.at, behind)
            )
    if not rows:
        return
    await database.execute(
        """INSERT INTO push_sends (id, notice, account, device, kind, urgency, title, words, href, first_at, next_at,
               sent_with, created_at)
           SELECT id, notice, account, device, kind, urgency, title, words, href, at, at, behind, $12
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
                       $9::text[], $10::timestamptz[], $11::uuid[])
               AS n(id, notice, account, device, kind, urgency, title, words, href, at, behind)
           ON CONFLICT (notice, device) DO NOTHING""",
        *[list(column) for column in zip(*rows, strict=True)],
        clock.now(),
    )


async def reached(delivery: UUID) -> bool:
    """Whether a device has shown every notice that a text message carries, or its person has read them after they were
    pushed: then the message stays away."""
    found = await database.fetch_value(
        """SELECT bool_and(EXISTS (
               SELECT FROM push_sends p LEFT JOIN notices n ON n.id = p.notice
               WHERE p.notice = d.notice AND (p.shown_at IS NOT NULL OR n.read_at IS NOT NULL)))
           FROM deliveries d WHERE d.id = $1 OR d.sent_with = $1""",
        delivery,
    )
    return bool(found)


async def shown(send: UUID) -> None:
    """The device showed it, and all that it carries: whatever comes after push stays away. Again changes nothing; an
    unknown id neither."""
    await database.execute(
        """WITH one AS (UPDATE push_sends SET shown_at = COALESCE(shown_at, $2)
                        WHERE id = $1 OR sent_with = $1 RETURNING device)
           UPDATE push_devices d SET last_shown_at = $2 FROM one WHERE d.id = one.device""",
        send,
        clock.now(),
    )
