"""消息: what a person was told, and what of it is read, wherever it was read."""

from uuid import UUID

import httpx
import pytest

from server import cases
from server.cases import Reported
from server.devices import working_set
from server.kernel import clock, database
from server.kernel.ids import new_id
from server.notices import inbox
from server.notices.following import follow
from server.people.sessions import open_session
from tests import cast as casting
from tests.cast import Cast
from tests.web.signed_in import another, as_

LOOKING = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def accepted(cast: Cast, text: str = "井盖松了") -> Reported:
    report = await cases.report(cases.Telling(text=text, community_id=cast.community), cast.resident)
    await cases.accept(report.case_id, cast.staff, seen=None)
    await follow()
    return report


async def unread(cast: Cast) -> int:
    assert cast.resident.account_id is not None
    return await inbox.unread(cast.resident.account_id)


async def test_what_happened_is_in_the_inbox_and_its_number_on_every_page(web: httpx.AsyncClient, cast: Cast) -> None:
    report = await accepted(cast)
    client = await as_(web, cast.resident)
    for path in ("/", "/me", "/inbox", "/mine"):
        answer = await client.get(path, headers=LOOKING)
        assert 'data-unread="1"' in answer.text, path
    shown = (await client.get("/inbox", headers=LOOKING)).text
    assert "民乐社区已受理" in shown and f"/mine/{report.number}" in shown and "请马上看" not in shown
    assert "民乐社区已受理" not in (await (await as_(web, cast.neighbour)).get("/inbox", headers=LOOKING)).text


async def test_what_is_urgent_says_so(web: httpx.AsyncClient, cast: Cast) -> None:
    report = await accepted(cast)
    await cases.dispatch(report.case_id, cast.staff, seen=None, unit_id=cast.unit)
    await follow()
    assert "请马上看" in (await (await as_(web, cast.handler)).get("/inbox", headers=LOOKING)).text


async def test_opening_its_page_reads_it_on_every_device(web: httpx.AsyncClient, cast: Cast) -> None:
    report = await accepted(cast)
    other = await accepted(cast, "路灯不亮")
    phone, pc = await as_(web, cast.resident), await as_(web, cast.resident)
    assert 'data-unread="1"' in (await phone.get(f"/mine/{report.number}", headers=LOOKING)).text
    assert 'data-unread="1"' in (await pc.get("/me", headers=LOOKING)).text
    piece = await pc.get(f"/mine/{other.number}", headers={"HX-Request": "true"})
    assert piece.headers["huying-unread"] == "0"
    assert await unread(cast) == 0


@pytest.mark.parametrize("headers", [{"Accept": "*/*"}, {**LOOKING, "Sec-Purpose": "prefetch"}])
async def test_what_is_only_fetched_is_not_read(web: httpx.AsyncClient, cast: Cast, headers: dict[str, str]) -> None:
    report = await accepted(cast)
    await (await as_(web, cast.resident)).get(f"/mine/{report.number}", headers=headers)
    assert await unread(cast) == 1


async def test_a_page_that_was_not_shown_reads_nothing(web: httpx.AsyncClient, cast: Cast) -> None:
    report = await cases.report(cases.Telling(text="井盖松了", community_id=cast.community), cast.resident)
    await follow()
    owner = await database.fetch_value("SELECT account FROM notices WHERE href = $1", f"/desk/cases/{report.number}")
    without_password = another(web, {"huying": await open_session(owner)})
    answer = await without_password.get(f"/desk/cases/{report.number}", headers=LOOKING)
    assert answer.status_code == 303
    assert await inbox.unread(owner) == 1


async def test_all_are_read_at_once_but_not_what_came_since(web: httpx.AsyncClient, cast: Cast) -> None:
    await accepted(cast)
    client = await as_(web, cast.resident)
    until = await database.fetch_value("SELECT max(id::text) FROM notices WHERE account = $1", cast.resident.account_id)
    await accepted(cast, "路灯不亮")
    for _ in range(2):
        answer = await client.post("/inbox/readings", data={"until": until})
        assert answer.status_code == 303
        assert await unread(cast) == 1
    assert "都看过了" not in (await client.get("/inbox?only=unread", headers=LOOKING)).text


