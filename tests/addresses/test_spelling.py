"""Reading an address: one way of writing for many, whatever comes."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.addresses import matcher, spelling
from server.addresses.spelling import Parts, parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "榕荫路12号春风花园3栋2单元501室",
            Parts(road="榕荫路", number="12", compound="春风花园", building="3", unit="2", room="501"),
        ),
        ("榕荫路 12 号,三幢", Parts(road="榕荫路", number="12", building="3")),
        ("榕荫路12号附3", Parts(road="榕荫路", number="12-3")),
        ("榕荫路二十三号", Parts(road="榕荫路", number="23")),
        ("百花二路5号", Parts(road="百花二路", number="5")),
        ("榕荫路春风花园3栋", Parts(road="榕荫路", compound="春风花园", building="3")),
        ("榕荫路12号3-501", Parts(road="榕荫路", number="12", building="3", room="501")),
        ("春风花园3#501", Parts(compound="春风花园", building="3", room="501")),
        ("春风花园第三栋5楼", Parts(compound="春风花园", building="3", room="5层")),
        ("南庄村三巷5号", Parts(road="南庄村三巷", number="5")),
        ("城市花园小区2栋", Parts(compound="城市花园", building="2")),
        ("广东省深圳市龙华区民治街道民乐社区榕荫路12号", Parts(road="榕荫路", number="12")),
        ("A座1203", Parts(building="A", room="1203")),
    ],
)
def test_the_parts_of_an_address(text: str, expected: Parts) -> None:
    assert parts(text) == expected


def test_the_names_of_the_areas_it_lies_in_are_no_part_of_it() -> None:
    assert parts("呼应区小区路1号", ("呼应区", "民治街道", "民乐社区")) == Parts(road="小区路", number="1")
    assert spelling.read("民乐社区", ("民乐社区",)).whole == "民乐社区"


_SIGNS = st.text(
    "榕荫路街巷春风花园小区省市区县镇社区号栋幢座单元梯室房楼层第之附门一二三十百零0123456789-—#ABab  ,。", max_size=200
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=400), _SIGNS))
def test_any_text_is_read_without_fail_and_in_no_time(text: str) -> None:
    began = time.process_time()
    reading = spelling.read(text, ("呼应区", "民治街道", "民乐社区"))
    roads, compounds = matcher.names(reading)
    assert time.process_time() - began < 0.1
    assert len(roads) <= 300
    assert len(compounds) <= 300
    assert spelling.read(reading.whole).whole is not None
    assert "\x00" not in reading.whole


@pytest.mark.parametrize(
    "text", ["区" * 5000, "市区" * 3000, "1-" * 5000, "一" * 10000, "省市区镇社区" * 2000, "#" * 9999]
)
def test_what_is_written_to_be_slow_is_not(text: str) -> None:
    began = time.process_time()
    spelling.read(text)
    assert time.process_time() - began < 0.1
