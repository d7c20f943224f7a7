"""A checklist is a list of items: what is looked at, when it has failed, and what a failure may lead to.

An item is a question (server/forms/questions.py) with what an inspection needs besides. static/forms/checklist.js says
the same in JavaScript; tests/forms/checklist_vectors.json runs against both. Keep them in step.

An item fails by its own answer: `fails_if` is a condition naming the item itself, e.g. {"question": "width", "less":
1.4}; a `check` without one fails where it is answered "no". What is hidden or not answered has not failed.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeAlias

import msgspec

from server.forms.questions import Answers, Condition, Question, answer_in_words, holds, is_blank, shown
from server.forms.questions import problems as wrong_answers

__all__ = ["Demand", "Item", "Items", "demand", "failed", "problems", "read_items", "shown"]

OUTCOMES = ("note", "fixed", "rectify", "case")
OUTCOME_WORDS = {"note": "记下", "fixed": "当场改好", "rectify": "限期整改", "case": "转为工单"}
PHOTO_MISSING = "请拍照"
RECTIFY_DAYS = 7
_CHECK_FAILS = "no"

Photos: TypeAlias = Mapping[str, Sequence[object]]
"""Photos taken of failed items, by the item's id; photos that are answers are in the answers."""


class Item(Question, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One item of a checklist."""

    demanded_by: str = ""
    """The department, where it is not the checklist's own."""
    rule: str = ""
    """Under which rule or standard."""
    fails_if: Condition | None = None
    remedy: str = ""
    """What the operator must do where it failed; goes onto the sheet."""
    photo_if_failed: bool = False
    photo_reason: str = ""
    """Why a photo is demanded; shown beside the camera. Without a reason none may be demanded."""
    position_reason: str = ""
    """Why a position is asked for; shown beside the button. Without a reason none may be asked."""
    outcomes: tuple[str, ...] = OUTCOMES
    """What a failure may lead to, of OUTCOMES."""
    rectify_days: int = RECTIFY_DAYS
    """Calendar days for "rectify", where the worker sets no other day."""

    @property
    def can_fail(self) -> bool:
        """Whether any answer makes it fail."""
        return self.kind == "check" or self.fails_if is not None


Items: TypeAlias = Sequence[Item]


def read_items(items: object) -> tuple[Item, ...]:
    """Items from decoded JSON that `check_items` finds nothing wrong with."""
    return msgspec.convert(items, tuple[Item, ...])


def failed(items: Items, answers: Answers) -> list[str]:
    """Ids of the items that are not as they should be, in the order of the checklist."""
    visible = shown(items, answers)
    return [item.id for item in items if item.id in visible and _fails(item, answers.get(item.id))]


def problems(items: Items, answers: Answers, photos: Photos | None = None) -> dict[str, str]:
    """For each item that is asked and not answered as it should be: what to do, in words.

    `photos` are those taken of failed items; one that demands a photo and has none is a problem, with its reason.
    """
    found = wrong_answers(items, answers)
    taken = photos or {}
    names = set(failed(items, answers))
    for item in items:
        if item.id in names and item.photo_if_failed and not taken.get(item.id):
            found.setdefault(item.id, f"{PHOTO_MISSING}:{item.photo_reason}")
    return found


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator of a place must do about a failed item; a line of the sheet that is handed over."""

    label: str
    found: str
    """The answer in words."""
    todo: str
    rule: str
    demanded_by: str
    until: date

    @property
    def words(self) -> str:
        """All of it as a paragraph."""
        said = f"{self.label}:{self.found}。请在 {self.until.year} 年 {self.until.month} 月 {self.until.day} 日前"
        said += f"{self.todo}。" if self.todo else "改好。"
        if self.rule:
            said += f"依据:{self.rule}。"
        return said + (f"要求部门:{self.demanded_by}。" if self.demanded_by else "")


def demand(item: Item, answer: Any, on: date, *, until: date | None = None, department: str = "") -> Demand:
    """What a failed item demands of the operator, found on the day `on`.

    `until` is the day the worker agreed to, else the item's own number of days counts; `department` is the
    checklist's, for items that name none.
    """
    return Demand(
        label=item.label,
        found=answer_in_words(item, answer),
        todo=item.remedy.rstrip("。"),
        rule=item.rule,
        demanded_by=item.demanded_by or department,
        until=until or on + timedelta(days=item.rectify_days),
    )


def _fails(item: Item, answer: Any) -> bool:
    if is_blank(answer):
        return False
    if item.fails_if is not None:
        return holds(item.fails_if, {item.id: answer})
    return item.kind == "check" and bool(answer == _CHECK_FAILS)
