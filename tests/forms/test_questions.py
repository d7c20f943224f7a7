"""The server's rules for forms against the vectors that the phone's rules run against, too (tests/static)."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.forms.definitions import check_form
from server.forms.demo_categories import CATEGORIES
from server.forms.questions import clean, problems, read_form, shown

VECTORS = msgspec.json.decode((Path(__file__).parent / "vectors.json").read_bytes())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_vectors(vector: dict[str, Any]) -> None:
    form = read_form(vector["form"])
    assert shown(form, vector["answers"]) == set(vector["shown"])
    assert problems(form, vector["answers"]) == vector["problems"]
    assert clean(form, vector["answers"]) == vector["clean"]


def test_there_are_vectors() -> None:
    assert len(VECTORS) > 50


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from("abcdefgz"), anything))
def test_whatever_is_answered_the_rules_answer_and_what_is_kept_is_kept_again(answers: dict[str, Any]) -> None:
    for vector in VECTORS[::7]:
        form = read_form(vector["form"])
        kept = clean(form, answers)
        assert set(problems(form, answers)) <= shown(form, answers)
        assert clean(form, kept) == kept or kept != kept  # NaN differs from itself
        assert problems(form, kept) == problems(form, answers)


class TestDefinitions:
    def test_a_form_that_uses_everything_is_right(self) -> None:
        assert check_form([]) == []
        wrong = {vector["name"] for vector in VECTORS if check_form(vector["form"])}
        assert wrong == {"is true is not answered by 1", "a text is not compared"}

    def test_the_demo_categories_ask_proper_questions(self) -> None:
        for everyday in CATEGORIES:
            assert check_form(list(everyday.questions)) == []

    @pytest.mark.parametrize(
        ("form", "words"),
        [
            ({}, "列表"),
            (None, "列表"),
            ("[]", "列表"),
            (["question"], "写法不对"),
            ([{"id": "a", "kind": "text"}], "写法不对"),
            ([{"id": "a", "kind": "text", "label": "问", "shownif": {}}], "写法不对"),
            ([{"id": "a", "kind": "text", "label": "问", "required": "yes"}], "写法不对"),
            ([{"id": "a", "kind": "text", "label": "问"}, {"id": "a", "kind": "text", "label": "问"}], "编号重复"),
            ([{"id": "A 1", "kind": "text", "label": "问"}], "编号只能"),
            ([{"id": "__proto__", "kind": "text", "label": "问"}], "编号只能"),
            ([{"id": "a", "kind": "slider", "label": "问"}], "不认识种类 slider"),
            ([{"id": "a", "kind": "text", "label": " "}], "不能空着"),
            ([{"id": "a", "kind": "text", "label": "问" * 101}], "最多 100"),
            ([{"id": "a", "kind": "text", "label": "问", "help": "说" * 301}], "最多 300"),
            ([{"id": "a", "kind": "choice", "label": "问"}], "没有选项"),
            ([{"id": "a", "kind": "choices", "label": "问", "choices": []}], "没有选项"),
            ([{"id": "a", "kind": "text", "label": "问", "choices": [{"value": "x", "label": "x"}]}], "没有选项"),
            ([{"id": "a", "kind": "choice", "label": "问", "choices": [{"value": "x", "label": "x"}] * 2}], "值重复"),
            ([{"id": "a", "kind": "choice", "label": "问", "choices": [{"value": "", "label": "x"}]}], "不能空着"),
            ([{"id": "a", "kind": "number", "label": "问", "min": 2, "max": 1}], "最小比最大还大"),
            ([{"id": "a", "kind": "number", "label": "问", "min": "2"}], "应是数字"),
            ([{"id": "a", "kind": "date", "label": "问", "min": "2024-13-01"}], "日期"),
            ([{"id": "a", "kind": "text", "label": "问", "min": -1}], "不小于 0"),
            ([{"id": "a", "kind": "photo", "label": "问", "max": 1.5}], "整数"),
            ([{"id": "a", "kind": "yes_no", "label": "问", "min": 1}], "没有最小和最大"),
            ([{"id": f"a{n}", "kind": "text", "label": "问"} for n in range(51)], "问题太多"),
        ],
    )
    def test_what_is_wrong_with_a_form_is_named(self, form: object, words: str) -> None:
        assert any(words in one for one in check_form(form)), check_form(form)

    @pytest.mark.parametrize(
        ("condition", "words"),
        [
            ({"question": "nobody", "is": True}, "nobody 不是本表单的问题"),
            ({"question": "later", "is": True}, "later 应在这一题之前"),
            ({"question": "me", "is": True}, "me 应在这一题之前"),
            ({"question": "yes", "is": "是"}, "永远不成立"),
            ({"question": "yes", "is": 1}, "永远不成立"),
            ({"question": "one", "in": ["x", "z"]}, "one 不会答成 z"),
            ({"question": "one", "in": []}, "不空的列表"),
            ({"question": "one", "in": "x"}, "不空的列表"),
            ({"question": "yes", "greater": 1}, "不能拿 yes 比大小"),
            ({"question": "many", "less": "5"}, "不能拿 many 比大小"),
            ({"question": "yes"}, "写法不对"),
            ({"question": "yes", "is": True, "in": [True]}, "写法不对"),
            ({"question": "yes", "equals": True}, "写法不对"),
            ({"is": True}, "写法不对"),
            ({}, "写法不对"),
            ({"all": []}, "写法不对"),
            ({"all": {"question": "yes", "is": True}}, "写法不对"),
            ({"not": None}, "写法不对"),
            ({"any": [{"question": "yes", "is": True}, {"question": "nobody", "is": 1}]}, "nobody"),
            ({"not": {"not": {"not": {"not": {"not": {"not": {"question": "yes", "is": True}}}}}}}, "太深"),
        ],
    )
    def test_what_is_wrong_with_a_condition_is_named(self, condition: object, words: str) -> None:
        form = [
            {"id": "yes", "kind": "yes_no", "label": "问"},
            {"id": "many", "kind": "number", "label": "问"},
            {"id": "one", "kind": "choice", "label": "问", "choices": [{"value": "x", "label": "x"}]},
            {"id": "me", "kind": "text", "label": "问", "shown_if": condition},
            {"id": "later", "kind": "yes_no", "label": "问"},
        ]
        found = check_form(form)
        assert len(found) == 1
        assert found[0].startswith("第 4 题(me)") and words in found[0]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (5, "第 1 题:写法不对,整题 的类型不对"),
        ({"id": "a", "kind": "text"}, "第 1 题:写法不对,缺少 label"),
        ({"id": "a", "kind": "text", "label": "问", "colour": "红"}, "第 1 题:写法不对,不认识 colour"),
        ({"id": 5, "kind": "text", "label": "问"}, "第 1 题:写法不对,id 的类型不对"),
        (
            {"id": "a", "kind": "choice", "label": "问", "choices": [{"value": "x"}]},
            "第 1 题:写法不对,缺少 label",
        ),
        ({"id": "a", "kind": "text", "label": "问", "required": "是"}, "第 1 题:写法不对,required 的类型不对"),
    ],
)
def test_how_a_question_is_written_wrongly_is_said_in_words(question: object, words: str) -> None:
    assert check_form([question]) == [words]
