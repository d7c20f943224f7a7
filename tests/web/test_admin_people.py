"""Units, organisations, posts and accounts over the pages: whom a change touches is said before it is made."""

from uuid import UUID

import httpx
import pytest

from server import cases
from server.kernel import database, events
from server.kernel.ids import new_id
from server.people import accounts, organisations, posts, sessions
from tests import cast as casting
from tests.cast import Cast
from tests.web.admining import agree, form_of, send, send_surely, words
from tests.web.signed_in import another, as_
from tests.web.test_admin import PHONE, admin_of


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


@pytest.fixture
async def admin(web: httpx.AsyncClient, cast: Cast) -> httpx.AsyncClient:
    return await as_(web, cast.area_admin)


async def holder(post_id: int) -> UUID | None:
    found: UUID | None = await database.fetch_value(
        "SELECT account FROM holdings WHERE post = $1 AND until IS NULL", post_id
    )
    return found


async def told(stream: str) -> list[str]:
    return [event.kind for event in await events.history(stream)]


async def owned_case(cast: Cast) -> tuple[cases.Reported, int]:
    """A case of 民乐社区 and the post that owns it."""
    report = await cases.report(cases.Telling(text="路灯坏了", community_id=cast.community), cast.resident)
    return report, await database.fetch_value("SELECT owner_post FROM cases WHERE id = $1", report.case_id)


async def test_a_post_is_handed_over_and_keeps_its_cases(admin: httpx.AsyncClient, cast: Cast) -> None:
    report, post = await owned_case(cast)
    before = await holder(post)
    asked = await send(admin, f"/admin/posts/{post}/holder", phone="139 1111 2222", name="新人", seen=before)
    said = words(asked)
    assert "1 件" in said
    assert "留在这个岗位,由新任接着办" in said
    assert "还没有账号,会同时开好" in said
    assert await holder(post) == before
    assert await accounts.find(PHONE) is None
    assert (await agree(admin, asked)).headers["location"] == f"/admin/posts/{post}?said=post.hand_over"
    known = await accounts.find(PHONE)
    assert known is not None
    assert await holder(post) == known.id
    assert known.name == "新人"
    row = await database.fetch_one("SELECT owner_post, version FROM cases WHERE id = $1", report.case_id)
    assert row is not None
    assert (row["owner_post"], row["version"]) == (post, 1)
    assert await told(f"post:{post}") == ["post.handed_over"]
    page = words(await admin.get(f"/admin/posts/{post}"))
    assert "→ 新人" in page
    assert "记录完整" in page


async def test_handing_over_twice_is_once(admin: httpx.AsyncClient, cast: Cast) -> None:
    post, before = cast.staff.posts[0].id, cast.staff.account_id
    asked = await send(admin, f"/admin/posts/{post}/holder", phone=PHONE, name="新人", seen=before)
    for _ in range(3):
        assert (await agree(admin, asked)).status_code == 303
    assert await told(f"post:{post}") == ["post.handed_over"]
    assert await database.fetch_value("SELECT count(*) FROM holdings WHERE post = $1", post) == 2


async def test_who_was_quicker_is_told_and_nobody_is_put_out(admin: httpx.AsyncClient, cast: Cast) -> None:
    post, before = cast.staff.posts[0].id, cast.staff.account_id
    asked = await send(admin, f"/admin/posts/{post}/holder", phone=PHONE, name="新人", seen=before)
    await posts.hand_over(post, cast.neighbour.account_id, cast.area_admin)  # type: ignore[arg-type]
    late = await agree(admin, asked)
    assert late.status_code == 409
    assert "已由王大山担任" in words(late)
    assert await holder(post) == cast.neighbour.account_id
    stale = await send(admin, f"/admin/posts/{post}/holder", phone=PHONE, name="新人", seen=before)
    assert stale.status_code == 409


async def test_a_phone_that_is_typed_in_does_not_tell_whose_it_is(admin: httpx.AsyncClient, cast: Cast) -> None:
    asked = await send(
        admin,
        f"/admin/posts/{cast.staff.posts[0].id}/holder",
        phone="13800000001",
        name="某人",
        seen=cast.staff.account_id,
    )
    assert "李小梅" not in asked.text
    assert "李**" in words(asked)


