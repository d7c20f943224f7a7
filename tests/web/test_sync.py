"""POST /sync and PUT /sync/photos over HTTP: what is done, what is told, and that nothing is lost or done twice."""

import base64
import hashlib
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.cases import view
from server.devices import syncing
from server.kernel import database
from server.kernel.ids import new_id
from server.people import sealing
from server.people.sessions import revoke_others
from tests import cast as casting
from tests.cast import Cast
from tests.devices.phone import command, count, in_hand, told
from tests.photos import pictures
from tests.web.signed_in import another, as_


async def ask(client: httpx.AsyncClient, *commands: Any, **have: str) -> httpx.Response:
    return await client.post("/sync", json={"protocol": 1, "commands": list(commands), "have": have})


async def send(client: httpx.AsyncClient, *commands: Any, **have: str) -> dict[str, Any]:
    """The answer to a request that is answered."""
    answer = await ask(client, *commands, **have)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def put(
    client: httpx.AsyncClient, photo: object, content: bytes, digest: bytes | None = None, **headers: str
) -> httpx.Response:
    said = base64.b64encode(digest or hashlib.sha256(content).digest()).decode()
    return await client.put(
        f"/sync/photos/{photo}", content=content, headers={"Content-Digest": f"sha-256=:{said}:", **headers}
    )


async def phone(web: httpx.AsyncClient) -> httpx.AsyncClient:
    """A phone on which nobody is signed in, known by its cookie since it opened a page."""
    client = another(web)
    await client.get("/report")
    return client


async def with_photos(client: httpx.AsyncClient, cast: Cast, *photos: object) -> str:
    """A report from the phone that names photos; its number."""
    said = await send(client, told(cast, by=cast.stranger, photos=[str(one) for one in photos]))
    assert said["receipts"][0]["outcome"] == "done", said
    number: str = said["receipts"][0]["answer"]["number"]
    return number


