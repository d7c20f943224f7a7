"""The pages of the secretary's door: the resident's, the secretary's, and the public numbers."""

from datetime import timedelta

import httpx
import pytest

from server.households.door import thread as threads
from server.kernel import clock, database, events
from server.kernel.clock import BEIJING
from server.kernel.ids import new_id
from tests import cast as casting
from tests.cast import Cast
from tests.web.signed_in import another, as_


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


def command(**fields: str) -> dict[str, str]:
    return {"command": str(new_id()), **fields}


async def seen(web: httpx.AsyncClient) -> str:
    return str(await database.fetch_value("SELECT version FROM door_threads"))


async def test_from_the_first_word_to_the_answer_and_the_case(web: httpx.AsyncClient, cast: Cast) -> None:
    resident = await as_(web, cast.resident)
    assert "跟书记说" in (await resident.get("/door")).text
    refused = await resident.post("/door", data=command(community_id=str(cast.community), text=" "))
    assert refused.status_code == 422 and "请写想跟书记说的话" in refused.text
    kept = await resident.post("/door", data=command(text="楼下的婆婆摔了"))
    assert kept.status_code == 422 and "楼下的婆婆摔了" in kept.text and "请选择社区" in kept.text
    sent = command(community_id=str(cast.community), text="楼下的婆婆摔了")
    for _ in range(2):
        assert (await resident.post("/door", data=sent)).status_code == 303
    shown = (await resident.get("/door")).text
    assert shown.count("<p>楼下的婆婆摔了</p>") == 1 and "等书记定日子" in shown and "赵书平" in shown
    secretary = await as_(web, cast.secretary)
    assert "李**" in (await secretary.get("/desk/door")).text
    page = f"/desk/door/{await database.fetch_value('SELECT id FROM door_threads')}"
    assert "楼下的婆婆摔了" in (await secretary.get(page)).text
    day = clock.now().astimezone(BEIJING).date() + timedelta(days=3)
    stale = await secretary.post(f"{page}/promises", data=command(seen="1", day=str(day)))
    assert stale.status_code == 409
    wrong = await secretary.post(f"{page}/promises", data=command(seen=await seen(web), day="2020-01-01"))
    assert wrong.status_code == 422 and "两个月以内" in wrong.text
    assert (
        await secretary.post(f"{page}/promises", data=command(seen=await seen(web), day=str(day)))
    ).status_code == 303
    assert f"{day.month}月{day.day}日 前答复" in (await resident.get("/door")).text
    made = command(seen=await seen(web), text="楼下有老人摔了,请上门看看", private="on")
    for _ in range(2):
        assert (await secretary.post(f"{page}/cases", data=made)).status_code == 303
    assert (
        await secretary.post(f"{page}/answers", data=command(seen=await seen(web), text="网格员去过了"))
    ).status_code == 303
    shown = (await resident.get("/door")).text
    assert "网格员去过了" in shown and "已答复" in shown and "已转成工单" in shown
    assert "<strong>民乐社区</strong>" not in shown
    public = (await another(web).get("/door/numbers")).text
    assert "民乐社区" in public and "100%" in public and "婆婆" not in public


async def test_only_its_secretary_opens_it_and_seeing_the_name_is_an_event(web: httpx.AsyncClient, cast: Cast) -> None:
    resident = await as_(web, cast.resident)
    await resident.post("/door", data=command(community_id=str(cast.community), text="楼下的婆婆摔了"))
    thread = await database.fetch_value("SELECT id FROM door_threads")
    for by in (cast.next_secretary, cast.street_secretary, cast.staff, cast.centre, cast.system_admin, cast.neighbour):
        client = await as_(web, by)
        assert (await client.get(f"/desk/door/{thread}")).status_code == 404
        assert (await client.post(f"/desk/door/{thread}/answers", data=command(seen="2", text="好"))).status_code == 404
        assert (await client.post(f"/door/{thread}/erasure", data=command(sure="on"))).status_code == 404
    secretary = await as_(web, cast.secretary)
    assert "李小梅" not in (await secretary.get(f"/desk/door/{thread}")).text
    assert "李小梅" in (await secretary.post(f"/desk/door/{thread}/reveals", data=command())).text
    kinds = [event.kind for event in await events.history(threads.stream_of(thread))]
    assert kinds[-1] == "door.revealed"
    for _ in range(2):
        assert (await resident.post(f"/door/{thread}/erasure", data=command(sure="on"))).status_code == 303
    assert "婆婆" not in (await secretary.get(f"/desk/door/{thread}")).text
