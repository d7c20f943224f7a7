"""Rectifications as the desk lists them, and the sheet that the operator gets: on paper, or by a secret link."""

import base64
import hmac
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from server.kernel import database, events, pages
from server.kernel.actor import Actor
from server.kernel.errors import NotAllowed, NotFound
from server.kernel.ids import digest, new_id
from server.kernel.pages import Page
from server.kernel.settings import settings
from server.patrols import reach
from server.patrols.rectifications import stream_of

STATE_WORDS = {"open": "等复查", "passed": "已改好", "case": "已转为工单", "withdrawn": "已撤销"}
MISSING = "没有找到这张整改单。"
_OPEN: dict[str, type] = {"r.due": date, "r.id": UUID}
_CLOSED: dict[str, type] = {"r.ended_at": datetime, "r.id": UUID}


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A rectification as the desk and its operator read it."""

    id: UUID
    number: str
    place: str
    address: str
    place_code: str
    community: int
    community_name: str
    department: str
    words: str
    due: date
    failed: int
    state: str
    case: str
    version: int
    made_at: datetime
    ended_at: datetime | None
    revisit: date | None
    """The day on which somebody looks again."""

    @property
    def state_words(self) -> str:
        return STATE_WORDS[self.state]

    @property
    def overdue(self) -> bool:
        return self.state == "open" and self.due < reach.today()

    @property
    def lines(self) -> list[str]:
        return self.words.splitlines()


async def sheets(by: Actor, *, closed: bool = False, after: str = "") -> Page[Sheet]:
    """Those of the actor's desk: open ones by their day, or the latest that are settled."""
    values: list[Any] = [await reach.communities(by), closed]
    onward = pages.beyond(after, _CLOSED if closed else _OPEN, values, falling=closed)
    order = "r.ended_at DESC, r.id DESC" if closed else "r.due, r.id"
    found = await _sheets(
        f"""r.community = ANY($1::int[]) AND (r.state <> 'open') = $2 AND {onward}
            ORDER BY {order} LIMIT {pages.SIZE + 1}""",
        *values,
    )
    return pages.page(found, lambda one: (one.ended_at if closed else one.due, one.id))


async def sheet(rectification: UUID, by: Actor) -> Sheet:
    """One of them; `NotFound` for others."""
    found = await _sheets("r.community = ANY($1::int[]) AND r.id = $2", await reach.communities(by), rectification)
    if not found:
        raise NotFound(MISSING)
    return found[0]


async def link(rectification: UUID, by: Actor) -> str:
    """The secret of the operator's link; the same each time, until the rectification is settled."""
    async with database.transaction():
        found = await sheet(rectification, by)
        row: Any = await database.fetch_one(
            "SELECT link FROM patrol_rectifications WHERE id = $1 FOR UPDATE", rectification
        )
        if row["link"] is not None:
            return secret_of(row["link"])
        if found.state != "open":
            raise NotAllowed("这张整改单已经了结。")
        made = new_id()
        await database.execute(
            "UPDATE patrol_rectifications SET link = $2, link_digest = $3 WHERE id = $1",
            rectification,
            made,
            digest(secret_of(made)).hex(),
        )
        await events.record(
            stream_of(rectification), "rectification.link_made", {}, by, post_id=reach.desk_post(by), internal=True
        )
        return secret_of(made)


async def opened(secret: str) -> Sheet:
    """What the operator sees by the link."""
    found = await _sheets("r.link_digest = $1", digest(secret).hex())
    if not found:
        raise NotFound("这个链接不对或已经失效,请向社区核对。")
    return found[0]


def secret_of(link_id: UUID) -> str:
    """The secret of a link: made from its id with the installation's key, so that it need not be stored anywhere."""
    made = hmac.digest(settings().secret_key.encode(), b"rectification link " + link_id.bytes, "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


async def _sheets(condition: str, *values: object) -> list[Sheet]:
    rows = await database.fetch(
        f"""SELECT r.id, r.number, p.name AS place, p.address_text AS address, p.code AS place_code, r.community,
                   a.name AS community_name, c.department, r.words, r.due, r.failed, r.state,
                   COALESCE(k.number, '') AS "case", r.version, r.made_at, r.ended_at,
                   (SELECT min(day) FROM patrol_tasks t WHERE t.rectification = r.id AND t.state = 'open') AS revisit
            FROM patrol_rectifications r JOIN places p ON p.id = r.place JOIN areas a ON a.id = r.community
            JOIN checklist_versions v ON v.id = r.checklist_version JOIN checklists c ON c.id = v.checklist
            LEFT JOIN cases k ON k.id = r."case" WHERE {condition}""",
        *values,
    )
    return [msgspec.convert(dict(row), Sheet) for row in rows]
