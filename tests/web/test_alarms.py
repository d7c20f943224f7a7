"""预警: what is late or stuck, seen by those whose it is; and the answer to a low rating."""

from datetime import timedelta

import httpx
import pytest

from server import cases
from server.kernel import clock
from server.kernel.ids import new_id
from server.notices.alarms.ticking import tick
from server.notices.following import follow
from tests import cast as casting
from tests.cast import Cast
from tests.web.signed_in import as_

LATER = timedelta(days=40)


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def late(cast: Cast, text: str = "井盖松了", *, private: bool = False, unit: int | None = None) -> cases.Reported:
    """A case that was told forty days ago and is on its way up the ladder."""
    with clock.at(clock.now() - LATER):
        telling = cases.Telling(text=text, community_id=cast.community, private=private)
        report = await cases.report(telling, cast.resident)
        if unit is not None:
            await cases.accept(report.case_id, cast.secretary, seen=None)
            await cases.dispatch(report.case_id, cast.secretary, seen=None, unit_id=unit)
    await follow()
    await tick()
    await follow()
    return report


async def test_who_has_or_oversees_it_sees_it_on_the_list_and_on_its_page(web: httpx.AsyncClient, cast: Cast) -> None:
    report = await late(cast, unit=cast.unit)
    for who, base in ((cast.lead, "/unit"), (cast.staff, "/desk"), (cast.centre, "/desk")):
        client = await as_(web, who)
        shown = (await client.get("/alarms")).text
        assert "井盖松了" in shown and f"{base}/cases/{report.number}" in shown and "已报到区里" in shown
        assert "已超期" in (await client.get(f"{base}/cases/{report.number}")).text
    for who in (cast.next_staff, cast.next_handler):
        assert "没有拖着的事" in (await (await as_(web, who)).get("/alarms")).text


async def test_private_ones_are_the_secretarys(web: httpx.AsyncClient, cast: Cast) -> None:
    await late(cast, "家里的事", private=True)
    assert "家里的事" in (await (await as_(web, cast.secretary)).get("/alarms")).text
    for who in (cast.staff, cast.centre):
        assert "家里的事" not in (await (await as_(web, who)).get("/alarms")).text


async def test_one_kind_can_be_chosen_and_a_long_list_goes_on(
    web: httpx.AsyncClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kernel.pages.SIZE", 2)
    for n in range(5):
        await late(cast, f"第{n}件")
    client = await as_(web, cast.secretary)
    seen, path = set[str](), "/alarms?only=overdue"
    while path:
        shown = (await client.get(path)).text
        seen |= {f"第{n}件" for n in range(5) if f"第{n}件" in shown}
        links = [part.partition('"')[0] for part in shown.split('href="') if part.startswith("/alarms?after=")]
        path = links[0].replace("&amp;", "&") if links else ""
    assert len(seen) == 5
    assert "这一类现在没有" in (await client.get("/alarms?only=floating")).text
    assert "第0件" in (await client.get("/alarms?only=nonsense")).text
    assert (await client.get("/alarms?after=nonsense")).status_code == 404


async def test_a_low_rating_is_answered_once_and_the_resident_reads_it(web: httpx.AsyncClient, cast: Cast) -> None:
    report = await cases.report(cases.Telling(text="井盖松了", community_id=cast.community), cast.resident)
    await cases.answer(report.case_id, cast.staff, seen=None, text="知道了")
    desk = await as_(web, cast.staff)
    page = f"/desk/cases/{report.number}"
    assert "do=respond" not in (await desk.get(page)).text
    rated = await cases.rate(report.case_id, cast.resident, seen=None, stars=1, reason="not_fixed")
    assert "do=respond" in (await desk.get(page)).text
    assert "想对上报人说什么" in (await desk.get(f"{page}?do=respond")).text
    said = {"command": str(new_id()), "seen": str(rated.version)}
    empty = await desk.post(f"{page}/response", data={**said, "text": " "})
    assert empty.status_code == 422 and "想对上报人说什么" in empty.text
    sent = {**said, "text": "对不起,明天一早去换"}
    assert (await desk.post(f"{page}/response", data=sent)).status_code == 303
    assert "do=respond" not in (await desk.get(page)).text
    again = await desk.post(f"{page}/response", data={"command": str(new_id()), "seen": "4", "text": "还有一句"})
    assert again.status_code == 409 and "没有等着回应的低评价" in again.text and "还有一句" in again.text
    assert "对不起,明天一早去换" in (await (await as_(web, cast.resident)).get(f"/mine/{report.number}")).text
    assert (await (await as_(web, cast.next_staff)).post(f"{page}/response", data=sent)).status_code == 404
