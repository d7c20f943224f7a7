"""Random lives of cases, and two people at once: whatever happens, what must always hold holds."""

import asyncio
import random
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from server import cases
from server.areas import tree
from server.cases import case as case_room
from server.cases import story, way
from server.cases.case import stream_of
from server.cases.rehoming import rehome_floating
from server.kernel import clock, database, events
from server.kernel.actor import Actor, the_system
from server.kernel.errors import HuyingError, NotFound, Stale
from server.people import posts
from tests import cast as casting
from tests.cast import Cast

VERBS = [step.verb for step in way.WAY]


async def act(verb: str, case_id: UUID, by: Actor, cast: Cast, seen: int) -> None:
    """One verb with arguments that suit it."""
    categories = [one["category"] for one in await database.fetch("SELECT category FROM category_versions")] or [None]
    calls = {
        "accept": lambda: cases.accept(case_id, by, seen=seen, level=random.choice(["normal", "urgent", "emergency"])),
        "reject": lambda: cases.reject(case_id, by, seen=seen, reason="理由"),
        "classify": lambda: cases.classify(
            case_id, by, seen=seen, category_id=random.choice(categories), level=random.choice(["normal", "urgent"])
        ),
        "answer": lambda: cases.answer(case_id, by, seen=seen, text="答复"),
        "ask": lambda: cases.ask(case_id, by, seen=seen, text="哪里?"),
        "reply": lambda: cases.reply(case_id, by, text="这里"),
        "dispatch": lambda: cases.dispatch(
            case_id, by, seen=seen, unit_id=random.choice([cast.unit, cast.next_unit, cast.empty_unit])
        ),
        "relocate": lambda: cases.relocate(
            case_id, by, seen=seen, area_id=random.choice([cast.grid, cast.next_grid]), reason="理由"
        ),
        "take_on": lambda: cases.take_on(case_id, by, seen=seen),
        "return": lambda: cases.return_case(case_id, by, seen=seen, reason="理由"),
        "finish": lambda: cases.finish(case_id, by, seen=seen, text="办好"),
        "check": lambda: cases.check(case_id, by, seen=seen, passed=random.random() < 0.6, note="看过"),
        "close": lambda: cases.close(case_id, by, seen=seen, stars=random.randint(1, 5), reason="理由"),
        "rate": lambda: cases.rate(case_id, by, seen=seen, stars=random.randint(1, 5), reason="other"),
        "respond": lambda: cases.respond(case_id, by, seen=seen, text="抱歉"),
        "reopen": lambda: cases.reopen(case_id, by, seen=seen, reason="理由"),
        "withdraw": lambda: cases.withdraw(case_id, by, seen=seen),
        "add": lambda: cases.add(case_id, by, text="还有"),
        "assign": lambda: cases.assign(case_id, by, seen=seen, post_id=cast.second_staff.posts[0].id),
        "note": lambda: cases.note(case_id, by, text="备注"),
    }
    await calls[verb]()


async def everything_holds(case_id: UUID) -> None:
    report_id = await database.fetch_value('SELECT report FROM report_cases WHERE "case" = $1 LIMIT 1', case_id)
    case = (await case_room.load(case_id, the_system("test"))).case
    history = await events.history(stream_of(case_id))
    assert events.verifies(history, case.head)
    assert len(story.for_staff(history)) == len(history)
    assert all(line.words for line in story.for_reporter(history, [report_id]))
    assert case.open == (case.state in way.OPEN)
    owners = await database.fetch(
        """SELECT post FROM standings WHERE "case" = $1 AND kind = 'owner' AND until IS NULL""", case_id
    )
    assert [row["post"] for row in owners] == [case.owner_post]
    running = await database.fetch('SELECT running FROM clock_segments WHERE "case" = $1 AND until IS NULL', case_id)
    assert len(running) == (1 if case.open else 0)
    if case.open:
        assert (case.due_at is not None) == running[0]["running"]
    dispatched = await database.fetch_value(
        'SELECT count(*) FROM dispatches WHERE "case" = $1 AND ended_at IS NULL', case_id
    )
    assert dispatched == (1 if case.state in ("dispatched", "in_hand") else 0)
    handlers = await database.fetch(
        """SELECT unit FROM standings WHERE "case" = $1 AND kind = 'handler' AND until IS NULL""", case_id
    )
    assert [row["unit"] for row in handlers] == ([case.handler_unit] if case.handler_unit else [])


