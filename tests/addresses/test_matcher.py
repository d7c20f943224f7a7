"""What people write finds the address that they mean, or says that it did not."""

import json
from pathlib import Path
from typing import Any

import pytest

from server.addresses import matcher
from server.areas import tree
from server.kernel import database
from tests import cast as casting
from tests.addresses import register
from tests.cast import Cast

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())


@pytest.fixture
async def cast(db: None) -> Cast:
    cast = await casting.gather()
    done = await register.bring(VECTORS["register"])
    assert not done.problems
    return cast


async def code(address_id: int | None) -> str | None:
    found: str | None = await database.fetch_value("SELECT code FROM addresses WHERE id = $1", address_id)
    return found


async def test_every_spelling_finds_what_it_means(cast: Cast) -> None:
    wrong = []
    for text, address, grid in VECTORS["cases"]:
        found = await matcher.match(text)
        if (await code(found.address_id), found.grid_id) != (address, register.grid_of(cast, grid)):
            wrong.append((text, await code(found.address_id), found))
    assert wrong == []


async def test_the_chosen_community_decides_among_the_same_names(cast: Cast) -> None:
    for text, community, address, grid in VECTORS["with_community"]:
        area = await tree.by_code(community)
        assert area is not None
        found = await matcher.match(text, community_id=area.id)
        assert (await code(found.address_id), found.grid_id) == (address, register.grid_of(cast, grid)), found


async def test_the_reasons_are_said_in_words(cast: Cast) -> None:
    best = (await matcher.match("榕荫路12号春风花园3栋")).best
    assert best is not None
    assert best.text == "呼应区民治街道民乐社区榕荫路12号春风花园3栋"
    assert best.reasons == ("路名、小区、门牌、楼栋一致", "没有写单元、房号")
    other = (await matcher.match("春风花园9栋")).best
    assert other is not None
    assert "楼栋不同" in other.why
    assert other.confidence < 0.8
    known = (await matcher.match("老机械厂宿舍A座")).best
    assert known is not None
    assert "别名“老机械厂宿舍”" in known.why


async def test_a_point_gives_the_grid_that_covers_it_now(cast: Cast) -> None:
    longitude, latitude = casting.middle(1)
    row = {"text": "翠湖路8号", "community_code": "440300001001", "longitude": longitude, "latitude": latitude}
    assert not (await register.bring([row])).problems
    assert (await matcher.match("翠湖路8号")).grid_id == cast.second_grid
    await database.execute("UPDATE addresses SET grid = $1 WHERE whole = '翠湖路8号'", cast.grid)
    assert (await matcher.match("翠湖路8号")).grid_id == cast.second_grid


async def test_what_is_retired_is_not_found(cast: Cast) -> None:
    await database.execute("UPDATE addresses SET until = now() WHERE code = 'A7'")
    assert (await matcher.match("百花二路5号")).candidates == ()


async def test_in_time_it_answers_the_same_and_leaves_no_limit_behind(cast: Cast) -> None:
    assert await matcher.match_in_time("榕荫路14号") == await matcher.match("榕荫路14号")
    assert await database.fetch_value("SHOW statement_timeout") == "0"


async def test_a_slow_database_gives_no_match_and_harms_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(_: object) -> list[Any]:
        return await database.fetch("SELECT pg_sleep(5)")

    monkeypatch.setattr(matcher, "PATIENCE", 10)
    monkeypatch.setattr(matcher, "look_up", slow)
    assert await matcher.match_in_time("榕荫路14号") == matcher.Match()
    assert await database.fetch_value("SHOW statement_timeout") == "0"