@pytest.mark.parametrize(
    ("fields", "mend"),
    [
        ({"phone": "", "name": "人"}, "11 位手机号码"),
        ({"phone": "12345", "name": "人"}, "11 位手机号码"),
        ({"phone": PHONE, "name": ""}, "请填写姓名"),
        ({"phone": PHONE, "name": "长" * 41}, "最多 40 个字"),
        ({"phone": PHONE, "name": "长" * 100_000}, "太长了"),
        ({"phone": PHONE, "name": "人\x07"}, "特殊符号"),
        ({"phone": PHONE, "name": "人", "seen": "nobody"}, "请刷新后再试"),
    ],
)
async def test_what_cannot_be_taken_leaves_the_post_as_it_is(
    admin: httpx.AsyncClient, cast: Cast, fields: dict[str, str], mend: str
) -> None:
    post = cast.staff.posts[0].id
    given = {"seen": str(cast.staff.account_id)} | fields
    for sure in (None, "on"):
        answer = await send(admin, f"/admin/posts/{post}/holder", **given, sure=sure)
        assert answer.status_code == 422
        assert mend in words(answer)
    assert await holder(post) == cast.staff.account_id
    assert await accounts.find(PHONE) is None


async def test_a_post_is_made_filled_vacated_and_ended(admin: httpx.AsyncClient, cast: Cast) -> None:
    made = await send(
        admin, "/admin/posts", role="grid_worker", title="新网格员", area=cast.second_grid, second_factor="on"
    )
    path = made.headers["location"].partition("?")[0]
    post = int(path.rpartition("/")[2])
    assert "空着" in words(await admin.get(path))
    await send_surely(admin, f"{path}/holder", phone=PHONE, name="新人")
    known = await accounts.find(PHONE)
    assert known is not None
    assert await holder(post) == known.id
    await send(admin, f"{path}/title", title="第二网格员")
    await send(admin, f"{path}/second-factor")
    asked = await send(admin, f"{path}/vacancy")
    assert "第二网格员" in words(asked)
    assert "新人" in words(asked)
    await agree(admin, asked)
    assert await holder(post) is None
    await send_surely(admin, f"{path}/end")
    assert await told(f"post:{post}") == [
        "post.created",
        "post.filled",
        "post.renamed",
        "post.second_factor",
        "post.vacated",
        "post.ended",
    ]
    assert "已撤销" in words(await admin.get(path))


async def test_vacating_gives_the_cases_on_and_says_so_before(admin: httpx.AsyncClient, cast: Cast) -> None:
    report, post = await owned_case(cast)
    asked = await send(admin, f"/admin/posts/{post}/vacancy")
    assert "1 件" in words(asked)
    assert "转给同一区域在岗的同事" in words(asked)
    await agree(admin, asked)
    owner = await database.fetch_value("SELECT owner_post FROM cases WHERE id = $1", report.case_id)
    assert owner != post
    assert await holder(owner) is not None


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"role": "", "title": "岗"}, 422),
        ({"role": "king", "title": "岗"}, 422),
        ({"role": "grid_worker", "title": ""}, 422),
        ({"role": "grid_worker", "title": "长" * 41}, 422),
        ({"role": "secretary", "title": "岗"}, 422),
        ({"role": "unit_lead", "title": "岗"}, 422),
        ({"role": "system_admin", "title": "岗"}, 409),
        ({"role": "grid_worker", "title": "岗", "area": "999999"}, 404),
        ({"role": "grid_worker", "title": "岗", "unit": "999999"}, 404),
    ],
)
async def test_a_post_that_cannot_be_is_not_made(
    admin: httpx.AsyncClient, cast: Cast, fields: dict[str, str], status: int
) -> None:
    before = await database.fetch_value("SELECT count(*) FROM posts")
    answer = await send(admin, "/admin/posts", **({"area": str(cast.grid)} | fields))
    assert answer.status_code == status
    assert await database.fetch_value("SELECT count(*) FROM posts") == before


