"""Whatever a phone sends, and however often, in halves and out of order: each command is done once or told why not."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from server import cases
from server.cases import opening, view
from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import TooMany
from server.kernel.ids import new_id
from server.people import sealing
from tests import cast as casting
from tests.devices.phone import command, count, dispatched, in_hand, outcomes, rows, send, state_of, told


async def test_a_report_is_done_and_answered_with_what_proves_it(db: None) -> None:
    cast = await casting.gather()
    [receipt] = await send(cast.resident, told(cast))
    assert receipt.outcome == "done"
    assert receipt.answer is not None and receipt.answer.due_at is not None and receipt.answer.link is None
    row = await database.fetch_one("SELECT number, history_link FROM cases")
    assert row is not None
    assert (receipt.answer.number, receipt.answer.head) == (row["number"], row["history_link"].hex())


async def test_a_lost_answer_is_given_again(db: None) -> None:
    cast = await casting.gather()
    one = told(cast)
    [first] = await send(cast.resident, one)
    [second] = await send(cast.resident, one)
    assert (second.outcome, second.answer, second.at) == ("already", first.answer, first.at)
    assert await count("cases") == 1


async def test_the_order_of_members_is_no_other_content(db: None) -> None:
    cast = await casting.gather()
    one = told(cast)
    turned = {**dict(reversed(one.items())), "data": dict(reversed(one["data"].items()))}
    await send(cast.resident, one)
    assert await outcomes(cast.resident, turned) == ["already"]


async def test_the_same_command_twice_in_one_request_is_done_once(db: None) -> None:
    cast = await casting.gather()
    one = told(cast)
    assert await outcomes(cast.resident, one, one) == ["done", "already"]
    assert await count("cases") == 1


async def test_one_id_with_two_contents_in_one_request_is_the_first(db: None) -> None:
    cast = await casting.gather()
    one = told(cast)
    other = {**one, "verb": "take_on", "data": {"number": "1", "seen": 1}}
    assert await outcomes(cast.resident, one, other, one) == ["done", "refused", "already"]
    assert await database.fetch_value("SELECT array_agg(verb) FROM receipts") == ["report"]


async def test_in_halves_and_out_of_order_the_outcome_is_the_same(db: None) -> None:
    cast = await casting.gather()
    commands = [told(cast, f"第{n}件") for n in range(6)]
    assert await outcomes(cast.resident, *commands[3:5]) == ["done"] * 2
    assert await outcomes(cast.resident, *reversed(commands)) == ["done", "already", "already", "done", "done", "done"]
    assert await count("cases") == 6


async def test_the_same_id_with_other_content_is_refused_and_never_merged(db: None) -> None:
    cast = await casting.gather()
    one = told(cast)
    await send(cast.resident, one)
    for other in (
        {**one, "data": {**one["data"], "text": "井盖松了"}},
        {**one, "verb": "take_on", "data": {"number": "1", "seen": 1}},
    ):
        [receipt] = await send(cast.resident, other)
        assert (receipt.outcome, receipt.reason, receipt.answer) == ("refused", "reused", None)
    assert await outcomes(cast.resident, one) == ["already"]
    assert await database.fetch_value("SELECT array_agg(text) FROM reports") == ["路灯坏了"]


async def test_an_id_that_a_page_has_used_is_refused(db: None) -> None:
    from server.devices.receipts import once

    cast = await casting.gather()
    one = told(cast)
    telling = cases.Telling(text="路灯坏了", community_id=cast.community)

    async def call() -> cases.Reported:
        return await cases.report(telling, cast.resident)

    await once(msgspec.convert(one["id"], type(new_id())), "report", telling, cast.resident, cases.Reported, call)
    assert [receipt.reason for receipt in await send(cast.resident, one)] == ["reused"]


async def test_an_id_whose_page_was_answered_nothing_is_refused_too(db: None) -> None:
    cast = await casting.gather()
    one = told(cast)
    await database.execute(
        "INSERT INTO receipts (id, sender, verb, content_digest, answer, at) VALUES ($1, 'x', 'x', 'x', '[]', now())",
        one["id"],
    )
    assert [receipt.reason for receipt in await send(cast.resident, one)] == ["reused"]


async def test_a_neighbour_with_the_same_id_and_content_learns_nothing(db: None) -> None:
    cast = await casting.gather()
    one = told(cast, by=cast.stranger)
    [mine] = await send(cast.stranger, one)
    assert mine.answer is not None and mine.answer.link is not None
    for neighbour in (Actor(device="e" * 64), cast.neighbour):
        [receipt] = await send(neighbour, one)
        assert (receipt.outcome, receipt.answer) == ("refused", None)
        assert mine.answer.number not in receipt.words


async def test_what_another_account_wrote_waits_for_it(db: None) -> None:
    cast = await casting.gather()
    one = told(cast)
    [receipt] = await send(cast.neighbour, one)
    assert (receipt.outcome, receipt.reason) == ("not_yet", "other_account")
    assert await count("receipts") == 0
    assert await outcomes(cast.resident, one) == ["done"]


async def test_signed_out_only_what_has_no_account_is_done(db: None) -> None:
    cast = await casting.gather()
    receipts = await send(cast.stranger, told(cast), told(cast, by=cast.stranger))
    assert [(one.outcome, one.reason) for one in receipts] == [("not_yet", "sign_in"), ("done", "")]


async def test_what_was_written_signed_out_is_nobodys_after_signing_in(db: None) -> None:
    cast = await casting.gather()
    same_phone = msgspec.structs.replace(cast.resident, device=cast.stranger.device)
    one = told(cast, by=cast.stranger)
    assert await outcomes(same_phone, one) == ["done"]
    assert await database.fetch_value("SELECT account FROM reports") is None
    assert await outcomes(cast.stranger, one) == ["already"]


async def test_a_phone_without_its_cookie_is_asked_to_come_again_with_it(db: None) -> None:
    cast = await casting.gather()
    [receipt] = await send(cast.stranger, told(cast, by=cast.stranger), known_device=False)
    assert (receipt.outcome, receipt.reason) == ("not_yet", "no_cookie")
    assert await count("receipts") == 0


async def test_fifty_commands_of_which_the_third_fails(db: None) -> None:
    cast = await casting.gather()
    commands = [told(cast, "" if n == 2 else f"第{n}件", cast.grid_worker) for n in range(50)]
    receipts = await send(cast.grid_worker, *commands)
    assert [n for n, one in enumerate(receipts) if one.outcome != "done"] == [2]
    assert (receipts[2].outcome, list(receipts[2].fields)) == ("refused", ["text"])
    assert await count("cases") == 49
    assert await count("clock_segments") == 49


async def test_a_refused_command_gets_the_same_answer_for_ever(db: None) -> None:
    cast = await casting.gather()
    case = await dispatched(cast)
    one = command("finish", cast.handler, number=case.number, seen=case.version, text="换好了")
    [first] = await send(cast.handler, one)
    assert first.outcome == "refused" and "待接单" in first.words
    await cases.take_on(case.case_id, cast.handler, seen=None)
    assert await send(cast.handler, one) == [first]
    assert await state_of(case.case_id) == "in_hand"


async def test_a_refused_command_is_mended_by_a_new_one_once(db: None) -> None:
    cast = await casting.gather()
    wrong = told(cast, "")
    await send(cast.resident, wrong)
    mended = {**told(cast), "mends": wrong["id"]}
    again = {**told(cast, "又改了一次"), "mends": wrong["id"]}
    assert await outcomes(cast.resident, mended, again, mended) == ["done", "refused", "already"]
    assert await count("cases") == 1


async def test_refused_and_mended_in_one_request_is_done_once(db: None) -> None:
    cast = await casting.gather()
    wrong = told(cast, "")
    mended = {**told(cast), "mends": wrong["id"]}
    again = {**told(cast, "又改了一次"), "mends": wrong["id"]}
    after = {**told(cast), "mends": mended["id"]}
    assert await outcomes(cast.resident, wrong, mended, again, after) == ["refused", "done", "refused", "refused"]
    assert await count("cases") == 1


async def test_mending_what_had_arrived_after_all_makes_no_second_report(db: None) -> None:
    cast = await casting.gather()
    one = told(cast)
    await send(cast.resident, one)
    [receipt] = await send(cast.resident, {**told(cast), "mends": one["id"]})
    assert receipt.outcome == "refused" and "已经收到" in receipt.words
    assert await count("cases") == 1


WRONG: dict[str, Any] = {
    "an unknown verb": {"verb": "delete_everything"},
    "an unknown member": {"more": 1},
    "data of another verb": {"verb": "finish"},
    "data that is a list": {"data": []},
    "no data": {"data": None},
    "unknown data": {"data": {"text": "路灯坏了", "colour": "red"}},
    "a number as text": {"data": {"text": 5}},
    "text of a megabyte": {"data": {"text": "长" * 300_000}},
    "photos that are no ids": {"data": {"text": "路灯坏了", "photos": ["../../etc/passwd"]}},
    "a very old protocol": {"protocol": 0},
    "a time of another kind": {"at": 5},
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_cannot_be_read_is_told_and_leaves_the_rest_alone(db: None, wrong: str) -> None:
    cast = await casting.gather()
    bad = {**told(cast), **WRONG[wrong]}
    receipts = await send(cast.resident, told(cast, "一"), bad, told(cast, "二"))
    assert [one.outcome for one in receipts] == ["done", "refused", "done"]
    assert receipts[1].id == bad["id"] and receipts[1].words
    assert await count("receipts") == 2


@pytest.mark.parametrize("raw", [b"5", b"null", b"[]", b'"x"', b'{"id":"\\ud800"}', b"[" * 3000, b'{"id":5}'])
async def test_what_is_no_command_at_all_is_told(db: None, raw: bytes) -> None:
    cast = await casting.gather()
    [receipt] = await send(cast.resident, raw)
    assert (receipt.outcome, receipt.reason) == ("refused", "unreadable")
    msgspec.json.encode(receipt)


async def test_a_newer_app_waits_for_the_server(db: None) -> None:
    cast = await casting.gather()
    [receipt] = await send(cast.resident, {**told(cast), "protocol": 2})
    assert (receipt.outcome, receipt.reason) == ("not_yet", "newer")


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00Z", "2099-12-31T23:59:59+08:00", "", "ZZ", "+275760-09-13", "\0"])
async def test_a_clock_that_is_wrong_is_kept_and_never_believed(db: None, at: str) -> None:
    cast = await casting.gather()
    [receipt] = await send(cast.resident, {**told(cast), "at": at})
    assert receipt.outcome == "done" and receipt.answer is not None
    row = await database.fetch_one("SELECT made_at, odd_clock FROM receipts")
    assert row is not None and (row["made_at"], row["odd_clock"]) == (at.replace("\0", ""), True)
    an_hour_ago = clock.now() - timedelta(hours=1)
    due = await database.fetch_value("SELECT due_at FROM cases WHERE reported_at > $1", an_hour_ago)
    assert due == receipt.answer.due_at and 0 < (due - clock.now()).days < 30
    seen = await view.view(receipt.answer.number, cast.staff)
    assert "手机时间不对" in seen.track[0].words


async def test_a_right_clock_is_not_called_wrong(db: None) -> None:
    cast = await casting.gather()
    await send(cast.resident, {**told(cast), "at": clock.now().isoformat()})
    assert not await database.fetch_value("SELECT odd_clock FROM receipts")


async def test_late_work_that_the_way_allows_is_done_and_marked(db: None) -> None:
    cast = await casting.gather()
    case = await in_hand(cast)
    await cases.add(case.case_id, cast.resident, text="更严重了")
    finish = command("finish", cast.handler, number=case.number, seen=case.version, text="换好了")
    [receipt] = await send(cast.handler, finish)
    assert receipt.outcome == "done" and receipt.answer is not None and receipt.answer.state == "finished"
    last = (await events.history(f"case:{case.case_id}"))[-1].data
    assert last["late"] is True and last["phone"]["at"] == finish["at"]
    assert "补传,手机时间 2026-11-21 18:02" in (await view.view(case.number, cast.staff)).track[-1].words
    assert "补传" not in (await view.view(case.number, cast.resident)).track[-1].words


async def test_work_in_time_is_not_marked(db: None) -> None:
    cast = await casting.gather()
    case = await in_hand(cast)
    await send(cast.handler, command("finish", cast.handler, number=case.number, seen=case.version, text="换好了"))
    assert "late" not in (await events.history(f"case:{case.case_id}"))[-1].data


async def test_what_comes_too_late_says_what_happened_and_is_kept_for_the_desk(db: None) -> None:
    cast = await casting.gather()
    case = await in_hand(cast)
    await cases.finish(case.case_id, cast.lead, seen=None, text="我们去过了")
    before = await database.fetch_value("SELECT version FROM cases")
    one = command("finish", cast.handler, number=case.number, seen=case.version, text="我也去了,井圈也换了")
    [receipt] = await send(cast.handler, one)
    assert receipt.outcome == "refused"
    assert "黄队办结" in receipt.words and "留给受理台" in receipt.words
    line = (await view.view(case.number, cast.staff)).track[-1]
    assert (line.kind, line.said, line.internal) == ("case.came_late", "我也去了,井圈也换了", True)
    assert "我也去了" not in str((await view.view(case.number, cast.resident)).track)
    assert await database.fetch_value("SELECT version FROM cases") == before
    assert (await view.view(case.number, cast.staff)).verified
    await send(cast.handler, one)
    assert (await view.view(case.number, cast.staff)).track[-1] == line


async def test_a_case_that_went_to_another_unit_keeps_the_first_ones_word(db: None) -> None:
    cast = await casting.gather()
    case = await in_hand(cast)
    back = await cases.return_case(case.case_id, cast.lead, seen=None, reason="不归我们")
    await cases.dispatch(case.case_id, cast.staff, seen=back.version, unit_id=cast.next_unit)
    one = command("finish", cast.handler, number=case.number, seen=case.version, text="其实已经修好")
    [receipt] = await send(cast.handler, one)
    assert receipt.outcome == "refused" and "退回" in receipt.words and "林绿" not in receipt.words
    assert "其实已经修好" in str((await view.view(case.number, cast.staff)).track)


async def test_somebody_elses_case_does_not_exist(db: None) -> None:
    cast = await casting.gather()
    case = await dispatched(cast)
    for verb, more in (("take_on", {}), ("finish", {"text": "换好了"})):
        for number in (case.number, "99999999999"):
            one = command(verb, cast.next_handler, number=number, seen=case.version, **more)
            [receipt] = await send(cast.next_handler, one)
            assert receipt.outcome == "refused" and "没有找到" in receipt.words
    assert await state_of(case.case_id) == "dispatched"


async def test_somebody_who_lost_the_post_does_not_finish(db: None) -> None:
    cast = await casting.gather()
    case = await in_hand(cast)
    one = command("finish", cast.handler, number=case.number, seen=case.version, text="换好了")
    [receipt] = await send(msgspec.structs.replace(cast.handler, posts=()), one)
    assert receipt.outcome == "refused" and "没有找到" in receipt.words


async def test_a_fault_of_ours_stores_nothing_and_leaves_the_rest_alone(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = await casting.gather()
    write = opening.write_reports

    async def broken(opened: Sequence[opening.Opened], by: Actor, moment: datetime) -> None:
        await write(opened, by, moment)
        if any(one.telling.text == "坏" for one in opened):
            await database.execute("SELECT 1 / 0")

    monkeypatch.setattr(opening, "write_reports", broken)
    bad = told(cast, "坏")
    assert await outcomes(cast.resident, told(cast, "一"), bad, told(cast, "二")) == ["done", "not_yet", "done"]
    assert await count("cases") == 2
    monkeypatch.undo()
    assert await outcomes(cast.resident, bad) == ["done"]


async def test_one_wrong_report_among_many_is_refused_alone(db: None) -> None:
    cast = await casting.gather()
    wrong = told(cast, " ")
    assert await outcomes(cast.resident, told(cast, "一"), wrong, told(cast, "二")) == ["done", "refused", "done"]
    assert await count("cases") == 2 and await count("reports") == 2


async def test_twenty_reports_cost_few_statements_more_than_one(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = await casting.gather()
    asked = {"statements": 0}

    def counted(name: str) -> None:
        one = getattr(database, name)

        async def counting(*values: Any) -> Any:
            asked["statements"] += 1
            return await one(*values)

        monkeypatch.setattr(database, name, counting)

    for name in ("fetch", "fetch_one", "fetch_value", "execute", "execute_many"):
        counted(name)
    await send(cast.staff, told(cast, "一件", cast.staff))
    one, asked["statements"] = asked["statements"], 0
    await send(cast.staff, *(told(cast, f"第{n}件", cast.staff) for n in range(20)))
    assert asked["statements"] <= one + 2


async def test_many_reports_from_one_phone_are_held_never_dropped(db: None) -> None:
    cast = await casting.gather()
    commands = [told(cast, f"第{n}件") for n in range(20)]
    assert set(await outcomes(cast.resident, *commands)) == {"done"}
    assert await database.fetch_value("SELECT count(*) FROM cases WHERE held") == 14


async def test_a_phone_that_floods_is_asked_to_wait_and_nothing_is_stored(db: None) -> None:
    cast = await casting.gather()
    await database.execute(
        "INSERT INTO buckets (key, tokens, at) VALUES ($1, 0, $2)",
        sealing.bucket("sync", str(cast.resident.device)),
        clock.now(),
    )
    with pytest.raises(TooMany):
        await send(cast.resident, told(cast))
    assert await count("receipts") == 0


async def test_a_thousand_commands_sent_again_change_no_row(db: None) -> None:
    cast = await casting.gather()
    commands = [told(cast, f"第{n}件" if n % 10 else "", cast.grid_worker) for n in range(1000)]
    for start in range(0, 1000, 50):
        await send(cast.grid_worker, *commands[start : start + 50])
    before = await rows()
    for start in range(0, 1000, 50):
        again = await outcomes(cast.grid_worker, *commands[start : start + 50])
        assert set(again) == {"already", "refused"}
    assert await rows() == before


async def test_the_same_batch_on_several_connections_at_once_is_done_once(fresh_db: str) -> None:
    cast = await casting.gather()
    case = await dispatched(cast)
    commands = [told(cast, f"第{n}件", cast.handler) for n in range(8)]
    commands.append(command("take_on", cast.handler, number=case.number, seen=case.version))
    came = await asyncio.gather(*(send(cast.handler, *commands) for _ in range(4)))
    for one in range(len(commands)):
        assert sorted(receipts[one].outcome for receipts in came) == ["already"] * 3 + ["done"]
        assert len({json.dumps(msgspec.to_builtins(receipts[one].answer)) for receipts in came}) == 1
    assert await count("reports") == 9


async def test_batches_in_opposite_order_come_to_an_end(fresh_db: str) -> None:
    cast = await casting.gather()
    commands = [told(cast, f"第{n}件", cast.handler) for n in range(6)]
    for _ in range(5):
        await asyncio.gather(send(cast.handler, *commands), send(cast.handler, *reversed(commands)))
    assert set(await outcomes(cast.handler, *commands)) == {"already"}
    assert await count("cases") == 6


async def test_a_connection_that_breaks_midway_leaves_nothing(fresh_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = await casting.gather()
    write = opening.write_reports

    async def broken(opened: Sequence[opening.Opened], by: Actor, moment: datetime) -> None:
        if any(one.telling.text == "断" for one in opened):
            await database.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        await write(opened, by, moment)

    monkeypatch.setattr(opening, "write_reports", broken)
    commands = [told(cast, "一", cast.staff), told(cast, "断", cast.staff), told(cast, "二", cast.staff)]
    with pytest.raises(Exception) as gone:
        await send(cast.staff, *commands)
    assert isinstance(gone.value, database.AWAY)
    assert await count("receipts") == 0 and await count("cases") == 0
    monkeypatch.undo()
    assert await outcomes(cast.staff, *commands) == ["done"] * 3
