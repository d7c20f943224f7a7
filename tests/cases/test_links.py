"""Following a report without an account, and claiming it later."""

from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio

from server import cases
from server.cases import links
from server.cases.mine import mine
from server.cases.view import may_see_photo, view
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.errors import NotFound, SignInNeeded
from tests import cast as casting
from tests.cast import Cast


@pytest_asyncio.fixture(loop_scope="session")
async def cast(db: None) -> AsyncIterator[Cast]:
    yield await casting.gather()


async def told(cast: Cast, phone: str = "") -> cases.Reported:
    return await cases.report(cases.Telling(text="井盖松了", community_id=cast.community, phone=phone), cast.stranger)


async def with_link(cast: Cast, report: cases.Reported, token: str | None = None) -> Actor:
    assert report.link is not None
    opened = await links.open_link(links.secret_of(report.link), token)
    return msgspec.structs.replace(cast.stranger, links=await links.reports_of(opened.token))


async def test_the_link_opens_the_report_and_nothing_else(cast: Cast) -> None:
    report, other = await told(cast), await told(cast)
    follower = await with_link(cast, report)
    assert (await view(report.number, follower)).tellings[0].text == "井盖松了"
    with pytest.raises(NotFound):
        await view(other.number, follower)


async def test_without_the_link_a_number_opens_nothing(cast: Cast) -> None:
    report = await told(cast)
    with pytest.raises(NotFound):
        await view(report.number, cast.stranger)


async def test_a_secret_is_nowhere_in_the_database(cast: Cast) -> None:
    report = await told(cast)
    assert report.link is not None
    secret = links.secret_of(report.link)
    stored = await database.fetch("SELECT * FROM report_links")
    assert secret not in str([dict(row) for row in stored])


async def test_a_wrong_secret_is_not_found(cast: Cast) -> None:
    for wrong in ("", "x" * 43, "../../etc"):
        with pytest.raises(NotFound):
            await links.open_link(wrong, None)


async def test_one_cookie_holds_several_reports(cast: Cast) -> None:
    first, second = await told(cast), await told(cast)
    assert first.link and second.link
    opened = await links.open_link(links.secret_of(first.link), None)
    again = await links.open_link(links.secret_of(second.link), opened.token)
    assert again.token == opened.token
    assert set(await links.reports_of(opened.token)) == {first.report_id, second.report_id}
    await links.open_link(links.secret_of(second.link), opened.token)
    assert len(await links.reports_of(opened.token)) == 2


async def test_the_phone_claims_its_report_and_the_link_ends(cast: Cast) -> None:
    report = await told(cast, phone="13800000001")
    follower = await with_link(cast, report)
    assert [one.number for one in await links.claimable(cast.resident)] == [report.number]
    assert await links.claim(cast.resident) == [report.number]
    assert await links.claim(cast.resident) == []
    assert [one.number for one in await mine(cast.resident)] == [report.number]
    assert report.link is not None
    with pytest.raises(NotFound):
        await links.open_link(links.secret_of(report.link), None)
    assert follower.links


async def test_another_phone_claims_nothing(cast: Cast) -> None:
    await told(cast, phone="13800000001")
    assert await links.claim(cast.neighbour) == []


async def test_nobody_claims_what_belongs_to_an_account(cast: Cast) -> None:
    report = await told(cast, phone="13800000001")
    await links.claim(cast.resident)
    thief = msgspec.structs.replace(cast.neighbour, links=(report.report_id,))
    assert await links.claim(thief) == []


async def test_claiming_needs_an_account(cast: Cast) -> None:
    with pytest.raises(SignInNeeded):
        await links.claim(cast.stranger)


async def test_a_photo_is_seen_by_who_may_see_its_case(cast: Cast) -> None:
    photo = await casting.photo(cast.stranger)
    assert await may_see_photo(photo, cast.stranger)
    assert not await may_see_photo(photo, cast.resident)
    telling = cases.Telling(text="井盖松了", community_id=cast.community, photos=(photo,))
    report = await cases.report(telling, cast.stranger)
    assert not await may_see_photo(photo, cast.stranger)
    assert await may_see_photo(photo, await with_link(cast, report))
    assert await may_see_photo(photo, cast.staff)
    for other in (cast.next_staff, cast.neighbour, cast.system_admin, cast.handler):
        assert not await may_see_photo(photo, other)
