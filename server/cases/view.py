"""A case as its page shows it: to the staff with what they may do now, to the reporter as a track."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.areas import tree
from server.areas.tree import Line
from server.cases import awaited, closing, story, way
from server.cases import case as cases
from server.cases.case import CaseRow, Known
from server.cases.way import Relation, State, Step
from server.forms import categories, questions
from server.kernel import clock, database, errors, events
from server.kernel.actor import Actor


class Photo(msgspec.Struct, frozen=True):
    """A photo on a case: what for, and which report, addition or answer it belongs to."""

    id: UUID
    role: str
    belongs_to: UUID | None
    width: int
    height: int


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """One report behind the case; name and phone are masked where pages print them (web), revealing is a verb."""

    id: UUID
    number: str
    text: str
    name: str
    phone: str
    for_name: str
    for_phone: str
    has_account: bool
    channel: str
    place: str
    reported_at: datetime
    position_source: str | None
    accuracy: float | None
    refused_photos: tuple[str, ...]
    answers: dict[str, Any]


class Inferred(msgspec.Struct, frozen=True):
    """A grid that the address register gave: how sure (0 to 1), and why, in words."""

    confidence: float
    why: str


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a page of a case needs."""

    case: CaseRow
    line: Line
    relations: frozenset[Relation]
    mine: tuple[UUID, ...]
    """The reader's own reports behind it."""
    steps: tuple[Step, ...]
    """What the reader may do now."""
    category: categories.Version | None
    unit: str
    owner: str
    handler: str
    tellings: tuple[Telling, ...]
    photos: tuple[Photo, ...]
    track: tuple[story.Line, ...]
    question: str
    """What the reporter is asked and has not answered yet."""
    answer: str
    """The latest result, in words."""
    stars: int | None
    """The centre's rating."""
    my_stars: int | None
    held_why: str
    """Why the report looked odd and waits for the desk's eyes; for the staff."""
    inferred: Inferred | None
    """How the grid was found from the place in words, while it still stands; for the staff."""
    reopen_until: datetime | None
    answered: tuple[questions.Answered, ...]
    """The category's extra questions that were answered, in words."""
    verified: bool
    """The history is as it was written."""
    missing: awaited.Missing = awaited.Missing()
    """Photos that a record names and that do not hang: still to come, or refused."""

    def strip(self, *roles: str) -> tuple[Photo, ...]:
        """The photos of these roles, in order."""
        return tuple(photo for photo in self.photos if photo.role in roles)

    def may(self, verb: str) -> bool:
        return any(step.verb == verb for step in self.steps)


async def view(case: UUID | str, by: Actor) -> CaseView:
    """The case for this reader; NotFound where they may not know of it. Ten statements, however much there is."""
    known = await cases.load(case, by)
    row = known.case
    history = await events.history(row.stream)
    only_reporter = known.relations <= {Relation.REPORTER}
    names = await _names(row)
    closure = await _closure(row, known)
    category = await categories.version(row.category_version) if row.category_version else None
    track = story.for_reporter(history, known.report_ids) if only_reporter else story.for_staff(history)
    return CaseView(
        case=row,
        line=await tree.line(row.grid or row.community or row.street or row.district),
        relations=known.relations,
        mine=known.report_ids,
        steps=_steps(known, closure),
        category=category,
        unit=names["unit"] or "",
        owner=names["owner"] or "",
        handler=names["handler"] or "",
        tellings=await _tellings(known, only_reporter),
        photos=await _photos(known, only_reporter),
        track=tuple(track),
        question=names["question"] or "",
        answer=names["answer"] or "",
        stars=closure.stars,
        my_stars=closure.my_stars,
        held_why=_held_why(history) if row.held and not only_reporter else "",
        inferred=None if only_reporter else _inferred(history, row),
        reopen_until=closure.at + closing.window() if closure.at else None,
        answered=questions.in_words(questions.read_form(category.questions), msgspec.json.decode(row.answers))
        if category
        else (),
        verified=events.verifies(history, row.head),
        missing=await awaited.missing(row.id, known.report_ids, only_reporter),
    )


async def may_see_photo(photo_id: UUID, by: Actor) -> bool:
    """Whether a photo may be served: to whoever may see the case it hangs on; before it hangs, to who sent it."""
    row = await database.fetch_one(
        """SELECT h."case", h.role, h.report, p.account_id, p.device FROM photos p
           LEFT JOIN case_photos h ON h.photo = p.id WHERE p.id = $1""",
        photo_id,
    )
    if row is None:
        return False
    if row["case"] is None:
        return (by.account_id is not None and row["account_id"] == by.account_id) or (
            by.device is not None and row["device"] == by.device
        )
    try:
        known = await cases.load(row["case"], by)
    except errors.NotFound:
        return False
    if known.relations != {Relation.REPORTER}:
        return True
    return row["role"] != "check" and (row["report"] is None or row["report"] in known.report_ids)


