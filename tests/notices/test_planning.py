"""What goes out beside the inbox is planned with the notice: to whose phone, to which groups, when."""

import pytest

from server.kernel import clock, database
from server.kernel.actor import Actor
from server.notices import choices, outlets
from server.notices.choosing import Quiet
from server.notices.outlets.planning import Due
from tests import cast as casting
from tests.cast import Cast
from tests.notices.conftest import Setting
from tests.notices.fakes import Gateway, Hook
from tests.notices.making import MORNING, NIGHT, NOON, due, hooked, made, states


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


async def heard() -> list[str]:
    """The kinds that subscribers get."""
    rows = await database.fetch("SELECT kind FROM deliveries WHERE subscriber IS NOT NULL ORDER BY id")
    return [row["kind"] for row in rows]


@pytest.mark.usefixtures("gateway")
class TestPersons:
    async def test_planning_twice_sends_once(self, cast: Cast) -> None:
        with clock.at(NOON):
            one = made(cast.handler)
            await outlets.plan([one])
            await outlets.plan([one])
        assert await states() == [("sms", "waiting")]
        assert await due() == [Due("sms")]

    async def test_what_comes_by_inbox_only_is_not_planned(self, cast: Cast) -> None:
        await outlets.plan([made(cast.staff, "new")])
        assert await states() == [] == await due()

    async def test_a_choice_counts_from_the_next_notice_on(self, cast: Cast) -> None:
        await choices.choose(cast.handler, Quiet(), 18, {"assigned": "inbox"})
        await outlets.plan([made(cast.handler), made(cast.lead)])
        rows = await database.fetch("SELECT account FROM deliveries")
        assert [row["account"] for row in rows] == [cast.lead.account_id]

    async def test_at_night_it_waits_for_the_morning_but_not_what_is_owed_now(self, cast: Cast) -> None:
        with clock.at(NIGHT):
            await outlets.plan([made(cast.handler), made(cast.handler, "overdue", urgency="now")])
        rows = await database.fetch("SELECT kind, next_at FROM deliveries ORDER BY id")
        assert [(row["kind"], row["next_at"]) for row in rows] == [("assigned", MORNING), ("overdue", NIGHT)]

    async def test_many_at_once_become_one_message(self, cast: Cast) -> None:
        with clock.at(NOON):
            await outlets.plan([made(cast.handler) for _ in range(4)] + [made(cast.lead)])
        rows = await database.fetch("SELECT account, together FROM deliveries")
        assert {row["account"] for row in rows if row["together"]} == {cast.handler.account_id}

    async def test_where_no_message_can_be_sent_none_is_promised(self, cast: Cast, setting: Setting) -> None:
        setting(sms_gateway_url="", sms_gateway_key="")
        await outlets.plan([made(cast.handler)])
        assert await states() == []


class TestSubscribers:
    async def test_a_unit_s_robot_hears_what_its_people_hear_once(self, cast: Cast, hook: Hook) -> None:
        await hooked(hook, cast)
        one = made(cast.handler)
        await outlets.plan([one, made(cast.lead, event=one.event), made(cast.next_handler), made(cast.staff, "new")])
        assert await heard() == ["assigned"]

    async def test_also_where_its_people_are_told_in_another_transaction(self, cast: Cast, hook: Hook) -> None:
        await hooked(hook, cast)
        one = made(cast.handler)
        await outlets.plan([one])
        await outlets.plan([made(cast.lead, event=one.event)])
        assert await heard() == ["assigned"]

    @pytest.mark.parametrize(("below", "expected"), [(False, []), (True, ["new", "assigned"])])
    async def test_a_district_hears_its_communities_and_units_only_where_asked(
        self, cast: Cast, hook: Hook, below: bool, expected: list[str]
    ) -> None:
        await hooked(hook, cast, area_id=cast.district, below=below)
        await outlets.plan([made(cast.staff, "new"), made(cast.handler)])
        assert await heard() == expected

    async def test_a_community_s_robot_is_not_told_of_the_next_one(self, cast: Cast, hook: Hook) -> None:
        await hooked(hook, cast, area_id=cast.community, below=True)
        await outlets.plan([made(cast.next_staff, "new")])
        assert await heard() == []

    async def test_only_the_kinds_that_were_asked_for(self, cast: Cast, hook: Hook) -> None:
        await hooked(hook, cast, kinds=frozenset({"overdue"}))
        await outlets.plan([made(cast.handler), made(cast.handler, "overdue")])
        assert await heard() == ["overdue"]

    @pytest.mark.parametrize("who", ["resident", "staff"])
    async def test_no_group_hears_what_somebody_is_told_as_a_resident(self, cast: Cast, hook: Hook, who: str) -> None:
        await hooked(hook, cast, area_id=cast.district, below=True)
        person: Actor = getattr(cast, who)
        await outlets.plan([made(person, "rate")])
        assert await heard() == []

    async def test_a_quiet_group_hears_it_in_the_morning(self, cast: Cast, hook: Hook) -> None:
        await hooked(hook, cast, quiet=True)
        with clock.at(NIGHT):
            await outlets.plan([made(cast.handler), made(cast.handler, "overdue", urgency="now")])
        rows = await database.fetch("SELECT next_at FROM deliveries ORDER BY kind")
        assert [row["next_at"] for row in rows] == [MORNING, NIGHT]


async def test_a_reporter_without_account_has_nothing_to_plan(db: None, gateway: Gateway) -> None:
    cast = await casting.gather()
    await outlets.plan([made(cast.stranger, "rate")])
    assert await states() == []
