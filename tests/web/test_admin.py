"""The pages of administration as a whole: who may see them, what they never show, what odd addresses do."""

import httpx
import msgspec
import pytest

from server import cases
from server.areas import tree
from server.forms import publishing
from server.kernel import database, events
from server.kernel.actor import Actor, Role
from server.people import accounts, organisations, posts
from tests import cast as casting
from tests.cast import Cast
from tests.web.signed_in import another, as_

PHONE = "13911112222"


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def admin_of(area_id: int, phone: str = "13911110000", name: str = "小管") -> Actor:
    """An area administrator of one area, signed in by `as_`."""
    system = Actor(system="test", name="系统")
    account = await accounts.find_or_create(phone, system, name=name)
    post = await posts.create(Role.AREA_ADMIN, "管理员", area_id=area_id, by=system)
    await posts.hand_over(post, account, system)
    return Actor(account_id=account, name=name)


async def pages(cast: Cast) -> list[str]:
    """An address of every page that lies outside 向阳社区."""
    organisation = await organisations.create("民治党委", "committee", cast.street, by=cast.area_admin)
    return [
        f"/admin/areas/{cast.district}",
        f"/admin/areas/{cast.community}",
        f"/admin/areas/{cast.community}/shapes",
        f"/admin/areas/new?parent={cast.community}",
        f"/admin/units/{cast.unit}",
        f"/admin/organisations/{organisation}",
        f"/admin/posts/{cast.staff.posts[0].id}",
        f"/admin/posts/{cast.system_admin.posts[0].id}",
        f"/admin/posts/new?area={cast.grid}",
        f"/admin/posts/new?unit={cast.unit}",
        f"/admin/posts?area={cast.community}",
        f"/admin/accounts/{cast.staff.account_id}",
        f"/admin/accounts/{cast.resident.account_id}",
        "/admin/accounts/new",
        "/admin/areas/new",
    ]


async def test_another_areas_things_do_not_exist_for_an_area_administrator(web: httpx.AsyncClient, cast: Cast) -> None:
    mine = await as_(web, await admin_of(cast.next_community))
    for path in await pages(cast):
        assert (await mine.get(path)).status_code == 404, path
    assert (await mine.get(f"/admin/areas/{cast.next_community}")).status_code == 200
    assert (await mine.get(f"/admin/areas/{cast.next_grid}")).status_code == 200
    assert (await mine.get(f"/admin/posts/{cast.next_staff.posts[0].id}")).status_code == 200
    assert (await mine.get(f"/admin/accounts/{cast.next_staff.account_id}")).status_code == 200


async def test_lists_hold_the_own_subtree_only(web: httpx.AsyncClient, cast: Cast) -> None:
    mine = await as_(web, await admin_of(cast.next_community))
    for path in ("/admin", "/admin/areas", "/admin/posts", "/admin/units", "/admin/accounts", "/admin/organisations"):
        text = (await mine.get(path)).text
        for foreign in ("民乐", "赵书平", "市政维护队", "系管"):
            assert foreign not in text, (path, foreign)
    assert "吴敏" in (await mine.get("/admin/posts")).text
    assert "民乐" not in (await mine.get("/admin/areas?q=网格")).text
    assert "向阳一网格" in (await mine.get("/admin/areas?q=网格")).text


@pytest.mark.parametrize(
    "who",
    ["resident", "grid_worker", "party_member", "staff", "secretary", "street_secretary", "handler", "lead", "centre"],
)
async def test_the_pages_do_not_exist_for_others(web: httpx.AsyncClient, cast: Cast, who: str) -> None:
    client = await as_(web, getattr(cast, who))
    for path in ("/admin", f"/admin/areas/{cast.district}", "/admin/system", "/admin/imports/divisions"):
        assert (await client.get(path)).status_code == 404, path
    assert (await client.post(f"/admin/posts/{cast.staff.posts[0].id}/vacancy", data={})).status_code == 404


async def test_who_is_signed_out_is_asked_to_sign_in(web: httpx.AsyncClient, cast: Cast) -> None:
    answer = await another(web).get("/admin/posts")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin/staff?next=/admin/posts")


async def test_the_system_is_for_system_administrators_alone(web: httpx.AsyncClient, cast: Cast) -> None:
    assert (await (await as_(web, cast.area_admin)).get("/admin/system")).status_code == 404
    assert (await (await as_(web, cast.system_admin)).get("/admin/system")).status_code == 200


