"""One record held against what is known: whose it is, what is wrong with it, what it says. Pure rules."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID, uuid5

import msgspec

from server.forms import checklists, questions
from server.forms.checklists import Item
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.patrols import marking
from server.patrols.known import Known, KnownList, KnownTask, KnownVisit
from server.patrols.place import MISSING, PlaceRow
from server.patrols.visit import OUTCOME_WORDS, FindingTold, Told

LONGEST = 2_000
"""Characters of a note or of a finding's words."""
FINDING_LONGEST = 120
REUSED = "这一条的编号和以前的重复,没有收下。请重新填一次。"
_ID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OUTSIDE = "没有找到这个地方,请写清楚在哪里。"


Failures = dict[tuple[int, str], tuple[Item, KnownList, dict[str, Any]]]
"""Version and item -> the item, its checklist, the answers to that."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A checklist as it was answered."""

    version: int
    answers: dict[str, Any]
    failed: tuple[str, ...]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A finding, with the item that failed where there is one."""

    told: FindingTold
    label: str
    item: Item | None = None
    list: KnownList | None = None
    answer: Any = None


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A record that can be written."""

    told: Told
    place: PlaceRow | None
    community: int
    grid: int | None
    task: KnownTask | None
    root: UUID
    version: int
    corrects: KnownVisit | None
    overtaken: bool
    """A correction of it came first: it goes behind that one."""
    answered: tuple[Answered, ...]
    photo_items: dict[int, tuple[str, ...]]
    """Version -> the items that photos answer."""
    findings: tuple[Found, ...]
    marks: tuple[str, ...]
    settles: bool
    """It is the record that meets its task."""

    @property
    def must_place(self) -> PlaceRow:
        """The place of a record that the rules let lead on only where there is one."""
        assert self.place is not None
        return self.place

    @property
    def finding(self) -> str:
        """The findings in one line."""
        line = "、".join(one.label for one in self.findings)
        return line if len(line) <= FINDING_LONGEST else line[: FINDING_LONGEST - 1] + "…"


class Where(msgspec.Struct, frozen=True):
    """The areas of a record at no known place."""

    community: int
    grid: int | None


def judge(told: Told, known: Known, where: Where | None) -> Judged:
    """The record as it will be written; raises `NotFound` and `NotAllowed` (not theirs), `Invalid` (not a record).

    `where` is given for a record without a place.
    """
    before = _before(told, known)
    task = known.tasks.get(told.task) if told.task else None
    place = _place(told, task, known)
    if place is None and where is None:
        raise Invalid({"place_words": _OUTSIDE})
    community = place.community if place else where.community if where else None
    grid = place.grid if place else where.grid if where else None
    _must_be_theirs(told, task, place, grid, community, known)
    if community is None:
        raise Invalid({"place": "这个对象还没有划到社区,请先请社区补上。"})
    answered, found = _answers(told, task, known)
    photo_items = {one.version: _photo_items(known.lists[one.version]) for one in answered}
    overtaken = known.corrected_by.get(told.id)
    root = before.root if before else overtaken.root if overtaken else told.corrects or told.id
    return Judged(
        told=told,
        place=place,
        community=community,
        grid=grid,
        task=task,
        root=root,
        version=before.version + 1 if before else 2 if told.corrects else 1,
        corrects=before,
        overtaken=overtaken is not None,
        answered=answered,
        photo_items=photo_items,
        findings=found,
        marks=tuple(dict.fromkeys(marking.marks(told, task, place, photo_items, known, root))),
        settles=marking.settles(task, root, known) and overtaken is None,
    )


def _before(told: Told, known: Known) -> KnownVisit | None:
    """The record that is corrected, where it has come."""
    if told.id in known.visits:
        raise NotAllowed("这一条记录已经收到过。")
    if any(one.id in known.findings for one in told.findings):
        raise NotAllowed(REUSED)
    before = known.visits.get(told.corrects) if told.corrects else None
    if before is not None and before.account != known.account:
        raise NotFound("没有找到要改的记录。")
    if before is not None and before.corrected:
        raise NotAllowed("这一条已经改过,请在最新的记录上改。")
    return before


def _place(told: Told, task: KnownTask | None, known: Known) -> PlaceRow | None:
    """The place that was named; else the task's."""
    place_id = told.place or (task.place if task else None)
    if place_id is None:
        return None
    if place_id not in known.places:
        raise NotFound(MISSING)
    return known.places[place_id]


def _must_be_theirs(
    told: Told, task: KnownTask | None, place: PlaceRow | None, grid: int | None, community: int | None, known: Known
) -> None:
    """Theirs now, or ever: as the worker of the grid, by a task that was given to them, by an order, at the desk."""
    if known.ever.covers(grid, community) or known.now.covers(grid, community) or community in known.desk:
        return
    if task and not set(known.ever.posts).isdisjoint((task.post, *task.given)):
        return
    if told.order and known.orders.get(told.order) in known.ever.posts:
        return
    raise NotFound(MISSING if place else _OUTSIDE)


