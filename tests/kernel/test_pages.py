"""Pages of lists: cut where asked, and gone on with from the last row's key."""

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from server.kernel import pages
from server.kernel.errors import NotFound
from server.kernel.ids import new_id


def test_a_page_says_where_the_next_begins_only_where_there_is_one() -> None:
    cut = pages.page([1, 2, 3], lambda one: (one,), size=2)
    assert (cut.rows, cut.further) == ((1, 2), "2")
    assert pages.page([1, 2], lambda one: (one,), size=2).further == ""
    assert pages.page([], lambda one: (one,)).rows == ()


def test_a_key_is_read_as_it_was_written() -> None:
    moment = datetime(2026, 11, 2, 9, 30, 1, 250_000, UTC)
    key = (7, date(2026, 11, 2), moment, new_id())
    assert pages.read(pages.write(key), [int, date, datetime, UUID]) == list(key)
    east = moment.astimezone(timezone(timedelta(hours=8)))
    assert pages.read(pages.write((east,)).replace("+", " "), [datetime]) == [moment]


def test_the_condition_numbers_its_values_behind_those_there_are() -> None:
    values: list[object] = [[1, 2]]
    said = pages.beyond("2026-11-02_3", {"t.day": date, "t.grid": int}, values)
    assert said == "(t.day, t.grid) > ($2::date, $3::int)"
    assert values == [[1, 2], date(2026, 11, 2), 3]
    assert pages.beyond("", {"t.day": date}, values) == "true"
    assert pages.beyond("2026-11-02", {"a": date}, [], falling=True) == "(a) < ($1::date)"


@pytest.mark.parametrize(
    ("after", "kinds"),
    [
        ("x", [int]),
        ("²", [int]),
        ("99999999999", [int]),
        ("-1", [int]),
        ("1_2", [int]),
        ("2026-13-01", [date]),
        ("9999-12-31T23:59:59-14:00", [datetime]),
        ("0001-01-01T00:00:00+14:00", [datetime]),
        ("很", [UUID]),
        ("\x00", [date]),
    ],
)
def test_an_address_that_nobody_wrote_leads_to_no_page(after: str, kinds: list[type]) -> None:
    with pytest.raises(NotFound):
        pages.read(after, kinds)
