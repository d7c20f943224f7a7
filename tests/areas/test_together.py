"""Several at once, and at the size of a district; really committing."""

import asyncio
from collections.abc import Awaitable
from time import perf_counter

import asyncpg
import pytest

from bench.locate import COLUMNS, ROWS, corner, grids
from server.areas import polygons, tree
from server.areas.locate import current, locate
from server.kernel import database, events
from server.kernel.errors import Invalid
from server.kernel.sheets import Imported
from tests.areas.ground import SMALL, SYSTEM, bring, draw, feature, square

pytestmark = pytest.mark.usefixtures("fresh_db")


async def area(code: str) -> tree.AreaRow:
    found = await tree.by_code(code)
    assert found is not None
    return found


async def test_moves_and_a_new_grid_at_once_leave_every_path_right() -> None:
    await bring(SMALL)
    community, west = await area("100101"), await area("1002")
    work: list[Awaitable[tree.Change]] = [tree.move(community.id, west.id, by=SYSTEM)]
    for number in range(5):
        new = {"code": f"100101-{number}", "name": "新网格", "level": "grid", "parent_id": community.id}
        work.append(tree.create(**new, by=SYSTEM))
    await asyncio.gather(*work)
    for row in await tree.under(community.id):
        assert row.path.startswith(f"{west.path}{community.id}/")
        assert events.verifies(await events.history(f"area:{row.id}"))


async def test_the_same_file_by_two_at_once_is_brought_in_once() -> None:
    done = await asyncio.gather(bring(SMALL), bring(SMALL))
    assert sorted(done, key=lambda one: one.created) == [Imported(unchanged=9), Imported(created=9)]


async def test_the_same_code_by_two_at_once_is_taken_by_one() -> None:
    await bring(SMALL)
    river = await area("100201")
    new = {"code": "100201a", "name": "河湾一网格", "level": "grid", "parent_id": river.id}
    done = await asyncio.gather(*(tree.create(**new, by=SYSTEM) for _ in range(2)), return_exceptions=True)
    assert sum(isinstance(one, Invalid) for one in done) == 1


async def test_many_questions_while_polygons_change_all_get_an_answer_of_before_or_after() -> None:
    await bring(SMALL)
    await draw(feature("100101a", square(113, 22)))
    one, other = (await area("100101a")).id, (await area("100101b")).id

    async def swap() -> None:
        await draw(feature("100101a", square(120, 22)), feature("100101b", square(113, 22)))

    asked = [locate(113.5, 22.5) for _ in range(20)]
    *places, _ = await asyncio.gather(*asked, swap())
    assert {place.grid_id for place in places if place} <= {one, other}
    after = await locate(113.5, 22.5)
    assert after is not None and after.grid_id == other


async def test_a_district_of_1800_grids_comes_in_and_is_searched_in_time() -> None:
    covered = grids()
    rows = ["code,name,level,parent_code", "d,区,district,", "s,街道,street,d", "c,社区,community,s"]
    rows += [f"{one.code},网格{one.code},grid,c" for one in covered]
    assert await bring("\n".join(rows)) == Imported(created=1803)
    features = ",".join(
        f'{{"type":"Feature","properties":{{"code":"{one.code}"}},"geometry":{one.polygon}}}' for one in covered
    )
    content = f'{{"type":"FeatureCollection","features":[{features}]}}'.encode()
    assert await polygons.import_polygons(content, by=SYSTEM) == Imported(created=1800)
    assert await polygons.import_polygons(content, by=SYSTEM) == Imported(unchanged=1800)
    index = await current()
    points = [corner(0.5 + n % COLUMNS, 0.5 + n % ROWS) for n in range(2000)]
    begun = perf_counter()
    found = [index.find(*point) for point in points]
    # The measure is bench/locate.py; here only that it is of the right order.
    assert (perf_counter() - begun) / len(points) < 0.001
    assert all(place is not None and place.grid_id is not None for place in found)


async def test_what_another_process_commits_is_seen_at_the_next_question(fresh_db: str) -> None:
    await bring(SMALL)
    assert await locate(113.5, 22.5) is None
    other = await asyncpg.connect(fresh_db)
    try:
        async with other.transaction():
            polygon = database.to_jsonb({"type": "Polygon", "coordinates": [square(113, 22)]})
            await other.execute("UPDATE areas SET polygon = $1::jsonb WHERE code = '100101a'", polygon)
            await other.execute("UPDATE area_epochs SET epoch = epoch + 1")
            assert await locate(113.5, 22.5) is None
        assert await locate(113.5, 22.5) is not None
    finally:
        await other.close()
