"""Lists of cases: each through one lens (a post and what it looks after), overdue first, page by page.

A list is two statements whatever its length and however many cases there are: the rows with their names, and the
counts of the open ones. Open cases rest on partial indexes, so a million closed ones cost nothing.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from server.cases.case import DESK_ROLES
from server.cases.way import State
from server.kernel import clock, database, errors
from server.kernel.actor import Actor, Post, Role
from server.kernel.pages import NO_PAGE

PAGE = 50
_UNIT_ROLES = (Role.UNIT_HANDLER, Role.UNIT_LEAD)


class Lens(msgspec.Struct, frozen=True, kw_only=True):
    """What a list looks at: the cases of one area or one unit, as one of the actor's posts sees them."""

    post: Post
    column: str
    """district, street, community, grid or handler_unit"""
    value: int
    sees_private: bool
    my_posts: tuple[int, ...]
    me: UUID | None


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What the person chose; all of it stands in the URL."""

    states: tuple[State, ...] = ()
    mine: bool = False
    overdue: bool = False
    held: bool = False
    done: bool = False
    """The ended ones instead of the open ones, newest first."""
    words: str = ""
    """A number, or words of the subject or place."""
    after: str = ""
    """Where the page before ended: `Page.further`."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A case as lists show it."""

    id: UUID
    number: str
    subject: str
    place: str
    state: State
    level: str
    private: bool
    held: bool
    reported_at: datetime
    due_at: datetime | None
    due_provisional: bool
    closed_at: datetime | None
    area: str
    unit: str | None
    category: str | None
    photo: UUID | None


class Page(msgspec.Struct, frozen=True):
    rows: tuple[Row, ...]
    further: str
    """What `Filter.after` says for the next page; empty at the end."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many open cases the lens shows, in all and of each kind."""

    all: int
    by_state: dict[State, int]
    overdue: int
    mine: int
    held: int


def lens(by: Actor, post_id: int | None = None) -> Lens:
    """The lens of one of the actor's posts (the first that looks after cases, unless one is chosen)."""
    able = [post for post in by.posts if _column(post) is not None]
    chosen = [post for post in able if post.id == post_id] if post_id is not None else able[:1]
    if not chosen:
        raise errors.NotFound()
    post = chosen[0]
    column, value = _column(post) or ("", 0)
    return Lens(
        post=post,
        column=column,
        value=value,
        sees_private=post.role in (Role.SECRETARY, *_UNIT_ROLES),
        my_posts=tuple(one.id for one in by.posts),
        me=by.account_id,
    )


def lenses(by: Actor) -> tuple[Post, ...]:
    """The posts through which the actor can look at cases."""
    return tuple(post for post in by.posts if _column(post) is not None)


async def page(look: Lens, chosen: Filter) -> Page:
    """One page of the list, overdue first (ended cases: newest first)."""
    conditions, values = _conditions(look, chosen)
    order = "c.closed_at DESC, c.number" if chosen.done else "c.due_at NULLS LAST, c.number"
    if chosen.after:
        conditions.append(_after(chosen, values))
    rows = await database.fetch(
        f"""SELECT c.*, a.name AS area, u.name AS unit, k.name AS category, (
                SELECT photo FROM case_photos WHERE "case" = c.id ORDER BY id LIMIT 1) AS photo
            FROM (
                SELECT id, number, subject, place, state, level, private, held, reported_at, due_at, due_provisional,
                       closed_at, COALESCE(community, street, district) AS nearest, handler_unit, category_version
                FROM cases c WHERE {" AND ".join(conditions)} ORDER BY {order} LIMIT {PAGE + 1}
            ) c
            JOIN areas a ON a.id = c.nearest
            LEFT JOIN units u ON u.id = c.handler_unit
            LEFT JOIN category_versions v ON v.id = c.category_version
            LEFT JOIN categories k ON k.id = v.category
            ORDER BY {order}""",
        *values,
    )
    found = tuple(_row(row) for row in rows[:PAGE])
    return Page(found, _cursor(found[-1], chosen.done) if len(rows) > PAGE else "")


