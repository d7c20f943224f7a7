"""Who helped is named on the case where they agree, with their organisation; and not where they do not."""

from uuid import UUID

import httpx
import pytest

from server.households import helping, links, visits
from server.kernel import database
from server.kernel.errors import NotAllowed
from server.people import organisations
from tests import cast as casting
from tests.cast import Cast
from tests.households.making import household
from tests.households.test_visits import contact
from tests.web.signed_in import as_


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def brought_in(cast: Cast) -> tuple[str, UUID]:
    """A case of a need that the member of a branch brought in."""
    branch = await organisations.create("民乐第一支部", "branch", cast.community, by=cast.system_admin)
    await database.execute("UPDATE posts SET organisation = $2 WHERE id = $1", cast.party_member.posts[0].id, branch)
    made = await household(cast)
    assert cast.party_member.account_id is not None
    await links.link(made, cast.party_member.account_id, by=cast.staff)
    done = await visits.record(contact(made, needs="楼道灯坏了", ask=True), cast.party_member)
    assert done.case_id is not None
    return done.number, done.case_id


async def test_a_member_is_named_once_they_agree_and_no_longer_when_they_do_not(
    web: httpx.AsyncClient, cast: Cast
) -> None:
    number, case_id = await brought_in(cast)
    staff, member = await as_(web, cast.staff), await as_(web, cast.party_member)
    assert await helping.of_case(case_id) == ()
    assert "帮过忙的" not in (await staff.get(f"/desk/cases/{number}")).text
    assert (await member.post("/me/helping", data={"named": "on"})).status_code == 303
    [one] = await helping.of_case(case_id)
    assert (one.name, one.organisation) == ("孙先进", "民乐第一支部")
    assert "帮过忙的:孙先进(民乐第一支部)" in (await staff.get(f"/desk/cases/{number}")).text
    assert "帮过忙的:孙先进(民乐第一支部)" in (await member.get(f"/mine/{number}")).text
    await helping.choose(cast.party_member, named=True)
    await member.post("/me/helping", data={})
    assert await helping.of_case(case_id) == ()
    kinds = await database.fetch("SELECT kind FROM events WHERE kind = 'account.named_as_helper'")
    assert len(kinds) == 2


async def test_only_members_choose_it(cast: Cast) -> None:
    for by in (cast.resident, cast.staff, cast.stranger):
        with pytest.raises(NotAllowed):
            await helping.choose(by, named=True)
