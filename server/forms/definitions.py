"""What is wrong with a form as somebody wrote it, before anybody is asked its questions."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from server.forms.questions import KINDS, Question, is_date, is_number

MOST_QUESTIONS = 50
MOST_CHOICES = 100
LABEL_LONGEST = 100
HELP_LONGEST = 300
DEEPEST = 5

_ID = re.compile("[a-z][a-z0-9_]{0,39}")
_WITH_CHOICES = ("choice", "choices")
_WITHOUT_BOUNDS = ("yes_no", "choice")
_TESTS = ("is", "in", "greater", "less")
_GROUPS = ("not", "all", "any")


def check_form(form: object) -> list[str]:
    """Everything that is wrong with a form (decoded JSON), one sentence each; empty where it can be used."""
    if not isinstance(form, list):
        return ["表单应是问题的列表"]
    if len(form) > MOST_QUESTIONS:
        return [f"问题太多,最多 {MOST_QUESTIONS} 个"]
    found: list[str] = []
    earlier: dict[str, Question] = {}
    all_ids = {one["id"] for one in form if isinstance(one, dict) and isinstance(one.get("id"), str)}
    for number, raw in enumerate(form, 1):
        try:
            question = msgspec.convert(raw, Question)
        except msgspec.ValidationError as error:
            found.append(f"第 {number} 题:写法不对,{_in_words(str(error))}")
            continue
        words = [*_wrong_question(question), *_wrong_condition(question.shown_if, earlier, all_ids)]
        if question.id in earlier:
            words.append("编号重复")
        found += [f"第 {number} 题({question.id[:40]}):{one}" for one in words]
        earlier.setdefault(question.id, question)
    return found


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


def _wrong_condition(condition: object, earlier: dict[str, Question], all_ids: set[str], depth: int = 0) -> list[str]:
    if condition is None and depth == 0:
        return []
    if not isinstance(condition, dict):
        return ["显示条件写法不对"]
    if depth > DEEPEST:
        return [f"显示条件套得太深,最多 {DEEPEST} 层"]
    for group in _GROUPS:
        if group in condition:
            parts = [condition[group]] if group == "not" else condition[group]
            if set(condition) != {group} or not isinstance(parts, list) or not parts:
                return ["显示条件写法不对"]
            return [words for part in parts for words in _wrong_condition(part, earlier, all_ids, depth + 1)]
    return _wrong_test(condition, earlier, all_ids)


def _wrong_test(condition: dict[str, Any], earlier: dict[str, Question], all_ids: set[str]) -> list[str]:
    tests = [test for test in _TESTS if test in condition]
    name = condition.get("question")
    if len(tests) != 1 or set(condition) != {"question", tests[0]} or not isinstance(name, str):
        return ["显示条件写法不对"]
    if name not in earlier:
        return [f"显示条件里的 {name[:40]} " + ("应在这一题之前" if name in all_ids else "不是本表单的问题")]
    [test] = tests
    wanted = condition[test]
    if test == "in" and (not isinstance(wanted, list) or not wanted):
        return ["显示条件的 in 应是不空的列表"]
    if test in ("greater", "less"):
        fits = {"number": is_number, "date": is_date}.get(earlier[name].kind)
        return [] if fits and fits(wanted) else [f"显示条件不能拿 {name} 比大小"]
    return _wrong_values(earlier[name], wanted if test == "in" else [wanted])


def _wrong_values(question: Question, values: Sequence[object]) -> list[str]:
    return [
        f"{question.id} 不会答成 {str(value)[:20]},显示条件永远不成立"
        for value in values
        if not _can_be(question, value)
    ]


def _can_be(question: Question, value: object) -> bool:
    match question.kind:
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
