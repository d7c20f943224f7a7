"""Who is linked to whom: a member and a household, from–until, many to many; suggestions, and handing over."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.households import household as households
from server.households import keeping
from server.households.household import Changed, Known, Stands
from server.kernel import clock, database, pages
from server.kernel.actor import Actor, Role
from server.kernel.errors import Invalid, NotAllowed
from server.kernel.ids import new_id
from server.kernel.pages import Page
from server.patrols.keeping import own_words

EACH = 2
"""At least so many households each member; shown as what is still open, never as a ranking."""
LONGEST = 2000
WHY_ENDED = {
    "moved": "党员调走了",
    "ill": "党员身体不便",
    "asked": "住户希望换人",
    "done": "不再需要",
}


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link as the pages of its household show it."""

    id: UUID
    account: UUID
    name: str
    organisation: str
    since: datetime
    until: datetime | None
    reason: str
    for_successor: str


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A member who may be linked, or is."""

    account: UUID
    name: str
    organisation: str
    links: int
    near: int
    """0: linked in the same building; 1: in the same grid; 2: in the same community; 3: elsewhere."""

    @property
    def still_open(self) -> int:
        """How many households are wanting to `EACH`."""
        return max(0, EACH - self.links)


async def of(known: Known, by: Actor) -> tuple[Link, ...]:
    """The links of a household, those that stand first. What was left for a successor is read by the desk and by
    whoever is linked now, nobody else."""
    rows = await database.fetch(
        """SELECT l.id, l.account, a.name, COALESCE(o.name, '') AS organisation, l.since, l.until, l.reason,
                  CASE WHEN $2 THEN l.for_successor ELSE '' END AS for_successor
           FROM household_links l JOIN accounts a ON a.id = l.account
           LEFT JOIN organisations o ON o.id = l.organisation
           WHERE l.household = $1 ORDER BY l.until IS NOT NULL, l.since DESC, l.id""",
        known.household.id,
        bool(known.stands & {Stands.LINKED, Stands.KEEPER}),
    )
    return tuple(msgspec.convert(dict(row), Link) for row in rows)


async def households_of(by: Actor) -> tuple[UUID, ...]:
    """The living households that a member is linked to now, longest linked first."""
    if not by.has(Role.PARTY_MEMBER):
        return ()
    rows = await database.fetch(
        """SELECT l.household FROM household_links l JOIN households h ON h.id = l.household
           WHERE l.account = $1 AND l.until IS NULL AND h.until IS NULL ORDER BY l.since, l.id""",
        by.account_id,
    )
    return tuple(row["household"] for row in rows)


async def link(household_id: UUID, account: UUID, *, by: Actor, seen: int | None = None) -> Changed:
    """Link a member to a household. The same again changes nothing; who holds no member's post cannot be linked."""
    async with database.transaction():
        known = await keeping.kept(household_id, by, seen)
        return await _link(known, await _member(known, account), by)


async def unlink(household_id: UUID, account: UUID, *, by: Actor, seen: int | None = None, why: str) -> Changed:
    """End a link, with a reason of `WHY_ENDED`."""
    async with database.transaction():
        known = await keeping.kept(household_id, by, seen)
        ended = await _end(known, account, _why(why), "", None)
        if ended is None:
            return Changed(known.household.id, known.household.version)
        return await households.write(
            known.household, by, "household.unlinked", {"member": str(account), "why": WHY_ENDED[why]}
        )


