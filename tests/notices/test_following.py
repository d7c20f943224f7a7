"""Everybody is told exactly what the table says, once: whatever happens to cases, people and workers."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from server import cases
from server.cases import case as case_room
from server.kernel import clock, database, events, jobs, untold
from server.kernel.actor import Actor, the_system
from server.kernel.errors import HuyingError
from server.notices import following, table
from server.notices.alarms.ticking import tick
from server.notices.following import follow
from server.notices.relations import Relation
from server.people import posts
from tests import cast as casting
from tests.cases.test_lives import VERBS, act
from tests.cast import Cast
from tests.notices.expected import expected
from tests.notices.expected import untold as all_untold

SYSTEM = the_system("test")


async def written() -> dict[tuple[UUID, str], tuple[str, str, str]]:
    """All notices: kind, urgency and stream by event and receiver."""
    rows = await database.fetch("SELECT event, receiver, kind, urgency, stream FROM notices")
    return {(row["event"], row["receiver"]): (row["kind"], row["urgency"], row["stream"]) for row in rows}


async def told(cast: Cast) -> list[cases.Reported]:
    """Reports of every kind of person."""
    by: list[tuple[Actor, dict[str, Any]]] = [
        (cast.resident, {}),
        (cast.stranger, {"phone": "13700000001"}),
        (cast.stranger, {}),
        (cast.neighbour, {"for_phone": "13800000001", "for_name": "李小梅", "for_agreed": True}),
        (cast.stranger, {"phone": "13700000002", "for_phone": "13700000003", "for_agreed": True}),
        (cast.handler, {"private": True}),
        (cast.staff, {"channel": "desk", "phone": "13700000004"}),
    ]
    telling = [cases.Telling(text="一件事", community_id=cast.community, **more) for _, more in by]
    return [await cases.report(one, who) for one, (who, _) in zip(telling, by, strict=True)]


def everybody(cast: Cast) -> list[Actor]:
    return [one for name in Cast.__struct_fields__ if isinstance(one := getattr(cast, name), Actor)]


@pytest.mark.parametrize("seed", range(12))
async def test_in_random_lives_everybody_gets_exactly_what_the_table_says_once(db: None, seed: int) -> None:
    random.seed(seed)
    cast = await casting.gather()
    reports, moment = await told(cast), clock.now()
    wanted = await expected(await all_untold())
    await follow()
    await _leads_where_its_receiver_may_go(cast)
    for _ in range(40):
        moment += timedelta(minutes=random.randint(1, 60 * 24))
        with clock.at(moment):
            for _ in range(random.randint(1, 4)):
                await _something_happens(cast, random.choice(reports))
            if random.random() < 0.1:
                await _somebody_leaves(cast)
            wanted |= await expected(await all_untold())
            await follow()
            await tick()
            wanted |= await expected(await all_untold())
            await follow()
            await _leads_where_its_receiver_may_go(cast)
    assert await all_untold() == []
    found = {key: (kind, urgency) for key, (kind, urgency, _) in (await written()).items()}
    assert found == {key: (rule.kind, rule.urgency) for key, rule in wanted.items()}


async def _something_happens(cast: Cast, report: cases.Reported) -> None:
    case = (await case_room.load(report.case_id, SYSTEM)).case
    for by in random.sample(everybody(cast), 12):
        try:
            return await act(random.choice(VERBS), report.case_id, by, cast, case.version)
        except HuyingError:
            continue


async def _somebody_leaves(cast: Cast) -> None:
    leaving = random.choice([cast.staff, cast.second_staff, cast.handler, cast.lead, cast.next_handler])
    try:
        await posts.vacate(leaving.posts[0].id, cast.area_admin)
    except HuyingError:
        return


async def _leads_where_its_receiver_may_go(cast: Cast) -> None:
    """Every notice just written, opened by the rules by which the pages load."""
    rows = await database.fetch(
        "SELECT account, kind, href, stream FROM notices WHERE read_at IS NULL AND account IS NOT NULL"
    )
    for row in rows:
        by = await _actor(cast, row["account"])
        door, number = row["href"].strip("/").split("/")[0], row["href"].rpartition("/")[2]
        assert door in ("mine", "unit", "desk", "alarms"), row["href"]
        if number.isdigit():
            try:
                known = await case_room.load(number, by)
            except HuyingError as error:
                raise AssertionError(f"{row['kind']} leads {by.name} to {row['href']}") from error
            assert f"case:{known.case.id}" == row["stream"]
            assert bool(known.report_ids) or door != "mine"
    await database.execute("UPDATE notices SET read_at = $1", clock.now())


async def _actor(cast: Cast, account: UUID) -> Actor:
    held = {
        row["post"]
        for row in await database.fetch("SELECT post FROM holdings WHERE account = $1 AND until IS NULL", account)
    }
    one = next(one for one in everybody(cast) if one.account_id == account)
    return Actor(account_id=account, name=one.name, posts=tuple(post for post in one.posts if post.id in held))


async def test_of_a_private_case_nothing_but_number_and_deadline_is_said(db: None) -> None:
    cast = await casting.gather()
    telling = cases.Telling(text="家里的难事", community_id=cast.community, private=True)
    report = await cases.report(telling, cast.resident)
    await cases.accept(report.case_id, cast.secretary, seen=None)
    await follow()
    await cases.dispatch(report.case_id, cast.secretary, seen=None, unit_id=cast.unit, note="只有队长知道")
    await follow()
    await cases.return_case(report.case_id, cast.lead, seen=None, reason="隐情")
    await follow()
    rows = await database.fetch(
        "SELECT title || line AS said FROM notices WHERE account <> $1", cast.resident.account_id
    )
    assert len(rows) >= 4
    for row in rows:
        for word in ("家里", "隐情", "队长", "市政", "民乐"):
            assert word not in row["said"]


async def test_what_the_past_is_made_of_reaches_nobody(db: None) -> None:
    cast = await casting.gather()
    with jobs.quiet():
        await told(cast)
    assert await follow() == 0
    assert await written() == {}


async def test_an_event_that_cannot_be_told_holds_back_no_other(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = await casting.gather()
    broken, *others = await told(cast)
    real = following.notices_of

    async def breaks(known: list[events.Event]) -> Any:
        if any(event.stream == f"case:{broken.case_id}" for event in known):
            raise ValueError("it was told to break")
        return await real(known)

    monkeypatch.setattr(following, "notices_of", breaks)
    await follow()
    streams = {stream for _, _, stream in (await written()).values()}
    assert streams == {f"case:{one.case_id}" for one in others}
    assert [event.stream for event in await all_untold()] == [f"case:{broken.case_id}"]
    monkeypatch.undo()
    with clock.at(clock.now() + untold.LONGEST):
        await follow()
    assert f"case:{broken.case_id}" in {stream for _, _, stream in (await written()).values()}
    assert await follow() == 0


LATER = timedelta(days=30)
WORKER = f"""
import asyncio
from datetime import timedelta
from server.kernel import clock, database, logs
from server.kernel.settings import settings
from server.notices.alarms.ticking import tick
from server.notices.following import follow

