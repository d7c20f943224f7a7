"""Who is linked to whom: links, what is still open, suggestions by nearness, handing over."""

from uuid import UUID

import pytest

from server.households import household as households
from server.households import links
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound
from tests import cast as casting
from tests.cast import Cast
from tests.households.making import household, linked, member


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


def account(who: Actor) -> UUID:
    assert who.account_id is not None
    return who.account_id


async def test_the_community_links_a_member_once_however_often_it_says_so(cast: Cast) -> None:
    made = await household(cast)
    for by in (cast.next_staff, cast.centre, cast.party_member):
        with pytest.raises((NotFound, NotAllowed)):
            await links.link(made, account(cast.party_member), by=by)
    first = await links.link(made, account(cast.party_member), by=cast.staff)
    again = await links.link(made, account(cast.party_member), by=cast.secretary)
    assert (first.version, again.version) == (2, 2)
    for nobody in (cast.resident, cast.grid_worker):
        with pytest.raises(Invalid):
            await links.link(made, account(nobody), by=cast.staff)
    second = await member(cast, "13700000001", "李党员")
    await links.link(made, account(second), by=cast.staff)
    known = await households.load(made, cast.staff)
    assert {one.name for one in await links.of(known, cast.staff)} == {"孙先进", "李党员"}


async def test_a_link_ends_with_a_reason_and_ending_again_changes_nothing(cast: Cast) -> None:
    made = await linked(cast)
    with pytest.raises(Invalid):
        await links.unlink(made, account(cast.party_member), by=cast.staff, why="")
    await links.unlink(made, account(cast.party_member), by=cast.staff, why="asked")
    again = await links.unlink(made, account(cast.party_member), by=cast.staff, why="asked")
    assert again.version == 3
    with pytest.raises(NotFound):
        await households.load(made, cast.party_member)


async def test_what_is_still_open_is_shown_by_name_and_never_as_a_ranking(cast: Cast) -> None:
    await linked(cast)
    await member(cast, "13700000001", "安党员")
    await member(cast, "13700000002", "向党员", area=cast.next_community)
    found = (await links.members(cast.community, cast.secretary)).rows
    assert {one.name: one.still_open for one in found} == {"孙先进": 1, "安党员": 2}
    assert (await links.members(cast.community, cast.next_secretary)).rows == ()
    assert [one.name for one in (await links.members(cast.community, cast.secretary, words="安")).rows] == ["安党员"]


async def test_the_nearest_are_suggested_first(cast: Cast) -> None:
    same_building = await member(cast, "13700000001", "同楼")
    same_grid = await member(cast, "13700000002", "同网格")
    other_grid = await member(cast, "13700000003", "另一网格")
    await member(cast, "13700000004", "外社区", area=cast.next_community)
    made = await linked(cast)
    await linked(cast, "601", to=same_building)
    await linked(cast, "101", to=same_grid, building="8")
    await linked(cast, "101", to=other_grid, building="20", area_id=cast.second_grid)
    found = [one.name for one in await links.suggest(made, cast.staff)]
    assert found == ["同楼", "同网格", "另一网格"]
    with pytest.raises(NotAllowed):
        await links.suggest(made, cast.party_member)


async def test_a_member_who_moves_hands_over_and_says_what_the_next_should_know(cast: Cast) -> None:
    one, other = await linked(cast), await linked(cast, "502")
    second = await member(cast, "13700000001", "李党员")
    third = await member(cast, "13700000002", "王党员")
    mine = account(cast.party_member)
    told = "周奶奶耳背,敲门要重一点"
    given = await links.hand_over(
        [one, other], mine, account(second), by=cast.party_member, why="ill", for_successor=told
    )
    assert given == 2
    assert await links.hand_over([one, other], mine, account(second), by=cast.staff, why="ill") == 0
    with pytest.raises(NotFound):
        await households.load(one, cast.party_member)
    known = await households.load(one, second)
    now, before = await links.of(known, second)
    assert (now.name, before.name, before.for_successor) == ("李党员", "孙先进", told)
    for reader, reads in ((cast.secretary, True), (cast.grid_worker, False), (cast.centre, False)):
        ended = (await links.of(await households.load(one, reader), reader))[-1]
        assert bool(ended.for_successor) is reads, reader.name
    # What is another's cannot be given away, nor to whom holds no post.
    with pytest.raises(NotAllowed):
        await links.hand_over([one], account(cast.party_member), account(third), by=second, why="ill")
    with pytest.raises(Invalid):
        await links.hand_over([one], account(second), account(cast.resident), by=cast.staff, why="ill")
    with pytest.raises(Invalid):
        await links.hand_over([one], account(second), account(second), by=cast.staff, why="ill")
    succeeded = await database.fetch_value("SELECT count(*) FROM household_links WHERE successor IS NOT NULL")
    assert succeeded == 2