async def hand_over(
    household_ids: Sequence[UUID],
    account: UUID,
    to: UUID,
    *,
    by: Actor,
    why: str,
    for_successor: str = "",
) -> int:
    """Give a member's households to another, with what the successor should know; how many there were.

    The desk of the community does, or the member themselves for their own. Households that are not theirs (any more)
    are passed over, so that repeating is harmless.
    """
    said = for_successor.replace("\x00", "").strip()
    if len(said) > LONGEST:
        raise Invalid({"for_successor": f"太长了({len(said)} 字),请缩短到 {LONGEST} 字以内。"})
    if account == to:
        raise Invalid({"to": "请选另一位党员。"})
    reason = _why(why)
    given = 0
    async with database.transaction():
        known = await households.load_many(household_ids, by, lock=True)
        for one in sorted(known.values(), key=lambda each: each.household.id):
            if not one.stands & {Stands.KEEPER, Stands.LINKED}:
                raise NotAllowed("移交由社区来做,或者由党员自己来做。")
            if Stands.KEEPER not in one.stands and account != by.account_id:
                raise NotAllowed("只能移交自己联系的户。")
            member = await _member(one, to)
            ended = await _end(one, account, reason, said, None)
            if ended is None:
                continue
            await _begin(one, member, by, ended)
            await households.write(
                one.household, by, "household.handed_over", {"from": str(account), "to": str(to), "why": reason}
            )
            given += 1
    return given


async def suggest(household_id: UUID, by: Actor, most: int = 10) -> tuple[Member, ...]:
    """Members who may be linked, nearest first: who is already at home in the building, the grid, the community;
    among equals those to whom most is still open."""
    known = await households.load(household_id, by)
    households.must_keep(known, by)
    one = known.household
    rows = await database.fetch(
        f"""WITH near AS ({_NEAR}), linked AS (
                SELECT l.account, count(*) AS links,
                       min(CASE WHEN h.community <> $1 THEN 3 WHEN h.place = $2 AND h.building = $3 THEN 0
                                WHEN h.grid = $4 THEN 1 ELSE 2 END) AS near
                FROM household_links l JOIN households h ON h.id = l.household
                WHERE l.until IS NULL AND l.account = ANY(ARRAY(SELECT account FROM near)) GROUP BY l.account)
            SELECT m.account, m.name, m.organisation, COALESCE(k.links, 0) AS links,
                   COALESCE(LEAST(k.near, m.near), m.near) AS near
            FROM near m LEFT JOIN linked k ON k.account = m.account
            WHERE NOT EXISTS (SELECT FROM household_links l
                              WHERE l.household = $5 AND l.account = m.account AND l.until IS NULL)
            ORDER BY 5, LEAST(COALESCE(k.links, 0), {EACH}), m.name, m.account LIMIT $6""",
        one.community,
        one.place,
        one.building,
        one.grid,
        one.id,
        most,
    )
    return tuple(msgspec.convert(dict(row), Member) for row in rows)


async def members(community: int, by: Actor, *, words: str = "", after: str = "") -> Page[Member]:
    """The members of a community whose households are the actor's to link, in no order that ranks them: what is still
    open to each; all, or those whose names have `words`."""
    if not any(post.role in households.KEEPERS and post.area_id == community for post in by.posts):
        return Page(rows=())
    values: list[object] = [community, words.strip()]
    onward = pages.beyond(after, {"m.account": UUID}, values)
    rows = await database.fetch(
        f"""WITH near AS ({_NEAR})
            SELECT m.account, m.name, m.organisation, m.near,
                   (SELECT count(*) FROM household_links l WHERE l.account = m.account AND l.until IS NULL) AS links
            FROM (SELECT * FROM near m WHERE m.near = 2 AND strpos(m.name, $2) > 0 AND {onward}
                  ORDER BY m.account LIMIT {pages.SIZE + 1}) m ORDER BY m.account""",
        *values,
    )
    return pages.page([msgspec.convert(dict(row), Member) for row in rows], lambda one: (one.account,))


_HELD = """JOIN holdings h ON h.post = p.id AND h.until IS NULL
           JOIN accounts a ON a.id = h.account AND a.closed_at IS NULL
           LEFT JOIN organisations o ON o.id = p.organisation"""