@pytest.mark.parametrize("seed", range(40))
async def test_a_random_life_keeps_every_promise(db: None, seed: int) -> None:
    random.seed(seed)
    cast = await casting.gather()
    everybody = [getattr(cast, name) for name in Cast.__struct_fields__ if isinstance(getattr(cast, name), Actor)]
    moment = clock.now()
    telling = cases.Telling(text="一件事", community_id=cast.community, private=random.random() < 0.3)
    report = await cases.report(telling, cast.resident)
    for _ in range(60):
        moment += timedelta(minutes=random.randint(1, 60 * 24 * 3))
        case = (await case_room.load(report.case_id, the_system("test"))).case
        with clock.at(moment):
            for by in random.sample(everybody, len(everybody)):
                try:
                    await act(random.choice(VERBS), report.case_id, by, cast, case.version)
                    break
                except HuyingError:
                    continue
        await everything_holds(report.case_id)


async def test_two_desks_at_once_one_wins_and_the_other_is_told(fresh_db: str) -> None:
    cast = await casting.gather()
    report = await cases.report(cases.Telling(text="一件事", community_id=cast.community), cast.resident)

    async def accept(by: Actor) -> object:
        try:
            return await cases.accept(report.case_id, by, seen=1)
        except Stale as late:
            return late.meanwhile

    outcomes = await asyncio.gather(accept(cast.staff), accept(cast.second_staff), accept(cast.secretary))
    won = [one for one in outcomes if isinstance(one, cases.Changed)]
    assert len(won) == 1
    assert sorted(len(one) for one in outcomes if isinstance(one, tuple)) == [1, 1]
    await everything_holds(report.case_id)


async def test_when_a_post_falls_vacant_its_cases_find_an_owner_at_once(db: None) -> None:
    cast = await casting.gather()
    reports = [
        await cases.report(cases.Telling(text=f"第{n}件", community_id=cast.community), cast.resident) for n in range(8)
    ]
    for leaving in (cast.staff, cast.second_staff):
        await posts.vacate(leaving.posts[0].id, cast.area_admin)
    for report in reports:
        case = (await case_room.load(report.case_id, the_system("test"))).case
        assert case.owner_post == cast.secretary.posts[0].id
        await everything_holds(report.case_id)


async def test_handing_a_post_over_keeps_its_cases(db: None) -> None:
    cast = await casting.gather()
    report = await cases.report(
        cases.Telling(text="一件私事", community_id=cast.community, private=True), cast.resident
    )
    assert cast.neighbour.account_id is not None
    await posts.hand_over(cast.secretary.posts[0].id, cast.neighbour.account_id, cast.area_admin)
    case = (await case_room.load(report.case_id, the_system("test"))).case
    assert case.owner_post == cast.secretary.posts[0].id
    successor = msgspec.structs.replace(cast.neighbour, posts=cast.secretary.posts)
    await cases.accept(report.case_id, successor, seen=1)


async def test_a_case_that_floats_by_a_change_around_the_verbs_is_found(db: None) -> None:
    cast = await casting.gather()
    report = await cases.report(cases.Telling(text="一件事", community_id=cast.community), cast.resident)
    await database.execute("UPDATE holdings SET until = $1 WHERE post = (SELECT owner_post FROM cases)", clock.now())
    assert await rehome_floating() == 1
    assert await rehome_floating() == 0
    await everything_holds(report.case_id)


async def test_when_an_area_moves_its_cases_move_with_it(db: None) -> None:
    cast = await casting.gather()
    there = await tree.create(
        code="440300002", name="新设街道", level="street", parent_id=cast.district, by=the_system("test"), dry_run=False
    )
    assert there.area is not None
    longitude, latitude = casting.middle(0)
    inside = await cases.report(cases.Telling(text="一件事", longitude=longitude, latitude=latitude), cast.resident)
    beside = await cases.report(cases.Telling(text="一件事", community_id=cast.next_community), cast.resident)
    await tree.move(cast.community, there.area.id, by=cast.area_admin)
    moved = (await case_room.load(inside.case_id, the_system("test"))).case
    assert (moved.street, moved.community, moved.grid) == (there.area.id, cast.community, cast.grid)
    stayed = (await case_room.load(beside.case_id, the_system("test"))).case
    assert stayed.street == cast.street
    with pytest.raises(NotFound):
        await case_room.load(inside.case_id, cast.street_secretary)