async def test_a_system_administrator_sees_no_case_and_no_resident(web: httpx.AsyncClient, cast: Cast) -> None:
    told = await cases.report(cases.Telling(text="水管爆裂在楼道", community_id=cast.community), cast.resident)
    client = await as_(web, cast.system_admin)
    owner = await database.fetch_value("SELECT owner_post FROM cases WHERE id = $1", told.case_id)
    for path in (
        "/admin",
        f"/admin/posts/{owner}",
        f"/admin/areas/{cast.community}",
        "/admin/accounts",
        "/admin/accounts?q=李小梅",
        "/admin/system",
    ):
        text = (await client.get(path)).text
        for hidden in ("水管爆裂", told.number, "李小梅", "13800000001"):
            assert hidden not in text.replace('value="李小梅"', ""), (path, hidden)
    for path in (f"/desk/cases/{told.number}", "/desk", f"/unit/cases/{told.number}", "/unit"):
        assert (await client.get(path)).status_code == 404, path


async def test_a_resident_who_calls_is_found_by_the_whole_number_and_masked(web: httpx.AsyncClient, cast: Cast) -> None:
    client = await as_(web, cast.system_admin)
    assert str(cast.resident.account_id) in (await client.get("/admin/accounts?q=138 0000 0001")).text
    text = (await client.get(f"/admin/accounts/{cast.resident.account_id}")).text
    assert "13800000001" not in text
    assert "138****0001" in text
    mine = await as_(web, cast.area_admin)
    assert str(cast.resident.account_id) not in (await mine.get("/admin/accounts?q=13800000001")).text


@pytest.mark.parametrize(
    "path",
    [
        "/admin/areas/0",
        "/admin/areas/-1",
        "/admin/areas/2147483648",
        "/admin/areas/99999999999999999999",
        "/admin/units/123456",
        "/admin/posts/2147483647",
        "/admin/organisations/7777",
        "/admin/accounts/00000000-0000-0000-0000-000000000000",
        "/admin/categories/424242",
        "/admin/categories/424242/versions",
        "/admin/calendar/1999",
        "/admin/calendar/2101",
        "/admin/imports/everything",
    ],
)
async def test_what_is_not_there_is_not_found(web: httpx.AsyncClient, cast: Cast, path: str) -> None:
    client = await as_(web, cast.system_admin)
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=%ff%fe", "q=%27%3B--", "q=" + "长" * 500, "q=%25_%5C", "from=-1", "from=99999999999", "role=king"],
)
async def test_odd_queries_are_taken_calmly(web: httpx.AsyncClient, cast: Cast, query: str) -> None:
    client = await as_(web, cast.area_admin)
    for path in ("/admin/areas", "/admin/units", "/admin/posts", "/admin/accounts", "/admin/categories"):
        assert (await client.get(f"{path}?{query}")).status_code == 200, path


async def test_names_are_escaped_wherever_they_are_shown(web: httpx.AsyncClient, cast: Cast) -> None:
    evil = "<script>alert(1)</script>"
    await tree.rename(cast.grid, evil, by=cast.area_admin)
    await posts.rename(cast.staff.posts[0].id, evil, cast.area_admin)
    made = await publishing.create("试用", "01", evil, by=cast.area_admin)
    client = await as_(web, cast.area_admin)
    for path in (
        f"/admin/areas/{cast.grid}",
        f"/admin/areas/{cast.community}",
        f"/admin/posts/{cast.staff.posts[0].id}",
        f"/admin/categories/{made.category_id}",
        "/admin/categories?q=script",
    ):
        text = (await client.get(path)).text
        assert evil not in text, path
        assert "&lt;script&gt;" in text, path


async def test_a_history_that_was_tampered_with_says_so(web: httpx.AsyncClient, cast: Cast) -> None:
    await tree.rename(cast.community, "新名", by=cast.area_admin)
    client, path = await as_(web, cast.area_admin), f"/admin/areas/{cast.community}"
    whole = (await client.get(path)).text
    assert "记录完整" in whole
    assert "民乐社区 → 新名" in whole
    [event] = await events.history(f"area:{cast.community}")
    content = msgspec.json.encode({**event.data, "to": "假名"})
    await database.execute("UPDATE events SET content = $2 WHERE id = $1", event.id, content)
    assert "记录对不上" in (await client.get(path)).text


async def test_times_of_signing_in_are_not_for_administrators(web: httpx.AsyncClient, cast: Cast) -> None:
    await as_(web, cast.staff)
    await accounts.rename(cast.staff.account_id, "刘小慧", cast.area_admin)  # type: ignore[arg-type]
    text = (await (await as_(web, cast.area_admin)).get(f"/admin/accounts/{cast.staff.account_id}")).text
    assert "记录完整" in text
    assert "刘慧 → 刘小慧" in text
    assert "signed_in" not in text
    assert "未知设备" not in text
