"""A record of a re-visit is corrected: what it settled is settled anew, with its event; a case stays."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from server.kernel import database, events
from server.patrols import late, recording, rectifications
from server.patrols.visit import Recorded, Told
from tests.patrols.rounds import MONDAY, Ground, on
from tests.patrols.rounds import tasks as all_tasks
from tests.patrols.test_recording import BAD, a_ground, finding, one, told

DUE = MONDAY + timedelta(days=7)
RIGHT, WRONG = {"exit": "yes"}, {"exit": "no"}


class Again(msgspec.Struct, frozen=True):
    """A rectification, and the record of its first re-visit."""

    of: Ground
    sheet: UUID
    task: UUID
    first: Told


async def looked_again(answers: dict[str, Any], outcome: str = "done") -> Again:
    with on(MONDAY):
        of = await a_ground()
        await one(of, told(of, BAD, finding(of, "rectify")))
        [task] = await all_tasks()
    with on(DUE):
        first = told(of, answers, *_found(of, answers), task=task["id"], outcome=outcome)
        await one(of, first)
    return Again(of, task["rectification"], task["id"], first)


async def correct(of: Again, answers: dict[str, Any], *, after: Told | None = None, days: int = 0, **also: Any) -> Told:
    with on(DUE + timedelta(days=days), 15):
        before = after or of.first
        findings = _found(of.of, answers)
        again = told(of.of, answers, *findings, task=before.task, corrects=before.id, **also)
        await one(of.of, again)
    return again


def _found(of: Ground, answers: dict[str, Any]) -> list[Any]:
    return [finding(of, "rectify")] if answers == WRONG else []


async def state(of: Again) -> tuple[str, int]:
    row = await database.fetch_one("SELECT state, failed FROM patrol_rectifications WHERE id = $1", of.sheet)
    assert row is not None
    return row["state"], row["failed"]


async def waiting(of: Again) -> list[Any]:
    return [task for task in await all_tasks() if task["state"] == "open" and task["rectification"] == of.sheet]


async def kinds(of: Again) -> list[str]:
    history = await events.history(rectifications.stream_of(of.sheet))
    assert events.verifies(history)
    return [event.kind.removeprefix("rectification.") for event in history]


async def test_corrected_from_failed_to_passed_it_is_closed_and_nobody_goes_again(db: None) -> None:
    of = await looked_again(WRONG)
    assert await state(of) == ("open", 1) and len(await waiting(of)) == 1
    again = await correct(of, RIGHT)
    assert await state(of) == ("passed", 0) and await waiting(of) == []
    assert await kinds(of) == ["opened", "failed", "passed"]
    assert await _marks(again) == []


async def test_corrected_from_passed_to_failed_it_is_open_again_with_a_revisit(db: None) -> None:
    of = await looked_again(RIGHT)
    assert await state(of) == ("passed", 0)
    again = await correct(of, WRONG)
    assert await state(of) == ("open", 1) and len(await waiting(of)) == 1
    assert await kinds(of) == ["opened", "passed", "reopened"]
    leads = await database.fetch("SELECT leads_to, rectification FROM patrol_findings WHERE visit = $1", again.id)
    assert [(row["leads_to"], row["rectification"]) for row in leads] == [("rectify", of.sheet)]
    assert await database.fetch_value("SELECT count(*) FROM patrol_rectifications") == 1
    await correct(of, RIGHT, after=again)
    assert await state(of) == ("passed", 0) and await waiting(of) == []


async def test_corrected_to_the_second_failure_it_becomes_a_case(db: None) -> None:
    of = await looked_again(WRONG)
    [second] = await waiting(of)
    with on(DUE + timedelta(days=10)):
        passed = told(of.of, RIGHT, task=second["id"])
        await one(of.of, passed)
    await correct(of, WRONG, after=passed, days=10)
    assert await state(of) == ("case", 2) and await waiting(of) == []
    assert await kinds(of) == ["opened", "failed", "passed", "became_case"]
    assert await database.fetch_value("SELECT count(*) FROM cases") == 1


async def test_where_a_case_was_made_it_stays_and_the_desk_is_told(db: None) -> None:
    of = await looked_again(WRONG)
    [second] = await waiting(of)
    with on(DUE + timedelta(days=10)):
        failed = told(of.of, WRONG, finding(of.of, "rectify"), task=second["id"])
        await one(of.of, failed)
    assert await state(of) == ("case", 2)
    again = await correct(of, RIGHT, after=failed, days=10)
    assert await state(of) == ("case", 2) and await _marks(again) == ["corrected_case"]
    first = await correct(of, RIGHT, days=10)
    assert "corrected_case" in await _marks(first)
    with on(DUE + timedelta(days=10), 16):
        assert {row.id for row in (await late.late(of.of.cast.staff)).rows} == {again.id, first.id}
    assert await database.fetch_value("SELECT count(*) FROM cases") == 1


async def test_saying_it_again_with_another_note_changes_nothing(db: None) -> None:
    of = await looked_again(WRONG)
    before = await kinds(of)
    again = await correct(of, WRONG, note="门口")
    assert await state(of) == ("open", 1) and len(await waiting(of)) == 1
    assert await kinds(of) == before and await _marks(again) == []


async def test_nobody_there_corrected_keeps_its_revisit_or_is_settled(db: None) -> None:
    of = await looked_again({}, "nobody_there")
    same = await correct(of, {}, outcome="nobody_there", note="敲了三次")
    [task] = await waiting(of)
    assert (task["id"], task["tries"]) == (of.task, 1)
    await correct(of, RIGHT, after=same)
    assert await state(of) == ("passed", 0) and await waiting(of) == []


async def test_passed_corrected_to_nobody_there_is_looked_at_again(db: None) -> None:
    of = await looked_again(RIGHT)
    await correct(of, {}, outcome="nobody_there")
    assert await state(of) == ("open", 0) and len(await waiting(of)) == 1


async def test_what_was_gone_by_mistake_comes_back(db: None) -> None:
    of = await looked_again({}, "closed_down")
    assert (await state(of))[0] == "withdrawn"
    await correct(of, WRONG)
    assert await state(of) == ("open", 1) and len(await waiting(of)) == 1


async def test_what_the_desk_withdrew_since_stays_withdrawn(db: None) -> None:
    of = await looked_again(WRONG)
    with on(DUE, 12):
        await rectifications.withdraw(of.sheet, of.of.cast.staff, reason="拆了")
    await correct(of, RIGHT)
    assert (await state(of))[0] == "withdrawn" and await waiting(of) == []


async def test_who_looked_later_is_not_overruled_by_a_correction_of_the_first(db: None) -> None:
    of = await looked_again({}, "refused")
    [second] = await waiting(of)
    with on(DUE + timedelta(days=3)):
        await one(of.of, told(of.of, WRONG, finding(of.of, "rectify"), task=second["id"]))
    await correct(of, RIGHT, days=3)
    assert await state(of) == ("open", 1) and len(await waiting(of)) == 1


async def test_a_correction_and_the_next_look_in_one_batch_settle_it_once(db: None) -> None:
    of = await looked_again(WRONG)
    [second] = await waiting(of)
    with on(DUE + timedelta(days=10)):
        mended = told(of.of, RIGHT, task=of.task, corrects=of.first.id)
        late_look = told(of.of, RIGHT, task=second["id"])
        outcomes = await recording.record([mended, late_look], of.of.cast.grid_worker)
    assert all(isinstance(outcome, Recorded) for outcome in outcomes)
    assert await state(of) == ("passed", 0) and (await kinds(of)).count("passed") == 1


async def _marks(visit: Told) -> list[str]:
    return list(
        msgspec.json.decode(await database.fetch_value("SELECT marks FROM patrol_visits WHERE id = $1", visit.id))
    )
