"""Answers as an HTML form sends them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.forms.fields import typed
from server.forms.questions import Choice, Question, problems

CHOICES = (Choice("x", "X"), Choice("y", "Y"))
FORM = tuple(
    Question(id=kind, kind=kind, label=kind, choices=CHOICES if kind.startswith("choice") else ())
    for kind in ("yes_no", "number", "text", "choice", "choices", "date", "photo")
)


@pytest.mark.parametrize(
    ("kind", "sent", "answer"),
    [
        ("yes_no", ["yes"], True),
        ("yes_no", ["no"], False),
        ("number", ["12"], 12),
        ("number", [" -1.50 "], -1.5),
        ("number", ["１２．５"], 12.5),
        ("text", [" 井盖\r\n不见了 "], "井盖\n不见了"),
        ("choice", ["x"], "x"),
        ("choices", ["y", "", "x"], ["y", "x"]),
        ("date", ["2026-11-21"], "2026-11-21"),
        ("photo", ["0192"], ["0192"]),
    ],
)
def test_what_is_sent_becomes_an_answer_of_its_kind(kind: str, sent: list[str], answer: Any) -> None:
    answers = typed(FORM, {kind: sent})
    assert answers == {kind: answer}
    assert type(answers[kind]) is type(answer)
    assert problems(FORM, answers) == {}


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("yes_no", "true"),
        ("number", "十二"),
        ("number", "1e5"),
        ("number", "nan"),
        ("number", "9" * 400),
        ("date", "昨天"),
    ],
)
def test_what_cannot_be_read_is_named_and_not_lost(kind: str, sent: str) -> None:
    answers = typed(FORM, {kind: [sent]})
    assert answers == {kind: sent}
    assert set(problems(FORM, answers)) == {kind}


def test_empty_fields_and_fields_of_no_question_are_no_answers() -> None:
    assert typed(FORM, {kind.id: ["", " "] for kind in FORM} | {"command": ["1"]}) == {}


@given(st.dictionaries(st.sampled_from([one.id for one in FORM]), st.lists(st.text(max_size=10), max_size=3)))
def test_whatever_is_sent_the_rules_have_an_answer(fields: dict[str, list[str]]) -> None:
    assert set(problems(FORM, typed(FORM, fields))) <= set(fields)
