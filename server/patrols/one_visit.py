"""One record as the desk reads it: what was answered, what was found and what came of it, photos, versions."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from server.forms.questions import Answered, in_words
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.patrols import known, marks, reach, visit_photos
from server.patrols.visit import LEADS_WORDS, OUTCOME_WORDS
from server.patrols.visit_photos import Missing


class ListSeen(msgspec.Struct, frozen=True):
    """A checklist with its answers in words, and the labels of what failed."""

    name: str
    department: str
    answers: tuple[Answered, ...]
    failed: tuple[str, ...]


class Point(msgspec.Struct, frozen=True):
    """Where something of the record is, as `map_box` draws it."""

    latitude: float
    longitude: float
    word: str


class FindingSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A finding and what it led to."""

    label: str
    words: str
    leads_to: str
    case: str
    sheet: UUID | None
    sheet_number: str
    due: date | None

    @property
    def leads_words(self) -> str:
        return LEADS_WORDS[self.leads_to]


class VisitSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The record."""

    id: UUID
    version: int
    place: str
    place_code: str
    name: str
    at: datetime
    outcome: str
    note: str
    marks: tuple[str, ...]
    settled: bool
    corrected: bool
    lists: tuple[ListSeen, ...]
    findings: tuple[FindingSeen, ...]
    points: tuple[Point, ...]
    """Positions that items asked for, and that of a record at no known place."""
    photos: tuple[UUID, ...]
    missing: Missing
    versions: tuple[tuple[UUID, int], ...]


async def visit(visit_id: UUID, by: Actor) -> VisitSeen:
    """One of the actor's desk; `NotFound` for others."""
    row = await database.fetch_one(
        """SELECT v.*, COALESCE(p.name, v.place_words) AS where_name, COALESCE(p.code, '') AS place_code, a.name
           FROM patrol_visits v JOIN accounts a ON a.id = v.account LEFT JOIN places p ON p.id = v.place
           WHERE v.id = $1""",
        visit_id,
    )
    if row is None:
        raise NotFound("没有找到这条记录。")
    await reach.must_look_after(row["community"], by, "没有找到这条记录。")
    versions = await database.fetch(
        "SELECT id, version FROM patrol_visits WHERE root = $1 ORDER BY version", row["root"]
    )
    photos = await database.fetch(
        "SELECT hung FROM patrol_photos WHERE visit = $1 AND hung IS NOT NULL ORDER BY id", visit_id
    )
    lists, labels, points = await _lists(row["answers"])
    if row["latitude"] is not None:
        points = (Point(row["latitude"], row["longitude"], row["place_words"] or "记录的地方"), *points)
    return VisitSeen(
        id=visit_id,
        version=row["version"],
        place=row["where_name"],
        place_code=row["place_code"],
        name=row["name"],
        at=row["at"],
        outcome=OUTCOME_WORDS[row["outcome"]],
        note=row["note"],
        marks=marks.in_words(msgspec.json.decode(row["marks"])),
        settled=row["settled_at"] is not None,
        corrected=row["corrected_at"] is not None,
        lists=lists,
        findings=await _findings(visit_id, labels),
        points=points,
        photos=tuple(one["hung"] for one in photos),
        missing=(await visit_photos.missing([visit_id])).get(visit_id, Missing()),
        versions=tuple((one["id"], one["version"]) for one in versions),
    )


async def _lists(stored: str) -> tuple[tuple[ListSeen, ...], dict[tuple[int, str], str], tuple[Point, ...]]:
    """The checklists as they were answered, the label of every item by version and id, and the positions taken."""
    answered = msgspec.json.decode(stored)
    versions = await known.lists([one["version"] for one in answered])
    labels = {(one.id, item.id): item.label for one in versions.values() for item in one.items}
    seen = tuple(
        ListSeen(
            name=versions[one["version"]].name,
            department=versions[one["version"]].department,
            answers=in_words([item for item in versions[one["version"]].items if item.kind != "photo"], one["answers"]),
            failed=tuple(labels[one["version"], name] for name in one["failed"]),
        )
        for one in answered
    )
    points = tuple(
        Point(answer["latitude"], answer["longitude"], item.label)
        for one in answered
        for item in versions[one["version"]].items
        if item.kind == "position" and "latitude" in (answer := one["answers"].get(item.id, {}))
    )
    return seen, labels, points


async def _findings(visit_id: UUID, labels: dict[tuple[int, str], str]) -> tuple[FindingSeen, ...]:
    rows = await database.fetch(
        """SELECT f.checklist_version, f.item, f.words, f.leads_to, f.rectification AS sheet, r.due,
                  COALESCE(r.number, '') AS sheet_number, COALESCE(c.number, '') AS "case"
           FROM patrol_findings f LEFT JOIN patrol_rectifications r ON r.id = f.rectification
           LEFT JOIN cases c ON c.id = f."case" WHERE f.visit = $1 ORDER BY f.item, f.id""",
        visit_id,
    )
    return tuple(
        FindingSeen(
            label=labels.get((row["checklist_version"], row["item"]), ""),
            words=row["words"],
            leads_to=row["leads_to"],
            case=row["case"],
            sheet=row["sheet"],
            sheet_number=row["sheet_number"],
            due=row["due"],
        )
        for row in rows
    )
