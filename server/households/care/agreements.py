"""A household agrees to be looked in on, by name and with a witness, until a day; and can leave at any time.

Personal information is handled on consent that can be withdrawn as easily as it was given: Personal Information
Protection Law, Art. 13 to 15.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from server.households import household as households
from server.households import keeping, people
from server.households.care import kinds, register, rule
from server.households.household import Changed, HouseholdRow
from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.clock import BEIJING
from server.kernel.errors import Invalid
from server.kernel.ids import new_id
from server.kernel.jobs import schedule
from server.patrols.keeping import own_words

LONGEST_DAYS = 400
"""An agreement is renewed at least about once a year."""


class Agreed(msgspec.Struct, frozen=True, kw_only=True):
    """What was agreed. `person` is who of the household said yes; `account` the member who looks in, None: any."""

    kinds: tuple[int, ...]
    person: UUID | None
    until: date | None
    witness: str = ""
    account: UUID | None = None


async def agree(household_id: UUID, told: Agreed, *, by: Actor, seen: int | None) -> Changed:
    """Write down what the household agreed to; it takes the place of what held before.

    Raises Invalid naming the fields. Nobody is witness to what they took down themselves.
    """
    async with database.transaction():
        before = (await keeping.kept(household_id, by, seen)).household
        moment = clock.now()
        person, able, witness = await _checked(before, told, by, moment)
        await register.end_all(before.id, "renewed")
        made = new_id()
        await database.execute(
            """INSERT INTO care_agreements (id, household, agreed_by, witness, taken_by, agreed_at, until)
               VALUES ($1, $2, $3, $4, $5, $6, $7)""",
            made,
            before.id,
            person.name,
            witness,
            by.account_id,
            moment,
            told.until,
        )
        for kind in able:
            due = rule.due_after(moment, kind.way, kind.every_hours)
            await database.execute(
                """INSERT INTO care_watches (id, agreement, household, kind, account, since, due_at, next_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $7)""",
                new_id(),
                made,
                before.id,
                kind.id,
                told.account,
                moment,
                due,
            )
        data = {"agreement": str(made), "kinds": [kind.name for kind in able], "until": str(told.until)}
        return await households.write(before, by, "household.care_agreed", data)


async def end(household_id: UUID, *, by: Actor, seen: int | None) -> Changed:
    """Nobody looks in any more; without an agreement nothing changes."""
    async with database.transaction():
        before = (await keeping.kept(household_id, by, seen)).household
        return await _end(before, by, "no_need")


async def withdraw(before: HouseholdRow, by: Actor) -> Changed:
    """The household takes its word back; at once. `before` is locked, and theirs (server.households.own)."""
    return await _end(before, by, "asked")


@schedule("care.lapse", "41 16 * * *")
async def lapse() -> None:
    """End what was agreed until yesterday (runs after midnight in Beijing)."""
    today = clock.now().astimezone(BEIJING).date()
    async with database.transaction():
        rows = await database.fetch(
            "SELECT household FROM care_agreements WHERE ended_at IS NULL AND until < $1 ORDER BY household", today
        )
        for row in rows:
            known = await households.load(row["household"], households.SYSTEM, lock=True)
            if await register.end_all(known.household.id, "over"):
                await households.tell(known.household, households.SYSTEM, "household.care_over", {})


async def _end(before: HouseholdRow, by: Actor, why: str) -> Changed:
    if not await register.end_all(before.id, why):
        return Changed(before.id, before.version)
    return await households.write(before, by, "household.care_ended", {"why": why})


async def _checked(
    before: HouseholdRow, told: Agreed, by: Actor, moment: datetime
) -> tuple[people.PersonRow, list[kinds.Kind], str]:
    wrong = {}
    able = [kind for kind in await kinds.every() if kind.id in told.kinds]
    if not able or len(able) != len(set(told.kinds)):
        wrong["kinds"] = "请选怎样看望。"
    person = next((one for one in await people.of(before.id) if one.id == told.person), None)
    if person is None:
        wrong["person"] = "请选是哪一位同意的。"
    today = moment.astimezone(BEIJING).date()
    if told.until is None or not today < told.until <= today + timedelta(days=LONGEST_DAYS):
        wrong["until"] = "请选明天以后、大约一年以内的日子。"
    if told.account is not None and not await _is_linked(before.id, told.account):
        wrong["account"] = "请选联系这户的党员。"
    witness = told.witness.replace("\x00", "").strip()
    if witness and witness == by.name:
        wrong["witness"] = "见证人不能是记录的人自己。"
    elif not wrong:
        witness = own_words(witness, "请写见证人。", "witness")
        if len(witness) > 40:
            wrong["witness"] = "见证人最多 40 个字。"
    if wrong or person is None:
        raise Invalid(wrong)
    return person, able, witness


async def _is_linked(household_id: UUID, account: UUID) -> bool:
    found = await database.fetch_value(
        "SELECT EXISTS (SELECT FROM household_links WHERE household = $1 AND account = $2 AND until IS NULL)",
        household_id,
        account,
    )
    return bool(found)
