"""Conditions in words: for who reads a checklist, and for who writes one without writing JSON."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from server.forms.questions import CHECK_WORDS, Condition, Question, is_date

TEST_WORDS = {"is": "是", "not": "不是", "less": "小于", "greater": "大于", "outside": "不在范围内"}
_LIST = re.compile("[、,,;;\n]")
_RANGE = re.compile(r"\s*(?:到|至|~|～)\s*")
_NUMBER = re.compile(r"-?[0-9]{1,15}([.][0-9]{1,10})?")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．－＋", "0123456789.-+")
_YES_NO = {"是": True, "不是": False, "否": False, "有": True, "没有": False}


class Written(msgspec.Struct, frozen=True):
    """A simple condition as three fields: which question, one of TEST_WORDS, and the value as words."""

    question: str
    test: str
    value: str


def as_written(condition: Condition, questions: Mapping[str, Question]) -> Written | None:
    """A condition as three fields; None where they would not say the very same."""
    written = _written(condition, questions)
    try:
        same = written is not None and read_written(written, questions[written.question]) == condition
    except ValueError:
        return None
    return written if same else None


def read_written(written: Written, question: Question) -> Condition:
    """The condition that three fields say; raises ValueError, in words, where the value says nothing."""
    value = written.value.strip()
    if written.test == "outside":
        ends = _RANGE.split(value)
        if len(ends) != 2:
            raise ValueError("范围请写成 0 到 8 的样子")
        low, high = (_value(question, end) for end in ends)
        return {"any": [{"question": question.id, "less": low}, {"question": question.id, "greater": high}]}
    if written.test in ("less", "greater"):
        return {"question": question.id, written.test: _value(question, value)}
    values = [_value(question, one.strip()) for one in _LIST.split(value) if one.strip()]
    if not values:
        raise ValueError("条件里还没有写答什么")
    is_one: Condition = (
        {"question": question.id, "in": values} if len(values) > 1 else {"question": question.id, "is": values[0]}
    )
    return {"not": is_one} if written.test == "not" else is_one


def in_words(condition: Condition, questions: Mapping[str, Question], itself: str = "") -> str:
    """A condition as a reader wants it, e.g. “通道宽度”小于 1.4, “热水器”是“燃气热水器”.

    A question whose id is `itself` is not named: 小于 1.4, 答“是”.
    """
    simple = as_written(condition, questions)
    if simple is not None:
        own = simple.question == itself
        label = "" if own else f"“{questions[simple.question].label}”"
        if simple.test == "outside":
            return f"{label}不在 {simple.value} 之间"
        if simple.test in ("less", "greater"):
            return f"{label}{TEST_WORDS[simple.test]} {simple.value}"
        verb = {"is": "答", "not": "不答"}[simple.test] if own else TEST_WORDS[simple.test]
        return f"{label}{verb}“{simple.value.replace('、', '”或“')}”"
    if "not" in condition:
        return f"不满足({in_words(condition['not'], questions, itself)})"
    for group, between in (("all", ",并且"), ("any", ",或者")):
        if group in condition:
            return between.join(in_words(part, questions, itself) for part in condition[group])
    return "按别的回答"


def _written(condition: Condition, questions: Mapping[str, Question]) -> Written | None:
    if set(condition) == {"not"}:
        inner = _written(condition["not"], questions)
        return Written(inner.question, "not", inner.value) if inner and inner.test == "is" else None
    if set(condition) == {"any"}:
        return _as_range(condition["any"], questions)
    question = questions.get(condition.get("question", ""))
    if question is None:
        return None
    if "is" in condition or "in" in condition:
        values = condition["in"] if "in" in condition else [condition["is"]]
        return Written(question.id, "is", "、".join(_value_words(question, value) for value in values))
    test = "less" if "less" in condition else "greater"
    return Written(question.id, test, _value_words(question, condition[test]))


def _as_range(parts: Any, questions: Mapping[str, Question]) -> Written | None:
    if len(parts) != 2 or set(parts[0]) != {"question", "less"} or set(parts[1]) != {"question", "greater"}:
        return None
    question = questions.get(parts[0]["question"])
    if question is None or parts[1]["question"] != question.id:
        return None
    ends = _value_words(question, parts[0]["less"]), _value_words(question, parts[1]["greater"])
    return Written(question.id, "outside", " 到 ".join(ends))


def _value_words(question: Question, value: Any) -> str:
    if question.kind == "yes_no":
        return "是" if value is True else "不是"
    if question.kind == "check":
        return CHECK_WORDS.get(value, str(value))
    return next((one.label for one in question.choices if one.value == value), str(value))


def _value(question: Question, words: str) -> Any:
    match question.kind:
        case "yes_no":
            found: Any = _YES_NO.get(words)
        case "check":
            found = next((value for value, word in CHECK_WORDS.items() if words in (word, value)), None)
        case "choice" | "choices":
            found = next((one.value for one in question.choices if words in (one.label, one.value)), None)
        case "number":
            plain = words.translate(_FULL_WIDTH)
            found = (float(plain) if "." in plain else int(plain)) if _NUMBER.fullmatch(plain) else None
        case "date":
            found = words if is_date(words) else None
        case _:
            found = words or None
    if found is None:
        raise ValueError(f"“{question.label[:20]}”不会答成“{words[:20]}”" if words else "条件里还没有写答什么")
    return found
