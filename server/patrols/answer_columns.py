"""The questions of kinds as columns of a file: each is named by its id or by its label."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from server.forms import cells, questions
from server.forms.questions import Question
from server.patrols.kinds import Kind
from server.patrols.place import PlaceRow


class Asked(msgspec.Struct, frozen=True):
    """What one kind asks, by the columns that name it."""

    form: tuple[Question, ...]
    columns: Mapping[str, Question]
    """Those of the file alone."""


def names(every: Iterable[Kind]) -> set[str]:
    """All names that a column may have to hold answers."""
    return {name for kind in every for one in kind.questions for name in (one["id"], one["label"])}


def asked(kind: Kind, header: Iterable[str]) -> Asked:
    """The columns of a file that are questions of this kind; an id goes before another question's label."""
    form = questions.read_form(kind.questions)
    by_name = {one.label: one for one in reversed(form)} | {one.id: one for one in form}
    return Asked(form, {name: by_name[name] for name in header if name in by_name})


def read(
    row: Mapping[str, str], header: Iterable[str], of: Asked, kind: Kind, before: PlaceRow | None
) -> tuple[dict[str, Any] | None, str]:
    """The answers of a row with those that are known, None where it says nothing; and what is wrong, in words.

    A question that the row does not answer is not demanded: half a list is better than none.
    """
    given: dict[str, Any] = {}
    for name in header:
        if not row[name]:
            continue
        question = of.columns.get(name)
        if question is None:
            return None, f"种类“{kind.name}”不问“{name}”"
        if question.kind == "photo":
            return None, f"“{question.label}”是照片,不能从文件导入"
        answer = cells.read(question, row[name])
        if given.setdefault(question.id, answer) != answer:
            return None, f"“{question.label}”写了两栏,不一样"
    if not given:
        return None, ""
    known = before.answers if before is not None and before.kind == kind.id else {}
    answers = {**known, **given}
    return questions.clean(of.form, answers), _wrong(of.form, answers, given)


def _wrong(form: tuple[Question, ...], answers: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    problems, shown = questions.problems(form, answers), questions.shown(form, answers)
    for one in form:
        if one.id not in given:
            continue
        if one.id not in shown:
            return f"“{one.label}”这一行不用填:前面的答案不问它"
        if one.id in problems:
            return f"“{one.label}”{problems[one.id].rstrip('。')}"
    return ""
