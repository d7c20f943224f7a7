"""The server's rules for checklists against the vectors that the phone's rules run against, too (tests/static)."""

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.forms import conditions
from server.forms.checklist_changes import changes
from server.forms.checklist_definitions import check_items
from server.forms.checklists import demand, failed, problems, read_items, shown
from server.forms.conditions import Written
from server.forms.demo_checklists import CHECKLISTS

VECTORS = msgspec.json.decode((Path(__file__).parent / "checklist_vectors.json").read_bytes())
ON = date(2026, 11, 25)
OUTSIDE = {"any": [{"question": "n", "less": 0}, {"question": "n", "greater": 8}]}


def item(**more: Any) -> dict[str, Any]:
    return {"id": "a", "kind": "check", "label": "通道畅通"} | more


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_vectors(vector: dict[str, Any]) -> None:
    items, answers = read_items(vector["items"]), vector["answers"]
    assert shown(items, answers) == set(vector["shown"])
    assert failed(items, answers) == vector["failed"]
    assert problems(items, answers, vector.get("photos")) == vector["problems"]


def test_there_are_vectors_and_all_their_checklists_could_be_published() -> None:
    assert len(VECTORS) > 30
    for vector in VECTORS[1:]:
        assert check_items(vector["items"]) == [], vector["name"]


def test_the_demo_checklists_could_be_published_and_are_light() -> None:
    for one in CHECKLISTS:
        assert check_items(list(one.items)) == []
        assert len(msgspec.json.encode(read_items(list(one.items)))) < 2500


class TestDefinitions:
    @pytest.mark.parametrize(
        ("items", "words"),
        [
            ({}, "应是项目的列表"),
            (None, "应是项目的列表"),
            ([], "还没有项目"),
            ([item(id=f"a{n}") for n in range(101)], "项目太多"),
            (["item"], "写法不对"),
            ([item(shownif={})], "不认识 shownif"),
            ([item(label=" ")], "问题不能空着"),
            ([item(), item()], "编号重复"),
            ([item(min=1)], "没有最小和最大"),
            ([item(rule="规" * 201)], "依据最多 200"),
            ([item(demanded_by="部" * 41)], "要求部门最多 40"),
            ([item(remedy="改" * 201)], "整改要求最多 200"),
            ([item(kind="photo", required=True)], "必须写明拍照的理由"),
            ([item(kind="photo", required=True, photo_reason=" 　")], "必须写明拍照的理由"),
            ([item(photo_if_failed=True)], "必须写明拍照的理由"),
            ([item(kind="text", photo_if_failed=True, photo_reason="看清")], "不会不合格"),
            ([item(kind="number", photo_if_failed=True, photo_reason="看清")], "不会不合格"),
            ([item(kind="text", fails_if={"question": "a", "is": "x"})], "不判合格与否"),
            ([item(kind="photo", fails_if={"question": "a", "is": "x"})], "不判合格与否"),
            ([item(kind="position", position_reason="找得到", fails_if={"question": "a", "is": "x"})], "不判合格与否"),
            ([item(kind="position")], "必须写明取位置的理由"),
            ([item(kind="position", position_reason=" 　")], "必须写明取位置的理由"),
            ([item(kind="position", position_reason="找" * 101)], "取位置的理由最多 100"),
            ([item(kind="position", position_reason="找得到", max=1)], "没有最小和最大"),
            (
                [item(kind="position", position_reason="找得到"), item(id="b", shown_if={"question": "a", "is": "x"})],
                "永远不成立",
            ),
            ([item(fails_if={"question": "a", "is": "maybe"})], "不会答成 maybe,不合格的条件永远不成立"),
            ([item(), item(id="b", fails_if={"question": "a", "is": "no"})], "不合格的条件里的 a 不是本表单的问题"),
            ([item(kind="yes_no", fails_if={"question": "a", "less": 1})], "不能拿 a 比大小"),
            ([item(fails_if={})], "不合格的条件写法不对"),
            ([item(shown_if={"question": "b", "is": "no"}), item(id="b")], "显示条件里的 b 应在这一题之前"),
            ([item(outcomes=["forgive"])], "不认识的处理方式"),
            ([item(outcomes=["case", "case"])], "处理方式重复"),
            ([item(outcomes=[])], "至少要有一种处理方式"),
            ([item(rectify_days=0)], "1 到 365 天"),
            ([item(rectify_days=366)], "1 到 365 天"),
        ],
    )
    def test_what_is_wrong_with_a_checklist_is_named(self, items: object, words: str) -> None:
        found = check_items(items)
        assert any(words in one.words for one in found), found

    @pytest.mark.parametrize(
        "right",
        [
            item(kind="photo"),
            item(kind="photo", required=True, photo_reason="看清门牌"),
            item(photo_if_failed=True, photo_reason="复查时对照"),
            item(kind="position", position_reason="抢修要找得到"),
            item(kind="position", required=True, position_reason="抢修要找得到"),
            item(kind="text", outcomes=[]),
            item(outcomes=["note"]),
            item(kind="number", fails_if={"not": {"question": "a", "greater": 2}}),
        ],
    )
    def test_what_is_right_is_left_alone(self, right: dict[str, Any]) -> None:
        assert check_items([right]) == []


