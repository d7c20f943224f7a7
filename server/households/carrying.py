"""What a linked member carries: their households, who to ask for, what was said last, what is to be brought back."""

from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

import msgspec

from server.households.care import register
from server.households.household import words_of
from server.kernel import database
from server.kernel.actor import Actor, Role

LAST = 3
"""Contacts of each household that lie on the phone."""
MOST = 200
"""Households of one member on the phone."""


class LinkedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to ask for, whole: for a linked member the link is the reason."""

    id: UUID
    name: str
    phone: str
    relation: str


class LinkedVisit(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as the phone shows it."""

    id: UUID
    at: datetime
    name: str
    mine: bool
    way: str
    outcome: str
    topics: tuple[str, ...]
    said: str
    needs: str
    number: str
    """Of the case that its need became, and where that stands."""
    state: str
    answer: str
    """What was done, to be brought back; empty once somebody was met again."""


class LinkedCare(msgspec.Struct, frozen=True, kw_only=True):
    """A way of looking in that the household agreed to, and until when the next contact is due."""

    id: UUID
    name: str
    way: str
    mine: bool
    """Agreed on with the reader by name, or with nobody in particular."""
    due_at: datetime
    alarm: bool


class LinkedHousehold(msgspec.Struct, frozen=True, kw_only=True):
    """One line of section `households`."""

    id: UUID
    words: str
    area: str
    private: bool
    tags: tuple[str, ...]
    people: tuple[LinkedPerson, ...]
    visits: tuple[LinkedVisit, ...]
    care: tuple[LinkedCare, ...]
    for_successor: str
    """What the member before left word of."""
    last_visit_at: datetime | None
    next_visit_on: date | None


def carries(by: Actor) -> bool:
    """Whether the actor is a member who may be linked to households."""
    return by.has(Role.PARTY_MEMBER)


async def households(by: Actor) -> tuple[LinkedHousehold, ...]:
    """The households that the actor is linked to, those to look in on first; five statements, however many."""
    rows = await database.fetch(
        f"""SELECT h.id, h.place, h.building, h.unit, h.room, h.private, h.last_visit_at, h.next_visit_on,
                  a.name AS area,
                  ARRAY(SELECT k.name FROM household_tags t JOIN household_tag_kinds k ON k.id = t.kind
                        WHERE t.household = h.id AND t.until IS NULL ORDER BY k.id) AS tags,
                  COALESCE((SELECT e.for_successor FROM household_links e WHERE e.successor = l.id LIMIT 1), '')
                      AS for_successor
           FROM household_links l JOIN households h ON h.id = l.household
           JOIN areas a ON a.id = COALESCE(h.grid, h.community)
           WHERE l.account = $1 AND l.until IS NULL AND h.until IS NULL
           ORDER BY LEAST(h.next_visit_on, (SELECT min(w.due_at)::date FROM care_watches w
                          WHERE w.household = h.id AND w.until IS NULL)) NULLS LAST,
               h.last_visit_at NULLS FIRST, h.id LIMIT {MOST}""",
        by.account_id,
    )
    ids = [row["id"] for row in rows]
    people, visits, care = await _people(ids), await _visits(ids, by), await register.watches_of(ids)
    return tuple(
        LinkedHousehold(
            id=row["id"],
            words=words_of(row["place"], row["building"], row["unit"], row["room"]),
            area=row["area"],
            private=row["private"],
            tags=tuple(row["tags"]),
            people=tuple(people[row["id"]]),
            visits=tuple(visits[row["id"]]),
            care=tuple(
                LinkedCare(
                    id=one.id,
                    name=one.name,
                    way=one.way,
                    mine=one.account in (None, by.account_id),
                    due_at=one.due_at,
                    alarm=one.alarm,
                )
                for one in care.get(row["id"], ())
            ),
            for_successor=row["for_successor"],
            last_visit_at=row["last_visit_at"],
            next_visit_on=row["next_visit_on"],
        )
        for row in rows
    )


async def _people(ids: list[UUID]) -> dict[UUID, list[LinkedPerson]]:
    found: dict[UUID, list[LinkedPerson]] = defaultdict(list)
    for row in await database.fetch(
        """SELECT household, id, name, phone, relation FROM household_people
           WHERE household = ANY($1::uuid[]) AND until IS NULL ORDER BY contact DESC, since, id""",
        ids,
    ):
        found[row["household"]].append(
            LinkedPerson(id=row["id"], name=row["name"], phone=row["phone"], relation=row["relation"])
        )
    return found


async def _visits(ids: list[UUID], by: Actor) -> dict[UUID, list[LinkedVisit]]:
    """The latest of each household; an answer is to be brought back until somebody was met after it was given."""
    found: dict[UUID, list[LinkedVisit]] = defaultdict(list)
    for row in await database.fetch(
        """SELECT v.*, a.name, c.number, c.state, CASE WHEN c.closed_at > COALESCE(h.last_visit_at, c.reported_at)
                  THEN (SELECT text FROM answers WHERE "case" = c.id ORDER BY at DESC, id DESC LIMIT 1) END AS answer
           FROM households h CROSS JOIN LATERAL (
               SELECT id, household, at, account, way, outcome, topics, said, needs, "case" FROM household_visits
               WHERE household = h.id AND latest ORDER BY at DESC, id DESC LIMIT $2) v
           JOIN accounts a ON a.id = v.account LEFT JOIN cases c ON c.id = v."case"
           WHERE h.id = ANY($1::uuid[]) ORDER BY v.at DESC, v.id DESC""",
        ids,
        LAST,
    ):
        found[row["household"]].append(
            LinkedVisit(
                id=row["id"],
                at=row["at"],
                name=row["name"],
                mine=row["account"] == by.account_id,
                way=row["way"],
                outcome=row["outcome"],
                topics=msgspec.json.decode(row["topics"], type=tuple[str, ...]),
                said=row["said"],
                needs=row["needs"],
                number=row["number"] or "",
                state=row["state"] or "",
                answer=row["answer"] or "",
            )
        )
    return found
