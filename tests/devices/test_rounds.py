"""Rounds by phone: records in one go, each with its receipt; orders; and the round that is carried along."""

import gzip
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec

from server.devices import working_set
from server.devices.protocol import Receipt
from server.kernel import database, events
from server.kernel.actor import Actor
from server.kernel.ids import new_id
from server.patrols import carrying, making, orders, recording, tasks
from server.patrols.destinations import Wanted
from server.patrols.round import Round
from tests import cast as casting
from tests.cast import Cast
from tests.devices.phone import command, outcomes, rows, send, told
from tests.patrols.rounds import MONDAY, Ground, ground, on, plan, planned
from tests.web.signed_in import as_


def seen(of: Ground, by: Actor | None = None, exit: str = "yes", **data: Any) -> dict[str, Any]:
    """A visit of the first place."""
    lists = [{"version": of.fire_version, "answers": {"exit": exit}}]
    given = {"id": str(new_id()), "outcome": "done", "place": str(of.places[0]), "lists": lists}
    return command("visit", by or of.cast.grid_worker, **given | data)


async def test_records_in_a_row_are_taken_by_one_call_and_each_has_its_receipt(db: None, monkeypatch: Any) -> None:
    calls: list[int] = []
    record = recording.record

    async def counted(visits: Any, by: Actor) -> Any:
        calls.append(len(visits))
        return await record(visits, by)

    monkeypatch.setattr("server.patrols.record", counted)
    with on(MONDAY):
        of = await ground(await casting.gather())
        worker = of.cast.grid_worker
        bad, other = seen(of, exit="perhaps"), told(of.cast, by=worker)
        receipts = await send(worker, seen(of), bad, seen(of), other, seen(of))
    assert [one.outcome for one in receipts] == ["done", "refused", "done", "done", "done"]
    assert list(receipts[1].fields) == [f"lists.{of.fire_version}.exit"]
    assert calls == [3, 1]


