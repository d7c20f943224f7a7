"""The past of a place: newest first, what was merged into it among it, nobody's looking behind the mask."""

from server.patrols import keeping
from server.patrols.past import past_of
from tests import cast as making
from tests.patrols.making import facts, kind, place


async def test_the_past_of_many_places_comes_at_once_newest_first(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    one, other = await place(cast, of), await place(cast, of)
    await keeping.change_place(one.place_id, facts(of, name="改了名"), by=cast.staff, seen=1)
    found = await past_of([one.place_id, other.place_id])
    assert [(entry.words, entry.said, entry.by) for entry in found[one.place_id]] == [
        ("更改", "名称", "刘慧"),
        ("登记", "", "陈建国"),
    ]
    assert [entry.words for entry in found[other.place_id]] == ["登记"]
    assert [entry.words for entry in (await past_of([one.place_id], last=1))[one.place_id]] == ["更改"]


async def test_what_was_merged_into_a_place_brings_its_past_until_it_is_unmerged(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    one, other = await place(cast, of), await place(cast, of)
    await keeping.merge_places(one.place_id, other.code, by=cast.staff, seen=1)
    found = (await past_of([other.place_id]))[other.place_id]
    assert {entry.place_id for entry in found} == {one.place_id, other.place_id}
    await keeping.unmerge_place(one.place_id, by=cast.staff, seen=2)
    found = (await past_of([other.place_id]))[other.place_id]
    assert {entry.place_id for entry in found} == {other.place_id}


async def test_who_looked_behind_the_mask_is_not_told(db: None) -> None:
    cast = await making.gather()
    made = await place(cast, await kind(cast, "出租屋", operator=True))
    await keeping.reveal_operator(made.place_id, by=cast.staff, reason="通知停水")
    found = (await past_of([made.place_id]))[made.place_id]
    assert [entry.words for entry in found] == ["登记"]
    assert await past_of([]) == {}
