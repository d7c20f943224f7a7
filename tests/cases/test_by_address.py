"""A report with a place in words and no position: the register gives its grid, where it is sure."""

from typing import Any

import pytest

from server import cases
from server.addresses import matcher, register
from server.cases import view
from server.kernel import database, events
from tests import cast as casting
from tests.cast import Cast


@pytest.fixture
async def cast(db: None) -> Cast:
    cast = await casting.gather()
    for number, grid in ((12, cast.grid), (14, cast.second_grid)):
        given = register.Given(text=f"榕荫路{number}号", grid_id=grid)
        await register.add(cast.community, given, by=cast.area_admin)
    return cast


async def tell(cast: Cast, place: str, **further: Any) -> cases.Reported:
    telling: dict[str, Any] = {"text": "路灯坏了", "community_id": cast.community, "place": place} | further
    return await cases.report(cases.Telling(**telling), cast.resident)


async def test_the_grid_is_found_and_the_desk_reads_why(cast: Cast) -> None:
    done = await tell(cast, "榕荫路 十二号 旁边")
    shown = await view.view(done.case_id, cast.staff)
    assert shown.case.grid == cast.grid
    assert shown.case.place == "榕荫路 十二号 旁边"
    assert shown.inferred is not None
    assert shown.inferred.confidence > 0.8
    assert "路名、门牌一致" in shown.inferred.why
    assert "按地址推断在民乐一网格" in shown.track[0].words
    said = (await events.history(shown.case.stream))[0].data["inferred"]
    assert said["grid"] == cast.grid
    assert (await view.view(done.case_id, cast.resident)).inferred is None


async def test_once_the_desk_has_chosen_nothing_is_inferred(cast: Cast) -> None:
    done = await tell(cast, "榕荫路12号")
    await cases.relocate(done.case_id, cast.staff, seen=1, area_id=cast.second_grid, reason="看过现场")
    shown = await view.view(done.case_id, cast.staff)
    assert shown.inferred is None
    assert shown.case.grid == cast.second_grid


@pytest.mark.parametrize("place", ["", "榕荫路", "不知道哪里", "榕荫路99号", "\x00", "1-" * 100, "区市" * 100])
async def test_what_is_not_sure_is_left_to_the_desk(cast: Cast, place: str) -> None:
    shown = await view.view((await tell(cast, place)).case_id, cast.staff)
    assert shown.case.grid is None
    assert shown.inferred is None


async def test_another_community_than_the_chosen_one_is_not_inferred(cast: Cast) -> None:
    shown = await view.view(
        (await tell(cast, "榕荫路12号", community_id=cast.next_community)).case_id, cast.next_staff
    )  # fmt: skip
    assert (shown.case.community, shown.case.grid) == (cast.next_community, None)


async def test_a_position_needs_no_address(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr(matcher, "look_up", never)
    longitude, latitude = casting.middle(1)
    done = await tell(cast, "榕荫路12号", longitude=longitude, latitude=latitude)
    assert (await view.view(done.case_id, cast.staff)).case.grid == cast.second_grid
    await tell(cast, "")


async def test_a_database_that_is_slow_keeps_no_report_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(_: object) -> object:
        return await database.fetch("SELECT pg_sleep(5)")

    monkeypatch.setattr(matcher, "PATIENCE", 10)
    monkeypatch.setattr(matcher, "look_up", slow)
    done = await tell(cast, "榕荫路12号")
    assert (await view.view(done.case_id, cast.staff)).case.grid is None
