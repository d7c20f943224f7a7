"""Files that people bring: CSV or XLSX give the same rows; what is hostile or broken is refused with a sentence."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest

from server.kernel import sheets, workbooks

COLUMNS = ("code", "name")


def workbook(*rows: Any) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def zipped(**parts: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/").replace("_", "."), content)
    return kept.getvalue()


def words(content: bytes) -> str:
    rows, problems = sheets.read(content, COLUMNS)
    assert rows == []
    return problems[0].words


def test_a_workbook_gives_the_rows_of_the_csv() -> None:
    told, none = sheets.read("name,code,more\n民乐,1,x\n\n向阳,2,\n".encode(), COLUMNS)
    from_book, nothing = sheets.read(workbook(["name", "code", "more"], ["民乐", 1, "x"], [], ["向阳", 2.0]), COLUMNS)
    assert none == nothing == []
    assert from_book == told


def test_batches_give_every_row_once_and_optional_columns_may_be_missing() -> None:
    content = ("code,name\n" + "".join(f"{n},名{n}\n" for n in range(12_000))).encode("gb18030")
    found = list(sheets.batches(content, COLUMNS, ("further",)))
    assert [len(rows) for rows, _ in found] == [5000, 5000, 2000]
    assert found[2][0][-1] == sheets.Row(12_001, {"code": "11999", "name": "名11999", "further": ""})


def test_a_row_that_is_too_short_is_named_once_and_the_others_come() -> None:
    content = ("code,name\n" + "x\n" + "1,a\n" * 7000).encode()
    found = list(sheets.batches(content, COLUMNS))
    assert [problem.line for _, problems in found for problem in problems] == [2]
    assert sum(len(rows) for rows, _ in found) == 7000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (workbook(["code", "name"], ["1", "=1+1"]), "公式"),
        (workbook(["code"], ["1"]), "缺少栏目"),
        (workbook(), "没有内容"),
        (workbook(["code", "name"], [44030000100101123, "a"]), "15 位"),
        (workbook(["code", "name"], ["1", "a"])[:-200], "打不开"),
        (b"PK\x03\x04 and nothing more", "打不开"),
        (zipped(a_xml=b"<a/>"), "打不开"),
        (zipped(xl__workbook_xml=b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "不该有的内容"),
        (zipped(xl__worksheets__sheet1_xml=b"<a>" + b" " * 20_000_000), "展开后太大"),
        (zipped(**{f"p{n}_xml": b"<a/>" for n in range(501)}), "展开后太大"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "旧的 .xls"),
        (b"code,name\n1,\x00", "读不出文字"),
    ],
)
def test_what_is_hostile_or_broken_is_refused_with_a_sentence(content: bytes, said: str) -> None:
    assert said in words(content)


def test_a_sheet_with_a_cell_far_out_costs_nothing() -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"], book.active["A2"], book.active["B2"] = "code", "name", "1", "a"
    book.active["XFD2"] = "far"
    kept = io.BytesIO()
    book.save(kept)
    rows, problems = sheets.read(kept.getvalue(), COLUMNS)
    assert (rows, problems) == ([sheets.Row(2, {"code": "1", "name": "a"})], [])


def test_what_a_part_unpacks_to_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_UNPACKED", 1000)
    assert "展开后太大" in words(workbook(["code", "name"], ["1", "a"]))