async def test_a_unit_is_made_renamed_and_ended_with_its_posts(admin: httpx.AsyncClient, cast: Cast) -> None:
    made = await send(admin, "/admin/units", code="N1", name="新队", kind="street_team", area=cast.street, phone="0755")
    path = made.headers["location"].partition("?")[0]
    await send(admin, f"{path}/name", name="新新队", phone="0756")
    assert "新新队" in (await admin.get("/admin/units?q=新新")).text
    taken = await send(admin, "/admin/units", code="N1", name="另一队", kind="contractor", area=cast.street)
    assert taken.status_code == 422
    assert "已经有单位在用" in words(taken)
    await send_surely(admin, f"{path}/end")
    assert await told(f"unit:{path.rpartition('/')[2]}") == ["unit.created", "unit.renamed", "unit.ended"]


async def test_ending_a_unit_says_whose_posts_and_how_many_cases(admin: httpx.AsyncClient, cast: Cast) -> None:
    report, post = await owned_case(cast)
    staff = next(one for one in (cast.staff, cast.second_staff) if one.posts[0].id == post)
    done = await cases.accept(report.case_id, staff, seen=1)
    await cases.dispatch(done.number, staff, seen=done.version, unit_id=cast.unit)
    asked = await send(admin, f"/admin/units/{cast.unit}/end")
    said = words(asked)
    for word in ("市政维护队", "维护员", "队长", "马师", "黄队", "1 件"):
        assert word in said
    assert await holder(cast.lead.posts[0].id) is not None
    await agree(admin, asked)
    assert await holder(cast.lead.posts[0].id) is None
    owner = await database.fetch_value("SELECT owner_post FROM cases WHERE id = $1", report.case_id)
    assert await holder(owner) is not None


async def test_organisations_are_a_tree(admin: httpx.AsyncClient, cast: Cast) -> None:
    top = await send(admin, "/admin/organisations", name="民治党委", kind="committee", area=cast.street)
    path = top.headers["location"].partition("?")[0]
    number = path.rpartition("/")[2]
    below = await send(
        admin, "/admin/organisations", name="民乐支部", kind="branch", area=cast.community, parent=number
    )
    assert "民乐支部" in words(await admin.get(path))
    refused = await send(admin, f"{path}/end")
    assert refused.status_code == 409
    assert "还有下级党组织" in words(refused)
    await send(admin, f"{path}/name", name="民治街道党委")
    await send_surely(admin, f"{below.headers['location'].partition('?')[0]}/end")
    await send_surely(admin, f"{path}/end")
    kinds = ["organisation.created", "organisation.renamed", "organisation.ended"]
    assert await told(f"organisation:{number}") == kinds
    member = await send(admin, "/admin/posts", role="party_member", title="党员", area=cast.street, organisation=number)
    assert member.status_code == 404


async def test_an_account_is_named_reset_and_closed(admin: httpx.AsyncClient, cast: Cast) -> None:
    account = cast.staff.account_id
    assert account is not None
    await sessions.open_session(account, password=True)
    await database.execute("UPDATE accounts SET password_hash = 'x', totp_secret = 'y' WHERE id = $1", account)
    path = f"/admin/accounts/{account}"
    await send(admin, f"{path}/name", name="刘小慧")
    asked = await send(admin, f"{path}/reset")
    assert "您不会知道新密码" in words(asked)
    await agree(admin, asked)
    known = await accounts.one(account)
    assert (known.name, known.has_password, known.has_totp) == ("刘小慧", False, False)
    assert (
        await database.fetch_value("SELECT count(*) FROM sessions WHERE account = $1 AND revoked_at IS NULL", account)
        == 0
    )
    asked = await send(admin, f"{path}/closing")
    assert "社区工作者" in words(asked)
    for _ in range(2):
        assert (await agree(admin, asked)).headers["location"].startswith("/admin/accounts")
    assert await accounts.find("13800000021") is None
    assert await holder(cast.staff.posts[0].id) is None


