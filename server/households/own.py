"""The household's own side: what is kept of it, who comes by, asking for a change, leaving, having it erased.

Its contact signs in with the phone on record, by a code: that is the proof. Right of access, copy, correction and
erasure, and to withdraw: Personal Information Protection Law, Art. 15 and 44 to 47.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.households import household as households
from server.households import keeping, people, retaining, tags, visits
from server.households.care import agreements, register
from server.households.care.register import Agreement
from server.households.household import HouseholdRow
from server.households.people import PersonRow
from server.households.tags import Tag
from server.households.visits import VisitRow
from server.kernel import clock, database
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.ids import new_id
from server.patrols.keeping import own_words


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    """Who is linked to it, as the household may know."""

    name: str
    organisation: str
    since: datetime


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the household asked for, and whether it was seen to."""

    id: UUID
    words: str
    at: datetime
    done_at: datetime | None


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who looked at what is kept under care, and when."""

    name: str
    at: datetime


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is kept of a household."""

    id: UUID
    words: str
    private: bool
    since: datetime
    people: tuple[PersonRow, ...]
    tags: tuple[Tag, ...]
    coming: tuple[Coming, ...]
    visits: tuple[VisitRow, ...]
    lived: tuple[keeping.Lived, ...]
    wishes: tuple[Wish, ...]
    care: tuple[Agreement, ...]
    """What was agreed of being looked in on, the present agreement first."""
    readers: tuple[Reader, ...]
    """Who read the care register of it, the latest first."""


async def of(by: Actor) -> tuple[Own, ...]:
    """The living households whose contact the actor is, by the phone of their account."""
    rows = await database.fetch(
        f"SELECT h.* FROM households h WHERE {_THEIRS} AND h.until IS NULL ORDER BY h.since, h.id", by.account_id
    )
    return tuple([await _own(households.household_from(row)) for row in rows])


async def is_contact(by: Actor) -> bool:
    """Whether there is such a household."""
    found = await database.fetch_value(
        f"SELECT EXISTS (SELECT FROM households h WHERE {_THEIRS} AND h.until IS NULL)", by.account_id
    )
    return bool(found)


async def ask(household_id: UUID, by: Actor, *, words: str) -> None:
    """Ask for a change, in one's own words; those who keep the household are told."""
    async with database.transaction():
        known = await _theirs(household_id, by)
        said = own_words(words, "请写想改什么。", "words")
        wish = new_id()
        await database.execute(
            "INSERT INTO household_wishes (id, household, words, at) VALUES ($1, $2, $3, $4)",
            wish,
            known.id,
            said,
            clock.now(),
        )
        await households.tell(known, by, "household.asked", {"wish": str(wish)})


async def leave(household_id: UUID, by: Actor) -> None:
    """Withdraw: nobody comes by any more. What was kept stays until it is erased or its time is over."""
    async with database.transaction():
        await keeping.end(await _theirs(household_id, by), by, "asked")


async def leave_care(household_id: UUID, by: Actor) -> None:
    """Take back the word that was given for care, and no more than that; without an agreement nothing changes."""
    async with database.transaction():
        await agreements.withdraw(await _theirs(household_id, by), by)


async def erase(household_id: UUID, by: Actor) -> None:
    """Withdraw and have everything personal erased, at once: names, numbers, address, what was said, notes, and what
    its history says. That something happened remains, and the history still verifies. Cases that were made of needs are
    the reporter's and stay as they are."""
    async with database.transaction():
        known = await _theirs(household_id, by)
        await keeping.end(known, by, "asked")
        # What was merged into it is the same household.
        merged = await database.fetch("SELECT id FROM households WHERE merged_into = $1 FOR UPDATE", known.id)
        for each in (known.id, *(row["id"] for row in merged)):
            await retaining.forget(each)
        left = (await households.load(known.id, households.SYSTEM, lock=True)).household
        # Not in the name of who asked: that would stay.
        await households.tell(left, households.SYSTEM, "household.erased", {})


async def wishes_of(household_id: UUID) -> tuple[Wish, ...]:
    """What a household that the caller has loaded asked for, latest first."""
    rows = await database.fetch(
        "SELECT id, words, at, done_at FROM household_wishes WHERE household = $1 ORDER BY at DESC LIMIT 20",
        household_id,
    )
    return tuple(msgspec.convert(dict(row), Wish) for row in rows)


async def see_to(household_id: UUID, wish_id: UUID, by: Actor) -> None:
    """Somebody of the community has seen to a wish; again changes nothing."""
    async with database.transaction():
        known = await households.load(household_id, by, lock=True)
        households.must_keep(known, by)
        done = await database.fetch_value(
            """UPDATE household_wishes SET done_at = $3, done_by = $4
               WHERE id = $1 AND household = $2 AND done_at IS NULL RETURNING TRUE""",
            wish_id,
            household_id,
            clock.now(),
            by.account_id,
        )
        if done:
            await households.tell(known.household, by, "household.seen_to", {"wish": str(wish_id)})


_THEIRS = """h.id = ANY(ARRAY(
    SELECT p.household FROM accounts a JOIN household_people p ON p.phone = a.phone
    WHERE a.id = $1 AND a.closed_at IS NULL AND p.contact AND p.until IS NULL AND p.phone <> ''))"""


async def _theirs(household_id: UUID, by: Actor) -> HouseholdRow:
    """The household, locked, if the actor is its contact; NotFound for everybody else."""
    row: Any = await database.fetch_one(
        f"SELECT h.* FROM households h WHERE h.id = $2 AND {_THEIRS} AND h.until IS NULL FOR UPDATE OF h",
        by.account_id,
        household_id,
    )
    if row is None:
        raise NotFound()
    return households.household_from(row)


async def _own(household: HouseholdRow) -> Own:
    coming = await database.fetch(
        """SELECT a.name, COALESCE(o.name, '') AS organisation, l.since FROM household_links l
           JOIN accounts a ON a.id = l.account LEFT JOIN organisations o ON o.id = l.organisation
           WHERE l.household = $1 AND l.until IS NULL ORDER BY l.since, l.id""",
        household.id,
    )
    return Own(
        id=household.id,
        words=household.words,
        private=household.private,
        since=household.since,
        people=await people.of(household.id),
        tags=await tags.of(household.id),
        coming=tuple(msgspec.convert(dict(row), Coming) for row in coming),
        visits=await visits.of(household.id, most=500),
        lived=await keeping.lived(household.id),
        wishes=await wishes_of(household.id),
        care=await register.of(household.id),
        readers=await _readers(household),
    )


async def _readers(household: HouseholdRow) -> tuple[Reader, ...]:
    rows = await database.fetch(
        """SELECT DISTINCT ON (day, e.account_id) date_trunc('day', e.at, 'Asia/Shanghai') AS day, e.at, a.name
           FROM events e JOIN accounts a ON a.id = e.account_id
           WHERE e.stream = $1 AND e.kind = 'household.care_read'
           ORDER BY day DESC, e.account_id, e.at DESC LIMIT 50""",
        household.stream,
    )
    return tuple(Reader(name=row["name"], at=row["at"]) for row in rows)
