"""Kinds of places and what they ask: published in versions, looked at first."""

import pytest

from server.kernel.errors import Invalid, NotAllowed, Stale
from server.patrols import kinds
from tests import cast as making
from tests.patrols.making import QUESTIONS, kind, place


async def test_a_new_kind_asks_nothing_and_is_offered(db: None) -> None:
    cast = await making.gather()
    made = await kind(cast, "出租屋", operator=True)
    assert (made.version, made.questions, made.active, made.needs_operator) == (1, [], True, True)
    assert [one.name for one in await kinds.kinds()] == ["出租屋"]


async def test_a_dry_run_says_what_changes_and_changes_nothing(db: None) -> None:
    cast = await making.gather()
    made = await kind(cast)
    tried = await kinds.publish_kind(made.id, by=cast.area_admin, questions=QUESTIONS, dry_run=True)
    assert tried.changes == ("新问:几间房", "新问:用瓶装气吗")
    assert (await kinds.kind(made.id)).version == 1
    done = await kinds.publish_kind(made.id, by=cast.area_admin, questions=QUESTIONS, seen=1)
    assert (done.kind.version, done.kind.questions) == (2, QUESTIONS)


async def test_the_same_questions_again_make_no_version_and_places_keep_theirs(db: None) -> None:
    cast = await making.gather()
    made = await kind(cast, asks=True)
    await place(cast, made)
    again = await kinds.publish_kind(made.id, by=cast.area_admin, questions=QUESTIONS)
    assert (again.changes, again.kind.version) == ((), 2)
    await kinds.publish_kind(made.id, by=cast.area_admin, questions=QUESTIONS[:1])
    assert await kinds.questions_of(made.version_id) == QUESTIONS


async def test_who_opened_an_old_version_is_told_and_a_wrong_form_is_named(db: None) -> None:
    cast = await making.gather()
    made = await kind(cast, asks=True)
    with pytest.raises(Stale):
        await kinds.publish_kind(made.id, by=cast.area_admin, questions=[], seen=1)
    with pytest.raises(Invalid) as error:
        await kinds.publish_kind(made.id, by=cast.area_admin, questions=[{"id": "x"}])
    assert "questions" in error.value.fields


async def test_only_a_districts_administrator_sets_kinds(db: None) -> None:
    cast = await making.gather()
    made = await kind(cast)
    for by in (cast.staff, cast.secretary, cast.grid_worker, cast.centre):
        with pytest.raises(NotAllowed):
            await kinds.publish_kind(made.id, by=by, questions=[])
        with pytest.raises(NotAllowed):
            await kinds.change_kind(made.id, by=by, name="别的", needs_operator=False, active=False)


async def test_a_code_is_used_once_and_a_retired_kind_is_not_offered(db: None) -> None:
    cast = await making.gather()
    made = await kind(cast)
    with pytest.raises(Invalid) as error:
        await kinds.create_kind(made.code, "", by=cast.area_admin)
    assert set(error.value.fields) == {"code", "name"}
    await kinds.change_kind(made.id, by=cast.area_admin, name="室外消防栓", needs_operator=False, active=False)
    assert await kinds.kinds() == []
    assert [one.name for one in await kinds.kinds(active=False)] == ["室外消防栓"]
