"""Whatever happens to cases and people: every tick tells exactly those whom the ladder names then, once."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from server import cases
from server.cases import case as case_room
from server.cases import clocks
from server.cases.warning import RUNGS, Alarm, Rung
from server.kernel import clock, database
from server.kernel.actor import Actor, Role, the_system
from server.kernel.errors import HuyingError
from server.notices.alarms import ladder, watching
from server.notices.alarms.standing import standing
from server.notices.alarms.ticking import tick
from server.notices.following import follow
from server.people import posts
from tests import cast as casting
from tests.cases.test_lives import VERBS, act
from tests.cast import Cast
from tests.notices.expected import World, world_of

LASTING = [verb for verb in VERBS if verb not in ("reject", "withdraw", "answer")] + ["dispatch", "return"] * 3
"""What lets a case live on, and go to and fro."""

Told = dict[tuple[UUID, Alarm, str], int]
"""How many rungs have heard of an alarm, by case, kind and occasion: the test's own memory."""


@pytest.mark.parametrize("seed", range(15))
async def test_in_random_lives_every_tick_tells_exactly_whom_the_ladder_names(db: None, seed: int) -> None:
    random.seed(seed)
    cast = await casting.gather()
    reports = [
        await cases.report(cases.Telling(text=f"第{n}件", community_id=cast.community, private=n == 0), cast.resident)
        for n in range(3)
    ]
    moment, told, rung = clock.now(), Told(), 0
    for _ in range(60):
        moment += timedelta(minutes=random.randint(1, 60 * 20))
        with clock.at(moment):
            if random.random() < 0.4:
                await _something_happens(cast, random.choice(reports))
            if random.random() < 0.05:
                await _somebody_leaves(cast)
            if random.random() < 0.8:
                await follow()
                wanted = await _wanted(reports, told)
                seen = await _sequence()
                await tick()
                assert await _rung_since(seen) == wanted
                rung += len(wanted)
    assert rung


async def _wanted(reports: list[cases.Reported], told: Told) -> list[tuple[UUID, str, list[tuple[str, str]]]]:
    """What the next tick has to tell, found the slow way: case by case and person by person."""
    calendar, now = await clocks.calendar(), clock.now()
    wanted = []
    for report in reports:
        facts = (await watching.facts([report.case_id]))[report.case_id]
        for one in standing(facts, calendar, now):
            key = (report.case_id, one.alarm, one.occasion)
            climb = ladder.climb(
                one.alarm,
                _rungs(await world_of(report.case_id)),
                told=told.get(key, one.told),
                since=one.since,
                whole=facts.whole,
                calendar=calendar,
                now=now,
            )
            told[key] = climb.told
            if climb.to:
                to = sorted((str(account), rung.value) for account, rung in climb.to.items())
                wanted.append((report.case_id, one.alarm.value, to))
    return sorted(wanted)


def _rungs(world: World) -> dict[Rung, list[UUID]]:
    """Who stands on which rung, by asking of every post that is held."""
    case, held = world.case, world.held
    owner = next((post for post in held if post["id"] == case.owner_post), None)
    unit = [post for post in held if post["unit"] is not None and post["unit"] == case.handler_unit]
    found: dict[Rung, list[UUID]] = {}
    if case.handler_unit is not None and (owner is None or owner["unit"] is not None):
        mine = [post for post in unit if post["account"] == case.handler_account]
        handlers = [post for post in unit if post["role"] == Role.UNIT_HANDLER]
        found[Rung.PERSON] = _accounts(mine or handlers or unit)
        leads = _accounts([post for post in unit if post["role"] == Role.UNIT_LEAD])
        if not leads or leads != found[Rung.PERSON]:
            found[Rung.SUPERVISOR] = leads
    else:
        found[Rung.PERSON] = _accounts([owner] if owner else [])
    levels = [case.community, case.street, case.district]
    for place, (rung, area) in enumerate(zip(RUNGS[2:], levels, strict=True)):
        if area is None:
            continue
        at_own = owner is not None and owner["unit"] is None and owner["area"] in levels
        if at_own and owner is not None:
            own = levels.index(owner["area"])
            if own > place or (own == place and owner["role"] == Role.SECRETARY):
                continue
        roles = [Role.SECRETARY]
        if rung is Rung.DISTRICT and not case.private:
            roles.append(Role.CENTRE_OFFICER)
        found[rung] = _accounts([post for post in held if post["area"] == area and post["role"] in roles])
    return found


def _accounts(these: list[dict[str, Any]]) -> list[UUID]:
    return sorted({post["account"] for post in these})


async def _sequence() -> Any:
    return await database.fetch_value("SELECT max(id::text) FROM events")


async def _rung_since(seen: str) -> list[tuple[UUID, str, list[tuple[str, str]]]]:
    rows = await database.fetch(
        """SELECT stream, convert_from(content, 'UTF8')::jsonb AS said FROM events
           WHERE kind = 'case.warned' AND id::text > $1""",
        seen,
    )
    found = []
    for row in rows:
        said = msgspec.json.decode(row["said"])
        to = sorted([*said["to"].items(), *said["gathered"].items()])
        found.append((UUID(row["stream"].partition(":")[2]), said["alarm"], to))
    return sorted(found)


async def _something_happens(cast: Cast, report: cases.Reported) -> None:
    case = (await case_room.load(report.case_id, the_system("test"))).case
    everybody = [one for name in Cast.__struct_fields__ if isinstance(one := getattr(cast, name), Actor)]
    for by in random.sample(everybody, len(everybody)):
        try:
            return await act(random.choice(LASTING), report.case_id, by, cast, case.version)
        except HuyingError:
            continue


async def _somebody_leaves(cast: Cast) -> None:
    leaving = random.choice([cast.staff, cast.handler, cast.lead, cast.secretary, cast.street_secretary])
    try:
        await posts.vacate(leaving.posts[0].id, cast.area_admin)
    except HuyingError:
        return
