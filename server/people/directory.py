"""Who and what there is to administer: each reading stays within the actor's areas; what lies outside is not found."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.kernel import database
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotFound
from server.people import authority, phones, post_rows

PAGE = 50


class PostSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A post with where it is and who holds it."""

    id: int
    role: Role
    title: str
    area_id: int | None
    area: str
    unit_id: int | None
    unit: str
    organisation_id: int | None
    organisation: str
    second_factor: bool
    since: datetime
    until: datetime | None
    account_id: UUID | None
    name: str
    phone: str
    held_since: datetime | None

    @property
    def place(self) -> str:
        """Where it is, in words."""
        return " · ".join(name for name in (self.area, self.unit, self.organisation) if name)


class UnitSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A unit with its area."""

    id: int
    code: str
    name: str
    kind: str
    phone: str
    area_id: int
    area: str
    until: datetime | None
    posts: int
    held: int
    """How many of its open posts somebody holds."""


class OrganisationSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation with its area and its place in the tree."""

    id: int
    name: str
    kind: str
    parent_id: int | None
    parent: str
    area_id: int
    area: str
    until: datetime | None
    posts: int


class AccountSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An account with the posts it holds, in words."""

    id: UUID
    name: str
    phone: str
    posts: tuple[str, ...]
    has_password: bool
    has_totp: bool
    closed_at: datetime | None


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What there is in scope, open and in use."""

    units: int
    organisations: int
    posts: int
    vacant: int
    people: int


class Found(msgspec.Struct, frozen=True):
    """A page of a list; `more` where there is another."""

    rows: Sequence[PostSeen]
    more: bool


async def post(post_id: int, by: Actor) -> PostSeen:
    """One post, ended ones too."""
    rows = await _posts("p.id = $3", await authority.scope_of(by), post_id)
    if not rows:
        raise NotFound()
    return rows[0]


async def posts(
    by: Actor,
    *,
    area_path: str = "",
    unit_id: int | None = None,
    organisation_id: int | None = None,
    role: Role | None = None,
    vacant: bool = False,
    search: str = "",
    start: int = 0,
    most: int = PAGE,
) -> Found:
    """Open posts in scope; `area_path` narrows to what lies under an area, `search` is in title, holder or place."""
    rows = await _posts(
        """p.until IS NULL
           AND ($3 = '' OR EXISTS (SELECT FROM unnest(paths) AS one WHERE starts_with(one, $3)))
           AND ($4::int IS NULL OR p.unit = $4) AND ($5::int IS NULL OR p.organisation = $5)
           AND ($6::text IS NULL OR p.role = $6) AND (NOT $7 OR a.id IS NULL)
           AND ($8 = '' OR strpos(concat_ws(' ', p.title, a.name, pa.name, u.name, o.name), $8) > 0)
         ORDER BY COALESCE(pa.path, ua.path, ''), p.role, p.id LIMIT $9 OFFSET $10""",
        await authority.scope_of(by),
        area_path,
        unit_id,
        organisation_id,
        role,
        vacant,
        search,
        most + 1,
        start,
    )
    return Found(rows[:most], len(rows) > most)


async def posts_in(area_id: int, by: Actor) -> Sequence[PostSeen]:
    """Open posts of exactly this area, those of its units apart."""
    return await _posts(
        "p.until IS NULL AND p.area = $3 ORDER BY p.role, p.id LIMIT 200", await authority.scope_of(by), area_id
    )


async def unit(unit_id: int, by: Actor) -> UnitSeen:
    """One unit, ended ones too."""
    scope = await authority.scope_of(by)
    rows = await _units(f"u.id = $2 AND {_OF_AREA}", scope.paths, unit_id)
    if not rows:
        raise NotFound()
    return rows[0]


async def units(by: Actor, *, area_path: str = "", search: str = "", most: int = 200) -> list[UnitSeen]:
    """Open units in scope, by code."""
    return await _units(
        f"""{_OF_AREA} AND u.until IS NULL AND starts_with(ua.path, $2)
            AND ($3 = '' OR strpos(u.code || ' ' || u.name, $3) > 0) ORDER BY u.code LIMIT $4""",
        (await authority.scope_of(by)).paths,
        area_path,
        search,
        most,
    )


