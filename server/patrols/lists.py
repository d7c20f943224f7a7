"""Lists of places: each through one lens (a post and its area), page by page, quick however many places there are.

Without words a page runs along an index of the narrowest area that is chosen, by kind and then in the order of adding.
With words it takes what the index of words finds within that area, at most MOST; then it asks for another word.
"""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from server.kernel import clock, database, pages
from server.kernel.actor import Actor, Post
from server.kernel.errors import Invalid, NotFound
from server.patrols.place import ROLES, PlaceRow, place_from, sees

PAGE = 50
MOST = 500
"""Places that a search by words looks through."""
_LEVELS = ("grid", "community", "street", "district")
_TOO_WIDE = "请先选一个社区,再看多久没去过。"


class Lens(msgspec.Struct, frozen=True, kw_only=True):
    """What a list looks at: the places of one area, as one of the actor's posts sees them."""

    post: Post
    level: str
    area_id: int


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What the person chose; all of it stands in the URL."""

    kind: int | None = None
    community: int | None = None
    grid: int | None = None
    words: str = ""
    unvisited_days: int | None = None
    """Not visited for so many days, or never; within a community or grid only."""
    ended: bool = False
    """Retired and merged ones instead of those in use."""
    after: str = ""
    """Where the page before ended: `Page.further`."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A place as lists and labels show it."""

    id: UUID
    code: str
    kind_id: int
    kind: str
    name: str
    address_text: str
    latitude: float | None
    longitude: float | None
    area: str
    """Name of the grid, or of the lowest area that is known."""
    last_visit_at: datetime | None
    last_finding: str
    ended: bool
    merged: bool