_NEAR = f"""SELECT DISTINCT ON (account) account, name, organisation, near FROM (
                SELECT a.id AS account, a.name, COALESCE(o.name, '') AS organisation, 2 AS near, p.id AS post
                FROM posts p {_HELD}
                WHERE p.role = 'party_member' AND p.until IS NULL AND p.id = ANY(ARRAY(
                    SELECT id FROM posts WHERE role = 'party_member' AND until IS NULL
                        AND area = ANY(ARRAY(SELECT id FROM areas WHERE id = $1 OR parent = $1))
                    UNION SELECT id FROM posts
                        WHERE organisation = ANY(ARRAY(SELECT id FROM organisations WHERE area = $1))))
                UNION ALL
                SELECT a.id, a.name, COALESCE(o.name, ''), 3, p.id
                FROM (SELECT DISTINCT l.account FROM household_links l
                      WHERE l.until IS NULL AND l.household = ANY(ARRAY(
                          SELECT id FROM households WHERE community = $1 AND until IS NULL))) elsewhere
                JOIN holdings h ON h.account = elsewhere.account AND h.until IS NULL
                JOIN posts p ON p.id = h.post AND p.role = 'party_member' AND p.until IS NULL
                JOIN accounts a ON a.id = h.account AND a.closed_at IS NULL
                LEFT JOIN organisations o ON o.id = p.organisation) AS found
            ORDER BY account, near, post"""
"""Active members of the community $1, by the area of their post or organisation (near 2), and those of elsewhere who
are linked in it (near 3). Arrays, so that indexes are asked for a community's rows and no table is read whole."""

_OF_DISTRICT = """SELECT a.id AS account, o.id AS org FROM accounts a
                   JOIN holdings h ON h.account = a.id AND h.until IS NULL
                   JOIN posts p ON p.id = h.post AND p.role = 'party_member' AND p.until IS NULL
                   LEFT JOIN organisations o ON o.id = p.organisation
                   JOIN areas here ON here.id = COALESCE(o.area, p.area)
                   WHERE a.id = $2 AND a.closed_at IS NULL AND here.path LIKE '/' || $1::int || '/%'
                   ORDER BY p.id LIMIT 1"""


class _Member(msgspec.Struct, frozen=True):
    account: UUID
    organisation: int | None


async def _member(known: Known, account: UUID) -> _Member:
    row = await database.fetch_one(_OF_DISTRICT, known.household.district, account)
    if row is None:
        raise Invalid({"account": "请选一位在岗的党员。"})
    return _Member(row["account"], row["org"])


async def _link(known: Known, member: _Member, by: Actor) -> Changed:
    made = await _begin(known, member, by, None)
    if made is None:
        return Changed(known.household.id, known.household.version)
    return await households.write(known.household, by, "household.linked", {"member": str(member.account)})


async def _begin(known: Known, member: _Member, by: Actor, before: UUID | None) -> UUID | None:
    """A new link, or None where there is one already; `before` is the one that it succeeds."""
    made: UUID | None = await database.fetch_value(
        """INSERT INTO household_links (id, household, account, organisation, by, since)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (household, account) WHERE until IS NULL DO NOTHING
           RETURNING id""",
        new_id(),
        known.household.id,
        member.account,
        member.organisation,
        by.account_id,
        clock.now(),
    )
    if made is not None and before is not None:
        await database.execute("UPDATE household_links SET successor = $2 WHERE id = $1", before, made)
    return made


async def _end(known: Known, account: UUID, reason: str, said: str, successor: UUID | None) -> UUID | None:
    ended: UUID | None = await database.fetch_value(
        """UPDATE household_links SET until = $3, reason = $4, for_successor = $5, successor = $6
           WHERE household = $1 AND account = $2 AND until IS NULL RETURNING id""",
        known.household.id,
        account,
        clock.now(),
        reason,
        said,
        successor,
    )
    return ended


def _why(why: str) -> str:
    return own_words(WHY_ENDED.get(why, ""), "请选一个原因。", "why")
