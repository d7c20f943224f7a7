"""Of every column it is said whether it keeps something of people; of every kind what, why, on what basis, how long."""

from typing import Any

import pytest
from piccolo.columns import JSONB, Array, Bytea, Column, DoublePrecision, ForeignKey, Text, Varchar
from piccolo.table import Table

import server.worker
from migrations.piccolo_app import APP_CONFIG
from server.kernel import jobs, personal
from server.kernel.personal import Kept, Kind
from web.pages.admin import retention
from web.pages.privacy.pages import declared

SAYS_SOMETHING = (Text, Varchar, JSONB, Bytea, DoublePrecision, Array)
TABLES = {table._meta.tablename: table for table in APP_CONFIG.table_classes}


def missing(table: type[Table]) -> list[str]:
    """Columns that can say something and of which nothing is declared; a reference to an account is who did it."""
    kept: tuple[Kept, ...] = getattr(table, "kept", ())
    said = {column for one in kept for column in one.columns} | set(getattr(table, "plain", ()))
    return [
        column._meta.name
        for column in table._meta.columns
        if isinstance(column, SAYS_SOMETHING) and not isinstance(column, ForeignKey) and column._meta.name not in said
    ]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_column_is_declared_and_no_other(name: str) -> None:
    table = TABLES[name]
    assert missing(table) == [], "say in `kept` which kind these keep, or in `plain` that they say nothing of anybody"
    kept: tuple[Kept, ...] = getattr(table, "kept", ())
    named = [column for one in kept for column in one.columns] + list(getattr(table, "plain", ()))
    assert set(named) <= {column._meta.name for column in table._meta.columns}
    assert len(named) == len(set(named))


def test_a_column_that_nobody_declared_would_be_found() -> None:
    class Nicknames(Table):
        nickname: Column = Text()
        place: Column = Text()
        kept = personal.keeps(personal.ACCOUNTS, "place")

    assert missing(Nicknames) == ["nickname"]


@pytest.mark.parametrize("kind", list(declared()), ids=lambda kind: kind.code)
def test_every_kind_says_what_why_on_what_basis_how_long_and_is_erased(kind: Kind) -> None:
    assert all((kind.what, kind.why, kind.basis, kind.counted, kind.then))
    erased = {one.kind.code for one in personal.erasers}
    server.worker.import_rooms()
    assert set(kind.swept_by) <= set(jobs.schedules)
    goes_with_something = kind.days == 0
    assert goes_with_something or kind.swept_by or kind.code in erased


def test_codes_are_one_of_a_kind_and_no_room_is_forgotten() -> None:
    codes = [kind.code for kind in declared()]
    assert len(codes) == len(set(codes))
    rooms: list[Any] = [one.__name__ for one in retention.ROOMS]
    assert {one.erase.__module__ for one in personal.erasers} == set(rooms)


@pytest.mark.parametrize(
    ("days", "words"), [(0, "结案后"), (30, "结案后 30 天"), (365, "结案后 1 年"), (1095, "结案后 3 年")]
)
def test_how_long_in_words(days: int, words: str) -> None:
    kind = Kind(code="x", what="x", why="x", basis="x", days=days, counted="结案后", then="x")
    assert kind.how_long == words
