"""What a person was told, newest first, and what of it they have read: the same on every device of theirs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from server.kernel import clock, database, pages
from server.kernel.jobs import schedule
from server.kernel.pages import Page
from server.notices.tables import NOTICES

CARRIED = 100
"""So many of the newest lie on the phone."""
MOST = 100
"""Unread ones are counted up to here; pages then say 99+."""
KEPT = NOTICES.time


class InboxRow(msgspec.Struct, frozen=True, kw_only=True):
    """One notice as its receiver sees it, on pages and on the phone."""

    id: UUID
    urgency: str
    title: str
    line: str
    href: str
    at: datetime
    read: bool


class Opened(msgspec.Struct, frozen=True):
    """A page was opened on a phone: what leads there is read, up to the notice `until`. An empty path: all are."""

    path: Annotated[str, Meta(max_length=200)]
    until: UUID


_COLUMNS = "id, urgency, title, line, href, at, read_at IS NOT NULL AS read"


async def page(account: UUID, *, unread: bool = False, after: str = "") -> Page[InboxRow]:
    """A page of the inbox, all or only what is unread."""
    values: list[object] = [account]
    onward = pages.beyond(after, {"id": UUID}, values, falling=True)
    rows = await database.fetch(
        f"""SELECT {_COLUMNS} FROM notices WHERE account = $1 AND {onward} {"AND read_at IS NULL" if unread else ""}
            ORDER BY id DESC LIMIT {pages.SIZE + 1}""",
        *values,
    )
    return pages.page([msgspec.convert(dict(row), InboxRow) for row in rows], lambda one: (one.id,))


async def carried(account: UUID) -> tuple[InboxRow, ...]:
    """What lies on the phone to be read without a network."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM notices WHERE account = $1 ORDER BY id DESC LIMIT {CARRIED}", account
    )
    return tuple(msgspec.convert(dict(row), InboxRow) for row in rows)


async def unread(account: UUID) -> int:
    """How many are unread, `MOST` at most."""
    return (await standing(account, ""))[0]


async def standing(account: UUID, path: str) -> tuple[int, bool]:
    """How many unread ones lead elsewhere than to `path` (`MOST` at most), and whether any leads there."""
    row = await database.fetch_one(
        f"""SELECT (SELECT count(*) FROM (SELECT FROM notices WHERE account = $1 AND read_at IS NULL AND href <> $2
                    LIMIT {MOST}) AS counted) AS left,
                   EXISTS (SELECT FROM notices WHERE account = $1 AND read_at IS NULL AND href = $2) AS here""",
        account,
        path,
    )
    return (row["left"], row["here"]) if row else (0, False)


async def opened(account: UUID, path: str) -> None:
    """The person has opened the page at `path`: what leads there is read."""
    await database.execute(
        "UPDATE notices SET read_at = $3 WHERE account = $1 AND href = $2 AND read_at IS NULL",
        account,
        path,
        clock.now(),
    )


async def opened_on_phone(account: UUID, pages_opened: Sequence[Opened]) -> None:
    """The same of pages that were opened without the server; later notices stay unread. Again is harmless."""
    await database.execute(
        """UPDATE notices n SET read_at = $4 FROM unnest($2::text[], $3::uuid[]) AS o(path, until)
           WHERE n.account = $1 AND n.read_at IS NULL AND n.id <= o.until AND (o.path = '' OR n.href = o.path)""",
        account,
        [one.path for one in pages_opened],
        [one.until for one in pages_opened],
        clock.now(),
    )


@schedule("notices.sweep", "43 3 * * *")
async def sweep() -> None:
    """What is older than a good year goes; what happened stays in the history."""
    await database.execute("DELETE FROM notices WHERE at < $1", clock.now() - KEPT)
