"""Who is told of what happens at a secretary's door, and of a missed contact; and that the words name nobody."""

from datetime import timedelta

import pytest

from server.households import people
from server.households.care import agreements, kinds, readings, register, ticking
from server.households.care.agreements import Agreed
from server.households.care.readings import Reading
from server.households.door import casing, talking
from server.households.door import ticking as reminding
from server.kernel import clock, database
from server.kernel.actor import the_system
from server.notices import following
from server.people import posts
from tests import cast as casting
from tests.cast import Cast
from tests.households.making import linked

Told = set[tuple[str, str, str]]


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def told() -> Told:
    """Name, title and page of every notice that is made now; then they are forgotten, so that the next stand alone."""
    while await following.follow(100):
        pass
    rows = await database.fetch(
        "SELECT a.name, n.title, n.href, n.line FROM notices n JOIN accounts a ON a.id = n.account"
    )
    text = " ".join(f"{row['title']} {row['line']}" for row in rows)
    assert not [secret for secret in ("李小梅", "婆婆", "13700000077", "501") if secret in text]
    await database.execute("DELETE FROM notices")
    return {(row["name"], row["title"], row["href"]) for row in rows}


async def test_the_door_tells_the_secretary_the_resident_and_above_by_number_alone(cast: Cast) -> None:
    thread = await talking.write(cast.community, "楼下的婆婆摔了", by=cast.resident)
    page = f"/desk/door/{thread}"
    assert await told() == {("赵书平", "有居民给您留了话", page)}
    day = (clock.now() + timedelta(days=2)).date()
    await talking.promise(thread, day, by=cast.secretary, seen=None)
    assert await told() == {("李小梅", "书记定了答复您的日子", "/door")}
    with clock.at(clock.now() + timedelta(days=5)):
        await reminding.tick()
    assert await told() == {
        ("赵书平", "居民的留言过了日子,还没答复", page),
        ("郑街明", "民乐社区有一条居民留言没按时答复", "/door/numbers"),
    }
    await casing.make(thread, "请看看", by=cast.secretary, seen=None)
    assert ("李小梅", "书记把您说的事转成了工单", "/door") in await told()
    await talking.answer(thread, "去过了", by=cast.secretary, seen=None)
    assert await told() == {("李小梅", "书记回了您的话", "/door")}


async def test_a_new_secretary_and_the_resident_hear_that_the_door_changed_hands(cast: Cast) -> None:
    thread = await talking.write(cast.community, "楼下的婆婆摔了", by=cast.resident)
    await told()
    await posts.vacate(cast.secretary.posts[0].id, cast.system_admin)
    heard = await told()
    assert ("郑街明", "有居民的留言到您这里", f"/desk/door/{thread}") in heard
    assert ("李小梅", "换了一位书记,接着答复您", "/door") in heard


async def test_a_missed_contact_and_an_alarm_reach_each_on_their_own_page(cast: Cast) -> None:
    made = await linked(cast)
    kind = await kinds.save("water", "用水有动静", "一天没有用水就来看看", "signal", 24, by=the_system("test"))
    [person] = await people.of(made)
    until = (clock.now() + timedelta(days=90)).date()
    told_of = Agreed(kinds=(kind,), person=person.id, until=until, witness="女儿")
    await agreements.agree(made, told_of, by=cast.staff, seen=None)
    await told()
    begun, page = clock.now(), f"/desk/households/{made}/care"
    with clock.at(begun + timedelta(hours=24, minutes=1)):
        await ticking.tick()
    assert await told() == {("孙先进", "该联系一户了", "/households")}
    with clock.at(begun + timedelta(hours=31)):
        await ticking.tick()
    assert await told() == {
        ("陈建国", "有一户没联系上,请去看看", page),
        ("赵书平", "有一户没联系上,请去看看", page),
    }
    [watch] = (await register.watches_of([made]))[made]
    secret = await readings.new_key(made, watch.id, by=cast.staff)
    with clock.at(begun + timedelta(hours=32)):
        await readings.receive(secret, Reading(id="1", said="alarm"))
        await ticking.tick()
    assert await told() == {("孙先进", "有一户的设备报警", "/households"), ("陈建国", "有一户的设备报警", page)}
