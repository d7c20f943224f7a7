"""Households: added, corrected, moved, closed and merged by their own community, and by nobody else."""

from typing import Any
from uuid import UUID

import pytest

from server.households import household as households
from server.households import keeping, people, tags
from server.households.facts import Person
from server.households.household import Stands
from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound, Stale
from tests import cast as casting
from tests.cast import Cast
from tests.households.making import GRANNY, at, household, linked


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def row(household_id: UUID) -> Any:
    return await database.fetch_one("SELECT * FROM households WHERE id = $1", household_id)


async def kinds(household_id: UUID) -> list[str]:
    history = await events.history(households.stream_of(household_id))
    found = await row(household_id)
    assert events.verifies(history, events.Head(found["history_sequence"], found["history_link"]))
    return [event.kind.partition(".")[2] for event in history]


async def test_the_community_adds_a_household_and_its_own_grid_is_found(cast: Cast) -> None:
    made = await household(cast)
    known = await households.load(made, cast.staff)
    assert (known.household.words, known.household.grid) == ("民乐新村 3栋 2单元 501", cast.grid)
    assert [(one.name, one.phone, one.contact) for one in await people.of(made)] == [("郑婆婆", "13700000077", True)]
    assert await kinds(made) == ["added"]


async def test_neither_the_neighbour_nor_a_member_nor_an_administrator_adds_one(cast: Cast) -> None:
    for by in (cast.next_staff, cast.party_member, cast.grid_worker, cast.centre, cast.area_admin, cast.system_admin):
        with pytest.raises(Invalid) as refused:
            await household(cast, by=by)
        assert refused.value.fields == {"area": "这里不是您负责的社区,请检查。"}


