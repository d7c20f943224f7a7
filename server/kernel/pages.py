"""Lists page by page: where a page ended is said by the key of its last row, so that no page costs more than the first.

Such a cursor stands in an address; whatever else stands there leads to no page.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from server.kernel.errors import NotFound

SIZE = 50
"""Rows on a page of the desk."""
NO_PAGE = "这一页不存在,请回到第一页。"
_LARGEST = 2**31 - 1
_CASTS = {int: "int", date: "date", datetime: "timestamptz", UUID: "uuid"}

Row = TypeVar("Row")


class Page(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """Some rows, and where the next ones begin; empty at the end."""

    rows: tuple[Row, ...]
    further: str = ""


def page(rows: Sequence[Row], key: Callable[[Row], Sequence[object]], size: int | None = None) -> Page[Row]:
    """A page of rows that were asked for with one more than its size."""
    size = size or SIZE
    shown = tuple(rows[:size])
    return Page(rows=shown, further=write(key(shown[-1])) if len(rows) > size else "")


def write(key: Sequence[object]) -> str:
    """A cursor."""
    return "_".join(one.isoformat() if isinstance(one, date) else str(one) for one in key)


def read(after: str, kinds: Sequence[type]) -> list[Any]:
    """The key that a cursor holds; raise `NotFound` for what `write` has not written."""
    parts = after.split("_")
    if len(parts) != len(kinds):
        raise NotFound(NO_PAGE)
    try:
        return [_read(part, kind) for part, kind in zip(parts, kinds, strict=True)]
    except (ValueError, OverflowError):
        raise NotFound(NO_PAGE) from None


def beyond(after: str, columns: dict[str, type], values: list[Any], *, falling: bool = False) -> str:
    """The condition of the rows behind a cursor; what it needs is appended to the `values` of the statement."""
    if not after:
        return "true"
    key = read(after, list(columns.values()))
    first = len(values) + 1
    values += key
    given = ", ".join(f"${number}::{_CASTS[kind]}" for number, kind in enumerate(columns.values(), first))
    return f"({', '.join(columns)}) {'<' if falling else '>'} ({given})"


def _read(part: str, kind: type) -> Any:
    if kind is int:
        if not (part.isascii() and part.isdigit() and int(part) <= _LARGEST):
            raise ValueError(part)
        return int(part)
    if kind is datetime:
        # A plus in an address is read as a blank.
        return datetime.fromisoformat(part.replace(" ", "+")).astimezone(UTC)
    return date.fromisoformat(part) if kind is date else UUID(part)
