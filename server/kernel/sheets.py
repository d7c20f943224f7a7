"""Tables that people bring as files: CSV as spreadsheets write it, or XLSX; whole or in batches, refused in words."""

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence

import msgspec

from server.kernel import workbooks
from server.kernel.workbooks import Unreadable

MAX_BYTES = 20_000_000
MAX_ROWS = 100_000
"""Of a file that is read whole."""
MOST_BYTES = 128_000_000
MOST_ROWS = 1_000_000
"""Of a file that is read in batches."""
BATCH = 5000


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
    passed_over: tuple[str, ...] = ()
    """Columns that say nothing here, where the import tells."""


class Row(msgspec.Struct, frozen=True):
    """One record: the line it begins on, and its cells by column, trimmed."""

    line: int
    cells: dict[str, str]


def header(content: bytes) -> list[str]:
    """The names of the columns of a file; none where it cannot be read, which `read` then says."""
    try:
        return next(_lines(content), (1, []))[1] if len(content) <= MOST_BYTES else []
    except Unreadable:
        return []


def read(content: bytes, columns: Sequence[str], optional: Sequence[str] = ()) -> tuple[list[Row], list[Problem]]:
    """Rows of a CSV in UTF-8 (with or without BOM) or GB18030, or of an XLSX, whose header has `columns` in any order.

    Columns that are neither these nor `optional`, and empty lines, are passed over. Rows without a problem come back
    all the same.
    """
    if len(content) > MAX_BYTES:
        return [], [Problem(1, f"文件太大,最多 {MAX_BYTES // 1_000_000} MB")]
    rows: list[Row] = []
    problems: list[Problem] = []
    for some, wrong in batches(content, columns, optional, most_rows=MAX_ROWS):
        rows += some
        problems += wrong
    return rows, problems


def batches(
    content: bytes, columns: Sequence[str], optional: Sequence[str] = (), *, most_rows: int = MOST_ROWS
) -> Iterator[tuple[list[Row], list[Problem]]]:
    """The same a few thousand rows at a time, so that a file of a million costs no more memory than its bytes.

    A column of `optional` that the header lacks is "" in every row.
    """
    if len(content) > MOST_BYTES:
        yield [], [Problem(1, f"文件太大,最多 {MOST_BYTES // 1_000_000} MB")]
        return
    problems: list[Problem] = []
    some: list[Row] = []
    empty = True
    try:
        for row in _rows(_lines(content), columns, optional, problems, most_rows):
            some.append(row)
            if len(some) >= BATCH:
                yield some, list(problems)
                some, empty = [], False
                problems.clear()
    except Unreadable as refused:
        problems.append(Problem(refused.line, refused.words))
    if empty and not some and not problems:
        problems.append(Problem(1, "文件里没有内容"))
    yield some, problems


def wrong_text(value: str, longest: int) -> str | None:
    """What is wrong with a name or code from a file, in words; None where nothing is."""
    if not value:
        return "是空的"
    if len(value) > longest:
        return f"太长,最多 {longest} 个字"
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") for character in value):
        return "里有看不见的字符"
    return None


def _lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Line and trimmed cells of each record that is not empty; raise `Unreadable`."""
    if content.startswith(workbooks.MAGIC):
        return workbooks.rows(content)
    if content.startswith(workbooks.OLD_MAGIC):
        raise Unreadable("这是旧的 .xls 文件,或者加了密码。请另存为不加密码的 .xlsx 或 CSV")
    encoding = _encoding(content)
    if encoding is None:
        raise Unreadable("读不出文字,请另存为 UTF-8 或 GB18030 编码的 CSV,或 .xlsx")
    return _csv(content, encoding)


def _encoding(content: bytes) -> str | None:
    """How the text is written, tried out piece by piece; None where it is no text."""
    if b"\0" in content:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for begin in range(0, len(content), 1_000_000):
                decoder.decode(content[begin : begin + 1_000_000])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    return None


def _csv(content: bytes, encoding: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding, newline=""), strict=True)
    begins = 1
    try:
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            cells = [cell.strip() for cell in cells]
            if any(cells):
                yield line, cells
    except csv.Error:
        raise Unreadable("这一行的引号不成对或内容太长,读不下去", begins) from None


def _rows(
    lines: Iterator[tuple[int, list[str]]],
    columns: Sequence[str],
    optional: Sequence[str],
    problems: list[Problem],
    most: int,
) -> Iterator[Row]:
    header: list[str] | None = None
    for count, (line, cells) in enumerate(lines):
        if header is None:
            header = cells
            if words := _wrong_header(header, columns, optional):
                raise Unreadable(words, line)
        elif len(cells) != len(header):
            problems.append(Problem(line, f"有 {len(cells)} 栏,应有 {len(header)} 栏"))
        else:
            named = dict(zip(header, cells, strict=True))
            yield Row(line, {column: named.get(column, "") for column in (*columns, *optional)})
        if count > most:
            raise Unreadable(f"行数太多,最多 {most} 行", line)


def _wrong_header(header: Sequence[str], columns: Sequence[str], optional: Sequence[str]) -> str | None:
    if missing := [column for column in columns if column not in header]:
        return f"第一行缺少栏目:{'、'.join(missing)}"
    if twice := [column for column in (*columns, *optional) if header.count(column) > 1]:
        return f"第一行的栏目重复:{'、'.join(twice)}"
    return None
