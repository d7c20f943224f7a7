"""What a change in the administration touches is counted, never named."""

from server import cases
from server.cases import touched
from server.forms import publishing
from server.forms.categories import Version
from server.kernel import database
from tests import cast as casting
from tests.cast import Cast


async def told(cast: Cast, category: int | None = None) -> cases.Changed:
    """A case of 民乐社区, accepted by whoever owns it."""
    report = await cases.report(cases.Telling(text="路灯坏了", community_id=cast.community), cast.resident)
    owner = await database.fetch_value("SELECT owner_post FROM cases WHERE id = $1", report.case_id)
    staff = next(one for one in (cast.staff, cast.second_staff) if one.posts[0].id == owner)
    return await cases.accept(report.case_id, staff, seen=1, category_id=category)


async def category_of(cast: Cast) -> Version:
    return await publishing.create("试用", "01", "路灯", by=cast.area_admin)


async def test_a_posts_open_cases_are_those_it_owns(db: None) -> None:
    cast = await casting.gather()
    case = await told(cast)
    owner = await database.fetch_value("SELECT owner_post FROM cases WHERE id = $1", case.case_id)
    assert await touched.open_cases_of_post(owner) == 1
    assert await touched.open_cases_of_post(cast.centre.posts[0].id) == 0
    account = await database.fetch_value("SELECT account FROM holdings WHERE post = $1", owner)
    assert await touched.open_cases_of_account(account) == 1
    assert await touched.open_cases_of_account(cast.resident.account_id) == 0


async def test_an_areas_open_cases_are_counted_at_every_level(db: None) -> None:
    cast = await casting.gather()
    await told(cast)
    counts = [
        await touched.open_cases_of_area(area)
        for area in (cast.district, cast.street, cast.community, cast.next_community, cast.next_grid)
    ]
    assert counts == [1, 1, 1, 0, 0]


async def test_a_units_cases_count_once_though_its_post_owns_them_too(db: None) -> None:
    cast = await casting.gather()
    case = await told(cast)
    await cases.dispatch(case.number, cast.secretary, seen=case.version, unit_id=cast.unit)
    assert await touched.open_cases_of_unit(cast.unit) == 1
    assert await touched.open_cases_of_unit(cast.next_unit) == 0


async def test_cases_keep_their_version_and_are_counted_by_it(db: None) -> None:
    cast = await casting.gather()
    first = await category_of(cast)
    await told(cast, first.category_id)
    await publishing.publish(
        first.category_id,
        by=cast.area_admin,
        allowances=first.allowances,
        photo_before=True,
        photo_after=True,
        needs_check=True,
        private=False,
        questions=[],
    )
    await told(cast, first.category_id)
    await told(cast, first.category_id)
    assert await touched.open_cases_of_category(first.category_id) == {1: 1, 2: 2}


async def test_what_is_closed_is_not_counted(db: None) -> None:
    cast = await casting.gather()
    report = await cases.report(cases.Telling(text="路灯坏了", community_id=cast.community), cast.resident)
    await cases.withdraw(report.case_id, cast.resident, seen=1, reason="已经好了")
    assert await touched.open_cases_of_area(cast.district) == 0
