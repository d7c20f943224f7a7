"""The demo: the same from the same seed, of any size, in an empty database only, and nothing is sent."""

from datetime import date
from typing import Any

import msgspec
import pytest

from server.demo import making
from server.demo.accounts import accounts
from server.demo.matter import Matter
from server.demo.size import Size
from server.kernel import database, events, jobs
from server.kernel.events import Head
from server.people import passwords
from server.people.demo import PASSWORD

SMALL = Size(streets=1, communities=1, grids=1, weeks=1)
START = date(2026, 10, 19)


class _Undone(Exception):
    """Ends a block whose making is to leave nothing."""


async def _told(size: Size) -> list[Any]:
    """What a making of the demo has written, without ids and numbers; undone again."""
    told: list[Any] = []
    try:
        async with database.transaction():
            await making.make(size, start=START)
            told += [tuple(row) for row in await database.fetch("SELECT code, name, polygon FROM areas ORDER BY code")]
            told += [tuple(row) for row in await database.fetch("SELECT phone, name FROM accounts ORDER BY phone")]
            told += [
                tuple(row)
                for row in await database.fetch(
                    "SELECT text, place, latitude, longitude, reported_at FROM reports ORDER BY reported_at, text"
                )
            ]
            rows = await database.fetch(
                """SELECT at, kind, content FROM events WHERE stream LIKE 'case:%' ORDER BY at, kind, length(content)"""
            )
            told += [
                (row["at"], row["kind"], {**msgspec.json.decode(row["content"]), "number": "", "to": "", "report": ""})
                for row in rows
            ]
            raise _Undone
    except _Undone:
        return told


async def test_the_same_seed_and_start_give_the_same_district_texts_and_steps(db: None) -> None:
    first = await _told(SMALL)
    assert len(first) > 100
    assert await _told(SMALL) == first


async def test_another_seed_gives_other_cases(db: None) -> None:
    assert await _told(SMALL) != await _told(msgspec.structs.replace(SMALL, seed=2))


@pytest.mark.parametrize(("streets", "communities", "grids"), [(1, 1, 1), (2, 7, 31)])
async def test_other_sizes_are_made_too(db: None, streets: int, communities: int, grids: int) -> None:
    made = await making.make(Size(streets=streets, communities=communities, grids=grids, weeks=0))
    assert made.areas == 1 + streets + communities + grids
    assert made.cases == 0
    found = await database.fetch_value("SELECT count(*) FROM areas WHERE polygon IS NULL")
    assert found == 0


async def test_a_database_in_use_is_left_alone(db: None) -> None:
    await making.make(msgspec.structs.replace(SMALL, weeks=0))
    assert not await making.is_empty()
    with pytest.raises(ValueError, match="in use"):
        await making.make(SMALL)


async def test_weeks_that_end_in_the_future_are_refused(db: None) -> None:
    with pytest.raises(ValueError, match="future"):
        await making.make(SMALL, start=date(2999, 1, 1))
    assert await making.is_empty()


async def test_a_making_that_is_cut_short_leaves_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def cut(_: Matter) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(Matter, "finish", cut)
    with pytest.raises(ConnectionResetError):
        await making.make(SMALL, start=START)
    assert await making.is_empty()


async def test_every_history_verifies_and_nothing_is_enqueued(db: None) -> None:
    await making.make(SMALL, start=START)
    rows = await database.fetch("SELECT id, history_sequence, history_link FROM cases")
    assert len(rows) > 20
    for row in rows:
        told = await events.history(f"case:{row['id']}")
        assert events.verifies(told, Head(row["history_sequence"], row["history_link"]))
        assert [event.at for event in told] == sorted(event.at for event in told)
    assert await database.fetch_value("SELECT count(*) FROM reports WHERE phone <> ''") > 0
    assert await database.fetch_value("SELECT count(*) FROM pgqueuer") == 0


async def test_quiet_ends_with_its_block(db: None) -> None:
    class Word(msgspec.Struct):
        text: str

    with jobs.quiet():
        await jobs.enqueue("note", Word("unheard"))
    assert await database.fetch_value("SELECT count(*) FROM pgqueuer") == 0
    await jobs.enqueue("note", Word("heard"))
    assert await database.fetch_value("SELECT count(*) FROM pgqueuer") == 1


async def test_there_is_an_account_of_every_role_with_the_one_password(db: None) -> None:
    await making.make(msgspec.structs.replace(SMALL, weeks=0))
    found = await accounts()
    assert len({one.role for one in found}) == len(found) == 10
    assert all(one.phone.startswith("1380000") and one.what for one in found)
    assert {one.password for one in found} == {None, PASSWORD}
    kept = await database.fetch("SELECT DISTINCT password_hash FROM accounts WHERE password_hash IS NOT NULL")
    assert [await passwords.matches(row["password_hash"], PASSWORD) for row in kept] == [True]


async def test_there_are_no_accounts_without_a_demo(db: None) -> None:
    assert await accounts() == []