async def offered_units(by: Actor) -> list[UnitSeen]:
    """Open units in scope and in the areas above it: who an area's cases can be offered to."""
    return await _units(
        f"""({_OF_AREA} OR EXISTS (SELECT FROM unnest($1::text[]) AS own WHERE starts_with(own, ua.path)))
            AND u.until IS NULL ORDER BY u.code LIMIT 500""",
        (await authority.scope_of(by)).paths,
    )


async def organisation(organisation_id: int, by: Actor) -> OrganisationSeen:
    """One organisation, ended ones too."""
    rows = await _organisations("o.id = $2", await authority.scope_of(by), organisation_id)
    if not rows:
        raise NotFound()
    return rows[0]


async def organisations(by: Actor) -> list[OrganisationSeen]:
    """Open organisations in scope, higher areas first."""
    return await _organisations("o.until IS NULL ORDER BY oa.path, o.id LIMIT 2000", await authority.scope_of(by))


async def account(account_id: UUID, by: Actor) -> AccountSeen:
    """One account, closed ones too for who administers everything; others see those whose posts all are theirs."""
    rows = await _accounts("a.id = $3", await authority.scope_of(by), account_id)
    if not rows:
        raise NotFound()
    return rows[0]


async def accounts(by: Actor, *, search: str = "", start: int = 0) -> tuple[list[AccountSeen], bool]:
    """Open accounts of the staff in scope, by name; and whether there are more.

    Residents are in no list. Who administers everything finds any account by its whole number: somebody calls.
    """
    scope = await authority.scope_of(by)
    phone = phones.read(search) if scope.everywhere else None
    wanted = (
        "a.phone = $3"
        if phone
        else """a.id IN (SELECT account FROM holdings)
                AND ($3 = '' OR strpos(a.name, $3) > 0 OR a.phone = $3 OR strpos(held.titles, $3) > 0)"""
    )
    rows = await _accounts(
        f"a.closed_at IS NULL AND {wanted} ORDER BY a.name, a.id LIMIT $4 OFFSET $5",
        scope,
        phone or search,
        PAGE + 1,
        start,
    )
    return rows[:PAGE], len(rows) > PAGE


async def everywhere(by: Actor) -> bool:
    """Whether the actor administers everything."""
    return (await authority.scope_of(by)).everywhere


async def counts(by: Actor) -> Counts:
    """How much there is to administer. One statement."""
    scope = await authority.scope_of(by)
    row = await database.fetch_one(
        f"""SELECT (SELECT count(*) FROM units u JOIN areas ua ON ua.id = u.area
                     WHERE u.until IS NULL AND {_OF_AREA}) AS units,
                   (SELECT count(*) FROM organisations o JOIN areas ua ON ua.id = o.area
                     WHERE o.until IS NULL AND {_OF_AREA}) AS organisations,
                   count(p.id) AS posts, count(p.id) FILTER (WHERE h.id IS NULL) AS vacant,
                   count(DISTINCT h.account) AS people
              FROM posts p {post_rows.PLACES}
              LEFT JOIN holdings h ON h.post = p.id AND h.until IS NULL
              CROSS JOIN LATERAL (SELECT {post_rows.PATHS} AS paths) AS places
             WHERE p.until IS NULL AND (cardinality(paths) > 0 OR $2) AND {_WITHIN.format(paths="paths")}""",
        list(scope.paths),
        scope.everywhere,
    )
    assert row is not None
    return msgspec.convert(dict(row), Counts)


_OF_AREA = "EXISTS (SELECT FROM unnest($1::text[]) AS own WHERE starts_with(ua.path, own))"
_WITHIN = """NOT EXISTS (SELECT FROM unnest({paths}) AS there
                          WHERE NOT EXISTS (SELECT FROM unnest($1::text[]) AS own WHERE starts_with(there, own)))"""


