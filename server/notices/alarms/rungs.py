"""Who stands on which rung above a case: pure, from the posts that active people hold."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from server.cases.warning import Rung
from server.kernel import database
from server.kernel.actor import Role
from server.notices.receivers import HELD


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A post near a case that an active person holds."""

    post: int
    role: Role
    area: int | None
    unit: int | None
    account: UUID


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a case lies and who has it."""

    community: int | None
    street: int | None
    district: int
    private: bool
    owner_post: int
    handler_unit: int | None
    handler_account: UUID | None


def rungs(case: Place, near: Sequence[Held]) -> dict[Rung, tuple[UUID, ...]]:
    """The people of every rung that exists for the case. A rung without people is empty; one that is missing here
    does not exist: the desk has no supervisor, and nobody is below the post that has the case.

    Of a private case secretaries alone hear, who may open it.
    """
    owners = [one for one in near if one.post == case.owner_post]
    in_unit = [one for one in near if one.unit is not None and one.unit == case.handler_unit]
    by_unit = not owners or any(one.unit is not None for one in owners)
    found: dict[Rung, tuple[UUID, ...]] = {}
    if by_unit and case.handler_unit is not None:
        found[Rung.PERSON] = _of_unit(case, in_unit)
        leads = _people([one for one in in_unit if one.role is Role.UNIT_LEAD])
        if not leads or set(leads) != set(found[Rung.PERSON]):
            found[Rung.SUPERVISOR] = leads
    else:
        found[Rung.PERSON] = _people(owners)
    height = max((_height(case, one) for one in owners), default=0)
    for rung, above, area in _areas(case):
        if area is not None and above > height:
            roles = {Role.SECRETARY}
            if rung is Rung.DISTRICT and not case.private:
                roles.add(Role.CENTRE_OFFICER)
            found[rung] = _people([one for one in near if one.area == area and one.role in roles])
    return found


def _areas(case: Place) -> tuple[tuple[Rung, int, int | None], ...]:
    return (
        (Rung.SECRETARY, 1, case.community),
        (Rung.STREET, 2, case.street),
        (Rung.DISTRICT, 3, case.district),
    )


def _height(case: Place, owner: Held) -> int:
    """The highest rung at or below which the owner stands: a secretary on their own, staff beneath it."""
    if owner.unit is not None or owner.area is None:
        return 0
    level = {case.community: 1, case.street: 2, case.district: 3}.get(owner.area, 0)
    return level if owner.role is Role.SECRETARY else level - 1


def _of_unit(case: Place, in_unit: Sequence[Held]) -> tuple[UUID, ...]:
    """The colleague it was given to while they are there, else the handlers, else the leads."""
    mine = [one for one in in_unit if one.account == case.handler_account]
    handlers = [one for one in in_unit if one.role is Role.UNIT_HANDLER]
    return _people(mine or handlers or in_unit)


def _people(these: Sequence[Held]) -> tuple[UUID, ...]:
    return tuple(sorted({one.account for one in these}))


async def near(case_ids: Sequence[UUID]) -> dict[UUID, tuple[Place, list[Held]]]:
    """Cases with the held posts that may be told of them; two statements, however many there are."""
    names = ", ".join(f"c.{name}" for name in Place.__struct_fields__)
    places = await database.fetch(f"SELECT c.id, {names} FROM cases c WHERE c.id = ANY($1::uuid[])", list(case_ids))
    rows = await database.fetch(_NEAR, list(case_ids))
    held: dict[UUID, list[Held]] = defaultdict(list)
    for row in rows:
        held[row["case"]].append(
            Held(post=row["post"], role=Role(row["role"]), area=row["area"], unit=row["unit"], account=row["account"])
        )
    return {row["id"]: (_place(row), held[row["id"]]) for row in places}


def _place(row: Any) -> Place:
    return Place(**{name: row[name] for name in Place.__struct_fields__})


_COLUMNS = 'c.id AS "case", p.id AS post, p.role, p.area, p.unit, a.id AS account'
_NEAR = f"""SELECT {_COLUMNS} FROM cases c JOIN posts p ON p.id = c.owner_post {HELD} WHERE c.id = ANY($1::uuid[])
            UNION
            SELECT {_COLUMNS} FROM cases c JOIN posts p ON p.unit = c.handler_unit {HELD} WHERE c.id = ANY($1::uuid[])
            UNION
            SELECT {_COLUMNS} FROM cases c JOIN posts p ON p.area IN (c.community, c.street, c.district)
                AND p.role IN ('secretary', 'centre_officer') {HELD} WHERE c.id = ANY($1::uuid[])"""
