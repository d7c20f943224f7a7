"""Tables that people bring as files: CSV as spreadsheets write it, read whole or refused with line and words."""

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence

import msgspec

MAX_BYTES = 20_000_000
MAX_ROWS = 100_000


class Problem(msgspec.Struct, frozen=True):
    """Why a file is not taken. `line` is the CSV line (header: 1) or the number of the GeoJSON feature."""

    line: int
    words: str
    code: str = ""


class Imported(msgspec.Struct, frozen=True):
    """What an import did, or with `dry_run` would do. Where there are problems nothing was written."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0
    problems: tuple[Problem, ...] = ()


class Row(msgspec.Struct, frozen=True):
    """One record: the line it begins on, and its cells by column, trimmed."""

    line: int
    cells: dict[str, str]


def read(content: bytes, columns: Sequence[str]) -> tuple[list[Row], list[Problem]]:
    """Rows of a CSV in UTF-8 (with or without BOM) or GB18030 whose header has `columns` in any order.

    Other columns and empty lines are passed over. Rows without a problem come back all the same.
    """
    if len(content) > MAX_BYTES:
        return [], [Problem(1, f"文件太大,最多 {MAX_BYTES // 1_000_000} MB")]
    text = _decode(content)
    if text is None:
        return [], [Problem(1, "读不出文字,请另存为 UTF-8 或 GB18030 编码的 CSV")]
    problems: list[Problem] = []
    rows = list(_rows(text, columns, problems))
    if not rows and not problems:
        problems.append(Problem(1, "文件里没有内容"))
    return rows, problems


def wrong_text(value: str, longest: int) -> str | None:
    """What is wrong with a name or code from a file, in words; None where nothing is."""
    if not value:
        return "是空的"
    if len(value) > longest:
        return f"太长,最多 {longest} 个字"
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") for character in value):
        return "里有看不见的字符"
    return None


def _decode(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _rows(text: str, columns: Sequence[str], problems: list[Problem]) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    begins = 1
    try:
        for count, cells in enumerate(reader):
            line, begins = begins, reader.line_num + 1
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if header is None:
                header = cells
                if words := _wrong_header(header, columns):
                    problems.append(Problem(line, words))
                    return
            elif len(cells) != len(header):
                problems.append(Problem(line, f"有 {len(cells)} 栏,应有 {len(header)} 栏"))
            else:
                named = dict(zip(header, cells, strict=True))
                yield Row(line, {column: named[column] for column in columns})
            if count > MAX_ROWS:
                problems.append(Problem(line, f"行数太多,最多 {MAX_ROWS} 行"))
                return
    except csv.Error:
        problems.append(Problem(begins, "这一行的引号不成对或内容太长,读不下去"))


def _wrong_header(header: Sequence[str], columns: Sequence[str]) -> str | None:
    if missing := [column for column in columns if column not in header]:
        return f"第一行缺少栏目:{'、'.join(missing)}"
    if twice := [column for column in columns if header.count(column) > 1]:
        return f"第一行的栏目重复:{'、'.join(twice)}"
    return None
