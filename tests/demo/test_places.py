"""The demo's places: in every grid, of every kind, the same from the same seed."""

import msgspec

from server.demo import making
from server.demo.size import Size
from server.forms import questions
from server.kernel import database
from server.patrols import kinds

SMALL = Size(streets=1, communities=1, grids=3, weeks=0)


async def _made(size: Size) -> list[tuple[object, ...]]:
    await making.make(size)
    rows = await database.fetch(
        "SELECT external_code, name, address_text, latitude, longitude, answers FROM places ORDER BY external_code"
    )
    return [tuple(row) for row in rows]


async def test_every_grid_has_thirty_to_fifty_places_of_all_kinds(db: None) -> None:
    await _made(SMALL)
    rows = await database.fetch("SELECT count(*) AS every, count(DISTINCT kind) AS kinds FROM places GROUP BY grid")
    assert len(rows) == 3
    assert all(30 <= row["every"] <= 50 and row["kinds"] == 8 for row in rows)


async def test_what_is_said_of_them_answers_their_questions(db: None) -> None:
    await _made(SMALL)
    forms = {kind.id: questions.read_form(kind.questions) for kind in await kinds.kinds()}
    for row in await database.fetch("SELECT kind, answers, operator FROM places"):
        assert questions.problems(forms[row["kind"]], msgspec.json.decode(row["answers"])) == {}


async def test_the_same_seed_gives_the_same_places(db: None) -> None:
    class Undone(Exception):
        pass

    told = []
    for _ in range(2):
        try:
            async with database.transaction():
                told.append(await _made(SMALL))
                raise Undone
        except Undone:
            pass
    assert told[0] == told[1]