async def counts(look: Lens) -> Counts:
    """The open cases of a lens, counted in one statement."""
    conditions, values = _conditions(look, Filter())
    mine = _mine(look, values)
    values.append(clock.now())
    rows = await database.fetch(
        f"""SELECT c.state, count(*) AS all,
                   count(*) FILTER (WHERE c.due_at < ${len(values)}) AS overdue,
                   count(*) FILTER (WHERE {mine}) AS mine,
                   count(*) FILTER (WHERE c.held) AS held
            FROM cases c WHERE {" AND ".join(conditions)} GROUP BY c.state""",
        *values,
    )
    return Counts(
        all=sum(row["all"] for row in rows),
        by_state={State(row["state"]): row["all"] for row in rows},
        overdue=sum(row["overdue"] for row in rows),
        mine=sum(row["mine"] for row in rows),
        held=sum(row["held"] for row in rows),
    )


def _column(post: Post) -> tuple[str, int] | None:
    if post.role in _UNIT_ROLES and post.unit_id is not None:
        return "handler_unit", post.unit_id
    if post.role in (*DESK_ROLES, Role.GRID_WORKER) and post.area_id is not None and post.area_level is not None:
        return post.area_level, post.area_id
    return None


def _conditions(look: Lens, chosen: Filter) -> tuple[list[str], list[Any]]:
    values: list[Any] = []
    conditions = ["NOT c.open" if chosen.done else "c.open", *seen(look, values)]

    def also(condition: str, value: object) -> None:
        values.append(value)
        conditions.append(condition.format(f"${len(values)}"))

    if chosen.states:
        also("c.state = ANY({})", [state.value for state in chosen.states])
    if chosen.overdue:
        also("c.due_at < {}", clock.now())
    if chosen.held:
        conditions.append("c.held")
    if chosen.mine:
        conditions.append(_mine(look, values))
    if chosen.words.strip():
        also("(c.number = {0} OR strpos(c.subject, {0}) > 0 OR strpos(c.place, {0}) > 0)", chosen.words.strip()[:100])
    return conditions, values


def seen(look: Lens, values: list[Any]) -> list[str]:
    """The conditions of the cases `c` that a lens shows, ended ones too; their values are appended to `values`."""
    values.append(look.value)
    conditions = [f"c.{look.column} = ${len(values)}"]
    if not look.sees_private:
        values.append(list(look.my_posts))
        conditions.append(f"(NOT c.private OR c.owner_post = ANY(${len(values)}))")
    return conditions


def _mine(look: Lens, values: list[Any]) -> str:
    """Mine at the desk is what my posts own; mine in a unit is what is assigned to me."""
    if look.column == "handler_unit":
        values.append(look.me)
        return f"c.handler_account = ${len(values)}"
    values.append(list(look.my_posts))
    return f"c.owner_post = ANY(${len(values)})"


def _after(chosen: Filter, values: list[Any]) -> str:
    at, number = _read_cursor(chosen.after)
    values += [at, number]
    place = f"(${len(values) - 1}::timestamptz, ${len(values)}::text)"
    if chosen.done:
        return f"(c.closed_at < ${len(values) - 1} OR (c.closed_at = ${len(values) - 1} AND c.number > ${len(values)}))"
    if at is None:
        return f"(c.due_at IS NULL AND c.number > ${len(values)} AND ${len(values) - 1}::timestamptz IS NULL)"
    return f"((c.due_at, c.number) > {place} OR c.due_at IS NULL)"


def _cursor(last: Row, done: bool) -> str:
    moment = last.closed_at if done else last.due_at
    return f"{moment.isoformat() if moment else ''}_{last.number}"


def _read_cursor(text: str) -> tuple[datetime | None, str]:
    """What `_cursor` wrote; NotFound for what it cannot have written."""
    moment, _, number = text.partition("_")
    try:
        at = datetime.fromisoformat(moment).astimezone(UTC) if moment else None
    except (ValueError, OverflowError):
        at, number = None, ""
    if not (number.isascii() and number.isdigit()):
        raise errors.NotFound(NO_PAGE)
    return at, number


def _row(row: Any) -> Row:
    values = {name: row[name] for name in Row.__struct_fields__}
    return Row(**{**values, "state": State(values["state"])})