async def test_a_report_without_an_account_arrives_and_opens_on_the_phone(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await phone(web)
    said = await send(client, told(cast, by=cast.stranger), told(cast, "还有一件", cast.stranger))
    numbers = [one["answer"]["number"] for one in said["receipts"]]
    for number in numbers:
        assert (await client.get(f"/mine/{number}")).status_code == 200
        assert "/signin" in (await another(web).get(f"/mine/{number}")).headers["location"]
    assert {one["number"] for one in said["sections"]["mine"]["data"]} == set(numbers)
    assert (await another(web).get(said["receipts"][0]["answer"]["link"])).status_code == 303


async def test_after_a_lost_answer_the_link_still_opens_and_nothing_is_made_twice(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await phone(web)
    one = told(cast, by=cast.stranger)
    first = await send(client, one)
    del client.cookies["huying_links"]
    second = await send(client, one)
    assert second["receipts"][0]["outcome"] == "already"
    assert second["receipts"][0]["answer"] == first["receipts"][0]["answer"]
    assert (await client.get(f"/mine/{first['receipts'][0]['answer']['number']}")).status_code == 200
    before = await count("link_cookies")
    await send(client, one)
    assert await count("link_cookies") == before


async def test_a_browser_that_comes_for_the_first_time_is_made_known_and_comes_again(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = another(web)
    one = told(cast, by=cast.stranger)
    outcomes = [(await send(client, one))["receipts"][0]["outcome"] for _ in range(3)]
    assert outcomes == ["not_yet", "done", "already"]


async def test_a_unit_takes_on_and_finishes(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    case = await in_hand(cast)
    client = await as_(web, cast.handler)
    work = (await send(client))["sections"]["unit"]["data"]
    assert [(one["number"], one["state"], one["mine"]) for one in work] == [(case.number, "in_hand", True)]
    said = await send(client, command("finish", cast.handler, number=case.number, seen=case.version, text="换好了"))
    assert said["receipts"][0]["answer"]["state"] == "finished"
    assert said["sections"]["unit"]["data"] == []


async def test_only_changed_sections_are_sent_and_what_is_not_theirs_is_taken_away(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await as_(web, cast.handler)
    await client.get("/unit")  # A page brings the cookie that the phone is known by.
    sections = (await send(client))["sections"]
    assert set(sections) == {"me", "places", "mine", "inbox", "unit"}
    hashes = {name: one["hash"] for name, one in sections.items()}
    assert (await send(client, **hashes))["sections"] == {}
    changed = await send(client, told(cast, by=cast.handler), **hashes)
    assert set(changed["sections"]) == {"mine"}
    assert sections["me"]["data"]["account"] == str(cast.handler.account_id)
    await database.execute("UPDATE holdings SET until = now() WHERE account = $1", cast.handler.account_id)
    after = (await send(client, **hashes))["sections"]
    assert after["unit"] == {"hash": "", "data": None}


async def test_the_key_is_an_accounts_own_and_the_same_at_every_sign_in(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    keys = [
        (await send(await as_(web, one)))["sections"]["me"]["data"]["key"]
        for one in (cast.resident, cast.resident, cast.neighbour)
    ]
    assert keys[0] == keys[1] != keys[2] and len(base64.urlsafe_b64decode(keys[0] + "=")) == 32
    nobody = (await send(await phone(web)))["sections"]
    assert nobody["me"]["data"]["key"] is None and set(nobody) == {"me", "places"}


async def test_without_a_session_the_queue_of_an_account_stays(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    answer = await ask(await phone(web), told(cast))
    assert answer.status_code == 401 and "登录" in answer.json()["detail"]
    assert await count("receipts") == 0


async def test_a_session_revoked_or_an_account_closed_midway_loses_nothing(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await as_(web, cast.resident)
    first, second = told(cast, "一"), told(cast, "二")
    assert (await ask(client, first)).status_code == 200
    await revoke_others(cast.resident)
    assert (await ask(client, first, second)).status_code == 401
    again = await as_(web, cast.resident)
    assert [one["outcome"] for one in (await send(again, first, second))["receipts"]] == ["already", "done"]
    assert cast.resident.account_id is not None
    await database.execute("UPDATE accounts SET closed_at = now() WHERE id = $1", cast.resident.account_id)
    assert (await ask(again, told(cast))).status_code == 401
    assert await count("reports") == 2


HALF = '{"protocol":1,"commands":[{"id":"0190'


@pytest.mark.parametrize(
    "body", ["", "null", "5", HALF, "[]", '{"protocol":1,"commands":{}}', '{"protocol":1,"more":1}', "[" * 5000]
)
async def test_what_is_not_json_of_this_shape_is_400(web: httpx.AsyncClient, body: str) -> None:
    answer = await (await phone(web)).post("/sync", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400 and answer.json()["detail"]
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_bytes_that_are_no_text_are_400(web: httpx.AsyncClient) -> None:
    assert (await (await phone(web)).post("/sync", content=b"\xff\xfe\x00" * 50)).status_code == 400


async def test_ten_megabytes_are_413(web: httpx.AsyncClient) -> None:
    answer = await (await phone(web)).post("/sync", content=b" " * 10_000_000, headers={"Accept": "application/json"})
    assert answer.status_code == 413


async def test_more_than_fifty_commands_are_413_and_none_is_done(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    answer = await ask(await as_(web, cast.resident), *(told(cast, str(n)) for n in range(51)))
    assert answer.status_code == 413
    assert await count("receipts") == 0


@pytest.mark.parametrize("protocol", [0, 2, -1, 10**30])
async def test_a_protocol_that_is_not_understood_is_426(web: httpx.AsyncClient, protocol: int) -> None:
    answer = await (await phone(web)).post("/sync", json={"protocol": protocol, "commands": []})
    assert answer.status_code == (426 if protocol < 10**20 else answer.status_code)
    assert answer.status_code in (400, 426)


async def test_a_flood_is_429_and_says_when(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await as_(web, cast.resident)
    await client.get("/")
    device = hashlib.sha256(client.cookies["huying_device"].encode()).hexdigest()
    for key in ("192.0.2.99", device):
        spent = sealing.bucket("sync", key)
        await database.execute("INSERT INTO buckets (key, tokens, at) VALUES ($1, 0, now())", spent)
    answer = await ask(client, told(cast))
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) > 0


async def test_a_fault_of_the_whole_request_is_503_with_words(
    web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = await casting.gather()

    async def gone(*_: Any, **__: Any) -> None:
        raise ConnectionError("secret address")

    monkeypatch.setattr(syncing, "sync", gone)
    answer = await ask(await as_(web, cast.resident), told(cast))
    assert answer.status_code == 503 and "secret" not in answer.text


async def test_another_sites_page_sends_nothing(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await as_(web, cast.resident)
    content = json.dumps({"protocol": 1, "commands": [told(cast)]})
    answer = await client.post("/sync", content=content, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert await count("reports") == 0


async def test_photos_come_before_or_after_their_report_in_any_order(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await phone(web)
    photos = [new_id() for _ in range(3)]
    contents = [pictures.jpeg(40 + n, 30) for n in range(3)]
    assert (await put(client, photos[1], contents[1])).json()["outcome"] == "done"
    number = await with_photos(client, cast, *photos)
    page = await client.get(f"/mine/{number}")
    assert "还有 2 张照片没到" in page.text
    seen = await view.view(number, cast.staff)
    assert (seen.missing.count, [one.id for one in seen.photos]) == (2, [photos[1]])
    desk = await (await as_(web, cast.staff)).get(f"/desk/cases/{number}")
    assert "还有 2 张照片没到" in desk.text
    for place in (2, 0):
        assert (await put(client, photos[place], contents[place])).json()["outcome"] == "done"
    seen = await view.view(number, cast.staff)
    assert (seen.missing.count, {one.id for one in seen.photos}) == (0, set(photos))
    assert "张照片没到" not in (await client.get(f"/mine/{number}")).text
    assert await database.fetch_value("SELECT array_agg(photo ORDER BY place) FROM case_photos") == photos
    assert await count("awaited_photos") == 0


async def test_a_photo_sent_again_is_already_there_and_another_one_is_refused(web: httpx.AsyncClient) -> None:
    client = await phone(web)
    photo, content = new_id(), pictures.jpeg(50, 40)
    outcomes = [(await put(client, photo, content)).json()["outcome"] for _ in range(3)]
    assert outcomes == ["done", "already", "already"]
    other = await put(client, photo, pictures.jpeg(60, 40))
    assert (other.status_code, other.json()["outcome"]) == (409, "refused")
    assert (await put(await phone(web), photo, content)).status_code == 409
    assert await count("photos") == 1


async def test_only_the_sender_of_the_record_sends_its_photos(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client, photo, content = await phone(web), new_id(), pictures.jpeg(50, 40)
    await with_photos(client, cast, photo)
    for other in (await phone(web), await as_(web, cast.neighbour)):
        await other.get("/report")
        assert (await put(other, photo, content)).status_code == 409
    assert await count("photos") == 0
    assert (await put(client, photo, content)).json()["outcome"] == "done"
    assert await count("case_photos") == 1


async def test_a_photo_that_was_harmed_on_its_way_comes_again(web: httpx.AsyncClient) -> None:
    client, photo, content = await phone(web), new_id(), pictures.jpeg(50, 40)
    harmed = await put(client, photo, content[:-20], hashlib.sha256(content).digest())
    assert (harmed.status_code, harmed.json()["outcome"]) == (400, "not_yet")
    assert (await client.put(f"/sync/photos/{photo}", content=content)).status_code == 400
    assert (await put(client, photo, content)).json()["outcome"] == "done"


async def test_a_photo_that_cannot_be_taken_is_told_on_the_report(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client, photo = await phone(web), new_id()
    number = await with_photos(client, cast, photo)
    answer = await put(client, photo, b"%PDF-1.7 no photo")
    assert (answer.status_code, answer.json()["outcome"]) == (422, "refused") and answer.json()["words"]
    page = (await client.get(f"/mine/{number}")).text
    assert "有一张照片没有收下" in page and "张照片没到" not in page


async def test_a_photo_without_a_device_comes_again_with_it(web: httpx.AsyncClient) -> None:
    client, photo, content = another(web), new_id(), pictures.jpeg(50, 40)
    assert [(await put(client, photo, content)).status_code for _ in range(2)] == [503, 200]


async def test_a_demanded_photo_may_be_on_its_way(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    case = await in_hand(cast)
    category = await database.fetch_value(
        """WITH made AS (INSERT INTO categories (standard, code, name, path, is_leaf, since)
                         VALUES ('T', '1', '井盖', '井盖', TRUE, now()) RETURNING id)
           INSERT INTO category_versions (category, version, allowances, photo_after, needs_check, since)
           SELECT id, 1, '{}', TRUE, TRUE, now() FROM made RETURNING id"""
    )
    await database.execute("UPDATE cases SET category_version = $1", category)
    client = await as_(web, cast.handler)
    await client.get("/")
    base = {"number": case.number, "seen": case.version, "text": "换好了"}
    without = (await send(client, command("finish", cast.handler, **base)))["receipts"][0]
    assert without["outcome"] == "refused" and "after" in without["fields"]
    photo = new_id()
    done = (await send(client, command("finish", cast.handler, **base, after=[str(photo)])))["receipts"][0]
    assert done["outcome"] == "done"
    assert (await view.view(case.number, cast.staff)).missing.count == 1
    assert (await put(client, photo, pictures.jpeg(50, 40))).status_code == 200
    assert [one.role for one in (await view.view(case.number, cast.staff)).photos] == ["after"]


async def test_the_schema_names_every_refusal(web: httpx.AsyncClient) -> None:
    schema = (await web.get("/api/schema/openapi.json")).json()
    assert {"200", "400", "401", "413", "426", "429"} <= set(schema["paths"]["/sync"]["post"]["responses"])
    photo = schema["paths"]["/sync/photos/{photo_id}"]["put"]["responses"]
    assert {"200", "400", "409", "422", "429", "503"} <= set(photo)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=30),
    st.sampled_from(["\x00", "\ud800", "report", "finish", "take_on", "1970-01-01T00:00:00Z", "9" * 40]),
    st.lists(st.text(max_size=5), max_size=3),
)
DATA = st.dictionaries(
    st.sampled_from(
        ["text", "number", "seen", "community_id", "latitude", "longitude", "photos", "after", "phone", "x"]
    ),
    ODD,
    max_size=6,
)
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.one_of(st.uuids().map(str), ODD),
        "account": st.one_of(st.none(), ODD),
        "protocol": st.one_of(st.just(1), ODD),
        "verb": st.one_of(st.sampled_from(["report", "take_on", "finish"]), ODD),
        "at": ODD,
        "data": st.one_of(DATA, ODD),
        "form": ODD,
        "mends": st.one_of(st.none(), st.uuids().map(str), ODD),
        "x": ODD,
    },
)
WHOLE = st.fixed_dictionaries(
    {
        "id": st.uuids().map(str),
        "account": st.none(),
        "protocol": st.just(1),
        "verb": st.just("report"),
        "at": st.text(max_size=40),
        "data": st.fixed_dictionaries(
            {"text": st.text(max_size=50), "community_id": st.sampled_from(["here", "here", "here", None, -5, 2**70])},
            optional={
                "latitude": st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
                "longitude": st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
                "accuracy": st.floats(allow_nan=False, allow_infinity=False),
                "place": st.text(max_size=300),
                "name": st.text(max_size=20),
                "phone": st.text(max_size=20),
                "photos": st.lists(st.uuids().map(str), max_size=12),
            },
        ),
    }
)
COMMANDS = st.one_of(st.lists(st.one_of(MEMBERS, WHOLE), max_size=4), st.lists(WHOLE, min_size=1, max_size=3))


async def test_no_body_breaks_the_server(web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = await casting.gather()
    client = await phone(web)

    async def no_limit(by: Any) -> None:
        return None

    monkeypatch.setattr(syncing, "_limit", no_limit)
    bodies: list[tuple[Any, Any, int]] = []

    @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(st.one_of(MEMBERS, WHOLE), max_size=4),
        st.sampled_from([{}, {}, {}, None, {"me": "x"}]),
        st.integers(0, 40),
    )
    def collect(commands: Any, have: Any, cut: int) -> None:
        bodies.append((commands, have, cut))

    collect()
    bodies.append(([told(cast, by=cast.stranger)], {}, 40))
    for commands, have, cut in bodies:
        whole = json.dumps({"protocol": 1, "commands": commands, "have": have})
        whole = whole.replace('"here"', str(cast.community))
        content = (whole[: len(whole) - cut] if cut < 4 else whole).encode()
        answer = await client.post("/sync", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code in (200, 400, 401), (answer.status_code, answer.text, content)
        if answer.status_code == 200:
            receipts = answer.json()["receipts"]
            assert len(receipts) == len(commands)
            assert all(one["reason"] != "busy" for one in receipts), (receipts, content)
    assert await count("reports") > 0, "too little of it was read for the test to mean something"
