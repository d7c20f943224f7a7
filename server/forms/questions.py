"""A form is a list of questions, as JSON: which are shown, and what is wrong with answers, by the phone's own rules.

static/forms/questions.js says the same in JavaScript; tests/forms/vectors.json runs against both. Keep them in step.

Answers by kind: yes_no true/false, check "yes", "no" or "na" (as it should be, not so, does not apply), number a
number, text and date ("2026-11-21") and choice a string, choices and photo a list of strings. A position is
{"latitude", "longitude", "accuracy"} (WGS-84, metres or null), or {"missing": why} of POSITION_MISSING, which is an
answer like another. Nothing, "" (or blanks alone) and [] are no answer. min and max bound a number's value, a text's
length, a date, how many choices or photos.

Conditions (`shown_if`) name earlier questions only:

    {"question": "broken", "is": true}       the answer, or one of several choices, is this
    {"question": "kind", "in": ["a", "b"]}   … is one of these
    {"question": "depth", "greater": 30}     … is greater; also "less"; numbers and dates
    {"not": c}   {"all": [c, …]}   {"any": [c, …]}

A question that is hidden or not answered makes a condition on it false.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias, TypeGuard

import msgspec

KINDS = ("check", "yes_no", "number", "text", "choice", "choices", "date", "photo", "position")
CHECK_WORDS = {"yes": "合格", "no": "不合格", "na": "不适用"}
POSITION_MISSING = {
    "refused": "手机没有允许取位置",
    "no_signal": "收不到位置信号",
    "late": "等了一会儿没有等到",
    "unable": "浏览器不能给出位置",
}
"""Why a position could not be taken, as the phone says it."""
TEXT_LONGEST = 2000
PHOTOS_MOST = 9
ACCURACY_MOST = 1_000_000
"""Metres; what claims to be vaguer is no position."""
_BLANKS = " \t\r\n\u00a0\u3000"
_DATE = re.compile("(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")

Condition: TypeAlias = dict[str, Any]
Answers: TypeAlias = Mapping[str, Any]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the answers to choose; `value` is kept, `label` is shown."""

    value: str
    label: str


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One question of a form."""

    id: str
    kind: str
    label: str
    help: str = ""
    required: bool = False
    min: float | str | None = None
    max: float | str | None = None
    choices: tuple[Choice, ...] = ()
    shown_if: Condition | None = None


Form: TypeAlias = Sequence[Question]


def read_form(form: object) -> tuple[Question, ...]:
    """A form from decoded JSON that `check_form` finds nothing wrong with."""
    return msgspec.convert(form, tuple[Question, ...])


def shown(form: Form, answers: Answers) -> set[str]:
    """Ids of the questions that are asked, given these answers."""
    visible: dict[str, Any] = {}
    for question in form:
        if question.shown_if is None or holds(question.shown_if, visible):
            visible[question.id] = answers.get(question.id)
    return set(visible)


def problems(form: Form, answers: Answers) -> dict[str, str]:
    """For each question that is asked and not answered as it should be: what to do, in words."""
    visible = shown(form, answers)
    found = {}
    for question in form:
        if question.id not in visible:
            continue
        answer = answers.get(question.id)
        if is_blank(answer):
            words = _MISSING[question.kind] if question.required else None
        else:
            words = _CHECKS[question.kind](question, answer)
        if words:
            found[question.id] = words
    return found


def clean(form: Form, answers: Answers) -> dict[str, Any]:
    """The answers worth keeping: given, to questions that are asked."""
    visible = shown(form, answers)
    return {
        question.id: answers[question.id]
        for question in form
        if question.id in visible and not is_blank(answers.get(question.id))
    }


class Answered(msgspec.Struct, frozen=True):
    """A question and its answer, as a reader wants them."""

    label: str
    words: str


def answer_in_words(question: Question, answer: Any) -> str:
    """An answer as a reader wants it; "" where nothing was answered."""
    return "" if is_blank(answer) else _words(question, answer)


def in_words(form: Form, answers: Answers) -> tuple[Answered, ...]:
    """The questions that were answered, each with its answer in words."""
    return tuple(Answered(one.label, _words(one, answers[one.id])) for one in form if not is_blank(answers.get(one.id)))


def _words(question: Question, answer: Any) -> str:
    if question.kind == "yes_no":
        return "是" if answer else "不是"
    if question.kind == "check":
        return CHECK_WORDS.get(answer, "")
    if question.kind == "position":
        return _position_words(answer)
    labels = {one.value: one.label for one in question.choices}
    given = answer if isinstance(answer, list) else [answer]
    return "、".join(labels.get(str(one), str(one)) for one in given)


def _position_words(answer: Any) -> str:
    if "missing" in answer:
        return f"没有取到:{POSITION_MISSING[answer['missing']]}"
    metres = answer.get("accuracy")
    around = f"(大约准到 {round(metres)} 米)" if metres is not None else ""
    return f"{answer['latitude']:.5f}, {answer['longitude']:.5f}{around}"


def is_blank(answer: object) -> bool:
    """Whether nothing was answered."""
    return answer is None or answer == [] or (isinstance(answer, str) and not answer.strip(_BLANKS))


def is_number(value: object) -> TypeGuard[float]:
    """A finite number; true and false are none."""
    # By comparison: isfinite() raises on an integer that no float can hold.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def is_date(value: object) -> bool:
    """A day that exists, between 1900 and 2199, as 2026-11-21."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def holds(condition: Condition, visible: Answers) -> bool:
    """Whether a condition is met by the answers to the questions that are asked."""
    if "not" in condition:
        return not holds(condition["not"], visible)
    if "all" in condition:
        return all(holds(part, visible) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, visible) for part in condition["any"])
    answer = visible.get(condition["question"])
    if is_blank(answer):
        return False
    given = answer if isinstance(answer, list) else [answer]
    if "is" in condition:
        return any(_same(one, condition["is"]) for one in given)
    if "in" in condition:
        return any(_same(one, wanted) for one in given for wanted in condition["in"])
    if "greater" in condition:
        return _comparable(answer, condition["greater"]) and answer > condition["greater"]
    return _comparable(answer, condition["less"]) and answer < condition["less"]