def _held_why(history: list[events.Event]) -> str:
    return next((str(one.data.get("held") or "") for one in history if one.kind == "case.reported"), "")


def _inferred(history: list[events.Event], case: CaseRow) -> Inferred | None:
    """None once the desk has put the case somewhere itself."""
    if any(one.kind == "case.relocated" for one in history):
        return None
    said = next((one.data.get("inferred") for one in history if one.kind == "case.reported"), None)
    if not said or said["grid"] != case.grid:
        return None
    return Inferred(said["confidence"], ";".join(said["reasons"]))


class _Closure(msgspec.Struct, frozen=True):
    at: datetime | None = None
    stars: int | None = None
    my_stars: int | None = None
    rating_waits: bool = False
    """A low rating that nobody has answered."""


def _steps(known: Known, closure: _Closure) -> tuple[Step, ...]:
    steps = way.allowed(known.case.state, known.relations)
    late = closure.at is not None and clock.now() > closure.at + closing.window()
    hidden = set()
    if closure.my_stars is not None:
        hidden.add("rate")
    if not closure.rating_waits:
        hidden.add("respond")
    if late and known.relations <= {Relation.REPORTER}:
        hidden.add("reopen")
    return tuple(step for step in steps if step.verb not in hidden)


async def _names(case: CaseRow) -> dict[str, str | None]:
    row = await database.fetch_one(
        """SELECT (SELECT name FROM units WHERE id = $2) AS unit,
                  (SELECT trim(p.title || ' ' || COALESCE(a.name, '')) FROM posts p
                     LEFT JOIN holdings h ON h.post = p.id AND h.until IS NULL
                     LEFT JOIN accounts a ON a.id = h.account WHERE p.id = $3) AS owner,
                  (SELECT name FROM accounts WHERE id = $4) AS handler,
                  (SELECT text FROM questions WHERE "case" = $1 AND answered_at IS NULL) AS question,
                  (SELECT text FROM answers WHERE "case" = $1 ORDER BY at DESC, id DESC LIMIT 1) AS answer""",
        case.id,
        case.handler_unit,
        case.owner_post,
        case.handler_account,
    )
    return dict(row) if row else {}


async def _closure(case: CaseRow, known: Known) -> _Closure:
    if case.state not in (State.CLOSED, State.REJECTED):
        return _Closure()
    row = await database.fetch_one(
        f"""SELECT c.at, c.stars, {closing.RATING_WAITS} AS waits, (
               SELECT r.stars FROM ratings r WHERE r.closure = c.id AND r.report = ANY($2) LIMIT 1) AS mine
           FROM closures c WHERE c."case" = $1 ORDER BY c.at DESC, c.id DESC LIMIT 1""",
        case.id,
        list(known.report_ids),
    )
    return _Closure(row["at"], row["stars"], row["mine"], row["waits"]) if row else _Closure()


async def _tellings(known: Known, only_mine: bool) -> tuple[Telling, ...]:
    rows = await database.fetch(
        """SELECT r.*, COALESCE(NULLIF(r.name, ''), a.name, '') AS called,
                  COALESCE(NULLIF(r.phone, ''), a.phone, '') AS reached
           FROM report_cases rc JOIN reports r ON r.id = rc.report LEFT JOIN accounts a ON a.id = r.account
           WHERE rc."case" = $1 AND rc.until IS NULL AND (NOT $2 OR r.id = ANY($3)) ORDER BY r.reported_at, r.id""",
        known.case.id,
        only_mine,
        list(known.report_ids),
    )
    return tuple(_telling(row) for row in rows)


def _telling(row: Any) -> Telling:
    return Telling(
        id=row["id"],
        number=row["number"],
        text=row["text"],
        name=row["called"],
        phone=row["reached"],
        for_name=row["for_name"],
        for_phone=row["for_phone"],
        has_account=row["account"] is not None,
        channel=row["channel"],
        place=row["place"],
        reported_at=row["reported_at"],
        position_source=row["position_source"],
        accuracy=row["accuracy"],
        refused_photos=tuple(msgspec.json.decode(row["refused_photos"])),
        answers=msgspec.json.decode(row["answers"]),
    )


async def _photos(known: Known, only_reporter: bool) -> tuple[Photo, ...]:
    """A reporter sees what was done and what they sent, not what others sent: photos show where one lives."""
    rows = await database.fetch(
        """SELECT p.id, h.role, COALESCE(h.answer, h.addition, h.report) AS belongs_to, p.width, p.height
           FROM case_photos h JOIN photos p ON p.id = h.photo
           WHERE h."case" = $1 AND (NOT $2 OR (h.role <> 'check' AND (h.report IS NULL OR h.report = ANY($3))))
           ORDER BY h.id""",
        known.case.id,
        only_reporter,
        list(known.report_ids),
    )
    return tuple(Photo(row["id"], row["role"], row["belongs_to"], row["width"], row["height"]) for row in rows)