async def main():
    logs.configure(settings())
    async with database.pool(min_size=1, max_size=1):
        print("ready", flush=True)
        while True:
            with clock.at(clock.now() + timedelta(days={LATER.days})):
                await asyncio.sleep(0.01 if await follow(3) or await tick() else 0.05)

asyncio.run(main())
"""
"""Works a month from now, when everything is late."""


async def test_workers_that_are_killed_at_any_moment_tell_everything_once(fresh_db: str) -> None:
    cast = await casting.gather()
    workers = [await _worker(fresh_db) for _ in range(2)]
    reports: list[cases.Reported] = []
    try:
        for turn in range(8):
            reports += await told(cast)
            for report in reports[-7:]:
                by = cast.secretary if turn % 2 else cast.street_secretary
                await cases.accept(report.case_id, by, seen=None)
            await asyncio.sleep(random.random() * 0.1)
            if turn % 2:
                place = turn // 2 % 2
                workers[place].send_signal(signal.SIGKILL)
                await asyncio.to_thread(workers[place].wait)
                workers[place] = await _worker(fresh_db)
        async with asyncio.timeout(30):
            while await database.fetch_value(_LEFT, clock.now() + LATER):
                await asyncio.sleep(0.05)
    finally:
        for process in workers:
            process.kill()
            await asyncio.to_thread(process.wait)
    happened = await _all_events()
    assert Counter(event.kind for event in happened)["case.warned"] >= len(reports)
    climbed = [
        (event.stream, event.data["alarm"], event.data["rung"]) for event in happened if event.kind == "case.warned"
    ]
    assert len(climbed) == len(set(climbed))
    made = await expected(happened)
    assert {key: kind for key, (kind, _, _) in (await written()).items()} == {k: rule.kind for k, rule in made.items()}
    queued = await database.fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'notices.sms'")
    assert queued == len([key for key in made if ":" in key[1]]) > 0
    assert Counter(key for key in made).most_common(1)[0][1] == 1


_LEFT = """SELECT EXISTS (SELECT FROM untold)
            OR EXISTS (SELECT FROM alarms WHERE ended_at IS NULL AND next_at <= $1)"""


async def _all_events() -> list[events.Event]:
    rows = await database.fetch(
        "SELECT stream FROM events WHERE stream LIKE 'case:%' OR stream LIKE 'alarms:%' GROUP BY stream"
    )
    return [event for row in rows for event in await events.history(row["stream"])]


async def _worker(url: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        env={**os.environ, "DATABASE_URL": url},
        cwd=Path.cwd(),
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    with process.stdout as said:
        assert (await asyncio.to_thread(said.readline)).strip() == b"ready"
    return process


def test_every_rule_is_of_an_event_that_is_written_somewhere() -> None:
    code = "".join(
        path.read_text() for path in Path("server").rglob("*.py") if path.parts[1:] != ("notices", "table.py")
    )
    for rule in table.TABLE:
        kind = rule.event.partition(".")[2]
        assert f'"{rule.event}"' in code or f'"{kind}"' in code, f"nobody writes {rule.event}"


def test_every_relation_is_used_and_has_a_finder() -> None:
    assert set(following._FINDERS) == set(Relation)
    assert {rule.to for rule in table.TABLE} | {Relation.NAMED} == set(Relation)


def test_the_table_in_the_docs_is_current() -> None:
    assert table.as_markdown() in Path("docs/notices.md").read_text()