async def _posts(condition: str, scope: authority.Scope, *values: object) -> list[PostSeen]:
    rows = await database.fetch(
        f"""SELECT p.id, p.role, p.title, p.area AS area_id, COALESCE(pa.name, '') AS area, p.unit AS unit_id,
                   COALESCE(u.name, '') AS unit, p.organisation AS organisation_id,
                   COALESCE(o.name, '') AS organisation, p.second_factor, p.since, p.until, a.id AS account_id,
                   COALESCE(a.name, '') AS name, COALESCE(a.phone, '') AS phone, h.since AS held_since
              FROM posts p {post_rows.PLACES}
              LEFT JOIN holdings h ON h.post = p.id AND h.until IS NULL
              LEFT JOIN accounts a ON a.id = h.account
              CROSS JOIN LATERAL (SELECT {post_rows.PATHS} AS paths) AS places
             WHERE (cardinality(paths) > 0 OR $2) AND {_WITHIN.format(paths="paths")} AND {condition}""",
        list(scope.paths),
        scope.everywhere,
        *values,
    )
    return [msgspec.convert(dict(row), PostSeen) for row in rows]


async def _units(condition: str, paths: Sequence[str], *values: object) -> list[UnitSeen]:
    rows = await database.fetch(
        f"""SELECT u.id, u.code, u.name, u.kind, u.phone, u.area AS area_id, ua.name AS area, u.until,
                   counted.posts, counted.held
              FROM units u JOIN areas ua ON ua.id = u.area
              CROSS JOIN LATERAL (
                  SELECT count(*) AS posts, count(h.id) AS held
                    FROM posts p LEFT JOIN holdings h ON h.post = p.id AND h.until IS NULL
                   WHERE p.unit = u.id AND p.until IS NULL) AS counted
             WHERE {condition}""",
        list(paths),
        *values,
    )
    return [msgspec.convert(dict(row), UnitSeen) for row in rows]


async def _organisations(condition: str, scope: authority.Scope, *values: object) -> list[OrganisationSeen]:
    rows = await database.fetch(
        f"""SELECT o.id, o.name, o.kind, o.parent AS parent_id, COALESCE(above.name, '') AS parent,
                   o.area AS area_id, oa.name AS area, o.until,
                   (SELECT count(*) FROM posts p WHERE p.organisation = o.id AND p.until IS NULL) AS posts
              FROM organisations o JOIN areas oa ON oa.id = o.area
              LEFT JOIN organisations above ON above.id = o.parent
             WHERE {_WITHIN.format(paths="ARRAY[oa.path]")} AND {condition}""",
        list(scope.paths),
        *values,
    )
    return [msgspec.convert(dict(row), OrganisationSeen) for row in rows]


async def _accounts(condition: str, scope: authority.Scope, *values: object) -> list[AccountSeen]:
    rows = await database.fetch(
        f"""SELECT a.id, a.name, a.phone, held.posts, a.password_hash IS NOT NULL AS has_password,
                   a.totp_secret IS NOT NULL AS has_totp, a.closed_at
              FROM accounts a
              CROSS JOIN LATERAL (
                  SELECT COALESCE(array_agg(p.title ORDER BY p.id), '{{}}') AS posts,
                         COALESCE(string_agg(p.title, ' '), '') AS titles,
                         COALESCE(bool_and(cardinality(paths) > 0 AND {_WITHIN.format(paths="paths")}), false) AS mine
                    FROM holdings h JOIN posts p ON p.id = h.post AND p.until IS NULL {post_rows.PLACES}
                    CROSS JOIN LATERAL (SELECT {post_rows.PATHS} AS paths) AS places
                   WHERE h.account = a.id AND h.until IS NULL) AS held
             WHERE ($2 OR held.mine) AND {condition}""",
        list(scope.paths),
        scope.everywhere,
        *values,
    )
    return [msgspec.convert(dict(row), AccountSeen) for row in rows]
