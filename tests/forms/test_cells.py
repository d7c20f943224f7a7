"""Answers as people write them into the cells of a spreadsheet."""

from typing import Any

import pytest

from server.forms import cells
from server.forms.questions import Choice, Question, problems

CHOICES = (Choice("gas", "燃气,管道"), Choice("elec", "电"))


def asks(kind: str) -> Question:
    return Question(id="q", kind=kind, label="问", choices=CHOICES if kind.startswith("choice") else ())


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        ("yes_no", "是", True),
        ("yes_no", "有", True),
        ("yes_no", "Yes", True),
        ("yes_no", "没有", False),
        ("yes_no", "0", False),
        ("check", "不合格", "no"),
        ("check", "na", "na"),
        ("number", "１２．５", 12.5),
        ("number", "3", 3),
        ("text", " 两层 ", "两层"),
        ("choice", "电", "elec"),
        ("choice", "gas", "gas"),
        ("choices", "电、gas", ["elec", "gas"]),
        ("choices", "燃气,管道", ["gas"]),
        ("date", "2026-11-02", "2026-11-02"),
        ("date", "2026/11/2", "2026-11-02"),
        ("date", "2026年11月2日", "2026-11-02"),
        ("date", "2026-11-02 00:00:00", "2026-11-02"),
    ],
)
def test_a_cell_is_read_as_its_kind(kind: str, text: str, answer: Any) -> None:
    found = cells.read(asks(kind), text)
    assert found == answer and type(found) is type(answer)
    assert problems([asks(kind)], {"q": found}) == {}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("yes_no", "也许"),
        ("number", "三间"),
        ("choice", "煤"),
        ("choices", "电、煤"),
        ("date", "11月2日"),
        ("check", "?"),
    ],
)
def test_what_is_no_answer_is_handed_on_to_be_named(kind: str, text: str) -> None:
    assert "q" in problems([asks(kind)], {"q": cells.read(asks(kind), text)})
