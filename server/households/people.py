"""Who to ask for at a household, and how they are reached: masked unless the link is the reason, or one is given."""

from uuid import UUID

import msgspec

from server.households import facts, keeping
from server.households import household as households
from server.households.facts import Person
from server.households.household import Changed, HouseholdRow, Stands
from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.kernel.ids import new_id
from server.patrols.keeping import own_words

MOST = 8
"""People of one household: who to ask for, not who lives there."""


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of a household; pages mask name and phone (web), `reveal` and `call` are verbs."""

    id: UUID
    name: str
    phone: str
    relation: str
    contact: bool


async def of(household_id: UUID) -> tuple[PersonRow, ...]:
    """The people of a household that the caller has loaded, the contact first."""
    rows = await database.fetch(
        """SELECT id, name, phone, relation, contact FROM household_people
           WHERE household = $1 AND until IS NULL ORDER BY contact DESC, since, id""",
        household_id,
    )
    return tuple(msgspec.convert(dict(row), PersonRow) for row in rows)


async def add(household_id: UUID, person: Person, *, by: Actor, seen: int | None) -> Changed:
    """Add somebody to ask for."""
    async with database.transaction():
        before = (await keeping.kept(household_id, by, seen)).household
        columns = facts.check_person(person)
        there = await of(before.id)
        if any((one.name, one.phone) == (columns["name"], columns["phone"]) for one in there):
            return Changed(before.id, before.version)
        if len(there) >= MOST:
            raise Invalid({"name": f"一户最多记 {MOST} 位联系人。"})
        person_id = await _insert(before, columns, contact=not there)
        return await households.write(before, by, "household.person_added", {"person": str(person_id)})


async def change(
    household_id: UUID,
    person_id: UUID,
    *,
    by: Actor,
    seen: int | None,
    name: str,
    relation: str = "",
    phone: str | None = None,
) -> Changed:
    """Say anew who somebody is; `phone` None leaves the number as it is.

    What is shown masked can never be saved back over the real one (server.kernel.masks); a number that was left
    untouched is sent as None by the page.
    """
    async with database.transaction():
        before = (await keeping.kept(household_id, by, seen)).household
        known = await _person(before, person_id)
        given = Person(name=name, phone=known.phone if phone is None else phone, relation=relation)
        columns = facts.check_person(given)
        if columns == {"name": known.name, "phone": known.phone, "relation": known.relation}:
            return Changed(before.id, before.version)
        # The old row ends, so that what was known when stays known until it is erased.
        await _end(person_id)
        await _insert(before, columns, contact=known.contact)
        fields = [name for name, value in columns.items() if getattr(known, name) != value]
        return await households.write(
            before, by, "household.person_changed", {"person": str(person_id), "fields": fields}
        )


async def make_contact(household_id: UUID, person_id: UUID, *, by: Actor, seen: int | None) -> Changed:
    """Have this one asked for first."""
    async with database.transaction():
        before = (await keeping.kept(household_id, by, seen)).household
        if (await _person(before, person_id)).contact:
            return Changed(before.id, before.version)
        await database.execute(
            "UPDATE household_people SET contact = FALSE WHERE household = $1 AND until IS NULL", before.id
        )
        await database.execute("UPDATE household_people SET contact = TRUE WHERE id = $1", person_id)
        return await households.write(before, by, "household.contact_chosen", {"person": str(person_id)})


async def remove(household_id: UUID, person_id: UUID, *, by: Actor, seen: int | None) -> Changed:
    """Somebody is no longer to be asked for; the contact only after another was chosen."""
    async with database.transaction():
        before = (await keeping.kept(household_id, by, seen)).household
        if (await _person(before, person_id)).contact:
            raise NotAllowed("这是第一联系人,请先另选一位。")
        await _end(person_id)
        return await households.write(before, by, "household.person_removed", {"person": str(person_id)})


async def reveal(household_id: UUID, person_id: UUID, *, by: Actor, reason: str = "") -> PersonRow:
    """Show name and phone, and keep who looked and why. For the linked member the link is the reason.

    Raises NotFound for somebody of another household.
    """
    async with database.transaction():
        known = await households.load(household_id, by, lock=True)
        person = await _person(known.household, person_id)
        linked = Stands.LINKED in known.stands
        said = "联系这一户" if linked and not reason.strip() else own_words(reason, _WHY)
        await households.tell(known.household, by, "household.revealed", {"person": str(person_id), "reason": said})
        return person


_WHY = "请写明为什么要查看联系方式,会留下记录。"


async def called(household_id: UUID, person_id: UUID, *, by: Actor) -> str:
    """The linked member tapped the number: the link is the reason, the tap is the event. The history's end (hex)."""
    async with database.transaction():
        known = await households.load(household_id, by, lock=True)
        person = await _person(known.household, person_id)
        if Stands.LINKED not in known.stands:
            raise NotAllowed("只有联系这一户的党员能直接拨打。")
        await households.tell(known.household, by, "household.called", {"person": str(person.id)})
        head = await database.fetch_value("SELECT history_link FROM households WHERE id = $1", known.household.id)
        return str(head.hex())


async def _person(before: HouseholdRow, person_id: UUID) -> PersonRow:
    found = next((one for one in await of(before.id) if one.id == person_id), None)
    if found is None:
        raise NotFound("没有找到这位联系人。")
    return found


async def _insert(before: HouseholdRow, columns: dict[str, str], *, contact: bool) -> UUID:
    person_id = new_id()
    await database.execute(
        """INSERT INTO household_people (id, household, name, phone, relation, contact, since)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        person_id,
        before.id,
        columns["name"],
        columns["phone"],
        columns["relation"],
        contact,
        clock.now(),
    )
    return person_id


async def _end(person_id: UUID) -> None:
    await database.execute("UPDATE household_people SET until = $2 WHERE id = $1", person_id, clock.now())
