"""Whoever is told of something can open the page that it leads to."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from server import cases
from server.kernel import clock, database
from server.kernel.actor import Actor
from server.notices import table
from server.notices.alarms.ticking import FEW, tick
from server.notices.following import follow
from server.notices.relations import Relation
from server.patrols import absences, orders, tasks
from server.patrols.destinations import Wanted
from tests import cast as casting
from tests.cast import Cast, middle
from tests.patrols import rounds
from tests.patrols.rounds import MONDAY, on
from tests.web.deskwork import category
from tests.web.signed_in import as_


class Opening:
    """Opens every new notice as its receiver does, and remembers of which rule it was."""

    def __init__(self, web: httpx.AsyncClient, cast: Cast) -> None:
        self.web = web
        self.cast = cast
        self.told: set[tuple[str, str, str]] = set()

    async def after(self, step: Any) -> Any:
        result = await step
        await follow()
        rows = await database.fetch(
            """SELECT n.id, n.account, n.kind, n.title, n.href, e.kind AS event FROM notices n
               JOIN events e ON e.id = n.event WHERE n.read_at IS NULL AND n.account IS NOT NULL"""
        )
        for row in rows:
            client = await as_(self.web, self._who(row["account"]))
            answer = await client.get(row["href"], headers={"Accept": "text/html"})
            assert answer.status_code == 200, f"{row['event']}: {row['title']} leads to {row['href']}"
            self.told.add((row["event"], row["kind"], row["href"].split("/")[1]))
        await database.execute("UPDATE notices SET read_at = now()")
        return result

    def _who(self, account: object) -> Actor:
        people = [getattr(self.cast, name) for name in Cast.__struct_fields__]
        return next(one for one in people if isinstance(one, Actor) and one.account_id == account)


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
async def test_every_notice_of_a_case_opens_for_its_receiver(web: httpx.AsyncClient, private: bool) -> None:
    cast = await casting.gather()
    so = Opening(web, cast)
    by = cast.secretary
    chosen = await category(cast)
    telling = cases.Telling(
        text="路灯不亮", community_id=cast.community, private=private, for_phone="13800000002", for_agreed=True
    )
    case = (await so.after(cases.report(telling, cast.resident))).case_id
    await so.after(cases.accept(case, by, seen=None, category_id=chosen))
    await so.after(cases.ask(case, by, seen=None, text="几号楼?"))
    await so.after(cases.reply(case, cast.resident, text="三号"))
    await so.after(cases.dispatch(case, by, seen=None, unit_id=cast.unit))
    await so.after(cases.add(case, cast.neighbour, text="还有一盏"))
    await so.after(cases.assign(case, cast.lead, seen=None, account_id=cast.handler.account_id))
    await so.after(cases.classify(case, by, seen=None, category_id=chosen, level="urgent"))
    await so.after(cases.return_case(case, cast.lead, seen=None, reason="不归我们"))
    await so.after(cases.dispatch(case, by, seen=None, unit_id=cast.empty_unit))
    await so.after(cases.return_case(case, by, seen=None, reason="没人去"))
    await so.after(cases.dispatch(case, by, seen=None, unit_id=cast.unit))
    await so.after(cases.take_on(case, cast.handler, seen=None))
    await so.after(cases.finish(case, cast.handler, seen=None, text="换了灯"))
    await so.after(cases.check(case, by, seen=None, passed=False, note="还是暗"))
    await so.after(cases.finish(case, cast.handler, seen=None, text="又换了"))
    await so.after(cases.check(case, by, seen=None, passed=True))
    await so.after(cases.close(case, by if private else cast.centre, seen=None, stars=1, reason="慢"))
    await so.after(cases.rate(case, cast.resident, seen=None, stars=1, reason="too_slow"))
    await so.after(cases.respond(case, by, seen=None, text="对不起"))
    await so.after(cases.reopen(case, cast.resident, seen=None, reason="又灭了"))
    await so.after(cases.dispatch(case, by, seen=None, unit_id=cast.unit))
    with clock.at(clock.now() + timedelta(days=60)):
        await follow()
        await so.after(tick())
    await so.after(cases.return_case(case, cast.lead, seen=None, reason="不归我们"))
    await so.after(cases.reject(case, by, seen=None, reason="重复"))
    doors = {(event, door) for event, _, door in so.told}
    for event in ("reported", "returned", "finished", "rated", "reopened", "replied", "warned"):
        assert any(told == f"case.{event}" for told, _ in doors), event
    assert (
        ("case.dispatched", "unit") in doors and ("case.closed", "unit") in doors and ("case.closed", "mine") in doors
    )


async def test_what_gathers_many_alarms_opens_for_its_receiver(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    so = Opening(web, cast)
    for _ in range(2 * FEW):
        case = await cases.report(cases.Telling(text="路灯不亮", community_id=cast.community), cast.resident)
        await cases.accept(case.case_id, cast.staff, seen=None)
        await cases.dispatch(case.case_id, cast.staff, seen=None, unit_id=cast.unit)
    await follow()
    await database.execute("UPDATE notices SET read_at = now()")
    with clock.at(clock.now() + timedelta(days=60)):
        await follow()
        await so.after(tick())
    assert so.told == {("alarms.gathered", "escalated", "alarms")}


async def test_every_notice_of_a_round_opens_for_its_receiver(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        cast = await casting.gather()
        of = await rounds.ground(cast, 3)
        made = await rounds.planned(of)
        so = Opening(web, cast)
        worker, other = cast.grid_worker.posts[0].id, cast.next_grid_worker.posts[0].id
        longitude, latitude = middle(0)
        sent = await so.after(
            orders.send(worker, cast.staff, words="看看", to=Wanted(latitude=latitude, longitude=longitude))
        )
        await so.after(orders.on_way(sent.order_id, cast.grid_worker))
        await so.after(orders.withdraw(sent.order_id, cast.staff))
        await so.after(tasks.hand_over([one["id"] for one in made[:2]], other, cast.street_secretary))
        await so.after(tasks.withdraw([one["id"] for one in made[1:]], cast.street_secretary, reason="拆了"))
        away = await so.after(absences.begin(other, MONDAY, MONDAY, cast.street_secretary, to_post=worker))
        await so.after(absences.end(away.absence_id, cast.street_secretary))
    assert {event for event, _, _ in so.told} == {
        "order.sent",
        "order.on_way",
        "order.withdrawn",
        "tasks.handed_over",
        "tasks.passed_on",
        "tasks.withdrawn",
        "absence.begun",
        "absence.ended",
    }


async def test_of_many_tasks_each_worker_hears_once(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        cast = await casting.gather()
        of = await rounds.ground(cast, 4)
        made = [one["id"] for one in await rounds.planned(of)]
        other = cast.next_grid_worker
        await follow()
        await tasks.hand_over(made, other.posts[0].id, cast.street_secretary)
        await follow()
        rows = await database.fetch("SELECT account, title FROM notices")
        assert {row["account"]: row["title"] for row in rows} == {
            cast.grid_worker.account_id: "4 个巡查任务转给了同事",
            other.account_id: "给您 4 个巡查任务",
        }
        await tasks.hand_over(made, None, cast.street_secretary)
        await follow()
        rows = await database.fetch("SELECT account, title FROM notices ORDER BY id OFFSET 2")
        assert {row["account"]: row["title"] for row in rows} == {
            cast.grid_worker.account_id: "给您 4 个巡查任务",
            other.account_id: "4 个巡查任务转给了同事",
        }


def test_a_rule_names_one_page_for_all_but_cases() -> None:
    assert {rule.page for rule in table.TABLE if not rule.event.startswith("case.")} <= set(table.Page) - {
        table.Page.CASE
    }
    assert Relation.REPORTERS not in {rule.to for rule in table.TABLE if rule.page is table.Page.UNIT}
