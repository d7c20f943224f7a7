"""The first sheet of an XLSX file, row by row, or refused with a sentence: what it unpacks to is bounded beforehand."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import openpyxl

MAGIC = b"PK\x03\x04"
OLD_MAGIC = b"\xd0\xcf\x11\xe0"
"""Of .xls, and of workbooks with a password."""
MAX_UNPACKED = 600_000_000
MAX_STRINGS = 200_000_000
"""Bytes of the table of texts, which is held in memory."""
MAX_PARTS = 500
MAX_COLUMNS = 60
_RATIO = 200
"""Times that a large part may shrink; real sheets shrink ten to thirty times."""
_LONGEST_NUMBER = 1e15


class Unreadable(Exception):
    """Why a file is not taken, in words, and the line."""

    def __init__(self, words: str, line: int = 1) -> None:
        super().__init__(words)
        self.words, self.line = words, line


def rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each row that is not empty, all as long as the first; raise `Unreadable`."""
    _look_inside(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        width = 0
        for cells in sheet.iter_rows(max_col=MAX_COLUMNS):
            if width := max((place for place, cell in enumerate(cells, 1) if cell.value is not None), default=0):
                break
        for line, cells in enumerate(sheet.iter_rows(max_col=width or 1), 1):
            read = [_text(cell, line) for cell in cells]
            if any(read):
                yield line, read
    except (Unreadable, GeneratorExit):
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise on a damaged file
        raise Unreadable("这个 Excel 文件打不开,可能已损坏;请另存为 .xlsx 或 CSV 再试") from error


def _look_inside(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            # What is unpacked of a part ends at the size that it declares, so the sum binds.
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise Unreadable("这个 Excel 文件展开后太大,请分成几份,或另存为 CSV")
            for part in parts:
                _look_at(packed, part)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise Unreadable("这个 Excel 文件打不开,可能已损坏或加了密码") from error


def _look_at(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    strings = part.filename.lower().endswith("sharedstrings.xml") and part.file_size > MAX_STRINGS
    if strings or (part.file_size > 10_000_000 and part.file_size > _RATIO * max(1, part.compress_size)):
        raise Unreadable("这个 Excel 文件展开后太大,请分成几份,或另存为 CSV")
    if part.filename.lower().endswith((".xml", ".rels")):
        with packed.open(part) as opened:
            begins = opened.read(8192).replace(b"\x00", b"")
        if b"<!DOCTYPE" in begins.upper() or not re.search(rb"<[A-Za-z]", begins):
            raise Unreadable("这个 Excel 文件里有不该有的内容,没有打开")


def _text(cell: Any, line: int) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise Unreadable("有公式。请把公式粘贴成数值,再选一次", line)
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        if abs(value) >= _LONGEST_NUMBER:
            raise Unreadable("有超过 15 位的数字,Excel 存不准。请把这一栏设成“文本”再填", line)
        return str(int(value)) if value == int(value) else repr(value)
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)