async def test_nobody_reads_for_somebody_else(web: httpx.AsyncClient, cast: Cast) -> None:
    report = await accepted(cast)
    client = await as_(web, cast.neighbour)
    latest = str(UUID(int=2**128 - 1))
    await client.post("/inbox/readings", data={"until": latest})
    await client.post("/inbox/opened", json={"opened": [{"path": "", "until": latest}]})
    await client.get(f"/mine/{report.number}", headers=LOOKING)
    assert await unread(cast) == 1


async def test_a_phone_says_later_what_was_opened_on_it(web: httpx.AsyncClient, cast: Cast) -> None:
    report = await accepted(cast)
    known = await database.fetch_value("SELECT max(id::text) FROM notices WHERE account = $1", cast.resident.account_id)
    await cases.ask(report.case_id, cast.staff, seen=None, text="几号?")
    await follow()
    client = await as_(web, cast.resident)
    opened = {"opened": [{"path": f"/mine/{report.number}", "until": known}]}
    for _ in range(2):
        assert (await client.post("/inbox/opened", json=opened)).status_code == 204
        assert await unread(cast) == 1, "what came after the phone had heard is unread still"


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"opened": [{"path": "/", "until": "x"}]}', b"\xff"])
async def test_what_no_phone_says_is_refused(web: httpx.AsyncClient, cast: Cast, body: bytes) -> None:
    answer = await (await as_(web, cast.resident)).post("/inbox/opened", content=body)
    assert answer.status_code == 422


async def test_the_phone_carries_the_newest_and_they_change_with_reading(web: httpx.AsyncClient, cast: Cast) -> None:
    await accepted(cast)
    before = (await working_set.changed(cast.resident, {}))["inbox"]
    assert b"\xe5\xb7\xb2\xe5\x8f\x97\xe7\x90\x86" in bytes(before.data) and b'"read":false' in bytes(before.data)
    await (await as_(web, cast.resident)).post("/inbox/readings", data={"until": str(UUID(int=2**128 - 1))})
    after = (await working_set.changed(cast.resident, {"inbox": before.hash}))["inbox"]
    assert b'"read":true' in bytes(after.data)
    assert "inbox" not in await working_set.changed(cast.stranger, {})


async def test_two_hundred_come_page_by_page(web: httpx.AsyncClient, cast: Cast) -> None:
    for number in range(120):
        await database.execute(
            """INSERT INTO notices (id, event, kind, receiver, account, urgency, title, line, href, stream, at)
               VALUES ($1, $2, 'rate', 'x', $3, 'soon', $4, '', '/mine/1', 'case:1', now())""",
            new_id(),
            new_id(),
            cast.resident.account_id,
            f"第{number}条",
        )
    client = await as_(web, cast.resident)
    first = (await client.get("/inbox", headers=LOOKING)).text
    assert "99+" in first and first.count("inbox-row") == 50 and "第119条" in first
    further = first.partition('rel="next"')[0].rpartition('href="')[2] or first.partition("/inbox?after=")[2]
    cursor = further.partition("after=")[2].partition('"')[0] or further.partition('"')[0]
    assert "第69条" in (await client.get(f"/inbox?after={cursor}", headers=LOOKING)).text
    assert (await client.get("/inbox?after=nonsense", headers=LOOKING)).status_code == 404


async def test_after_a_good_year_they_go(web: httpx.AsyncClient, cast: Cast) -> None:
    await accepted(cast)
    await inbox.sweep()
    assert await unread(cast) == 1
    with clock.at(clock.now() + inbox.KEPT * 1.01):
        await inbox.sweep()
    assert await unread(cast) == 0


async def test_who_is_signed_out_has_no_inbox(web: httpx.AsyncClient, cast: Cast) -> None:
    assert (await web.get("/inbox", headers=LOOKING)).status_code == 303
    assert "data-unread" not in (await web.get("/", headers=LOOKING)).text
