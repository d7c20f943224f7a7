"""A case as a value, who stands how to it, and how it is loaded: through the actor's scope, nowhere else."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from server.cases.way import Relation, State
from server.kernel import database, errors
from server.kernel.actor import Actor, Post, Role
from server.kernel.events import Head

DESK_ROLES = (Role.COMMUNITY_STAFF, Role.SECRETARY, Role.CENTRE_OFFICER)


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a case (see tables.Case)."""

    id: UUID
    number: str
    state: State
    open: bool
    version: int
    history_sequence: int
    history_link: bytes
    subject: str
    place: str
    private: bool
    held: bool
    district: int
    street: int | None
    community: int | None
    grid: int | None
    latitude: float | None
    longitude: float | None
    category_version: int | None
    answers: str
    """JSON: answers to the category's extra questions."""
    level: str
    owner_post: int
    desk_post: int
    handler_unit: int | None
    handler_account: UUID | None
    asked_from: State | None
    reported_at: datetime
    due_at: datetime | None
    due_provisional: bool
    closed_at: datetime | None
    changed_at: datetime

    @property
    def stream(self) -> str:
        return stream_of(self.id)

    @property
    def head(self) -> Head:
        return Head(self.history_sequence, self.history_link)

    @property
    def areas(self) -> dict[str, int | None]:
        """Level -> area id."""
        return {"district": self.district, "street": self.street, "community": self.community, "grid": self.grid}


def stream_of(case_id: UUID) -> str:
    """The name of a case's history."""
    return f"case:{case_id}"


def covers(post: Post, case: CaseRow) -> bool:
    """Whether the area of a post is one that the case lies in."""
    return post.area_level is not None and case.areas.get(post.area_level) == post.area_id


def relations(case: CaseRow, actor: Actor, reporter: bool) -> frozenset[Relation]:
    """How `actor` stands to `case`; nothing at all means that the case does not exist for them.

    A private case is known to its reporters, the secretaries above it, and the unit that has it.
    """
    found = {Relation.REPORTER} if reporter else set()
    for post in actor.posts:
        found |= _by_post(case, post)
    return frozenset(found)


def _by_post(case: CaseRow, post: Post) -> set[Relation]:
    found = set()
    if post.id == case.owner_post:
        found |= {Relation.OWNER} | ({Relation.DESK} if post.role in DESK_ROLES else set())
    if post.unit_id is not None and post.unit_id == case.handler_unit:
        found |= {Relation.UNIT} | ({Relation.UNIT_LEAD} if post.role is Role.UNIT_LEAD else set())
    if covers(post, case):
        found |= _by_area(case, post)
    return found


def _by_area(case: CaseRow, post: Post) -> set[Relation]:
    if post.role is Role.SECRETARY:
        return {Relation.DESK, Relation.SECRETARY}
    if case.private:
        return set()
    if post.role is Role.CENTRE_OFFICER:
        return {Relation.DESK, Relation.CENTRE}
    if post.role is Role.COMMUNITY_STAFF:
        return {Relation.DESK}
    return {Relation.GRID_WORKER} if post.role is Role.GRID_WORKER else set()


class Known(msgspec.Struct, frozen=True):
    """A case together with how the actor stands to it."""

    case: CaseRow
    relations: frozenset[Relation]
    report_ids: tuple[UUID, ...]
    """The actor's own reports behind it."""


async def load(case: UUID | str, by: Actor, *, lock: bool = False) -> Known:
    """The case with this id or number as `by` may see it; `NotFound` where they may not know of it.

    `lock` takes the row FOR UPDATE, for a verb's transaction.
    """
    row = await _row(case, by, lock) if isinstance(case, UUID) or _NUMBER.fullmatch(case) else None
    if row is None:
        raise errors.NotFound("没有找到这件事,或者您没有权限查看。")
    found = case_from(row)
    mine = tuple(row["mine"])
    standing = relations(found, by, bool(mine))
    if not standing and by.system is None:
        raise errors.NotFound("没有找到这件事,或者您没有权限查看。")
    return Known(found, standing, mine)


async def _row(case: UUID | str, by: Actor, lock: bool) -> asyncpg.Record | None:
    condition = "c.id = $3" if isinstance(case, UUID) else _BY_NUMBER
    return await database.fetch_one(
        f"""SELECT c.*, ARRAY(
                SELECT r.id FROM report_cases rc JOIN reports r ON r.id = rc.report
                WHERE rc."case" = c.id AND rc.until IS NULL AND (
                    r.account = $1 OR r.id = ANY($2)
                    OR (r.for_phone <> '' AND r.for_phone = (SELECT phone FROM accounts WHERE id = $1)))) AS mine
            FROM cases c WHERE {condition}{" FOR UPDATE OF c" if lock else ""}""",
        by.account_id,
        list(by.links),
        case,
    )


_NUMBER = re.compile(r"[0-9]{1,20}")
_BY_NUMBER = """c.id = COALESCE(
    (SELECT id FROM cases WHERE number = $3),
    (SELECT rc."case" FROM reports r JOIN report_cases rc ON rc.report = r.id AND rc.until IS NULL
     WHERE r.number = $3))"""


def case_from(row: Any) -> CaseRow:
    """The value of a row of `cases`; further columns are passed over."""
    values = {name: row[name] for name in CaseRow.__struct_fields__}
    values["state"] = State(values["state"])
    if values["asked_from"] is not None:
        values["asked_from"] = State(values["asked_from"])
    return CaseRow(**values)
