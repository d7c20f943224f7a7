"""What the forms of a case offer: units, colleagues, the grids around, and by when at which level."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.areas import tree
from server.cases import clocks, deadlines, ownership
from server.cases.case import DESK_ROLES, CaseRow
from server.forms import categories
from server.forms.categories import DEFAULT_ALLOWANCES, Version
from server.kernel import database
from server.kernel.actor import Actor, Role
from server.people import candidates


class UnitChoice(msgspec.Struct, frozen=True):
    """A unit that a case can be given to; `staffed` where somebody is there to take it on."""

    id: int
    name: str
    staffed: bool


class Colleague(msgspec.Struct, frozen=True):
    """Somebody a case can be handed to, by their post (at the desk) or their account (in a unit)."""

    post_id: int
    account_id: UUID
    title: str
    name: str


class Level(msgspec.Struct, frozen=True):
    """A level with what it allows, in words, and when the case would be due; no time while the clock stands."""

    value: str
    word: str
    allowed: str
    due_at: datetime | None


async def units(case: CaseRow, category_id: int | None = None) -> list[UnitChoice]:
    """Open units of the case's district: the category's default first, then the nearest, those with people first."""
    line = await tree.line(case.grid or case.community or case.street or case.district)
    first = await categories.default_unit(category_id, line) if category_id is not None else None
    rows = await database.fetch(
        """SELECT u.id, u.name, EXISTS (
               SELECT FROM posts p JOIN holdings h ON h.post = p.id AND h.until IS NULL
               JOIN accounts k ON k.id = h.account AND k.closed_at IS NULL
               WHERE p.unit = u.id AND p.until IS NULL) AS staffed
           FROM units u JOIN areas a ON a.id = u.area JOIN areas d ON d.id = $1
           WHERE u.until IS NULL AND starts_with(a.path, d.path)
           ORDER BY u.id IS DISTINCT FROM $2, array_position($3::int[], u.area) NULLS LAST, staffed DESC, u.name""",
        case.district,
        first,
        list(line.ids),
    )
    return [UnitChoice(row["id"], row["name"], row["staffed"]) for row in rows]


async def desk_colleagues(case: CaseRow, by: Actor) -> list[Colleague]:
    """Who at the desks of the case's areas could have it, nearest area first; not the actor and not its owner."""
    roles = (Role.SECRETARY,) if case.private else DESK_ROLES
    areas = ownership.upwards(case)
    there = await candidates.active_posts(areas, roles)
    there.sort(key=lambda one: areas.index(one.area_id) if one.area_id in areas else len(areas))
    mine = {post.id for post in by.posts}
    return await _named([one for one in there if one.post_id != case.owner_post and one.post_id not in mine])


async def unit_colleagues(case: CaseRow) -> list[Colleague]:
    """Who is in the unit that has the case, its leads first, without whom it is assigned to already."""
    there = await candidates.unit_posts(case.handler_unit or 0)
    return await _named([one for one in there if one.account_id != case.handler_account])


async def levels(case: CaseRow, category: Version | None) -> list[Level]:
    """Every level: what the category (or, without one, the standard) allows, and the due time that follows."""
    allowances = DEFAULT_ALLOWANCES | (category.allowances if category else {})
    budgets = {level: deadlines.budget_for(allowances, level) for level in allowances}
    due = await clocks.would_be_due(case.id, budgets)
    return [
        Level(level, word, allowances[level].words, due[level])
        for level, word in categories.LEVEL_WORDS.items()
        if level in allowances
    ]


async def _named(those: Sequence[candidates.Candidate]) -> list[Colleague]:
    rows = await database.fetch(
        """SELECT p.id AS post, p.title, a.id AS account, a.name FROM posts p
           JOIN holdings h ON h.post = p.id AND h.until IS NULL JOIN accounts a ON a.id = h.account
           WHERE p.id = ANY($1)""",
        [one.post_id for one in those],
    )
    known = {(row["post"], row["account"]): row for row in rows}
    found = [known[(one.post_id, one.account_id)] for one in those if (one.post_id, one.account_id) in known]
    return [Colleague(row["post"], row["account"], row["title"], row["name"]) for row in found]
