"""The desk's page for files that phones made: opened, shown in words, brought in."""

import re

import httpx

from server.devices import export_file
from tests import cast as casting
from tests.cast import Cast
from tests.devices import exporting
from tests.devices.phone import count, outcomes, told
from tests.photos import pictures
from tests.web.signed_in import as_


async def _take(client: httpx.AsyncClient, sent: bytes) -> httpx.Response:
    return await client.post("/desk/exports", files={"file": ("手机.huying", sent, "application/octet-stream")})


async def _page(client: httpx.AsyncClient, sent: bytes) -> str:
    answer = await _take(client, sent)
    assert answer.status_code == 303
    return answer.headers["location"]


async def _two(cast: Cast) -> bytes:
    first = told(cast, name="李小梅")
    return exporting.file(
        cast.resident, [first, told(cast, "井盖松了")], [exporting.photo(first, pictures.jpeg(64, 48))]
    )


async def test_a_file_is_shown_in_words_and_nothing_is_done_yet(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await as_(web, cast.staff)
    shown = await client.get(await _page(client, await _two(cast)))
    assert "有 2 条还没收下" in shown.text and "路灯坏了" in shown.text and "照片 1 张" in shown.text
    assert "李**" in shown.text and "李小梅" not in shown.text
    assert await count("cases") == 0


async def test_brought_in_each_has_its_receipt(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await as_(web, cast.staff)
    path = await _page(client, await _two(cast))
    answer = await client.post(f"{path}/intake")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    shown = await client.get(path)
    assert "都收下了,共 2 条" in shown.text
    assert len(re.findall(r'href="/desk/cases/\d+"', shown.text)) == 2
    assert "全部收下" not in shown.text


async def test_bringing_in_again_is_harmless(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await as_(web, cast.staff)
    sent = await _two(cast)
    for path in (await _page(client, sent), await _page(client, sent)):
        assert (await client.post(f"{path}/intake")).status_code == 303
        assert (await client.post(f"{path}/intake")).status_code == 303
    assert await count("cases") == 2


async def test_the_neighbour_opens_nothing(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    sent = await _two(cast)
    path = await _page(await as_(web, cast.staff), sent)
    for other in (cast.neighbour, cast.handler, cast.grid_worker):
        client = await as_(web, other)
        for answer in (await client.get("/desk/exports"), await _take(client, sent), await client.get(path)):
            assert answer.status_code == 404
        assert (await client.post(f"{path}/intake")).status_code == 404
    assert (await web.get("/desk/exports")).status_code == 303


async def test_anothers_opened_file_is_not_there(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    path = await _page(await as_(web, cast.staff), await _two(cast))
    client = await as_(web, cast.second_staff)
    assert (await client.get(path)).status_code == 409
    assert (await client.post(f"{path}/intake")).status_code == 409
    assert await count("cases") == 0


async def test_another_areas_desk_brings_it_in_and_then_sees_the_number_alone(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await as_(web, cast.next_staff)
    path = await _page(client, await _two(cast))
    assert "路灯坏了" in (await client.get(path)).text
    await client.post(f"{path}/intake")
    shown = (await client.get(path)).text
    assert "回执" in shown and "路灯坏了" not in shown and "/desk/cases/" not in shown


async def test_what_is_no_file_of_ours_is_said_in_place(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await as_(web, cast.staff)
    for sent, why in ((b"hello", "other"), ((await _two(cast))[:-5], "damaged")):
        answer = await _take(client, sent)
        assert answer.status_code == 422 and export_file.WORDS[why] in answer.text
    assert (await client.post("/desk/exports")).status_code == 422


async def test_hostile_words_stay_words(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await as_(web, cast.staff)
    sent = exporting.file(cast.resident, [told(cast, "<script>alert(1)</script>")])
    shown = await client.get(await _page(client, sent))
    assert "<script>alert" not in shown.text and "&lt;script&gt;alert" in shown.text


async def test_what_came_from_the_phone_meanwhile_is_shown_as_received(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await as_(web, cast.staff)
    one = told(cast)
    path = await _page(client, exporting.file(cast.resident, [one]))
    assert await outcomes(cast.resident, one) == ["done"]
    shown = await client.get(path)
    assert "已收下" in shown.text and "全部收下" not in shown.text