async def test_sending_again_is_harmless_and_answers_the_same(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        queue = [seen(of), seen(of, exit="no"), seen(of, exit="perhaps")]
        first = await send(of.cast.grid_worker, *queue, queue[0])
        before = await rows()
        again = await send(of.cast.grid_worker, *reversed(queue))
        assert await rows() == before
    assert [one.outcome for one in first] == ["done", "done", "refused", "already"]
    assert [one.outcome for one in again] == ["refused", "already", "already"]
    assert again[2].answer == first[0].answer and again[1].answer == first[1].answer


async def test_a_refused_record_is_mended_by_a_new_command(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        wrong = seen(of, exit="perhaps")
        right = seen(of) | {"mends": wrong["id"]}
        assert await outcomes(of.cast.grid_worker, wrong, right, seen(of)) == ["refused", "done", "done"]
        assert await outcomes(of.cast.grid_worker, seen(of) | {"mends": wrong["id"]}) == ["refused"]


async def test_the_neighbour_is_refused_and_nobody_signed_in_waits(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        worker, next_one = of.cast.grid_worker, of.cast.next_grid_worker
        assert await outcomes(next_one, seen(of, next_one)) == ["refused"]
        assert await outcomes(next_one, seen(of, worker)) == ["not_yet"]
    assert await database.fetch_value("SELECT count(*) FROM patrol_visits") == 0


async def test_a_fault_of_one_leaves_the_others(db: None, monkeypatch: Any) -> None:
    record = recording.record
    with on(MONDAY):
        of = await ground(await casting.gather())
        queue = [seen(of), seen(of), seen(of)]

        async def breaks(visits: Any, by: Actor) -> Any:
            if any(str(one.id) == queue[1]["data"]["id"] for one in visits):
                raise RuntimeError("a fault of ours")
            return await record(visits, by)

        with monkeypatch.context() as broken:
            broken.setattr("server.patrols.record", breaks)
            assert await outcomes(of.cast.grid_worker, *queue) == ["done", "not_yet", "done"]
        assert await outcomes(of.cast.grid_worker, *queue) == ["already", "done", "already"]


async def test_the_receipt_tells_what_a_finding_led_to(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        finding = {"id": str(new_id()), "leads_to": "rectify", "version": of.fire_version, "item": "exit"}
        [receipt] = await send(of.cast.grid_worker, seen(of, exit="no", findings=[finding]))
    answer = _answer(receipt)
    [led] = answer["findings"]
    assert led["number"].startswith("Z") and led["due"] == str(MONDAY + timedelta(days=7))
    assert answer["version"] == 1 and len(answer["head"]) == 64


async def test_a_worker_accepts_goes_and_arrives_by_a_record(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        worker = of.cast.grid_worker
        order = await orders.send(worker.posts[0].id, of.cast.staff, words="看看水管", to=Wanted(place=await _code(of)))
        [carried] = (await _round(worker)).orders
        assert (carried.id, carried.state, carried.words) == (order.order_id, "sent", "看看水管")
        named = {"order": str(order.order_id)}
        steps = [command("go", worker, **named, does=does) for does in ("accept", "on_way", "accept")]
        receipts = await send(worker, *steps)
        assert [_answer(one)["state"] for one in receipts] == ["accepted", "on_way", "on_way"]
        assert await outcomes(
            of.cast.next_grid_worker, command("go", of.cast.next_grid_worker, **named, does="accept")
        ) == ["refused"]
        await send(worker, seen(of, **named))
        assert (await orders.orders(of.cast.staff, going=False)).rows[0].state == "arrived"
        assert (await _round(worker)).orders == ()


async def test_an_order_that_was_withdrawn_is_refused_with_words(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        worker = of.cast.grid_worker
        order = await orders.send(worker.posts[0].id, of.cast.staff, words="看看水管", to=Wanted(place=await _code(of)))
        await orders.withdraw(order.order_id, of.cast.staff)
        await orders.withdraw(order.order_id, of.cast.staff)
        [receipt] = await send(worker, command("go", worker, order=str(order.order_id), does="accept"))
        assert "撤回" in receipt.words
        assert await outcomes(worker, seen(of, order=str(order.order_id))) == ["done"]


async def test_the_round_has_what_is_needed_and_of_the_own_grid_alone(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 2)
        await planned(of)
        await send(of.cast.grid_worker, seen(of, exit="no"))
        carried = await _round(of.cast.grid_worker)
        theirs = await _round(of.cast.next_grid_worker)
    assert {task.place for task in carried.tasks} == set(of.places) == {place.id for place in carried.places}
    assert [one.id for one in carried.lists] == [of.fire_version]
    assert {task.lists for task in carried.tasks} == {(of.fire_version,)}
    [visited] = [place for place in carried.places if place.past]
    assert visited.past[0].finding == visited.last_finding == "安全出口畅通"
    assert b"Polygon" in bytes(carried.grids[0].polygon) and carried.day == MONDAY
    assert (theirs.tasks, theirs.places, theirs.lists) == ((), (), ())


async def test_every_place_of_the_grid_carries_its_last_visit(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 2)
        await send(of.cast.grid_worker, seen(of, exit="no"), seen(of, outcome="nobody_there", lists=[]))
        places, past = await carrying.grid(of.cast.grid_worker)
    assert {one.id for one in places} == set(of.places)
    [looked_at] = past
    assert (looked_at.id, looked_at.at.date(), looked_at.finding) == (of.places[0], MONDAY, "安全出口畅通")


async def test_a_call_is_kept_once_and_carried_numbers_are_those_of_the_round(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 2)
        worker = of.cast.grid_worker
        await database.execute("UPDATE places SET operator_phone = '0755-12345678'")
        await planned(of)
        assert {place.phone for place in (await _round(worker)).places} == {"0755-12345678"}
        places, _ = await carrying.grid(worker)
        assert b"12345678" not in msgspec.json.encode(places)
        tap = command("call", worker, place=str(of.places[0]))
        assert await outcomes(worker, tap) == ["done"]
        assert await outcomes(worker, tap) == ["already"]
    [told_of] = [event for event in await events.history(f"place:{of.places[0]}") if event.kind == "place.called"]
    assert told_of.internal and told_of.data["reason"] == "巡查" and "12345678" not in str(told_of.data)


async def test_who_never_had_the_place_has_not_called_there(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        place, neighbour = {"place": str(of.places[0])}, of.cast.next_grid_worker
        for other in (neighbour, of.cast.resident):
            assert await outcomes(other, command("call", other, **place)) == ["refused"]
        assert await outcomes(neighbour, command("call", neighbour, place=str(new_id()))) == ["refused"]


async def test_a_call_counts_after_the_task_was_taken_back_and_after_an_order(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather(), 2)
        neighbour = of.cast.next_grid_worker
        post, desk = neighbour.posts[0].id, of.cast.street_secretary
        await planned(of)
        await tasks.hand_over([await _task_of(of.places[0])], post, desk)
        await tasks.hand_over([await _task_of(of.places[0])], None, desk)
        await orders.send(post, desk, words="看看", to=Wanted(place=await _code(of, 1)))
        taps = [command("call", neighbour, place=str(place)) for place in of.places]
        assert await outcomes(neighbour, *taps) == ["done", "done"]


async def test_a_revisit_carries_only_the_items_that_failed(db: None) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        finding = {"id": str(new_id()), "leads_to": "rectify", "version": of.fire_version, "item": "exit"}
        await send(of.cast.grid_worker, seen(of, exit="no", findings=[finding]))
        carried = await _round(of.cast.grid_worker)
    [task], [sheet], [became] = carried.tasks, carried.rectifications, carried.became
    assert task.only == ("exit",) and task.rectification == sheet.id
    assert (became.number, became.state_words) == (sheet.number, "等复查")


async def test_who_walks_no_grid_carries_no_round(db: None) -> None:
    cast: Cast = await casting.gather()
    assert "round" not in await working_set.changed(cast.staff, {})
    assert {"round", "grid_places", "grid_past"} <= (await working_set.changed(cast.grid_worker, {})).keys()


async def test_five_hundred_tasks_are_under_200_kb_and_two_thousand_places_come_along(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        await _many_places(of, 2_000)
        await plan(of)
        await plan(of, of.market)
        await making.make()
        await database.execute("UPDATE patrol_tasks SET day = $1", MONDAY)
        await _visited(of)
        client = await as_(web, of.cast.grid_worker)
        answer = await client.post("/sync", json={"protocol": 1, "commands": [], "have": {}})
    sections = answer.json()["sections"]
    assert len(sections["round"]["data"]["tasks"]) == 500
    assert len(sections["grid_places"]["data"]) == 2_000
    assert len(sections["grid_past"]["data"]) > 1_900
    sent = gzip.compress(msgspec.json.encode(sections["round"]), 5)
    assert len(sent) < 200_000, len(sent)


async def _many_places(of: Ground, many: int) -> None:
    await database.execute(
        """INSERT INTO places (id, code, kind, kind_version, name, address_text, latitude, longitude, district, street,
               community, grid, answers, since)
           SELECT gen_random_uuid(), 'G' || lpad(n::text, 9, '0'), p.kind, p.kind_version,
                  (ARRAY['兴旺', '长青', '和顺', '民乐'])[n % 4 + 1] || '便利店' || n,
                  '民乐新村 ' || n % 97 + 1 || ' 栋 ' || n % 31 || ' 号铺',
                  22.6 + random() / 100, 114.0 + random() / 100, p.district, p.street, p.community, p.grid,
                  '{}', now()
           FROM places p, generate_series(1, $2::int) AS n WHERE p.id = $1""",
        of.places[0],
        many,
    )


async def _visited(of: Ground) -> None:
    await database.execute(
        """INSERT INTO patrol_visits (id, root, account, place, community, grid, outcome, finding, at)
           SELECT gen_random_uuid(), gen_random_uuid(), $1, p.id, p.community, p.grid, 'done',
                  CASE WHEN random() < 0.3 THEN '安全出口畅通、没有瓶装气' ELSE '' END,
                  now() - random() * interval '300 days'
           FROM places p, generate_series(1, 3)""",
        of.cast.grid_worker.account_id,
    )
    await database.execute("UPDATE places SET last_visit_at = now(), last_finding = '安全出口畅通、没有瓶装气'")


async def _code(of: Ground, number: int = 0) -> str:
    return str(await database.fetch_value("SELECT code FROM places WHERE id = $1", of.places[number]))


async def _task_of(place: UUID) -> UUID:
    found = await database.fetch_value("SELECT id FROM patrol_tasks WHERE place = $1 AND state = 'open'", place)
    assert isinstance(found, UUID)
    return found


async def _round(by: Actor) -> Round:
    section = (await working_set.changed(by, {}))["round"]
    return msgspec.json.decode(section.data, type=Round)


def _answer(receipt: Receipt) -> dict[str, Any]:
    assert receipt.answer is not None, receipt.words
    return dict(msgspec.to_builtins(receipt.answer))
