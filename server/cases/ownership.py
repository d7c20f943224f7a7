"""Nothing floats: whose is a case? Always a post that exists and is held by an active person."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.cases.case import DESK_ROLES, CaseRow
from server.kernel import database, errors
from server.kernel.actor import Role
from server.people import candidates
from server.people.candidates import Candidate


class Owner(msgspec.Struct, frozen=True):
    """Whose a case becomes; `fell` where the first in line was empty and it fell to somebody else."""

    post_id: int
    fell: bool = False


def choose_desk(held: Sequence[Candidate], areas: Sequence[int], private: bool, lot: int) -> Owner | None:
    """The desk for a case in `areas` (nearest first: community, street, district).

    A public case goes to the staff of the nearest area (by `lot`, so that colleagues share), else its secretary, else
    one level up. A private one goes to secretaries only, and to a centre officer where no secretary is left at all.
    """
    ladder: list[tuple[int, tuple[Role, ...]]] = []
    for area in areas:
        ladder += [(area, (Role.SECRETARY,))] if private else _public_rungs(area)
    if private:
        ladder += [(area, (Role.CENTRE_OFFICER,)) for area in areas]
    return _first_held(held, ladder, lot, first_choices=1 if private else 2)


def choose_above(held: Sequence[Candidate], areas: Sequence[int], lot: int) -> Owner | None:
    """Who answers where a unit is empty: the community's secretary, then the street's, then the district's people."""
    ladder = [(area, (Role.SECRETARY,)) for area in areas] + [(area, DESK_ROLES) for area in reversed(areas)]
    found = _first_held(held, ladder, lot, first_choices=0)
    return Owner(found.post_id, fell=True) if found else None


def _public_rungs(area: int) -> list[tuple[int, tuple[Role, ...]]]:
    return [(area, (Role.COMMUNITY_STAFF, Role.CENTRE_OFFICER)), (area, (Role.SECRETARY,))]


def _first_held(
    held: Sequence[Candidate], ladder: Iterable[tuple[int, tuple[Role, ...]]], lot: int, first_choices: int
) -> Owner | None:
    for rung, (area, roles) in enumerate(ladder):
        there = [one.post_id for one in held if one.area_id == area and one.role in roles]
        if there:
            return Owner(there[lot % len(there)], fell=rung >= first_choices)
    return None


async def desk_for(areas: Sequence[int | None], private: bool, lot: int) -> Owner:
    """The desk post for a case in these areas (nearest first); see `choose_desk`."""
    return desk_among(await held_in(areas), areas, private, lot)


async def held_in(areas: Iterable[int | None]) -> list[Candidate]:
    """The desk posts in these areas that an active person holds."""
    return await candidates.active_posts(sorted({area for area in areas if area is not None}), DESK_ROLES)


def desk_among(held: Sequence[Candidate], areas: Sequence[int | None], private: bool, lot: int) -> Owner:
    """The desk for a case in `areas`, of posts that were found held; NotAllowed where nobody is there."""
    found = choose_desk(held, [area for area in areas if area is not None], private, lot)
    if found is None:
        raise errors.NotAllowed("这里还没有人受理,请拨打 12345;您写的内容没有丢。")
    return found


async def unit_owner(case: CaseRow, unit_id: int) -> Owner:
    """The post that answers for a dispatched case: the unit's lead, else its handler, else who `choose_above` names."""
    of_unit = await candidates.unit_posts(unit_id)
    if of_unit:
        return Owner(of_unit[0].post_id)
    nearest = upwards(case)
    found = choose_above(await candidates.active_posts(nearest, DESK_ROLES), nearest, lot(case.id))
    if found is None:
        raise errors.NotAllowed("这个单位现在没有人,社区、街道和区里也没有在岗的人可以接手,请先安排岗位。")
    return found


async def post_title(post_id: int) -> str:
    """A post's title and who holds it, for sentences to staff."""
    title = await database.fetch_value(
        """SELECT trim(p.title || ' ' || COALESCE(a.name, '')) FROM posts p
           LEFT JOIN holdings h ON h.post = p.id AND h.until IS NULL LEFT JOIN accounts a ON a.id = h.account
           WHERE p.id = $1""",
        post_id,
    )
    return str(title or "")


async def desk_again(case: CaseRow) -> Owner:
    """The desk that gets a case back: the one that had it, where somebody still sits there."""
    if await candidates.is_active(case.desk_post):
        return Owner(case.desk_post)
    return await desk_for(upwards(case), case.private, lot(case.id))


async def stand_as_first_owner(case_id: UUID, post_id: int, moment: datetime) -> None:
    """Begin the first owner's row of a new case."""
    await database.execute(
        """INSERT INTO standings ("case", kind, post, since) VALUES ($1, 'owner', $2, $3)""", case_id, post_id, moment
    )


async def stand_as_owner(case_id: UUID, post_id: int, moment: datetime) -> None:
    """End the present owner's row and begin the new one's; nothing where it is the same post."""
    ended = await database.execute(
        """UPDATE standings SET until = $3
           WHERE "case" = $1 AND kind = 'owner' AND until IS NULL AND post IS DISTINCT FROM $2""",
        case_id,
        post_id,
        moment,
    )
    if ended != "UPDATE 0":
        await stand_as_first_owner(case_id, post_id, moment)


async def stand_as_handler(case_id: UUID, unit_id: int | None, moment: datetime) -> None:
    """End the present handler's row; begin one for `unit_id` where there is one."""
    await database.execute(
        """UPDATE standings SET until = $2 WHERE "case" = $1 AND kind = 'handler' AND until IS NULL""",
        case_id,
        moment,
    )
    if unit_id is not None:
        await database.execute(
            """INSERT INTO standings ("case", kind, unit, since) VALUES ($1, 'handler', $2, $3)""",
            case_id,
            unit_id,
            moment,
        )


async def stand_as_linked_member(case_id: UUID, account_id: UUID, moment: datetime) -> None:
    """Keep that a linked member brought this in: the case shows who helped."""
    await database.execute(
        """INSERT INTO standings ("case", kind, account, since) VALUES ($1, 'linked_member', $2, $3)""",
        case_id,
        account_id,
        moment,
    )


def upwards(case: CaseRow) -> list[int]:
    """The areas a case lies in, nearest first, from the community up."""
    return [area for area in (case.community, case.street, case.district) if area is not None]


def lot(case_id: UUID) -> int:
    """A number by which colleagues share cases evenly, the same each time for the same case."""
    return case_id.int & 0xFFFF