async def test_everything_wrong_is_named_and_nothing_is_kept(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        await keeping.add(at(cast, place=" ", room="9" * 40), GRANNY, by=cast.staff)
    assert set(refused.value.fields) == {"place", "room"}
    with pytest.raises(Invalid) as refused:
        await keeping.add(at(cast), Person(name="", phone="12"), by=cast.staff)
    assert set(refused.value.fields) == {"name", "phone"}
    with pytest.raises(Invalid) as refused:
        await keeping.add(at(cast, area_id=None), GRANNY, by=cast.staff)
    assert set(refused.value.fields) == {"area"}
    assert await database.fetch_value("SELECT count(*) FROM households") == 0


async def test_the_same_door_is_not_registered_twice(cast: Cast) -> None:
    await household(cast)
    with pytest.raises(Invalid) as refused:
        await household(cast)
    assert "已经登记过了" in refused.value.fields["room"]
    await household(cast, "502")


async def test_who_sees_it_and_how(cast: Cast) -> None:
    made = await linked(cast)
    seen = {
        cast.staff.name: {Stands.KEEPER},
        cast.secretary.name: {Stands.KEEPER},
        cast.party_member.name: {Stands.LINKED},
        cast.grid_worker.name: {Stands.WORKER},
        cast.street_secretary.name: {Stands.OVERSEER},
        cast.centre.name: {Stands.OVERSEER},
    }
    for name in Cast.__struct_fields__:
        who = getattr(cast, name)
        if not isinstance(who, Actor):
            continue
        if who.name in seen:
            assert set((await households.load(made, who)).stands) == seen[who.name], who.name
        elif who is not cast.second_staff:
            with pytest.raises(NotFound):
                await households.load(made, who)


async def test_a_link_counts_only_while_its_member_is_one(cast: Cast) -> None:
    made = await linked(cast)
    without = Actor(account_id=cast.party_member.account_id, name=cast.party_member.name)
    with pytest.raises(NotFound):
        await households.load(made, without)


async def test_correcting_names_the_fields_and_repeating_changes_nothing(cast: Cast) -> None:
    made = await household(cast)
    changed = await keeping.change(made, at(cast, "502"), by=cast.staff, seen=1)
    assert changed.version == 2
    assert (await keeping.change(made, at(cast, "502"), by=cast.staff, seen=2)).version == 2
    with pytest.raises(Stale):
        await keeping.change(made, at(cast, "503"), by=cast.staff, seen=1)
    for by in (cast.party_member, cast.grid_worker, cast.street_secretary):
        await linked(cast, f"6{by.name}", to=cast.party_member)
    with pytest.raises(NotAllowed):
        await keeping.change(made, at(cast, "503"), by=cast.grid_worker, seen=2)
    with pytest.raises(NotFound):
        await keeping.change(made, at(cast, "503"), by=cast.next_staff, seen=2)
    assert await kinds(made) == ["added", "changed"]


async def test_moving_keeps_where_it_lived_and_all_that_belongs_to_it(cast: Cast) -> None:
    made = await linked(cast, external_code="A1")
    await keeping.move(made, at(cast, "101", building="9"), by=cast.staff, seen=None)
    lived = await database.fetch("SELECT words, since, until FROM household_addresses")
    assert [one["words"] for one in lived] == ["民乐新村 3栋 2单元 501"]
    now = await row(made)
    assert (now["building"], now["external_code"]) == ("9", "A1")
    assert await households.is_linked(made, cast.party_member)
    await keeping.move(made, at(cast, "102", building="9"), by=cast.staff, seen=None)
    again = await database.fetch("SELECT words, since, until FROM household_addresses ORDER BY id")
    assert again[1]["since"] == again[0]["until"]
    with pytest.raises(Invalid) as refused:
        await keeping.move(made, at(cast, "102", building="9"), by=cast.staff, seen=None)
    assert "一样" in refused.value.fields["place"]


async def test_closing_ends_links_and_tags_and_it_can_be_taken_up_again(cast: Cast) -> None:
    made = await linked(cast)
    kind = await tags.save_kind("alone", "独居", "有人常去看看", 365, by=cast.area_admin)
    await tags.put(made, kind, by=cast.staff, seen=None)
    with pytest.raises(Invalid):
        await keeping.close(made, by=cast.staff, seen=None, why="whatever")
    await keeping.close(made, by=cast.staff, seen=None, why="moved_away")
    assert not await households.is_linked(made, cast.party_member)
    assert await tags.of(made) == ()
    with pytest.raises(NotAllowed):
        await keeping.change(made, at(cast, "502"), by=cast.staff, seen=None)
    await keeping.reopen(made, by=cast.staff, seen=None)
    assert (await row(made))["until"] is None


async def test_a_merge_moves_nothing_and_can_be_undone(cast: Cast) -> None:
    one, other = await linked(cast), await household(cast, "502")
    with pytest.raises(Invalid):
        await keeping.merge(one, one, by=cast.staff, seen=None)
    with pytest.raises(NotAllowed):
        await keeping.merge(one, other, by=cast.street_secretary, seen=None)
    await keeping.merge(one, other, by=cast.staff, seen=None, reason="同一户登记了两次")
    found = await row(one)
    assert (found["merged_into"], found["until"] is not None) == (other, True)
    await keeping.unmerge(one, by=cast.secretary, seen=None)
    found = await row(one)
    assert (found["merged_into"], found["until"]) == (None, None)
    assert await households.is_linked(one, cast.party_member)
    assert await kinds(one) == ["added", "linked", "merged", "unmerged"]
    assert await kinds(other) == ["added", "absorbed", "released"]


async def test_names_and_numbers_are_shown_with_a_reason_that_stays(cast: Cast) -> None:
    made = await linked(cast)
    [person] = await people.of(made)
    for by in (cast.staff, cast.grid_worker, cast.centre):
        with pytest.raises(Invalid):
            await people.reveal(made, person.id, by=by)
    assert (await people.reveal(made, person.id, by=cast.grid_worker, reason="煤气味")).phone == "13700000077"
    assert (await people.reveal(made, person.id, by=cast.party_member)).phone == "13700000077"
    await people.called(made, person.id, by=cast.party_member)
    with pytest.raises(NotAllowed):
        await people.called(made, person.id, by=cast.grid_worker)
    with pytest.raises(NotFound):
        await people.reveal(made, person.id, by=cast.next_grid_worker, reason="看看")
    assert await kinds(made) == ["added", "linked", "revealed", "revealed", "called"]


async def test_a_masked_value_is_never_saved_over_the_real_one(cast: Cast) -> None:
    made = await household(cast)
    [person] = await people.of(made)
    for given in ({"name": "郑**", "phone": None}, {"name": "郑婆婆", "phone": "137****0077"}):
        with pytest.raises(Invalid):
            await people.change(made, person.id, by=cast.staff, seen=None, **given)  # type: ignore[arg-type]
    await people.change(made, person.id, by=cast.staff, seen=None, name="郑桂英", relation="本人")
    [now] = await people.of(made)
    assert (now.name, now.phone, now.contact) == ("郑桂英", "13700000077", True)
    history = await events.history(households.stream_of(made))
    assert not any(word in str(event.data) for event in history for word in ("郑", "137"))


async def test_there_is_always_one_to_be_asked_for_first(cast: Cast) -> None:
    made = await household(cast)
    await people.add(made, Person(name="小周", phone="13700000078", relation="女儿"), by=cast.staff, seen=None)
    granny, daughter = await people.of(made)
    with pytest.raises(NotAllowed):
        await people.remove(made, granny.id, by=cast.staff, seen=None)
    await people.make_contact(made, daughter.id, by=cast.staff, seen=None)
    await people.remove(made, granny.id, by=cast.staff, seen=None)
    assert [(one.name, one.contact) for one in await people.of(made)] == [("小周", True)]
    for n in range(people.MOST - 1):
        await people.add(made, Person(name=f"邻居{n}"), by=cast.staff, seen=None)
    with pytest.raises(Invalid):
        await people.add(made, Person(name="太多了"), by=cast.staff, seen=None)


async def test_a_tag_names_its_purpose_and_lapses(cast: Cast) -> None:
    made = await household(cast)
    for name in ("残疾人", "信访户", "高血压病"):
        with pytest.raises(Invalid):
            await tags.save_kind("x", name, "有人常去看看", 30, by=cast.area_admin)
    with pytest.raises(NotAllowed):
        await tags.save_kind("alone", "独居", "有人常去看看", 30, by=cast.staff)
    kind = await tags.save_kind("alone", "独居", "有人常去看看", 30, by=cast.area_admin)
    await tags.put(made, kind, by=cast.staff, seen=None)
    [tag] = await tags.of(made)
    assert (tag.name, tag.purpose) == ("独居", "有人常去看看")
    with clock.at(tag.lapses_at):
        assert await tags.of(made) == ()
        await tags.lapse()
    assert await database.fetch_value("SELECT until = lapses_at FROM household_tags")
    await tags.put(made, kind, by=cast.staff, seen=None)
    await tags.take_off(made, kind, by=cast.staff, seen=None)
    await tags.take_off(made, kind, by=cast.staff, seen=None)
    assert await kinds(made) == ["added", "tagged", "tagged", "untagged"]
