"""A demo of some size, made once: every state and every turn is in it, and nothing floats."""

import os
from collections.abc import AsyncIterator

import pytest_asyncio

from server.cases.way import State
from server.demo import making
from server.demo.making import Made
from server.demo.size import Size
from server.kernel import database
from server.photos.read import read
from server.supervisor.postgres import Postgres
from tests.conftest import MINE, TEMPLATE, swapped_pool


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made(server: Postgres, database_of_this_process: str) -> AsyncIterator[Made]:
    """A demo district of two streets, ending now."""
    name = f"{MINE}_demo_{os.urandom(4).hex()}"
    server.create(name, TEMPLATE)
    try:
        async with swapped_pool(server.url(name)):
            yield await making.make(Size(streets=2, communities=3, grids=8, weeks=3))
    finally:
        server.run("psql", "-qX", "-c", f'DROP DATABASE "{name}" WITH (FORCE)')


async def test_every_state_is_there(made: Made) -> None:
    rows = await database.fetch("SELECT DISTINCT state FROM cases")
    assert {row["state"] for row in rows} == {state.value for state in State}


async def test_every_open_case_has_an_owner_who_is_there(made: Made) -> None:
    floating = await database.fetch_value(
        """SELECT count(*) FROM cases c WHERE c.open AND NOT EXISTS (
               SELECT FROM posts p JOIN holdings h ON h.post = p.id AND h.until IS NULL
               JOIN accounts a ON a.id = h.account AND a.closed_at IS NULL
               JOIN standings s ON s."case" = c.id AND s.kind = 'owner' AND s.until IS NULL AND s.post = p.id
               WHERE p.id = c.owner_post AND p.until IS NULL)"""
    )
    assert floating == 0


async def test_every_kind_of_turn_is_taken(made: Made) -> None:
    row = await database.fetch_one(
        """SELECT (SELECT count(*) FROM cases WHERE open AND due_at < now()) AS overdue,
                  (SELECT count(*) FROM cases WHERE private) AS private,
                  (SELECT count(*) FROM cases WHERE held) AS held,
                  (SELECT count(*) FROM ratings WHERE stars <= 2) AS low,
                  (SELECT count(*) FROM closures WHERE reopened_at IS NOT NULL) AS reopened,
                  (SELECT count(*) FROM closures WHERE kind = 'answered') AS answered,
                  (SELECT count(*) FROM dispatches WHERE outcome = 'returned') AS returned,
                  (SELECT count(*) FROM checks WHERE NOT passed) AS not_passed,
                  (SELECT count(*) FROM questions WHERE answered_at IS NULL) AS asked,
                  (SELECT count(*) FROM additions) AS added,
                  (SELECT count(*) FROM reports WHERE account IS NULL) AS strangers,
                  (SELECT count(*) FROM case_photos WHERE role = 'after') AS after"""
    )
    assert row is not None
    assert [name for name, count in row.items() if count == 0] == []


async def test_cases_lie_where_they_were_told_of(made: Made) -> None:
    # A place that a round visits may be known by its address alone.
    nowhere = await database.fetch_value(
        """SELECT count(*) FROM cases c JOIN reports r ON r.number = c.number
           WHERE c.grid IS NULL OR (c.latitude IS NULL AND r.channel <> 'patrol')"""
    )
    assert nowhere == 0


async def test_nothing_happens_after_now(made: Made) -> None:
    assert await database.fetch_value("SELECT count(*) FROM events WHERE at > now()") == 0


async def test_photos_are_in_the_store_with_the_position_they_carried(made: Made) -> None:
    assert made.photos > 20
    rows = await database.fetch("SELECT id, latitude, position_source FROM photos ORDER BY random() LIMIT 10")
    for row in rows:
        assert (await read(row["id"], "thumb"))[:2] == b"\xff\xd8"
        assert row["position_source"] == "exif" and 22 < row["latitude"] < 23