class TestDemand:
    def test_a_failed_item_says_what_to_do_by_when_and_under_which_rule(self) -> None:
        [one] = read_items([item(remedy="清走杂物。", rule="《消防法》第二十八条", rectify_days=3)])
        said = demand(one, "no", ON, department="消防")
        assert said.until == date(2026, 11, 28)
        assert said.words == (
            "通道畅通:不合格。请在 2026 年 11 月 28 日前清走杂物。依据:《消防法》第二十八条。要求部门:消防。"
        )

    def test_the_day_agreed_to_and_the_items_own_department_go_before(self) -> None:
        [one] = read_items([item(kind="number", label="灭火器", demanded_by="应急")])
        said = demand(one, 1, ON, until=date(2027, 1, 4), department="消防")
        assert said.words == "灭火器:1。请在 2027 年 1 月 4 日前改好。要求部门:应急。"


class TestChanges:
    def said(self, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[str]:
        return [one.words for one in changes(read_items(before), read_items(after))]

    def test_the_same_is_no_change(self) -> None:
        assert self.said([item()], [item(required=False)]) == []

    def test_new_gone_changed_and_moved_items_are_named(self) -> None:
        one, two, three = item(id="a", label="甲"), item(id="b", label="乙"), item(id="c", label="丙")
        assert self.said([one], [one, two]) == ["新增“乙”"]
        assert self.said([one, two], [one]) == ["删去“乙”"]
        assert self.said([one, two, three], [two, three, one]) == ["移动了“甲”"]
        assert self.said([one], [one | {"rectify_days": 3, "outcomes": ["case"]}]) == [
            "改了“甲”:不合格的处理 记下、当场改好、限期整改、转为工单 → 转为工单;整改期限 7 天 → 3 天"
        ]

    def test_conditions_are_said_in_words(self) -> None:
        one = item(kind="number", label="宽度")
        assert self.said([one], [one | {"fails_if": {"question": "a", "less": 1.4}}]) == [
            "改了“宽度”:什么算不合格 无 → 小于 1.4"
        ]


class TestConditions:
    QUESTIONS = {  # noqa: RUF012
        one.id: one
        for one in read_items(
            [
                item(id="c"),
                item(id="y", kind="yes_no", label="住人"),
                item(id="n", kind="number", label="温度"),
                item(
                    id="k",
                    kind="choice",
                    label="哪种",
                    choices=[{"value": "x", "label": "甲"}, {"value": "乙", "label": "乙"}],
                ),
                item(id="l", kind="choice", label="哪些", choices=[{"value": "p", "label": "水、电"}]),
                item(id="d", kind="date", label="到期"),
                item(id="t", kind="text", label="说明"),
            ]
        )
    }

    @pytest.mark.parametrize(
        ("condition", "fields", "words"),
        [
            ({"question": "c", "is": "no"}, ("c", "is", "不合格"), "“通道畅通”是“不合格”"),
            ({"question": "c", "in": ["no", "na"]}, ("c", "is", "不合格、不适用"), "“通道畅通”是“不合格”或“不适用”"),
            ({"question": "y", "is": False}, ("y", "is", "不是"), "“住人”是“不是”"),
            ({"not": {"question": "k", "is": "x"}}, ("k", "not", "甲"), "“哪种”不是“甲”"),
            ({"question": "n", "greater": 2.5}, ("n", "greater", "2.5"), "“温度”大于 2.5"),
            (OUTSIDE, ("n", "outside", "0 到 8"), "“温度”不在 0 到 8 之间"),
            ({"question": "d", "less": "2026-11-21"}, ("d", "less", "2026-11-21"), "“到期”小于 2026-11-21"),
        ],
    )  # fmt: skip
    def test_a_simple_condition_is_three_fields_and_back(
        self, condition: dict[str, Any], fields: tuple[str, str, str], words: str
    ) -> None:
        written = conditions.as_written(condition, self.QUESTIONS)
        assert written == Written(*fields)
        assert conditions.read_written(written, self.QUESTIONS[fields[0]]) == condition
        assert conditions.in_words(condition, self.QUESTIONS) == words

    def test_a_question_speaks_of_itself_without_its_name(self) -> None:
        said = [
            conditions.in_words(one, self.QUESTIONS, itself)
            for one, itself in (
                ({"question": "y", "is": True}, "y"),
                ({"not": {"question": "c", "is": "yes"}}, "c"),
                (OUTSIDE, "n"),
            )
        ]
        assert said == ["答“是”", "不答“合格”", "不在 0 到 8 之间"]

    @pytest.mark.parametrize(
        "condition",
        [
            {"all": [{"question": "y", "is": True}, {"question": "n", "less": 3}]},
            {"any": [{"question": "y", "is": True}, {"question": "n", "greater": 3}]},
            {"not": {"question": "n", "less": 3}},
            {"question": "gone", "is": True},
            {"question": "l", "is": "p"},
        ],
    )
    def test_what_the_fields_could_not_say_stays_as_it_is_written(self, condition: dict[str, Any]) -> None:
        assert conditions.as_written(condition, self.QUESTIONS) is None
        assert conditions.in_words(condition, self.QUESTIONS)

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            (("c", "is", "也许"), "不会答成“也许”"),
            (("y", "is", ""), "还没有写答什么"),
            (("n", "less", "三"), "不会答成“三”"),
            (("n", "outside", "0"), "0 到 8 的样子"),
            (("n", "outside", "0 到"), "还没有写答什么"),
            (("k", "is", "丙"), "不会答成“丙”"),
        ],
    )
    def test_a_value_that_says_nothing_is_named(self, fields: tuple[str, str, str], words: str) -> None:
        with pytest.raises(ValueError, match=words):
            conditions.read_written(Written(*fields), self.QUESTIONS[fields[0]])

    def test_full_width_digits_and_other_dashes_are_understood(self) -> None:
        read = conditions.read_written(Written("n", "outside", "０～８"), self.QUESTIONS["n"])
        assert read == OUTSIDE