async def test_a_system_administrator_opens_accounts_and_finds_nothing_of_a_resident_by_it(
    web: httpx.AsyncClient, cast: Cast
) -> None:
    client = await as_(web, cast.system_admin)
    made = await send(client, "/admin/accounts", phone=PHONE, name="新同事")
    assert made.status_code == 303
    known = await accounts.find(PHONE)
    assert known is not None
    assert not known.has_password
    refused = await send(client, "/admin/accounts", phone="1", name="")
    assert refused.status_code == 422


async def test_a_system_administrator_cannot_appoint_themselves_to_a_desk(web: httpx.AsyncClient, cast: Cast) -> None:
    client, post = await as_(web, cast.system_admin), cast.staff.posts[0].id
    answer = await send(
        client, f"/admin/posts/{post}/holder", phone="13800000062", name="系管", seen=cast.staff.account_id, sure="on"
    )
    assert answer.status_code == 409
    assert await holder(post) == cast.staff.account_id


async def test_neighbours_change_nobody_of_another_area(web: httpx.AsyncClient, cast: Cast) -> None:
    organisation = await organisations.create("民治党委", "committee", cast.street, by=cast.area_admin)
    post, account = cast.staff.posts[0].id, cast.staff.account_id
    changes = [
        (f"/admin/posts/{post}/holder", {"phone": PHONE, "name": "人", "seen": account}),
        (f"/admin/posts/{post}/vacancy", {}),
        (f"/admin/posts/{post}/end", {}),
        (f"/admin/posts/{post}/title", {"title": "改"}),
        (f"/admin/posts/{post}/second-factor", {"demanded": "on"}),
        (f"/admin/posts/{cast.system_admin.posts[0].id}/vacancy", {}),
        ("/admin/posts", {"role": "grid_worker", "title": "岗", "area": cast.grid}),
        (f"/admin/units/{cast.unit}/name", {"name": "改"}),
        (f"/admin/units/{cast.unit}/end", {}),
        ("/admin/units", {"code": "Z", "name": "队", "kind": "department", "area": cast.community}),
        (f"/admin/organisations/{organisation}/name", {"name": "改"}),
        (f"/admin/organisations/{organisation}/end", {}),
        ("/admin/organisations", {"name": "党", "kind": "branch", "area": cast.community}),
        (f"/admin/accounts/{account}/name", {"name": "改"}),
        (f"/admin/accounts/{account}/reset", {}),
        (f"/admin/accounts/{account}/closing", {}),
        (f"/admin/accounts/{cast.resident.account_id}/closing", {}),
        ("/admin/accounts", {"phone": PHONE, "name": "人"}),
    ]
    before = await database.fetch_value("SELECT count(*) FROM events WHERE kind <> 'account.signed_in'")
    neighbour = await as_(web, await admin_of(cast.next_community))
    others = [await as_(web, one) for one in (cast.secretary, cast.resident, cast.centre)]
    opened = await database.fetch_value("SELECT count(*) FROM events WHERE kind <> 'account.signed_in'")
    assert opened > before
    for path, fields in changes:
        for sure in (None, "on"):
            for client in (neighbour, *others):
                answer = await send(client, path, **fields, sure=sure)
                assert answer.status_code == 404, (path, answer.status_code)
            assert (await send(another(web), path, **fields, sure=sure)).status_code == 303
    assert await database.fetch_value("SELECT count(*) FROM events WHERE kind <> 'account.signed_in'") == opened


async def test_a_confirmation_of_somebody_else_is_refused(
    web: httpx.AsyncClient, admin: httpx.AsyncClient, cast: Cast
) -> None:
    asked = await send(admin, f"/admin/posts/{cast.grid_worker.posts[0].id}/vacancy")
    path, fields = form_of(asked.text)
    await agree(admin, asked)
    answer = await (await as_(web, cast.system_admin)).post(path, data=fields)
    assert answer.status_code == 409
    assert "已经提交过别的内容" in words(answer)
    other = await admin.post(path, data=fields | {"command": str(new_id())})
    assert other.status_code == 303
    assert await told(f"post:{cast.grid_worker.posts[0].id}") == ["post.vacated"]