def _answers(told: Told, task: KnownTask | None, known: Known) -> tuple[tuple[Answered, ...], tuple[Found, ...]]:
    """The checklists checked, the findings tied to the items that failed; everything wrong in one `Invalid`."""
    wrong = _wrong_words(told)
    photos: dict[tuple[int | None, str], list[UUID]] = defaultdict(list)
    for one in told.findings:
        photos[one.version, one.item] += [photo for _, photo in one.strips]
    answered: list[Answered] = []
    failures: Failures = {}
    for part in told.lists:
        seen = known.lists.get(part.version)
        if seen is None:
            wrong[f"lists.{part.version}"] = "没有这份检查表。"
            continue
        items = asked(seen, task, known)
        taken = {name: each for (version, name), each in photos.items() if version == part.version}
        problems = checklists.problems(items, part.answers, taken) if told.outcome == "done" else {}
        problems |= _wrong_photos(items, part.answers)
        wrong |= {f"lists.{part.version}.{name}": words for name, words in problems.items()}
        failed = tuple(checklists.failed(items, part.answers)) if not problems else ()
        answers = questions.clean(items, part.answers) if not problems else {}
        answered.append(Answered(version=part.version, answers=answers, failed=failed))
        failures |= {(part.version, item.id): (item, seen, answers) for item in items if item.id in failed}
    found = tuple(_found(told, failures, wrong))
    if wrong:
        raise Invalid(wrong)
    return tuple(answered), found


def asked(seen: KnownList, task: KnownTask | None, known: Known) -> Sequence[Item]:
    """The items of a checklist that a task asks: of a re-visit those that had failed, whatever else hid them."""
    again = known.rectifications.get(task.rectification) if task and task.rectification else None
    if again is None or again.checklist != seen.checklist:
        return seen.items
    only = [msgspec.structs.replace(one, shown_if=None, required=True) for one in seen.items if one.id in again.items]
    return only or seen.items


def _photo_items(seen: KnownList) -> tuple[str, ...]:
    return tuple(item.id for item in seen.items if item.kind == "photo")


def _wrong_photos(items: Sequence[Item], answers: dict[str, Any]) -> dict[str, str]:
    """Photos are answered by their ids."""
    named = {item.id: answers.get(item.id) or [] for item in items if item.kind == "photo"}
    return {
        name: "请重新添加照片。"
        for name, photos in named.items()
        if not isinstance(photos, list) or not all(isinstance(one, str) and _ID.fullmatch(one) for one in photos)
    }


def _wrong_words(told: Told) -> dict[str, str]:
    wrong = {}
    if told.outcome not in OUTCOME_WORDS:
        wrong["outcome"] = "请选检查结果。"
    if len(told.note) > LONGEST:
        wrong["note"] = f"太长了,请缩短到 {LONGEST} 字以内。"
    if len(told.place_words) > 200:
        wrong["place_words"] = "太长了,请缩短到 200 字以内。"
    return wrong


def _found(told: Told, failures: Failures, wrong: dict[str, str]) -> Iterator[Found]:
    """Every finding that was told, and a note for each failed item without one."""
    named = set()
    for one in told.findings:
        failure = failures.get((one.version, one.item)) if one.version is not None else None
        if words := _wrong_finding(one, failure[0] if failure else None, told):
            wrong[f"findings.{one.id}"] = words
            continue
        if failure is None:
            yield Found(told=one, label=_first(one.words))
            continue
        item, seen, answers = failure
        named.add((seen.id, item.id))
        yield Found(told=one, label=item.label, item=item, list=seen, answer=answers.get(item.id))
    for (version, name), (item, seen, answers) in failures.items():
        if (version, name) not in named:
            note = FindingTold(id=_note_id(told.id, version, name), leads_to="note", version=version, item=name)
            yield Found(told=note, label=item.label, item=item, list=seen, answer=answers.get(name))


def _wrong_finding(one: FindingTold, item: Item | None, told: Told) -> str:
    if len(one.words) > LONGEST:
        return f"太长了,请缩短到 {LONGEST} 字以内。"
    if item is None:
        if not one.words.strip():
            return "请写一句话,说说哪里不对。"
        return "没有对应检查项的问题,不能限期整改;请转为工单。" if one.leads_to == "rectify" else ""
    if one.leads_to not in item.outcomes:
        words = "、".join(checklists.OUTCOME_WORDS[name] for name in item.outcomes)
        return f"这一项只能{words}。"
    if one.leads_to == "rectify" and told.place is None and told.task is None:
        return "不知道是哪个对象,不能限期整改。"
    return ""


def _first(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= 30 else line[:29] + "…"


def _note_id(visit: UUID, version: int, item: str) -> UUID:
    """The same each time for the same item of the same record."""
    return uuid5(visit, f"{version}/{item}")
