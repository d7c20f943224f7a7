"""What was seen on a round is received once, whatever happened meanwhile; and what is wrong leads on."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from server.cases import Phone
from server.kernel import database, events
from server.kernel.actor import Actor
from server.kernel.errors import HuyingError, Invalid, NotAllowed, NotFound
from server.kernel.ids import new_id
from server.patrols import keeping, plans, recording, tasks
from server.patrols.recording import Outcome
from server.patrols.visit import FindingTold, ListTold, Recorded, Told, stream_of
from tests import cast as casting
from tests.cast import Cast, middle, photo
from tests.patrols.making import place
from tests.patrols.rounds import MONDAY, Ground, ground, on, planned, version
from tests.patrols.rounds import tasks as all_tasks

GOOD = {"exit": "yes", "gas": "yes"}
BAD = {"exit": "no", "gas": "yes"}


def told(of: Ground, answers: dict[str, Any] | None = None, *findings: FindingTold, **also: Any) -> Told:
    """A visit of the first place by the fire checklist."""
    given: dict[str, Any] = {"id": new_id(), "outcome": "done", "place": of.places[0], "findings": findings}
    return Told(**given | {"lists": (ListTold(version=of.fire_version, answers=answers or GOOD),)} | also)


def finding(of: Ground, leads_to: str, **also: Any) -> FindingTold:
    """That the exit is blocked."""
    return FindingTold(id=new_id(), leads_to=leads_to, version=of.fire_version, item="exit", **also)


async def one(of: Ground, visit: Told, by: Actor | None = None) -> Recorded:
    [outcome] = await recording.record([visit], by or of.cast.grid_worker)
    if isinstance(outcome, HuyingError):
        raise outcome
    return outcome


async def visits() -> list[Any]:
    return await database.fetch("SELECT * FROM patrol_visits ORDER BY at, version, id")


async def marks(of: Ground, visit: Told, by: Actor | None = None) -> list[str]:
    await one(of, visit, by)
    found = await database.fetch_value("SELECT marks FROM patrol_visits WHERE id = $1", visit.id)
    return list(msgspec.json.decode(found))


async def a_ground(many: int = 1) -> Ground:
    return await ground(await casting.gather(), many)


async def test_a_position_is_kept_with_the_answer_that_asked_for_it_and_nowhere_else(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        item = {"id": "where", "kind": "position", "label": "实际位置", "required": True, "position_reason": "找得到"}
        asks = await version(of.fire, [item])
        here = {"latitude": 22.6, "longitude": 114.03, "accuracy": 8.5}
        for answer in (here, {"missing": "refused"}):
            await one(of, told(of, lists=(ListTold(version=asks, answers={"where": answer}),)))
            kept = msgspec.json.decode((await visits())[-1]["answers"])[0]["answers"]
            assert kept == {"where": answer}
        for wrong in ({"missing": "no wish"}, {"latitude": 91, "longitude": 114, "accuracy": 1}, {}, "三号楼", None):
            with pytest.raises(Invalid) as refused:
                await one(of, told(of, lists=(ListTold(version=asks, answers={"where": wrong}),)))
            assert refused.value.fields == {f"lists.{asks}.where": "请取一下位置"}
    assert {row["latitude"] for row in await visits()} == {None}


async def test_a_visit_meets_its_task_and_the_place_knows_it(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        [task] = await planned(of)
        recorded = await one(of, told(of, task=task["id"]))
    [task] = await all_tasks()
    assert (task["state"], task["outcome"], recorded.marks) == ("done", "done", ())
    where = await database.fetch_one("SELECT last_visit_at, last_finding FROM places WHERE id = $1", of.places[0])
    assert where is not None and where["last_visit_at"] is not None and where["last_finding"] == ""
    history = await events.history(stream_of(recorded.visit_id))
    assert events.verifies(history) and history[-1].link.hex() == recorded.head


async def test_many_records_are_each_for_itself(db: None) -> None:
    with on(MONDAY):
        of = await a_ground(3)
        good, other = told(of), told(of, place=of.places[1])
        wrong = told(of, {"exit": "maybe"}, place=of.places[2])
        foreign = told(of, place=new_id())
        outcomes: list[Outcome] = await recording.record([good, wrong, foreign, other], of.cast.grid_worker)
    assert [type(one) for one in outcomes] == [Recorded, Invalid, NotFound, Recorded]
    assert len(await visits()) == 2


async def test_what_breaks_a_batch_breaks_itself_alone(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    written = recording._visit

    def broken(one: recording.Ready, *more: Any) -> tuple[Any, ...]:
        return tuple("unknown" if value == "moved" else value for value in written(one, *more))

    monkeypatch.setattr(recording, "_visit", broken)
    with on(MONDAY):
        of = await a_ground(2)
        outcomes = await recording.record([told(of), told(of, {}, outcome="moved")], of.cast.grid_worker)
    assert [type(one) for one in outcomes] == [Recorded, NotAllowed]


async def test_a_sign_that_the_database_cannot_keep_is_left_out(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        await one(of, told(of, note="一\x00二\\u0000三"))
    assert [row["note"] for row in await visits()] == ["一二\\u0000三"]


async def test_the_neighbours_worker_has_no_say_here(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        with pytest.raises(NotFound):
            await one(of, told(of), of.cast.next_grid_worker)
        with pytest.raises(NotFound):
            await one(of, told(of), of.cast.resident)
    assert await visits() == []


async def test_the_same_record_never_counts_twice(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        visit = told(of)
        await one(of, visit)
        with pytest.raises(NotAllowed):
            await one(of, visit)
        [first, second] = await recording.record([again := told(of), again], of.cast.grid_worker)
    assert isinstance(first, Recorded) and isinstance(second, NotAllowed)
    assert len(await visits()) == 2


async def test_answers_are_demanded_only_of_what_was_done(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        with pytest.raises(Invalid) as wrong:
            await one(of, told(of, {"gas": "yes"}))
        assert list(wrong.value.fields) == [f"lists.{of.fire_version}.exit"]
        assert await marks(of, told(of, {}, outcome="refused")) == ["refused"]


async def test_at_a_known_place_no_position_is_kept_and_elsewhere_it_is(db: None) -> None:
    longitude, latitude = middle(0)
    with on(MONDAY):
        of = await a_ground()
        await one(of, told(of, latitude=latitude, longitude=longitude))
        loose = Told(
            id=new_id(),
            outcome="done",
            place_words="三栋后面",
            latitude=latitude,
            longitude=longitude,
            accuracy=8.0,
            findings=(FindingTold(id=new_id(), leads_to="note", words="树枝断了"),),
        )
        await one(of, loose)
    assert [row["latitude"] for row in await visits()] == [None, latitude]


async def test_nobody_there_is_gone_to_again_within_the_window_and_then_over(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        [task] = await planned(of)
        await one(of, told(of, {}, task=task["id"], outcome="nobody_there"))
        [again] = await all_tasks()
        assert (again["state"], again["day"], again["tries"]) == ("open", MONDAY + timedelta(days=1), 1)
        for _ in range(2):
            await one(of, told(of, {}, task=task["id"], outcome="nobody_there"))
    [over] = await all_tasks()
    assert (over["state"], over["outcome"]) == ("done", "nobody_there")


async def test_two_workers_did_the_same_task_offline(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        [task] = await planned(of)
        await one(of, told(of, task=task["id"]))
        assert await marks(of, told(of, task=task["id"])) == ["doubled"]
    assert (await all_tasks())[0]["visit"] == (await visits())[0]["id"]


async def test_a_task_was_withdrawn_meanwhile(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        [task] = await planned(of)
        await plans.end(task["plans"][0], of.cast.staff)
        assert await marks(of, told(of, task=task["id"])) == ["withdrawn"]


async def test_a_task_was_given_to_somebody_else_meanwhile(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        [task] = await planned(of)
        other = of.cast.next_grid_worker
        await tasks.hand_over([task["id"]], other.posts[0].id, of.cast.street_secretary)
        assert await marks(of, told(of, task=task["id"])) == ["given"]
        assert await marks(of, told(of, task=task["id"]), other) == ["doubled"]


async def test_a_task_that_was_taken_back_still_counts_for_who_had_it(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        [task] = await planned(of)
        other = of.cast.next_grid_worker
        await tasks.hand_over([task["id"]], other.posts[0].id, of.cast.street_secretary)
        await tasks.hand_over([task["id"]], None, of.cast.street_secretary)
        assert await marks(of, told(of, task=task["id"]), other) == ["given"]


async def test_the_checklist_has_a_newer_version_meanwhile(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        await version(of.fire)
        assert await marks(of, told(of)) == ["old_list"]


async def test_a_place_was_merged_or_retired_meanwhile(db: None) -> None:
    with on(MONDAY):
        of = await a_ground(3)
        await keeping.merge_places(of.places[0], of.places[1], by=of.cast.staff, seen=None)
        await keeping.retire_place(of.places[2], by=of.cast.staff, seen=None, reason="拆了")
        assert await marks(of, told(of)) == ["merged"]
        assert await marks(of, told(of, place=of.places[2])) == ["retired"]


async def test_the_worker_moved_to_another_grid_meanwhile(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        [task] = await planned(of)
        elsewhere = msgspec.structs.replace(of.cast.grid_worker, posts=of.cast.next_grid_worker.posts)
        assert await marks(of, told(of, task=task["id"]), elsewhere) == ["moved_on"]
        assert await marks(of, told(of), elsewhere) == ["moved_on"]


async def test_work_after_the_window_and_an_odd_clock_are_marked(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        [task] = await planned(of)
    with on(MONDAY + timedelta(days=60)):
        assert await marks(of, told(of, task=task["id"])) == ["past_window"]
        odd = Phone(at="1970-01-01T00:00:00Z", odd=True)
        assert await marks(of, told(of, phone=odd)) == ["odd_clock"]


async def test_work_of_yesterday_that_is_sent_today_is_in_time(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        [task] = await planned(of)
    in_time = Phone(at=f"{task['window_to']}T17:00:00+08:00")
    with on(task["window_to"] + timedelta(days=1)):
        assert await marks(of, told(of, task=task["id"], phone=in_time)) == []


async def test_a_correction_stands_in_its_stead_and_the_old_one_stays(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        [task] = await planned(of)
        first = told(of, task=task["id"])
        await one(of, first)
        again = told(of, BAD, task=task["id"], corrects=first.id)
        recorded = await one(of, again)
        with pytest.raises(NotAllowed):
            await one(of, told(of, corrects=first.id))
        with pytest.raises(NotFound):
            await one(of, told(of, corrects=again.id), await _colleague(of.cast))
    assert (recorded.version, recorded.marks) == (2, ())
    old, new = await visits()
    assert old["corrected_at"] is not None and new["root"] == old["id"] and new["finding"] == "安全出口畅通"
    assert (await all_tasks())[0]["visit"] == again.id
    assert [event.kind for event in await events.history(stream_of(first.id))] == ["visit.recorded", "visit.corrected"]


async def _colleague(cast: Cast) -> Actor:
    return msgspec.structs.replace(cast.next_grid_worker, posts=cast.grid_worker.posts)


async def test_a_correction_that_comes_first_stays_in_front(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        first = told(of)
        again = told(of, BAD, corrects=first.id)
        assert (await one(of, again)).version == 2
        await one(of, first)
    rows = {row["id"]: row for row in await visits()}
    assert rows[first.id]["corrected_at"] is not None and rows[again.id]["corrected_at"] is None
    assert {row["root"] for row in rows.values()} == {first.id}
    last = await database.fetch_value("SELECT last_finding FROM places WHERE id = $1", of.places[0])
    assert last == "安全出口畅通"


async def test_a_failed_item_without_a_word_is_noted(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        recorded = await one(of, told(of, BAD))
    assert [led.leads_to for led in recorded.findings] == ["note"]


async def test_a_case_at_once_has_place_position_photos_and_answers(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        picture = await photo(of.cast.grid_worker)
        wrong = finding(of, "case", words="堆满纸箱", photos=(picture,))
        recorded = await one(of, told(of, BAD, wrong))
    [led] = recorded.findings
    case = await database.fetch_one("SELECT * FROM cases WHERE number = $1", led.number)
    report = await database.fetch_one("SELECT * FROM reports WHERE number = $1", led.number)
    assert case is not None and report is not None
    assert (case["grid"], case["private"], report["channel"]) == (of.cast.grid, False, "patrol")
    assert case["latitude"] is not None and "1 号消防栓" not in case["subject"] and "0 号消防栓" in case["place"]
    assert msgspec.json.decode(report["answers"]) == {"安全出口畅通": "不合格"}
    assert await database.fetch_value('SELECT count(*) FROM case_photos WHERE "case" = $1', case["id"]) == 1
    assert await database.fetch_value("SELECT count(*) FROM patrol_photos WHERE hung = $1", picture) == 1


async def test_a_report_on_a_residents_behalf_needs_their_yes(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        for_them = {"words": "楼道灯坏了", "for_name": "孙奶奶", "for_phone": "13900001111"}
        loose = FindingTold(id=new_id(), leads_to="case", **for_them)
        with pytest.raises(Invalid) as wrong:
            await one(of, told(of, GOOD, loose))
        assert list(wrong.value.fields) == [f"findings.{loose.id}"]
        agreed = FindingTold(id=new_id(), leads_to="case", for_agreed=True, **for_them)
        [led] = (await one(of, told(of, GOOD, agreed))).findings
    assert await database.fetch_value("SELECT for_phone FROM reports WHERE number = $1", led.number) == "13900001111"


async def test_rectify_makes_a_sheet_and_a_revisit_and_passed_closes_it(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        [led] = (await one(of, told(of, BAD, finding(of, "rectify")))).findings
    assert led.due == MONDAY + timedelta(days=7)
    [again] = await all_tasks()
    assert again["day"] == led.due and again["rectification"] is not None
    sheet = await database.fetch_one("SELECT * FROM patrol_rectifications WHERE number = $1", led.number)
    assert sheet is not None and "清走杂物" in sheet["words"] and "消防" in sheet["words"]
    with on(MONDAY + timedelta(days=7)):
        await one(of, told(of, {"exit": "yes"}, task=again["id"]))
    assert await _state(led.number) == "passed"


async def test_failed_twice_it_becomes_a_case(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        [led] = (await one(of, told(of, BAD, finding(of, "rectify")))).findings
    for days, number in ((7, 1), (20, 2)):
        [task] = [task for task in await all_tasks() if task["state"] == "open"]
        with on(MONDAY + timedelta(days=days)):
            [again] = (await one(of, told(of, {"exit": "no"}, finding(of, "rectify"), task=task["id"]))).findings
        assert (again.leads_to, await _state(led.number)) == [("rectify", "open"), ("case", "case")][number - 1]
    assert not [task for task in await all_tasks() if task["state"] == "open"]
    case = await database.fetch_one("SELECT * FROM cases WHERE number = $1", again.number)
    assert case is not None and "没有改好" in case["subject"]


async def test_what_has_to_be_put_right_is_never_left_without_a_revisit(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        [led] = (await one(of, told(of, BAD, finding(of, "rectify")))).findings
    for outcome in ("nobody_there", "nobody_there", "nobody_there", "nobody_there", "refused", "done"):
        [task] = [task for task in await all_tasks() if task["state"] == "open"]
        with on(MONDAY + timedelta(days=10)):
            await one(of, told(of, lists=(), task=task["id"], outcome=outcome))
    assert await _state(led.number) == "open"
    assert len([task for task in await all_tasks() if task["state"] == "open"]) == 1


async def test_correcting_a_record_keeps_its_case_and_drops_a_needless_rectification(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        first = told(of, BAD, finding(of, "rectify"))
        [led] = (await one(of, first)).findings
        again = told(of, BAD, finding(of, "rectify"), corrects=first.id)
        [same] = (await one(of, again)).findings
        assert same.number == led.number
        last = told(of, GOOD, corrects=again.id)
        await one(of, last)
        assert await _state(led.number) == "withdrawn"
        with_case = told(of, BAD, finding(of, "case"))
        await one(of, with_case)
        assert await marks(of, told(of, GOOD, corrects=with_case.id)) == ["corrected_case"]
    assert await database.fetch_value("SELECT count(*) FROM cases") == 1


async def test_an_item_leads_only_where_it_may(db: None) -> None:
    items = [{"id": "exit", "kind": "check", "label": "出口", "outcomes": ["note"]}]
    with on(MONDAY):
        of = await a_ground()
        of = msgspec.structs.replace(of, fire_version=await version(of.fire, items))
        with pytest.raises(Invalid):
            await one(of, told(of, {"exit": "no"}, finding(of, "case")))
        with pytest.raises(Invalid):
            await one(of, told(of, {"exit": "yes"}, FindingTold(id=new_id(), leads_to="rectify", words="不好")))
    assert await database.fetch_value("SELECT count(*) FROM cases") == 0


async def test_a_photo_may_come_before_or_after_its_record_but_only_from_its_sender(db: None) -> None:
    from server.patrols import visit_photos

    with on(MONDAY):
        of = await a_ground()
        late, foreign = new_id(), await photo(of.cast.resident)
        visit = told(of, BAD, finding(of, "fixed", before=(late,), after=(foreign,)))
        await one(of, visit)
        assert (await visit_photos.missing([visit.id]))[visit.id].count == 1
        assert await visit_photos.may_send(late, of.cast.grid_worker)
        assert not await visit_photos.may_send(late, of.cast.resident)
        await _arrives(late, of.cast.grid_worker)
        missing = (await visit_photos.missing([visit.id]))[visit.id]
    assert (missing.count, len(missing.refused)) == (0, 1)
    assert await visit_photos.may_see(late, of.cast.staff)
    assert await visit_photos.may_see(late, of.cast.grid_worker)
    assert not await visit_photos.may_see(late, of.cast.next_staff)
    assert not await visit_photos.may_see(late, of.cast.resident)


async def test_where_no_desk_can_take_a_case_the_record_is_refused_whole(db: None) -> None:
    with on(MONDAY):
        of = await a_ground()
        await database.execute(
            "UPDATE holdings SET until = now() WHERE post IN (SELECT id FROM posts WHERE area <> $1)", of.cast.grid
        )
        other = await place(of.cast, of.kind, name="另一处")
        outcomes = await recording.record(
            [told(of, BAD, finding(of, "case")), told(of, place=other.place_id)], of.cast.grid_worker
        )
    assert [type(one) for one in outcomes] == [NotAllowed, Recorded]
    assert len(await visits()) == 1


async def _state(number: str) -> str:
    return str(await database.fetch_value("SELECT state FROM patrol_rectifications WHERE number = $1", number))


async def _arrives(photo_id: UUID, by: Actor) -> None:
    from server.photos import arrivals

    await database.execute(
        """INSERT INTO photos (id, digest, kind, width, height, bytes, created_at, account_id, device)
           VALUES ($1, $2, 'jpeg', 1, 1, 1, now(), $3, $4)""",
        photo_id,
        photo_id.bytes * 2,
        by.account_id,
        by.device,
    )
    await arrivals.arrived(photo_id)


async def test_the_past_of_a_place_tells_what_rounds_saw_there_also_before_it_was_merged(db: None) -> None:
    from server.patrols import past

    with on(MONDAY):
        of = await a_ground(2)
        first = told(of, BAD)
        await one(of, first)
    with on(MONDAY, 10):
        await one(of, told(of, BAD, corrects=first.id, note="改过"))
        await keeping.merge_places(of.places[0], of.places[1], by=of.cast.staff, seen=None)
    entries = (await past.past_of([of.places[1]]))[of.places[1]]
    assert [(entry.by, entry.said) for entry in entries if entry.words == "巡查:已检查"] == [("陈建国", "安全出口畅通")]
