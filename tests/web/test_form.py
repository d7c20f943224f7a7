"""What a browser's form sends, as a Struct: every mend at once, in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import pytest
from litestar.datastructures import UploadFile
from litestar.datastructures.multi_dicts import FormMultiDict
from msgspec import Meta

from server.kernel.errors import Invalid
from web.fragments import attributes, decode, uploads


class Kind(StrEnum):
    ROAD = "road"
    WASTE = "waste"


class Telling(msgspec.Struct, frozen=True):
    text: Annotated[str, Meta(max_length=20)]
    stars: Annotated[int, Meta(ge=1, le=5)] | None = None
    latitude: float | None = None
    private: bool = False
    kinds: list[Kind] = []
    password: Annotated[str, Meta(extra={"raw": True}, min_length=3)] | None = None


@contextmanager
def sent_file(name: str) -> Iterator[UploadFile]:
    file = UploadFile(content_type="application/octet-stream", filename=name, file_data=b"x")
    yield file
    file.file.close()


def mends(sent: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        decode(sent, Telling)
    return refused.value.fields


def test_empty_fields_are_as_if_not_sent() -> None:
    told = decode({"text": "灯坏了", "stars": "", "latitude": "  ", "password": ""}, Telling)
    assert told == Telling(text="灯坏了")


def test_numbers_boxes_and_repeated_fields_are_what_they_mean() -> None:
    sent = FormMultiDict(
        [("text", "灯"), ("stars", "5"), ("latitude", "22.5"), ("private", "on"), ("kinds", "road"), ("kinds", "waste")]
    )
    told = decode(sent, Telling)
    assert (told.stars, told.latitude, told.private, told.kinds) == (5, 22.5, True, [Kind.ROAD, Kind.WASTE])


@pytest.mark.parametrize("sent", ["off", "false", "0", ""])
def test_a_box_is_only_on_when_it_says_so(sent: str) -> None:
    assert decode({"text": "灯", "private": sent}, Telling).private is False


def test_one_of_a_list_is_a_list() -> None:
    assert decode({"text": "灯", "kinds": "road"}, Telling).kinds == [Kind.ROAD]


def test_text_is_trimmed_and_rid_of_what_the_database_cannot_hold() -> None:
    assert decode({"text": "  灯\x00坏\r\n了 "}, Telling).text == "灯坏\n了"


def test_a_password_stays_as_it_was_typed() -> None:
    assert decode({"text": "灯", "password": " a b "}, Telling).password == " a b "


def test_what_the_struct_does_not_know_is_left_out() -> None:
    assert decode({"text": "灯", "owner": "somebody"}, Telling) == Telling(text="灯")


def test_every_mend_is_named_at_once() -> None:
    sent = {"stars": "6", "latitude": "north", "kinds": "love", "password": "ab"}
    assert mends(sent) == {
        "text": "请填写这一项。",
        "stars": "不能大于 5。",
        "latitude": "请填数字。",
        "kinds": "请从给出的选项里选一个。",
        "password": "太短了,至少 3 个字。",
    }


def test_the_words_of_the_bounds_are_held_against_the_library() -> None:
    assert mends({"text": "灯" * 21})["text"] == "太长了,最多 20 个字。"
    assert mends({"text": "灯", "stars": "0"})["stars"] == "不能小于 1。"
    assert mends({"text": "灯", "stars": "9" * 400})["stars"]
    assert mends({"text": "灯", "latitude": "1e999x"})["latitude"] == "请填数字。"


def test_a_file_where_text_belongs_is_not_text() -> None:
    with sent_file("a.txt") as file:
        assert mends(FormMultiDict([("text", file)])) == {"text": "请填写这一项。"}


def test_a_file_input_left_empty_is_no_file() -> None:
    with sent_file("") as empty, sent_file("a.jpg") as photo:
        sent = FormMultiDict([("photos", empty), ("photos", photo), ("photos", "text")])
        assert uploads(sent, "photos") == [photo]
        assert uploads(sent, "others") == []


def test_attributes_are_escaped_and_false_ones_fall_away() -> None:
    given = {"hx_post": '/x?a="b"&c', "disabled": True, "hidden": False, "title": None, "class_": "a"}
    assert attributes(given) == ' hx-post="/x?a=&#34;b&#34;&amp;c" disabled class="a"'
