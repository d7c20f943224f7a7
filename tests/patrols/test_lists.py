"""Lists of places: what a post looks after, narrowed, page by page, found by words."""

from datetime import timedelta

import msgspec
import pytest

from server.kernel import clock, database
from server.kernel.errors import Invalid, NotFound
from server.patrols import keeping, lists
from server.patrols.lists import Filter
from tests import cast as making
from tests.cast import Cast
from tests.patrols.making import facts, kind, place


async def _names(by: making.Actor, chosen: Filter | None = None) -> list[str]:
    return [row.name for row in (await lists.page(lists.lens(by), chosen or Filter())).rows]


async def _three(cast: Cast) -> None:
    of, shops = await kind(cast), await kind(cast, "餐饮店", operator=True)
    await place(cast, of, name="一网格消防栓")
    await place(cast, of, cast.staff, name="二网格消防栓", square=1)
    await place(cast, shops, cast.next_staff, name="沙县小吃", square=2, address_text="向阳路 12 号")


async def test_every_post_sees_its_own_places(db: None) -> None:
    cast = await making.gather()
    await _three(cast)
    assert await _names(cast.grid_worker) == ["一网格消防栓"]
    assert await _names(cast.staff) == ["一网格消防栓", "二网格消防栓"]
    assert await _names(cast.next_secretary) == ["沙县小吃"]
    assert len(await _names(cast.centre)) == len(await _names(cast.area_admin)) == 3
    for by in (cast.resident, cast.handler, cast.party_member, cast.system_admin):
        with pytest.raises(NotFound):
            lists.lens(by)
    with pytest.raises(NotFound):
        lists.lens(cast.staff, cast.next_staff.posts[0].id)


async def test_filters_narrow_and_never_open_a_neighbours(db: None) -> None:
    cast = await making.gather()
    await _three(cast)
    assert await _names(cast.staff, Filter(grid=cast.second_grid)) == ["二网格消防栓"]
    assert await _names(cast.centre, Filter(community=cast.next_community)) == ["沙县小吃"]
    assert await _names(cast.staff, Filter(community=cast.next_community)) == []
    shops = await database.fetch_value("SELECT id FROM place_kinds WHERE name = '餐饮店'")
    assert await _names(cast.centre, Filter(kind=shops)) == ["沙县小吃"]


@pytest.mark.parametrize(
    "words", ["沙县", "小吃", "县", "吃", "向阳路12号", "向阳路", "沙县 12", "１２", "沙县\u3000小吃"]
)
async def test_words_are_found_in_names_and_addresses(db: None, words: str) -> None:
    cast = await making.gather()
    await _three(cast)
    assert await _names(cast.centre, Filter(words=words)) == ["沙县小吃"]
    assert await _names(cast.staff, Filter(words=words)) == []


@pytest.mark.parametrize("words", ["县沙", "沙小", "'", "\\", "沙县'", "a & b", ":*", "/1", "消防栓沙县", "!沙"])
async def test_words_that_are_not_there_find_nothing_whatever_their_signs(db: None, words: str) -> None:
    cast = await making.gather()
    await _three(cast)
    assert await _names(cast.centre, Filter(words=words)) == []


async def test_pages_follow_each_other_without_a_gap_also_with_words(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    for number in range(7):
        await place(cast, of, name=f"消防栓 {number}")
    look = lists.lens(cast.staff)
    for chosen in (Filter(), Filter(words="消防")):
        names, further = [], ""
        for _ in range(3):
            page = await lists.page(look, msgspec.structs.replace(chosen, after=further), size=3)
            names += [row.name for row in page.rows]
            further = page.further
        assert (names, further) == ([f"消防栓 {number}" for number in range(7)], "")


@pytest.mark.parametrize("after", ["x", "1_", "_", "99999999999_0", "1_zz", "-1_0190a5e0-0000-7000-8000-000000000000"])
async def test_a_page_that_cannot_be_is_not_found(db: None, after: str) -> None:
    cast = await making.gather()
    with pytest.raises(NotFound):
        await lists.page(lists.lens(cast.staff), Filter(after=after))


async def test_too_many_finds_are_said(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST", 2)
    cast = await making.gather()
    of = await kind(cast)
    for number in range(4):
        await place(cast, of, name=f"消防栓 {number}")
    assert (await lists.page(lists.lens(cast.staff), Filter(words="消防"))).too_many
    assert not (await lists.page(lists.lens(cast.staff), Filter(words="栓3"))).too_many


async def test_long_unvisited_places_are_found_within_a_community(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    fresh, old = await place(cast, of, name="去过"), await place(cast, of, name="很久没去")
    await place(cast, of, name="从没去过")
    for one, days in ((fresh, 3), (old, 90)):
        await database.execute(
            "UPDATE places SET last_visit_at = $2 WHERE id = $1", one.place_id, clock.now() - timedelta(days=days)
        )
    assert await _names(cast.staff, Filter(unvisited_days=30)) == ["很久没去", "从没去过"]
    assert await _names(cast.centre, Filter(unvisited_days=30, community=cast.community)) == ["很久没去", "从没去过"]
    with pytest.raises(Invalid):
        await _names(cast.centre, Filter(unvisited_days=30))


async def test_retired_places_have_a_list_of_their_own(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    made = await place(cast, of)
    await keeping.retire_place(made.place_id, by=cast.staff, seen=1, reason="拆了")
    assert await _names(cast.staff) == []
    assert await _names(cast.staff, Filter(words="消防")) == []
    assert await _names(cast.staff, Filter(ended=True)) == await _names(cast.staff, Filter(ended=True, words="消防"))
    assert await _names(cast.staff, Filter(ended=True)) == [facts(of).name]


async def test_a_code_from_another_list_leads_to_its_place(db: None) -> None:
    cast = await making.gather()
    made = await place(cast, await kind(cast), external_code="XF-1")
    found = await lists.of_external(" XF-1 ", cast.staff)
    assert found is not None and found.id == made.place_id
    assert await lists.of_external("XF-1", cast.next_staff) is None
    assert await lists.of_external("", cast.staff) is None
