"""The rounds of the demo: plans of three departments, weeks of visits, what they found and what came of it."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from server import patrols
from server.demo.district import District
from server.forms import checklists
from server.forms.checklists import Item
from server.kernel import clock, database
from server.kernel.actor import Actor, Role
from server.kernel.clock import BEIJING
from server.kernel.ids import new_id
from server.patrols import known, making, orders, plans
from server.patrols.destinations import Wanted
from server.patrols.known import KnownList
from server.patrols.visit import FindingTold, ListTold, Told
from server.patrols.wishes import Wish

_PLANS = (
    # Code of the checklist, kinds of places, months, working days.
    ("fire-shop", "沿街店铺消防月查", ("小商铺", "餐饮店"), 1, 0),
    ("food-shop", "小餐饮月查", ("餐饮店",), 1, 10),
    ("rented-house", "出租屋双月查", ("出租屋",), 2, 0),
    ("street-things", "井盖和消火栓季查", ("井盖", "消防栓"), 3, 0),
)
_STEP = timedelta(days=3)
_LOOSE = ("绿化带里有一段电线垂下来", "健身器材的螺丝松了", "楼道里停了两辆电动车在充电")


async def walk(district: District, begin: datetime, until: datetime) -> None:
    """Let the plans begin with the weeks, and the workers walk until yesterday evening; today's round is open."""
    first, last = begin.astimezone(BEIJING).date(), until.astimezone(BEIJING).date()
    chance = Random(f"rounds {district.size.seed}")
    with clock.at(begin):
        await _plan(district, first)
    day = first
    while day < last:
        with clock.at(datetime.combine(day, time(3), BEIJING)):
            await making.make()
        evening = min(day + _STEP, last) - timedelta(days=1)
        with clock.at(datetime.combine(evening, time(18), BEIJING)):
            await _walk_all(district, evening, chance)
        day += _STEP
    with clock.at(until):
        await making.make()
        await _loose_ends(district)


async def _plan(district: District, first: date) -> None:
    lists = {row["code"]: row["id"] for row in await database.fetch("SELECT code, id FROM checklists")}
    kinds = {row["name"]: row["id"] for row in await database.fetch("SELECT name, id FROM place_kinds")}
    for code, name, wanted, months, window in _PLANS:
        wish = Wish(
            name=name,
            checklist=lists[code],
            area=district.ids["990100"],
            kinds=tuple(kinds[one] for one in wanted),
            every=months,
            window_days=window,
            first=first,
        )
        await plans.create(wish, district.officers()[0])


async def _walk_all(district: District, evening: date, chance: Random) -> None:
    newest = await _lists()
    for spot in district.spots("grid"):
        workers = district.cast.by_area[Role.GRID_WORKER, district.ids[spot.code]]
        if not workers:
            continue
        rows = await database.fetch(
            """SELECT t.id, t.place, t.rectification IS NOT NULL AS again, ARRAY(
                   SELECT checklist FROM patrol_task_items i WHERE i.task = t.id ORDER BY checklist) AS lists
               FROM patrol_tasks t JOIN places p ON p.id = t.place
               WHERE t.state = 'open' AND t.grid = $1 AND t.day <= $2 ORDER BY t.day, p.name, p.address_text""",
            district.ids[spot.code],
            evening,
        )
        told = [_visit(row, [newest[one] for one in row["lists"]], chance) for row in rows if chance.random() < 0.93]
        if told:
            await patrols.record(told, workers[0])


def _visit(row: Any, asked: Sequence[KnownList], chance: Random) -> Told:
    given: dict[str, Any] = {"id": new_id(), "task": row["id"], "place": row["place"]}
    luck = chance.random()
    if luck < 0.05 and not row["again"]:
        return Told(outcome=chance.choice(["nobody_there", "nobody_there", "refused", "closed_down"]), **given)
    wrong = luck > (0.7 if row["again"] else 0.85)
    findings: list[FindingTold] = []
    lists = []
    for one in asked:
        answers = _answers(one.items)
        if wrong and not findings and (item := _to_fail(one.items, chance)) is not None:
            answers[item.id] = "no"
            leads = [name for name in item.outcomes if name != "case"]
            findings.append(FindingTold(id=new_id(), leads_to=chance.choice(leads), version=one.id, item=item.id))
        lists.append(ListTold(version=one.id, answers=answers))
    return Told(outcome="done", lists=tuple(lists), findings=tuple(findings), **given)


def _answers(items: Sequence[Item]) -> dict[str, Any]:
    """Everything as it should be."""
    answers: dict[str, Any] = {}
    for item in items:
        for value in _values(item):
            answers[item.id] = value
            if item.id not in checklists.failed(items, answers):
                break
    return answers


def _values(item: Item) -> list[Any]:
    match item.kind:
        case "check":
            return ["yes"]
        case "yes_no":
            return [False, True]
        case "number":
            low = float(item.min or 0)
            high = float(item.max if item.max is not None else low + 3)
            return [int(low + 1) if low + 1 <= high else low, int(high), int(low)]
        case "choice":
            return [one.value for one in item.choices]
        case "choices":
            return [[one.value] for one in item.choices]
    return [None]


def _to_fail(items: Sequence[Item], chance: Random) -> Item | None:
    found = [
        item
        for item in items
        if item.kind == "check" and not item.photo_if_failed and item.shown_if is None and item.outcomes != ("case",)
    ]
    return chance.choice(found) if found else None


async def _lists() -> dict[int, KnownList]:
    rows = await database.fetch(
        "SELECT DISTINCT ON (checklist) id FROM checklist_versions ORDER BY checklist, version DESC"
    )
    return {one.checklist: one for one in (await known.lists([row["id"] for row in rows])).values()}


async def _loose_ends(district: District) -> None:
    """For the desk to look at: something found by the way, a record that came twice, somebody sent."""
    for number, spot in enumerate(district.spots("community")[:3]):
        grids = [one for one in district.spots("grid") if one.code.startswith(spot.code)]
        worker: Actor = district.cast.of_area(Role.GRID_WORKER, district.ids[grids[0].code])
        loose = FindingTold(id=new_id(), leads_to="note" if number else "case", words=_LOOSE[number])
        await patrols.record(
            [
                Told(
                    id=new_id(),
                    outcome="done",
                    place_words=grids[0].name,
                    community_id=district.ids[grids[0].code],
                    findings=(loose,),
                )
            ],
            worker,
        )
        await _twice(district.ids[grids[0].code], worker)
        place = await database.fetch_value("SELECT code FROM places WHERE grid = $1 LIMIT 1", worker.posts[0].area_id)
        desk = district.desk(spot.code)[0]
        await orders.send(worker.posts[0].id, desk, words="有人说这里漏水,请去看看。", to=Wanted(place=place))


async def _twice(grid: int, worker: Actor) -> None:
    task = await database.fetch_one(
        """SELECT id, place FROM patrol_tasks WHERE grid = $1 AND state = 'done' AND outcome = 'done'
           ORDER BY day DESC LIMIT 1""",
        grid,
    )
    if task is not None:
        await patrols.record([Told(id=new_id(), outcome="nobody_there", task=task["id"])], worker)