def _same(one: object, other: object) -> bool:
    # As JavaScript's === sees it: true is not 1.
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _comparable(one: object, other: object) -> bool:
    return (is_number(one) and is_number(other)) or (is_date(one) and is_date(other))


_MISSING = {
    "check": "请选择合格、不合格或不适用",
    "yes_no": "请选择是或否",
    "number": "请填写数字",
    "text": "请填写",
    "choice": "请选择一项",
    "choices": "请至少选一项",
    "date": "请选择日期",
    "photo": "请添加照片",
    "position": "请取一下位置",
}


def _yes_no(_: Question, answer: object) -> str | None:
    return None if isinstance(answer, bool) else "请选择是或否"


def _check(_: Question, answer: object) -> str | None:
    return None if isinstance(answer, str) and answer in CHECK_WORDS else "请选择合格、不合格或不适用"


def _number(question: Question, answer: Any) -> str | None:
    if not is_number(answer):
        return "请填写数字"
    if is_number(question.min) and answer < question.min:
        return f"不能小于 {_plain(question.min)}"
    if is_number(question.max) and answer > question.max:
        return f"不能大于 {_plain(question.max)}"
    return None


def _text(question: Question, answer: object) -> str | None:
    if not isinstance(answer, str):
        return "请填写文字"
    return _count(question, len(answer), TEXT_LONGEST, "至少写 {} 个字", "最多写 {} 个字")


def _choice(question: Question, answer: object) -> str | None:
    known = any(_same(choice.value, answer) for choice in question.choices)
    return None if known else "请从列出的选项中选择"


def _choices(question: Question, answer: object) -> str | None:
    if not isinstance(answer, list) or any(_choice(question, one) for one in answer):
        return "请从列出的选项中选择"
    if len(set(answer)) != len(answer):
        return "同一项选了两次"
    return _count(question, len(answer), len(question.choices), "至少选 {} 项", "最多选 {} 项")


def _date(question: Question, answer: Any) -> str | None:
    if not is_date(answer):
        return "请按 2026-11-21 的样子填写日期"
    if question.min is not None and answer < question.min:
        return f"不能早于 {question.min}"
    if question.max is not None and answer > question.max:
        return f"不能晚于 {question.max}"
    return None


def _photo(question: Question, answer: object) -> str | None:
    if not isinstance(answer, list) or not all(isinstance(one, str) and one for one in answer):
        return "请添加照片"
    return _count(question, len(answer), PHOTOS_MOST, "至少 {} 张照片", "最多 {} 张照片")


def _position(_: Question, answer: Any) -> str | None:
    return None if is_position(answer) else _MISSING["position"]


def is_position(answer: object) -> bool:
    """Where somebody was, or why that is not known; nothing else in it."""
    if not isinstance(answer, dict):
        return False
    if "missing" in answer:
        return len(answer) == 1 and isinstance(answer["missing"], str) and answer["missing"] in POSITION_MISSING
    if set(answer) != {"latitude", "longitude", "accuracy"}:
        return False
    degrees = _within(answer["latitude"], -90, 90) and _within(answer["longitude"], -180, 180)
    return degrees and (answer["accuracy"] is None or _within(answer["accuracy"], 0, ACCURACY_MOST))


def _within(value: object, least: float, most: float) -> bool:
    return is_number(value) and least <= value <= most


def _count(question: Question, count: int, limit: int, too_few: str, too_many: str) -> str | None:
    least = question.min if is_number(question.min) else 0
    most = question.max if is_number(question.max) else limit
    if count < least:
        return too_few.format(_plain(least))
    if count > most:
        return too_many.format(_plain(most))
    return None


def _plain(number: Any) -> str:
    # 5.0 as 5, as JavaScript writes it.
    return str(int(number)) if is_number(number) and number == int(number) else str(number)


_CHECKS = {
    "check": _check,
    "yes_no": _yes_no,
    "number": _number,
    "text": _text,
    "choice": _choice,
    "choices": _choices,
    "date": _date,
    "photo": _photo,
    "position": _position,
}
