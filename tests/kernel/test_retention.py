"""Everything personal is gone once its time is over, kind by kind; what happened, and that it verifies, remains."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from migrations.piccolo_app import APP_CONFIG
from server import cases, patrols
from server.cases import Telling
from server.cases.retaining import ERASED
from server.devices import receipts
from server.households import keeping, links, people, tags, visits
from server.households.care import agreements, kinds, looking, readings, register
from server.households.care.agreements import Agreed
from server.households.care.readings import Reading
from server.households.door import talking
from server.households.facts import Person
from server.kernel import clock, database, events, personal, retention
from server.kernel.actor import the_system
from server.kernel.ids import new_id
from server.patrols.visit import Told as Seen
from server.people import accounts
from server.photos import receive
from tests import cast as casting
from tests.cast import Cast
from tests.households import making as homes
from tests.households.test_visits import contact
from tests.patrols import rounds
from tests.photos import pictures
from web.pages.admin.retention import ROOMS

SYSTEM = the_system("test")
SECRETS = (
    "井盖翻了",
    "13911112222",
    "诸葛明理",
    "马上去",
    "已经换新",
    "婆婆摔了",
    "留给后人",
    "见证的人",
    "在看电视",
    "楼道乱",
)
LATER = timedelta(days=5 * 366)


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def everything() -> str:
    """All that the database says, events' contents among it; not what is no kind of ours."""
    said = []
    for table in {one._meta.tablename for one in APP_CONFIG.table_classes} - {"addresses", "areas"}:
        rows = await database.fetch(f"SELECT * FROM {table}")
        said += [repr(dict(row.items())) for row in rows]
        if table == "events":
            said += [row["content"].decode() for row in rows if row["content"] is not None]
    return "\n".join(said)


async def life(cast: Cast) -> None:
    """A case from its report to its rating, a round, a household with all that belongs to it, a talk at the door."""
    photo = await receive.receive(pictures.jpeg(64, 48), by=cast.resident)
    telling = Telling(
        text="井盖翻了",
        community_id=cast.grid,
        photos=(photo.id,),
        for_name="诸葛明理",
        for_phone="13911112222",
        for_agreed=True,
        place="井盖翻了的路口",
    )
    number = (await cases.report(telling, cast.resident)).number
    await cases.accept(number, cast.secretary, seen=None)
    await cases.dispatch(number, cast.secretary, seen=None, unit_id=cast.unit, note="马上去")
    await cases.take_on(number, cast.handler, seen=None, promise="马上去")
    await cases.finish(number, cast.handler, seen=None, text="已经换新")
    await cases.withdraw(
        (await cases.report(Telling(text="井盖翻了", community_id=cast.grid), cast.resident)).number,
        cast.resident,
        seen=None,
    )
    await cases.check(number, cast.secretary, seen=None, passed=True, note="已经换新")
    await cases.close(number, cast.centre, seen=None, stars=4, reason="已经换新")
    await rounds.ground(cast)
    seen = Seen(id=new_id(), outcome="done", place_words="楼道乱", note="楼道乱", latitude=22.605, longitude=114.005)
    await patrols.record([seen], cast.grid_worker)
    made = (await keeping.add(homes.at(cast), Person(name="诸葛明理", phone="13911112222"), by=cast.staff)).household_id
    await tags.put(made, await tags.save_kind("alone", "独居", "常去看看", 90, by=SYSTEM), by=cast.staff, seen=None)
    assert cast.party_member.account_id is not None
    await links.link(made, cast.party_member.account_id, by=cast.staff)
    await visits.record(contact(made, said="婆婆摔了", needs="婆婆摔了"), cast.party_member)
    kind = await kinds.save("water", "用水有动静", "常去看看", "signal", 24, by=SYSTEM)
    [person] = await people.of(made)
    until = (clock.now() + timedelta(days=100)).date()
    told = Agreed(kinds=(kind,), person=person.id, until=until, witness="见证的人")
    await agreements.agree(made, told, by=cast.staff, seen=None)
    [watch] = (await register.watches_of([made]))[made]
    secret = await readings.new_key(made, watch.id, by=cast.staff)
    await readings.receive(secret, Reading(id="r1", said="alarm"))
    await looking.look(made, watch.id, by=cast.grid_worker, found="well", note="在看电视")
    other = await homes.member(cast, "13800000098", "何党员")
    assert other.account_id is not None
    await links.hand_over(
        [made], cast.party_member.account_id, other.account_id, by=cast.staff, why="ill", for_successor="留给后人"
    )
    thread = await talking.write(cast.community, "婆婆摔了", by=cast.neighbour)
    await talking.answer(thread, "马上去", by=cast.secretary, seen=None)
    await talking.leave_word(thread, "留给后人", by=cast.secretary, seen=None)
    await keeping.close(made, by=cast.staff, seen=None, why="moved_away")

    async def do() -> str:
        return "井盖翻了"

    await receipts.once(new_id(), "test", ["井盖翻了"], cast.resident, str, do)


