"""The pages of places: list, one, its changes, labels, and what a label opens."""

import html
import io
import re
from typing import Any

import httpx
from litestar.datastructures import MultiDict

from server.kernel import database
from server.kernel.ids import new_id
from server.patrols import codes, importing, keeping, kinds
from server.patrols import place as places
from tests import cast as making
from tests.cast import Cast, middle
from tests.patrols.making import QUESTIONS, kind, place
from tests.web.admining import agree, send, send_surely, words
from tests.web.signed_in import another, as_
from web.pages.places import choosing

PLACES = "/desk/places"


def _told(of: kinds.Kind, **also: Any) -> dict[str, Any]:
    longitude, latitude = middle(0)
    given = {"kind": of.id, "name": "沙县小吃", "address_text": "民治路 12 号", "operator": "张三丰"}
    return given | {"latitude": f"{latitude:.6f}", "longitude": f"{longitude:.6f}", "position_source": "phone"} | also


async def test_a_worker_adds_a_place_and_sees_it_listed(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    of = await kind(cast, "餐饮店", operator=True, asks=True)
    client = await as_(web, cast.grid_worker)
    assert "餐饮店" in words(await client.get(f"{PLACES}/new"))
    assert "几间房" in words(await client.get(f"{PLACES}/new?kind={of.id}"))
    done = await send(client, PLACES, **_told(of), **{"q.rooms": "３", "q.gas": "yes"})
    assert done.status_code == 303, words(done)
    shown = await client.get(done.headers["location"])
    assert all(word in words(shown) for word in ("沙县小吃", "几间房", "已登记"))
    assert "张三丰" not in shown.text
    assert "沙县小吃" in words(await client.get(PLACES))
    row = await database.fetch_one("SELECT grid, answers, position_source FROM places")
    assert row is not None and tuple(row) == (cast.grid, '{"gas": true, "rooms": 3}', "phone")


async def test_what_is_wrong_is_said_in_place_and_nothing_typed_is_lost(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    of = await kind(cast, "餐饮店", operator=True, asks=True)
    client = await as_(web, cast.grid_worker)
    answer = await send(client, PLACES, **_told(of, name="", operator_phone="x"), **{"q.rooms": "900"})
    assert answer.status_code == 422
    assert 'value="民治路 12 号"' in answer.text and 'value="900"' in answer.text
    assert "不能大于 300" in words(answer) and "名称是空的" in words(answer)
    assert await database.fetch_value("SELECT count(*) FROM places") == 0


async def test_sending_twice_adds_once_and_other_answers_under_the_same_command_are_refused(
    web: httpx.AsyncClient,
) -> None:
    cast = await making.gather()
    of = await kind(cast, asks=True)
    client = await as_(web, cast.grid_worker)
    command = {"command": str(new_id())}
    first = await client.post(PLACES, data=command | _told(of))
    again = await client.post(PLACES, data=command | _told(of))
    assert first.headers["location"] == again.headers["location"]
    other = await client.post(PLACES, data=command | _told(of) | {"q.rooms": "3"})
    assert other.status_code == 409
    assert await database.fetch_value("SELECT count(*) FROM places") == 1


async def test_a_change_keeps_the_masked_operator_and_the_untouched_position(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    of = await kind(cast, "出租屋", operator=True)
    made = await place(cast, of, accuracy=8.0, position_source="phone", latitude=22.6051234567)
    client = await as_(web, cast.staff)
    form = await client.get(f"{PLACES}/{made.code}/edit")
    assert "张三丰" not in form.text and "13912345678" not in form.text and "张**" in form.text
    told = _told(of, seen=1, operator="", latitude="22.605123", position_source="", external_code="X-1")
    assert (await send(client, f"{PLACES}/{made.code}", **told)).status_code == 303
    found = await places.load(made.place_id, cast.staff)
    assert (found.name, found.operator, found.operator_phone) == ("沙县小吃", "张三丰", "13912345678")
    assert (found.latitude, found.accuracy, found.position_source) == (22.6051234567, 8.0, "phone")
    stale = await send(client, f"{PLACES}/{made.code}", **told | {"name": "别的"})
    assert stale.status_code == 409 and "刘慧更改" in words(stale)


async def test_a_neighbour_changes_nothing(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    of = await kind(cast)
    made = await place(cast, of)
    client = await as_(web, cast.next_staff)
    for path in ("", "/retirement", "/retirement/end", "/merger", "/merger/end", "/reveals"):
        answer = await send(client, f"{PLACES}/{made.code}{path}", seen=1, reason="x", into="x", **_told(of))
        assert answer.status_code == 404, path
    assert (await places.load(made.place_id, cast.staff)).version == 1


async def test_a_place_is_retired_brought_back_merged_and_unmerged(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    of = await kind(cast)
    made, other = await place(cast, of), await place(cast, of, name="另一处")
    client = await as_(web, cast.staff)
    path = f"{PLACES}/{made.code}"
    assert (await send(client, f"{path}/retirement", seen=1)).status_code == 422
    assert (await send(client, f"{path}/retirement", seen=1, reason="拆了")).status_code == 303
    assert "拆了" in words(await client.get(path))
    assert (await send(client, f"{path}/retirement/end", seen=2)).status_code == 303
    assert (await send(client, f"{path}/merger", seen=3, into="不是编码")).status_code == 422
    assert (await send(client, f"{path}/merger", seen=3, into=codes.spaced(other.code).lower())).status_code == 303
    assert "现在是:另一处" in words(await client.get(path))
    assert (await client.get(f"{path}/edit")).status_code == 409
    assert (await send(client, f"{path}/merger/end", seen=4)).status_code == 303
    assert (await places.load(made.place_id, cast.staff)).live


async def test_a_repeated_retirement_is_harmless_and_the_worker_is_told_who_does_it(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    made = await place(cast, await kind(cast))
    path = f"{PLACES}/{made.code}/retirement"
    worker = await as_(web, cast.grid_worker)
    refused = await send(worker, path, seen=1, reason="拆了")
    assert refused.status_code == 409 and "由社区来做" in words(refused)
    client = await as_(web, cast.staff)
    sent = {"command": str(new_id()), "seen": "1", "reason": "拆了"}
    assert [(await client.post(path, data=sent)).status_code for _ in range(2)] == [303, 303]
    assert (await places.load(made.place_id, cast.staff)).version == 2


async def test_one_tap_calls_for_the_worker_and_others_say_why(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    made = await place(cast, await kind(cast, "出租屋", operator=True))
    path = f"{PLACES}/{made.code}"
    worker, staff = await as_(web, cast.grid_worker), await as_(web, cast.staff)
    assert "13912345678" not in (await worker.get(path)).text
    assert 'href="tel:13912345678"' in (await send(worker, f"{path}/reveals")).text
    refused = await send(staff, f"{path}/reveals")
    assert refused.status_code == 422 and "13912345678" not in refused.text
    assert "张三丰" in words(await send(staff, f"{path}/reveals", reason="通知停水"))
    told = await database.fetch_value("SELECT count(*) FROM events WHERE kind = 'place.revealed' AND internal")
    assert told == 2


async def test_the_list_narrows_by_its_address_and_a_code_leads_to_its_place(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    of, shops = await kind(cast), await kind(cast, "餐饮店", operator=True)
    made = await place(cast, of, external_code="XF-1")
    await place(cast, shops, name="沙县小吃")
    client = await as_(web, cast.centre)
    assert "消防栓" not in words(await client.get(f"{PLACES}?kind={shops.id}")).replace("消防栓 餐饮店", "")
    assert "沙县小吃" not in words(await client.get(f"{PLACES}?q=消防栓"))
    for typed in (made.code.lower(), codes.spaced(made.code), "XF-1"):
        assert (await client.get(f"{PLACES}?q={typed}")).headers["location"] == f"{PLACES}/{made.code}"
    assert "请先选一个社区" in words(await client.get(f"{PLACES}?unvisited=30"))
    assert "三栋东侧" in words(await client.get(f"{PLACES}?unvisited=30&community={cast.community}"))
    assert "没有找到" in words(await client.get(f"{PLACES}?q=没有的"))


def test_an_address_keeps_what_is_known_and_passes_over_the_rest() -> None:
    given = [("kind", "3"), ("unvisited", "31"), ("ended", "1"), ("q", " 小 吃\x00 "), ("grid", "x"), ("after", "1_2")]
    choice = choosing.read(MultiDict(given))
    assert choice.query() == "?kind=3&ended=1&q=%E5%B0%8F+%E5%90%83"
    assert choice.query(kind=None, after="9") == "?ended=1&q=%E5%B0%8F+%E5%90%83&after=9"


async def test_labels_carry_the_code_and_its_address(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    of = await kind(cast)
    made = await place(cast, of)
    await place(cast, of, cast.next_staff, square=2, name="邻居的")
    client = await as_(web, cast.grid_worker)
    sheet = await client.get(f"{PLACES}/labels")
    assert sheet.text.count('class="label"') == 1 and codes.spaced(made.code) in sheet.text
    assert "<svg" in sheet.text and "style=" not in sheet.text
    assert codes.spaced(made.code) in (await client.get(f"{PLACES}/labels?code={made.code}")).text
    assert (await (await as_(web, cast.next_staff)).get(f"{PLACES}/labels?code={made.code}")).status_code == 404


async def test_a_label_leads_its_worker_to_the_place_and_tells_others_only_what_it_is(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    made = await place(cast, await kind(cast, "出租屋", operator=True), name="张家出租屋")
    worker = await as_(web, cast.grid_worker)
    assert (await worker.get(f"/p/{made.code.lower()}")).headers["location"] == f"{PLACES}/{made.code}"
    for actor in (cast.stranger, cast.resident, cast.next_grid_worker, cast.handler):
        shown = await (await as_(web, actor)).get(f"/p/{made.code}")
        assert "民乐社区登记的一处出租屋" in words(shown)
        assert not any(secret in shown.text for secret in ("张家", "张三丰", "1391234", "民乐新村"))
    [query] = re.findall(r'href="(/report\?[^"]+)"', shown.text)
    report = await another(web).get(html.unescape(query))
    assert codes.spaced(made.code) in report.text


async def test_a_typed_code_is_taken_leniently_and_a_wrong_one_asks_again(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    made = await place(cast, await kind(cast))
    stranger = another(web)
    typed = codes.spaced(made.code).lower().replace("0", "o")
    assert (await stranger.get("/p", params={"code": typed})).headers["location"] == f"/p/{made.code}"
    assert (await stranger.get("/p", params={"code": "0000000001"})).status_code == 422
    assert (await stranger.get("/p/0000000001")).status_code == 404
    assert (await stranger.get("/p")).status_code == 200


async def test_a_merged_places_label_leads_to_where_it_went(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    of = await kind(cast)
    made, other = await place(cast, of), await place(cast, of)
    await keeping.merge_places(made.place_id, other.code, by=cast.staff, seen=1)
    worker = await as_(web, cast.grid_worker)
    assert (await worker.get(f"/p/{made.code}")).headers["location"] == f"{PLACES}/{other.code}"


async def test_a_file_is_looked_at_first_and_then_brought_in(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    await kind(cast)
    client = await as_(web, cast.staff)
    header = ",".join(importing.COLUMNS)
    good = f"{header}\n,消防栓,XF-1,一号消防栓,民治路,,,44030000100101,,\n"

    async def bring(text: str) -> httpx.Response:
        files = {"file": ("places.csv", io.BytesIO(text.encode()), "text/csv")}
        return await client.post(f"{PLACES}/import", data={"command": str(new_id())}, files=files)

    assert (await client.get(f"{PLACES}/import")).status_code == 200
    wrong = await bring(good + ",消防栓,XF-2,,民治路,,,44030000100101,,\n")
    assert wrong.status_code == 422 and "名称是空的" in words(wrong)
    asked = await bring(good)
    assert await database.fetch_value("SELECT count(*) FROM places") == 0
    done = await agree(client, asked)
    assert done.headers["location"] == f"{PLACES}?said=import"
    assert await database.fetch_value("SELECT count(*) FROM places") == 1


async def _kind_page(web: httpx.AsyncClient, cast: Cast) -> tuple[httpx.AsyncClient, str]:
    of = await kind(cast)
    return await as_(web, cast.area_admin), f"/admin/place-kinds/{of.id}"


async def test_an_administrator_adds_a_kind_and_publishes_its_questions_after_a_look(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    client, path = await _kind_page(web, cast)
    assert (await send(client, "/admin/place-kinds", name="井盖", code="manhole")).status_code == 303
    assert (await send(client, "/admin/place-kinds", name="井盖", code="manhole")).status_code == 422
    form = database.to_jsonb(QUESTIONS)
    asked = await send(client, f"{path}/versions", questions=form, seen=1)
    assert "新问:几间房" in words(asked)
    assert (await kinds.kind(int(path.rsplit("/", 1)[1]))).version == 1
    assert (await agree(client, asked)).status_code == 303
    assert "几间房" in words(await client.get(path))
    assert (await send(client, f"{path}/versions", questions="[", seen=2)).status_code == 422
    assert (await send_surely(client, f"{path}/versions", questions="[]", seen=2)).status_code == 303


async def test_a_kind_is_renamed_and_retired_and_nobody_else_may(web: httpx.AsyncClient) -> None:
    cast = await making.gather()
    client, path = await _kind_page(web, cast)
    assert (await send(client, path, name="室外消防栓")).status_code == 303
    assert "已停用" in words(await client.get(path))
    staff = await as_(web, cast.staff)
    assert (await send(staff, path, name="别的")).status_code == 404