class Page(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[Row, ...]
    further: str
    """What `Filter.after` says for the next page; empty at the end."""
    too_many: bool = False
    """The words find more than `MOST`; not all of them are looked through."""


def lenses(by: Actor) -> tuple[Post, ...]:
    """The posts through which the actor can look at places."""
    return tuple(post for post in by.posts if post.role in ROLES and post.area_id is not None)


def lens(by: Actor, post_id: int | None = None) -> Lens:
    """The lens of one of the actor's posts (the first that knows places, unless one is chosen)."""
    able = lenses(by)
    chosen = [post for post in able if post.id == post_id] if post_id is not None else able[:1]
    if not chosen:
        raise NotFound()
    [post] = chosen
    return Lens(post=post, level=post.area_level or "", area_id=post.area_id or 0)


async def page(look: Lens, chosen: Filter, size: int = PAGE) -> Page:
    """One page of the list; one statement. Raise `Invalid` where a filter needs a narrower area."""
    values: list[Any] = []
    conditions = _areas(look, chosen, values) + _filters(look, chosen, values)
    words = _words(chosen.words)
    if words:
        conditions += _with_words(look, chosen, words, values)
        found = f"SELECT * FROM places p WHERE {' AND '.join(conditions)} LIMIT {MOST + 1}"
        onward = _after(chosen, values)
    else:
        conditions.append(_after(chosen, values))
        found = f"SELECT * FROM places p WHERE {' AND '.join(conditions)} ORDER BY kind, id LIMIT {size + 1}"
        onward = "true"
    rows = await database.fetch(
        f"""WITH found AS MATERIALIZED ({found}),
                 page AS (SELECT * FROM found p WHERE {onward} ORDER BY kind, id LIMIT {size + 1})
            {_SHOWN}""",
        *values,
    )
    shown = tuple(_row(row) for row in rows[:size])
    further = pages.write((shown[-1].kind_id, shown[-1].id)) if len(rows) > size else ""
    return Page(rows=shown, further=further, too_many=bool(words and rows) and rows[0]["found"] > MOST)


async def of_external(code: str, by: Actor) -> PlaceRow | None:
    """The one place that the actor sees whose code in the list it came from is this one; None where none or several."""
    rows = await database.fetch(
        "SELECT * FROM places WHERE external_code = $1 AND external_code <> '' LIMIT 20", code.strip()
    )
    found = [one for one in map(place_from, rows) if sees(by, one.areas)]
    return found[0] if len(found) == 1 else None


_SHOWN = """SELECT p.id, p.code, p.kind AS kind_id, k.name AS kind, p.name, p.address_text, p.latitude, p.longitude,
                   a.name AS area, p.last_visit_at, p.last_finding, p.until IS NOT NULL AS ended,
                   p.merged_into IS NOT NULL AS merged, (SELECT count(*) FROM found) AS found
            FROM page p JOIN place_kinds k ON k.id = p.kind
            JOIN areas a ON a.id = COALESCE(p.grid, p.community, p.street, p.district) ORDER BY p.kind, p.id"""


def _areas(look: Lens, chosen: Filter, values: list[Any]) -> list[str]:
    # The lens is always asked, so that a filter from somebody else's address opens nothing.
    given = [(look.level, look.area_id), ("community", chosen.community), ("grid", chosen.grid)]
    values += [area for _, area in given if area is not None]
    wanted = [level for level, area in given if area is not None]
    return [f"p.{level} = ${number}" for number, level in enumerate(wanted, 1)]


def _after(chosen: Filter, values: list[Any]) -> str:
    return pages.beyond(chosen.after, {"p.kind": int, "p.id": UUID}, values)


def _filters(look: Lens, chosen: Filter, values: list[Any]) -> list[str]:
    found = ["p.until IS NOT NULL" if chosen.ended else "p.until IS NULL"]
    if chosen.kind is not None:
        values.append(chosen.kind)
        found.append(f"p.kind = ${len(values)}")
    if chosen.unvisited_days is not None:
        if _narrowest(look, chosen)[0] not in ("grid", "community"):
            raise Invalid({"unvisited": _TOO_WIDE})
        values.append(clock.now() - timedelta(days=chosen.unvisited_days))
        found.append(f"(p.last_visit_at IS NULL OR p.last_visit_at < ${len(values)})")
    return found


def _narrowest(look: Lens, chosen: Filter) -> tuple[str, int]:
    """The lowest level that is chosen, and its area."""
    given = {look.level: look.area_id}
    if chosen.community is not None:
        given["community"] = chosen.community
    if chosen.grid is not None:
        given["grid"] = chosen.grid
    return next((level, given[level]) for level in _LEVELS if level in given)


def _words(typed: str) -> list[str]:
    """The words as the database compares them: each NFKC, small ASCII letters, without blanks."""
    plain = unicodedata.normalize("NFKC", typed)
    small = "".join(sign.lower() if sign.isascii() else sign for sign in plain)
    return small.split()[:5]


def _with_words(look: Lens, chosen: Filter, words: Sequence[str], values: list[Any]) -> list[str]:
    found = []
    if not chosen.ended:
        values.append(_lexemes(words, _narrowest(look, chosen)[1], chosen.kind))
        found.append(f"{_INDEXED} @@ ${len(values)}::text::tsquery")
    for word in words:
        values.append(word)
        found.append(f"strpos(place_text(p.name, p.address_text), ${len(values)}) > 0")
    return found


_INDEXED = """place_words(place_text(p.name, p.address_text), -p.kind, p.district, p.street, p.community, p.grid)"""


def _lexemes(words: Sequence[str], area: int, kind: int | None) -> str:
    """A tsquery: every two neighbours of every word, within the area (and the kind)."""
    pairs = {word[place : place + 2] for word in words for place in range(len(word) - 1)}
    parts = [_quoted(pair) for pair in sorted(pairs)]
    parts += [f"{_quoted(word)}:*" for word in words if len(word) == 1]
    parts += [_quoted(f"/{area}")] + ([_quoted(f"/{-kind}")] if kind is not None else [])
    return " & ".join(parts)


def _quoted(lexeme: str) -> str:
    doubled = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _row(row: Any) -> Row:
    return Row(**{name: row[name] for name in Row.__struct_fields__})
