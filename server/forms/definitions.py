"""What is wrong with a form as somebody wrote it, before anybody is asked its questions."""

import re
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, TypeVar

import msgspec

from server.forms.questions import CHECK_WORDS, KINDS, Question, is_date, is_number

MOST_QUESTIONS = 50
MOST_CHOICES = 100
LABEL_LONGEST = 100
HELP_LONGEST = 300
DEEPEST = 5

_ID = re.compile("[a-z][a-z0-9_]{0,39}")
_WITH_CHOICES = ("choice", "choices")
_WITHOUT_BOUNDS = ("check", "yes_no", "choice", "position")
_TESTS = ("is", "in", "greater", "less")
_GROUPS = ("not", "all", "any")

Asked = TypeVar("Asked", bound=Question)


class Wrong(msgspec.Struct, frozen=True):
    """Something wrong with one question: its number from 1 (0: the whole form), its id, and what, in words."""

    number: int
    id: str
    words: str


def check_form(form: object) -> list[str]:
    """Everything that is wrong with a form (decoded JSON), one sentence each; empty where it can be used."""
    if not isinstance(form, list):
        return ["表单应是问题的列表"]
    if len(form) > MOST_QUESTIONS:
        return [f"问题太多,最多 {MOST_QUESTIONS} 个"]
    return [_sentence(one) for one in wrong_questions(form, Question, _not_in_forms)]


def wrong_questions(
    form: Sequence[object], into: type[Asked], wrong: Callable[[Asked], list[str]] = lambda _: []
) -> list[Wrong]:
    """What is wrong with each question of a form, written as the Struct `into`; `wrong` says what else can be."""
    found: list[Wrong] = []
    earlier: dict[str, Question] = {}
    all_ids = {one["id"] for one in form if isinstance(one, dict) and isinstance(one.get("id"), str)}
    for number, raw in enumerate(form, 1):
        try:
            question = msgspec.convert(raw, into)
        except msgspec.ValidationError as error:
            found.append(Wrong(number, "", f"写法不对,{_in_words(str(error))}"))
            continue
        words = [
            *_wrong_question(question),
            *wrong(question),
            *wrong_condition(question.shown_if, earlier, all_ids, "显示条件"),
        ]
        if question.id in earlier:
            words.append("编号重复")
        found += [Wrong(number, question.id[:40], one) for one in words]
        earlier.setdefault(question.id, question)
    return found


def _sentence(wrong: Wrong) -> str:
    place = f"第 {wrong.number} 题"
    return f"{place}({wrong.id}):{wrong.words}" if wrong.id else f"{place}:{wrong.words}"


def _not_in_forms(question: Question) -> list[str]:
    only = {"check": "合格与否只在检查表里问", "position": "位置只在检查表里取"}
    return [only[question.kind]] if question.kind in only else []


def _in_words(error: str) -> str:
    """msgspec's reason for somebody who writes a form; the shapes of its sentences are held by a test."""
    named = re.findall(r"`([^`]*)`", error)
    if "missing required field" in error:
        return f"缺少 {named[-1] if '$' not in named[-1] else named[-2]}"
    if "contains unknown field" in error:
        return f"不认识 {next((name for name in named if '$' not in name), '')[:40]}"
    place = named[-1].removeprefix("$.") if named and named[-1].startswith("$.") else ""
    return f"{place or '整题'} 的类型不对"


def _wrong_question(question: Question) -> list[str]:
    found = []
    if not _ID.fullmatch(question.id):
        found.append("编号只能用小写字母、数字和下划线,以字母开头")
    if not question.label.strip() or len(question.label) > LABEL_LONGEST:
        found.append(f"问题不能空着,最多 {LABEL_LONGEST} 个字")
    if len(question.help) > HELP_LONGEST:
        found.append(f"说明最多 {HELP_LONGEST} 个字")
    if question.kind not in KINDS:
        return [*found, f"不认识种类 {question.kind[:20]}"]
    return [*found, *_wrong_choices(question), *_wrong_bounds(question)]


def _wrong_choices(question: Question) -> list[str]:
    if question.kind not in _WITH_CHOICES:
        return ["这种问题没有选项"] if question.choices else []
    if not question.choices:
        return ["没有选项"]
    values = [choice.value for choice in question.choices]
    found = []
    if len(values) > MOST_CHOICES:
        found.append(f"选项太多,最多 {MOST_CHOICES} 个")
    if len(set(values)) != len(values):
        found.append("选项的值重复")
    if any(not choice.value.strip() or not choice.label.strip() for choice in question.choices):
        found.append("选项不能空着")
    return found


def _wrong_bounds(question: Question) -> list[str]:
    bounds: list[Any] = [bound for bound in (question.min, question.max) if bound is not None]
    if bounds and question.kind in _WITHOUT_BOUNDS:
        return ["这种问题没有最小和最大"]
    if question.kind == "date":
        if not all(is_date(bound) for bound in bounds):
            return ["最早和最晚应是 2026-11-21 这样的日期"]
    elif not all(is_number(bound) for bound in bounds):
        return ["最小和最大应是数字"]
    if question.kind in ("text", "choices", "photo") and any(bound < 0 or bound != int(bound) for bound in bounds):
        return ["最少和最多应是不小于 0 的整数"]
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        return ["最小比最大还大"]
    return []


def wrong_condition(
    condition: object, earlier: Mapping[str, Question], all_ids: Set[str], name: str, depth: int = 0
) -> list[str]:
    """What is wrong with a condition that may ask about the questions `earlier`; `name` is what it is called."""
    if condition is None and depth == 0:
        return []
    if not isinstance(condition, dict):
        return [f"{name}写法不对"]
    if depth > DEEPEST:
        return [f"{name}套得太深,最多 {DEEPEST} 层"]
    for group in _GROUPS:
        if group in condition:
            parts = [condition[group]] if group == "not" else condition[group]
            if set(condition) != {group} or not isinstance(parts, list) or not parts:
                return [f"{name}写法不对"]
            return [words for part in parts for words in wrong_condition(part, earlier, all_ids, name, depth + 1)]
    return _wrong_test(condition, earlier, all_ids, name)


def _wrong_test(condition: dict[str, Any], earlier: Mapping[str, Question], all_ids: Set[str], name: str) -> list[str]:
    tests = [test for test in _TESTS if test in condition]
    asked = condition.get("question")
    if len(tests) != 1 or set(condition) != {"question", tests[0]} or not isinstance(asked, str):
        return [f"{name}写法不对"]
    if asked not in earlier:
        return [f"{name}里的 {asked[:40]} " + ("应在这一题之前" if asked in all_ids else "不是本表单的问题")]
    [test] = tests
    wanted = condition[test]
    if test == "in" and (not isinstance(wanted, list) or not wanted):
        return [f"{name}的 in 应是不空的列表"]
    if test in ("greater", "less"):
        fits = {"number": is_number, "date": is_date}.get(earlier[asked].kind)
        return [] if fits and fits(wanted) else [f"{name}不能拿 {asked} 比大小"]
    return [
        f"{asked} 不会答成 {str(value)[:20]},{name}永远不成立"
        for value in (wanted if test == "in" else [wanted])
        if not _can_be(earlier[asked], value)
    ]


def _can_be(question: Question, value: object) -> bool:
    match question.kind:
        case "check":
            return isinstance(value, str) and value in CHECK_WORDS
        case "yes_no":
            return isinstance(value, bool)
        case "number":
            return is_number(value)
        case "date":
            return is_date(value)
        case "text":
            return isinstance(value, str)
        case "choice" | "choices":
            return any(choice.value == value for choice in question.choices)
    return False