async def test_when_the_time_is_over_nothing_personal_remains_and_every_history_verifies(cast: Cast) -> None:
    await life(cast)
    before = await everything()
    assert [secret for secret in SECRETS if secret not in before] == []
    assert {one.kind.code: one.count for one in await retention.dry_run() if one.count} == {}
    with clock.at(clock.now() + LATER):
        due = {one.kind.code for one in await retention.dry_run() if one.count}
        assert due == {"reports", "rounds", "households", "visits", "care", "door", "receipts"}
        done = await retention.erase()
        # With its household goes what was said there.
        assert {code for code, count in done.items() if count} == due - {"visits", "care"}
        after = await everything()
        assert [secret for secret in SECRETS if secret in after] == []
        assert sum(one.count for one in await retention.dry_run()) == 0
        assert sum((await retention.erase()).values()) == 0
        runs = await retention.report()
        assert {run.kind for run in runs} == due - {"visits", "care"} | {""} and not any(run.failed for run in runs)
    assert ERASED in after
    for table, prefix in (("cases", "case"), ("households", "household"), ("door_threads", "door")):
        for row in await database.fetch(f"SELECT id, history_sequence, history_link FROM {table}"):
            head = events.Head(row["history_sequence"], row["history_link"])
            assert events.verifies(await events.history(f"{prefix}:{row['id']}"), head), table


async def test_a_closed_account_is_forgotten_after_thirty_days(cast: Cast) -> None:
    assert cast.neighbour.account_id is not None
    await accounts.close(cast.neighbour.account_id, cast.neighbour)
    with clock.at(clock.now() + timedelta(days=29)):
        await retention.erase()
    assert "王大山" in await everything()
    with clock.at(clock.now() + timedelta(days=31)):
        await retention.erase()
    after = await everything()
    assert "王大山" not in after and cast.neighbour.name not in after and "13800000002" not in after


async def test_what_is_open_or_young_is_left_alone(cast: Cast) -> None:
    await cases.report(Telling(text="井盖翻了", community_id=cast.grid), cast.resident)
    thread = await talking.write(cast.community, "婆婆摔了", by=cast.neighbour)
    made = await homes.linked(cast)
    with clock.at(clock.now() + timedelta(days=700)):
        assert sum((await retention.erase()).values()) == 0
    with clock.at(clock.now() + LATER):
        done = await retention.erase()
    assert {code for code, count in done.items() if count} == {"door"}
    assert "井盖翻了" in await everything() and made and thread


async def test_one_kind_that_fails_keeps_no_other_and_is_named(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    await life(cast)
    bad = personal.Eraser(personal.FILES, "SELECT id FROM households WHERE since < $1", _breaks)
    monkeypatch.setattr(personal, "erasers", personal.erasers)
    monkeypatch.setattr(retention, "erasers", [bad, *personal.erasers])
    with clock.at(clock.now() + LATER):
        done = await retention.erase()
        assert done["files"] == 0 and done["reports"] > 0
        assert [run.failed for run in await retention.report() if run.kind == "files"] == ["ZeroDivisionError"]


async def _breaks(ids: object) -> None:
    raise ZeroDivisionError


def test_every_room_that_keeps_something_is_loaded() -> None:
    rooms: list[Callable[..., Awaitable[None]]] = [one.erase for one in personal.erasers]
    assert {one.__module__ for one in rooms} == {room.__name__ for room in ROOMS}
